"""Who may judge: nobody, unless the site file names a ground for alarms.

In the mode `statistics` the judge's code is not even loaded: there is no path from a picture to an alarm.
"""

from collections.abc import Callable

from edge.config.site import LegalMode, Site
from edge.vision.reckoning import Bench

Size = tuple[int, int]


def bench_of(site: Site) -> Callable[[Size], Bench | None]:
    """Give what makes the judge of a site for pictures of a size (w, h) px; for `statistics`, what makes none."""
    if site.legal.mode is LegalMode.STATISTICS:
        return lambda _size: None
    # Imported here: where alarms may not be raised, what raises them is not there.
    from edge.vision.judge.judge import Judge  # noqa: PLC0415
    from edge.vision.measure.ground import GroundView  # noqa: PLC0415

    return lambda size: Judge(site, size, GroundView.of(site, size))
