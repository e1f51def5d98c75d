"""What the service manager is told: ready, alive, how it goes, ending; sd_notify(3) without its library.

Opened before the confinement, which forbids datagram sockets: the one that is connected then goes to systemd only.
"""

import os
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

_VARIABLES: Final = ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID")
# Fed by every frame, systemd would be woken for each of them: it is enough to tell it so often.
_LEAST_PAUSE_S: Final = 1.0


class Notifier:
    """The line to the service manager that started this process; where none did, it says nothing."""

    def __init__(self, line: socket.socket | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._line = line
        self._clock = clock
        self._next_s = 0.0

    @classmethod
    def of_service(cls) -> "Notifier":
        """Connect to systemd, where it started us, and forget how: no program that we start may speak for us."""
        address, *_ = [os.environ.pop(name, "") for name in _VARIABLES]
        if not address:
            return cls()
        line = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            line.settimeout(0.0)
            # A name that begins with @ is in the abstract space, where a zero stands in its place.
            line.connect(f"\0{address[1:]}" if address.startswith("@") else address)
        except OSError:
            line.close()
            return cls()
        return cls(line)

    def ready(self) -> None:
        """Say that the process is confined and begins its work."""
        self._say("READY=1")

    def alive(self, status: Callable[[], str]) -> None:
        """Say that the work goes on, and how; call it after each step that got somewhere, and never by a timer."""
        now_s = self._clock()
        if self._line is not None and now_s >= self._next_s:
            self._next_s = now_s + _LEAST_PAUSE_S
            self._say(f"WATCHDOG=1\nSTATUS={status()}")

    def stopping(self) -> None:
        """Say that the process ends; what is left to do has the time that the unit gives for it."""
        self._say("STOPPING=1")

    def close(self) -> None:
        """Say nothing more."""
        if self._line is not None:
            self._line.close()
        self._line = None

    def _say(self, text: str) -> None:
        # Whoever does not hear it notices by itself, and no message is worth waiting for.
        if self._line is not None:
            with suppress(OSError):
                self._line.send(text.encode())
