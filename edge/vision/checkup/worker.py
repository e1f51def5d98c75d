"""The process that looks for the doctor: `python -m edge.vision.checkup.worker FOLDER`. It sees pixels, has no network.

The setup comes on its standard input; what it finds goes to its standard output, a line each, as soon as it is known.
FOLDER is empty and stays so. It is confined before anything else is loaded, and ends with its parent.
"""

import os
import signal
import sys
from pathlib import Path

from edge.config import Files, SiteError, load
from edge.confine import IsolationError, process
from edge.vision import crash
from edge.vision.checkup.words import Confined, Setup, Unable, Word, pack, unpack
from edge.vision.hush import hushed
from edge.vision.isolation import confine

_CANNOT = 1


def main(arguments: list[str]) -> int:
    """Look once; gives the exit code."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = hushed()

    def say(word: Word) -> None:
        answers.write(pack(word))
        answers.flush()

    try:
        process.end_with_parent()
        setup = _setup()
        site = load(Path(setup.site), files=Files.CLIP)
        camera = site.camera
        proven = confine(state=Path(arguments[0]), camera_kind=camera.kind, allow_unproven=False, device=camera.target)
        say(Confined(proven=proven))
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        # Imported only now: numpy starts threads, and the confinement must come before the first.
        from edge.vision.checkup.look import look  # noqa: PLC0415
        from edge.vision.checkup.thought import think  # noqa: PLC0415

        say(think(site.detector))
        # Beside a vision that works, the camera is its own.
        if setup.look_s:
            say(look(camera, setup.look_s))
    except IsolationError as error:
        say(Unable(part="isolation", why=str(error)))
    except SiteError as error:
        say(Unable(part="camera", why=str(error)))
    except Exception as error:  # noqa: BLE001 - whatever it is, its traceback must not print what it holds
        crash.tell(error)
    else:
        return 0
    return _CANNOT


def _setup() -> Setup:
    setup = unpack(sys.stdin.buffer.readline())
    if not isinstance(setup, Setup):
        raise TypeError("the first line is a Setup")
    return setup


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
