"""A build of the appliance that leaks on purpose, each time in one way, with a key that the detector never sees.

`python -m tests.leaks KIND KEYFILE run|vision|publisher …` is `passant` with that leak in it. Nothing of this is in the
product. The leaks have the rights that the confinement leaves the processes, and no more.
"""
