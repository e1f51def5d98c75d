"""The command's end of the worker: its start, its orders, and its end, whatever it died of."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from edge.vision.files.orders import Failed, Line, Order, Progressed, Ready, Setup, Unable, Written, pack, unpack

_ROOT = Path(__file__).resolve().parents[3]


class UnableError(Exception):
    """There can be no worker; says why and what to mend."""


class Workshop:
    """One worker at a time, which may write to `folder` only; a new one where the last died."""

    def __init__(self, setup: Setup, folder: Path) -> None:
        self._setup = setup
        self._folder = folder
        self._worker: subprocess.Popen[bytes] | None = None
        self.ready: Ready | None = None
        """What the worker said of itself, once it began."""

    def open(self) -> None:
        """Start a worker, where there is none; raises UnableError."""
        if self._worker is not None:
            return
        self._worker = _spawn(self._folder)
        self._tell(self._setup)
        answer = self._answer()
        if isinstance(answer, Unable):
            self.close()
            raise UnableError(answer.why)
        if not isinstance(answer, Ready):
            raise UnableError(f"the process that masks {self._died()} — start it again")
        self.ready = answer

    def make(self, order: Order, progress: Callable[[Progressed], None]) -> Written | Failed:
        """Have one file made; the death of the worker is that file's failure. Raises UnableError."""
        self.open()
        self._tell(order)
        while True:
            answer = self._answer()
            if isinstance(answer, Progressed):
                progress(answer)
            elif isinstance(answer, Written | Failed):
                return answer
            else:
                mend = "try again with more free memory; if it stays so, please report this"
                return Failed(cause=f"the process that masks {self._died()}", mend=mend)

    def close(self) -> None:
        """End the worker, in whatever it is."""
        if self._worker is not None:
            self._worker.kill()
            self._worker.communicate()
            self._worker = None

    def _tell(self, line: Line) -> None:
        try:
            if self._worker is not None and self._worker.stdin is not None:
                self._worker.stdin.write(pack(line))
                self._worker.stdin.flush()
        except BrokenPipeError:
            # That it is gone is found when no answer comes.
            return

    def _answer(self) -> Line | None:
        if self._worker is None or self._worker.stdout is None:
            return None
        data = self._worker.stdout.readline()
        return unpack(data) if data else None

    def _died(self) -> str:
        if self._worker is None:
            return "did not start"
        self._worker.communicate()
        status, self._worker = self._worker.returncode, None
        return f"was ended by {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"


def _spawn(folder: Path) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "edge.vision.files.worker", os.fspath(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.fspath(_ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
    )
