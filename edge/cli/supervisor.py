"""Starts vision and publisher and keeps both running; ends them in the order in which nothing is lost."""

import hashlib
import logging
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Final

import edge
from edge.config.site import Site

_log = logging.getLogger(__name__)

_ROOT: Final = Path(edge.__file__).resolve().parents[1]
_BROKE_OFF: Final = 1
_CANNOT_RUN: Final = 2
# As edge.vision.process says; not imported, because neither side is loaded here.
_VISION_ASKED_TO_END: Final = 3
_TICK_S: Final = 0.1
_SHORTEST_PAUSE_S: Final = 1.0
_LONGEST_PAUSE_S: Final = 30.0
# A process that ran for so long has recovered: its next end is a first one again.
_RECOVERED_S: Final = 60.0
# Vision offers its last window to the publisher, the publisher sends what is left: each takes some 10 s at most.
_STOP_S: Final = 30.0


@dataclass(kw_only=True, slots=True)
class _Child:
    """One of the two processes: how it is started, and since when it runs or when it may start again."""

    name: str
    command: list[str]
    process: "subprocess.Popen[bytes] | None" = None
    pause_s: float = _SHORTEST_PAUSE_S
    next_start_s: float = 0.0
    started_s: float = 0.0
    starts: int = 0

    def start(self) -> None:
        """Start the process in a session of its own, so that Ctrl-C reaches only us and we decide the order."""
        self.started_s = time.monotonic()
        self.starts += 1
        self.process = subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            env=_environment(),
        )
        _log.info("%s is started, process %d", self.name, self.process.pid)

    def ended(self) -> int | None:
        """Tell the exit code once after the process has ended; negative for a signal."""
        code = None if self.process is None else self.process.poll()
        if code is not None:
            self.process = None
        return code

    def wait_to_start(self) -> None:
        """Put the next start off, for longer each time the process ends soon."""
        now_s = time.monotonic()
        if now_s - self.started_s >= _RECOVERED_S:
            self.pause_s = _SHORTEST_PAUSE_S
        self.next_start_s = now_s + self.pause_s * random.uniform(1.0, 1.2)  # noqa: S311  spreads load only
        self.pause_s = min(2 * self.pause_s, _LONGEST_PAUSE_S)

    def stop(self) -> None:
        """Ask the process to end and wait; kill it where it does not."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            _log.error("%s did not end within %.0f s and is killed", self.name, _STOP_S)
            self.process.kill()
            self.process.wait()
        self.process = None


class Supervisor:
    """Both processes of one site, until it is asked to end or the recording is over."""

    def __init__(self, site: Site, state: Path, *, isolation: bool) -> None:
        options = ["--state", str(state), "--supervised", *([] if isolation else ["--no-isolation"])]
        self._publisher, self._vision = (
            _Child(name=name, command=[sys.executable, "-P", "-m", "edge", name, str(site.path), *options])
            for name in ("publisher", "vision")
        )
        self._site = site
        self._stopping = False

    def run(self) -> int:
        """Supervise until SIGTERM, SIGINT or a finished recording; gives the exit code."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        try:
            return self._supervise()
        finally:
            # Vision first: its last window still has to get over.
            self._vision.stop()
            self._publisher.stop()

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True

    def _supervise(self) -> int:
        while not self._stopping:
            for child in (self._publisher, self._vision):
                if child.process is None and time.monotonic() >= child.next_start_s:
                    child.start()
                code = child.ended()
                if code is not None and (outcome := self._judge(child, code)) is not None:
                    return outcome
            time.sleep(_TICK_S)
        _log.info("asked to end: vision first, then the publisher")
        return 0

    def _site_has_changed(self) -> bool:
        """Tell whether a process started now would work under another site file than the one that still runs."""
        try:
            return int.from_bytes(hashlib.sha256(self._site.path.read_bytes()).digest()[:8], "big") != self._site.hash64
        except OSError:
            return False

    def _judge(self, child: _Child, code: int) -> int | None:
        """Decide what the end of a process means: None where it is started again, else our exit code."""
        if self._stopping:
            return 0
        if child is self._vision and code == 0:
            _log.info("vision has finished")
            return 0
        if code == _CANNOT_RUN and child.starts == 1:
            _log.error("%s cannot run before that is mended", child.name)
            return code
        if self._site_has_changed():
            _log.error(
                "%s ended, and the site file has changed since the start: start again with the new one", child.name
            )
            return _BROKE_OFF
        child.wait_to_start()
        pause_s = child.next_start_s - time.monotonic()
        _log.error(
            "%s ended by %s and is started again in %.0f s; the other goes on", child.name, _how(child, code), pause_s
        )
        return None


def _how(child: _Child, code: int) -> str:
    if code < 0:
        return signal.Signals(-code).name
    if code == (_VISION_ASKED_TO_END if child.name == "vision" else 0):
        return "a signal that did not come from here"
    return f"exit code {code}"


def _environment() -> dict[str, str]:
    """Have the children run the very package that runs now, wherever it was found."""
    paths = [os.fspath(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
