"""The command's end of the process that watches a zone: its start, what it is asked, and its end."""

import fcntl
import os
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from edge.vision.census.words import Ask, Moment, Ready, Setup, Unable, Unready, Word, pack, unpack

_OTHER: Final = "the process that watches is of another version — install passant anew"
_ROOT: Final = Path(__file__).resolve().parents[2]


class CensusError(Exception):
    """A zone cannot be watched; the text says why and how to mend it."""


def require_free(state: Path) -> None:
    """Refuse while a vision works with this state folder, and so has the camera; raises CensusError."""
    with suppress(FileNotFoundError, PermissionError), (state / "vision" / "lock").open("rb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            raise CensusError(
                f"{state}: passant run works here and has the camera — stop it first, and start it again after"
            ) from None


class Census:
    """One worker that watches one zone of a site; `with` starts and ends it."""

    def __init__(self, site: Path, zone: str, *, isolation: bool) -> None:
        self._setup = Setup(site=os.fspath(site.absolute()), zone=zone, isolation=isolation)
        # Confinement needs a folder that may be written to: an empty one, which nobody writes to.
        self._folder = tempfile.TemporaryDirectory(prefix="passant-census-")
        self._worker: subprocess.Popen[bytes] | None = None
        self.isolated = False
        """Whether it has proven that it has no network and can write nowhere else."""

    def __enter__(self) -> Self:
        """Start it; raises CensusError."""
        self._worker = subprocess.Popen(
            [sys.executable, "-P", "-m", "edge.vision.census.worker", self._folder.name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.fspath(_ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        )
        try:
            self._begin()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it, in whatever it is."""
        self._end()

    def _begin(self) -> None:
        answer = self._asked(self._setup)
        if not isinstance(answer, Ready):
            raise CensusError(_OTHER)
        self.isolated = answer.isolated

    def moment(self, at_s: float | None = None) -> Moment | Unready:
        """Give the zone's features now, or at a second from the beginning; raises CensusError where it cannot go on."""
        answer = self._asked(Ask(at_s=at_s))
        if not isinstance(answer, Moment | Unready):
            raise CensusError(_OTHER)
        return answer

    def _asked(self, word: Word) -> Word:
        worker = self._worker
        if worker is None or worker.stdin is None or worker.stdout is None:
            raise CensusError("the process that watches did not start — try again")
        try:
            worker.stdin.write(pack(word))
            worker.stdin.flush()
        except BrokenPipeError:
            # It may have said why before it ended.
            pass
        data = worker.stdout.readline()
        if not data:
            raise CensusError(f"the process that watches {_death(worker)} — try again; if it stays so, report this")
        answer = unpack(data)
        if isinstance(answer, Unable):
            raise CensusError(answer.why)
        return answer

    def _end(self) -> None:
        if self._worker is not None:
            self._worker.kill()
            self._worker.communicate()
            self._worker = None
        self._folder.cleanup()


def _death(worker: "subprocess.Popen[bytes]") -> str:
    worker.communicate()
    status = worker.returncode
    return f"was ended by {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"
