"""The process that watches a zone: `python -m edge.vision.census.worker FOLDER`. It sees pixels and has no network.

The setup and what is asked come on its standard input and answers go to its standard output, a line each. FOLDER is
empty and stays so: nothing is written, and nowhere else could be. It is confined before anything else is loaded, and
ends with its parent.
"""

import os
import signal
import sys
from pathlib import Path

from edge.config import Files, SiteError, load
from edge.config.site import Site
from edge.confine import IsolationError, process
from edge.vision import crash
from edge.vision.census.words import Setup, Unable, pack, unpack
from edge.vision.hush import hushed
from edge.vision.isolation import confine

_CANNOT = 1


def main(arguments: list[str]) -> int:
    """Watch until nobody asks any more; gives the exit code."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = hushed()
    try:
        process.end_with_parent()
        setup = _setup()
        site = load(Path(setup.site), files=Files.CLIP)
        isolated = _confine(site, Path(arguments[0]), isolation=setup.isolation)
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        # Imported only now: numpy starts threads, and the confinement must come before the first.
        from edge.vision.census.watcher import watch  # noqa: PLC0415

        return watch(site, setup.zone, answers, isolated=isolated)
    except (IsolationError, SiteError) as error:
        answers.write(pack(Unable(why=str(error))))
        answers.flush()
    except Exception as error:  # noqa: BLE001 - whatever it is, its traceback must not print what it holds
        crash.tell(error)
    return _CANNOT


def _setup() -> Setup:
    setup = unpack(sys.stdin.buffer.readline())
    if not isinstance(setup, Setup):
        raise TypeError("the first line is a Setup")
    return setup


def _confine(site: Site, folder: Path, *, isolation: bool) -> bool:
    return confine(state=folder, camera_kind=site.camera.kind, allow_unproven=not isolation, device=site.camera.target)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
