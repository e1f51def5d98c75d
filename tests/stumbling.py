"""A worker of `passant anonymise` whose parts fail, as a machine or a mistake would: `python -m tests.stumbling HOW …`.

HOW is `crash` (every detector raises), `die` (the process aborts at a picture STUMBLING_BLOCK px wide), `no-models`,
or `escape`: it confines itself as the worker does, tries to get out, and writes one JSON object of what became of it.
"""

import json
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from edge.vision.files import worker

STUMBLING_BLOCK = 97
_confine = worker._confine


def stumble(how: str) -> None:
    """Break the parts; only once the process is confined, as they load numpy."""
    from edge.vision.detect import manifest  # noqa: PLC0415  see above
    from edge.vision.detect.detector import Detector  # noqa: PLC0415  see above

    if how == "no-models":
        manifest.models_folder = lambda: Path("/nonexistent")

    detect = Detector.detect

    def stumbling(self: Detector, pixels: Any, *rest: Any, **more: Any) -> Any:  # noqa: ANN401  whatever they are
        if how == "crash":
            raise ValueError("a detector has crashed")
        if pixels.shape[1] == STUMBLING_BLOCK:
            os.abort()
        return detect(self, pixels, *rest, **more)

    Detector.detect = stumbling


def confine(how: str) -> Callable[..., bool]:
    def confined(folder: Path, *, isolation: bool) -> bool:
        proven = _confine(folder, isolation=isolation)
        stumble(how)
        return proven

    return confined


def escapes(outside: Path) -> dict[str, Callable[[], object]]:
    return {
        "AF_INET": lambda: socket.socket(socket.AF_INET).close(),
        "AF_INET6 datagram": lambda: socket.socket(socket.AF_INET6, socket.SOCK_DGRAM).close(),
        "AF_UNIX stream": lambda: socket.socket(socket.AF_UNIX).close(),
        "AF_UNIX seqpacket": lambda: socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET).close(),
        "AF_NETLINK": lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW).close(),
        "write beside": lambda: (outside / "new").write_text("x"),
        "write in /tmp": lambda: Path(f"/tmp/passant-{os.getpid()}").write_text("x"),  # noqa: S108
        "make a folder": (outside / "folder").mkdir,
        "write over the input": lambda: Path(__file__).open("ab").close(),
        "link": lambda: (outside / "link").symlink_to("/"),
        "signal the starter": lambda: os.kill(os.getppid(), 0),
    }


def outcome(escape: Callable[[], object]) -> str:
    try:
        escape()
    except PermissionError:
        return "denied"
    except OSError as error:
        return error.strerror
    return "done"


def main() -> int:
    how, folder = sys.argv[1], sys.argv[2]
    if how == "escape":
        assert _confine(Path(folder), isolation=True)
        (Path(folder) / "mine").write_text("x")
        json.dump({name: outcome(escape) for name, escape in escapes(Path(sys.argv[3])).items()}, sys.stdout)
        return 0
    worker._confine = confine(how)
    return worker.main([folder])


if __name__ == "__main__":
    sys.exit(main())
