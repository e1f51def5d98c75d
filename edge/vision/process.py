"""Vision: the process that sees pixels and has no network. It is confined before anything else is loaded."""

import fcntl
import logging
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Final

from edge.config.site import Site, SourceKind
from edge.confine import IsolationError
from edge.notify import Notifier
from edge.vision import crash
from edge.vision.door import Admission
from edge.vision.isolation import confine

_log = logging.getLogger(__name__)

_BROKE_OFF: Final = 1
_CANNOT_RUN: Final = 2
ASKED_TO_END: Final = 3
"""The exit code after SIGTERM or SIGINT, by which a supervisor tells an end that it did not ask for from a finished
recording. `passant vision` by itself makes it 0, which is what systemd and a shell take for success."""


class StateFolderError(Exception):
    """The state folder cannot be used; the text says why and how to mend it."""


def run(site: Site, state: Path, channel: Path, setup: Path, *, isolation: bool) -> int:
    """Run vision until SIGTERM, SIGINT or the end of a recording; gives the exit code.

    0 at the end of a recording, ASKED_TO_END, 2 where starting again does not help, else 1. `state` is vision's own
    folder, `channel` the publisher's socket, `setup` the folder in which an installer asks for stills. Raises
    IsolationError where `isolation` is asked for and cannot be proven.
    """
    stop = _Stop()
    node = CameraNode(site.camera.target if isolation and site.camera.kind is SourceKind.V4L2 else "")
    try:
        with crash.quiet_hooks(), _signals(stop), _locked(state):
            # The confinement may hide groups.
            admission = Admission.at(setup)
            notifier = Notifier.of_service()
            isolated = confine(
                state=state, camera_kind=site.camera.kind, allow_unproven=not isolation, device=site.camera.target
            )
            # Nothing here is linear algebra; its threads would only cost memory.
            os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
            # Imported only now: numpy starts threads, and the confinement must come before the first.
            from edge.vision.session import Places, hold  # noqa: PLC0415

            places = Places(state=state, channel=channel, admission=admission, notifier=notifier)
            code = hold(site, places, lambda: stop() or node.is_new(), isolated=isolated)
            if code == 0 and stop():
                return ASKED_TO_END
            if code == 0 and node.is_new():
                _log.warning("%s is a new device, out of this process's reach: start vision again", site.camera.target)
                return _BROKE_OFF
            return code
    except StateFolderError as error:
        _log.error("vision cannot run: %s", error)
        return _CANNOT_RUN
    except IsolationError:
        raise
    except Exception as error:  # noqa: BLE001  whatever it is, its traceback must not print what it holds
        crash.tell(error)
        return _BROKE_OFF


class _Stop:
    """Whether the process was asked to end."""

    def __init__(self) -> None:
        self._asked = False

    def ask(self, _number: int, _frame: FrameType | None) -> None:
        """Note that it was."""
        self._asked = True

    def __call__(self) -> bool:
        return self._asked


class CameraNode:
    """The node of a camera as it was before the confinement, which grants that one only.

    A camera that comes back has another. Without a path there is nothing to watch.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._before = self._identity()

    def is_new(self) -> bool:
        """Tell whether another node lies there now; one that is merely gone is not."""
        now = self._identity()
        return now is not None and now != self._before

    def _identity(self) -> tuple[int, int] | None:
        try:
            found = Path(self._path).stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino


@contextmanager
def _signals(stop: _Stop) -> Iterator[None]:
    before = {number: signal.signal(number, stop.ask) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _for_us_only(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


@contextmanager
def _locked(state: Path) -> Iterator[None]:
    """Hold the state folder: two visions would give the same numbers to different reports."""
    try:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = open(state / "lock", "ab", opener=_for_us_only)  # noqa: SIM115  Path.open takes no opener
    except OSError as error:
        raise StateFolderError(f"{state}: {error.strerror}; choose a folder of your own (--state)") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise StateFolderError(f"{state}: another vision works here; stop it first") from None
        yield
