"""What time it is, and whether that can be believed: a Pi has no battery behind its clock."""

import ctypes
import os
import time
from datetime import UTC, datetime
from enum import Enum, unique
from pathlib import Path

import edge
from edge.contract import bounds

# adjtimex(2): the return value when the kernel's clock is not synchronised.
_TIME_ERROR = 5
# Larger than struct timex on every Linux ABI (208 bytes on 64 bit); all zero asks and changes nothing.
_TIMEX_BYTES = 512
# From <asm/unistd.h>.
_ADJTIMEX = {"x86_64": 159, "aarch64": 171}


@unique
class ClockState(Enum):
    """How far the wall clock can be believed."""

    SYNCHRONISED = "synchronised"
    UNSYNCHRONISED = "unsynchronised"
    UNSET = "unset"
    UNKNOWN = "unknown"


class Clock:
    """The wall clock and the steady one, in seconds."""

    def __init__(self) -> None:
        # A clock that stands before the software was put here was never set.
        self._least_s = max(bounds.WINDOW_START_S.least, Path(edge.__file__).stat().st_mtime)

    def now(self) -> float:
        """Tell the Unix time in seconds."""
        return time.time()

    def steady(self) -> float:
        """Tell a time in seconds that no setting of the clock moves."""
        return time.monotonic()

    @property
    def is_set(self) -> bool:
        """Whether the wall clock can be right at all."""
        return self._least_s <= self.now() <= bounds.WINDOW_START_S.most

    @property
    def state(self) -> ClockState:
        """How far the wall clock can be believed, by the kernel's own word."""
        if not self.is_set:
            return ClockState.UNSET
        answer = _adjtimex()
        if answer < 0:
            return ClockState.UNKNOWN
        return ClockState.UNSYNCHRONISED if answer == _TIME_ERROR else ClockState.SYNCHRONISED

    def stamp(self) -> str | None:
        """Write now as RFC 3339, or None while the clock is not set: a stamp must not lie."""
        return rfc3339(self.now()) if self.is_set else None


def rfc3339(unix_s: float) -> str:
    """Write a Unix time as RFC 3339 in UTC, in whole seconds."""
    return datetime.fromtimestamp(int(unix_s), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def rfc3339_tenths(tenths: int) -> str:
    """Write tenths of a second of Unix time as RFC 3339 in UTC, with one digit after the second."""
    return f"{rfc3339(tenths // 10)[:-1]}.{tenths % 10}Z"


def _adjtimex() -> int:
    # By its number: glibc's function of that name makes another call, which this process has given up.
    number = _ADJTIMEX.get(os.uname().machine)
    if number is None:
        return -1
    return int(ctypes.CDLL(None).syscall(ctypes.c_long(number), ctypes.create_string_buffer(_TIMEX_BYTES)))
