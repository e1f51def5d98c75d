"""What time it is where the pictures are taken: the wall clock of a live camera, the virtual one of a recording.

Durations come from the steady clock alone; the wall clock only says where on the calendar they lie.
"""

import time
from pathlib import Path
from typing import Final

import edge
from edge.contract import bounds
from edge.units import NS_PER_S, ns_from_seconds

# A wall clock that moved by more against the steady one was set, not merely disciplined.
LEAST_STEP_NS: Final = 2 * NS_PER_S


class LiveClock:
    """Unix time for instants of the steady clock. A device has no clock battery: until it is set there is none.

    Nor is there any while it stands where no window may lie (`bounds.WINDOW_START_S`).
    """

    def __init__(self) -> None:
        # A clock that stands before the software was put here was never set.
        self._least_ns = max(bounds.WINDOW_START_S.least * NS_PER_S, Path(edge.__file__).stat().st_mtime_ns)
        self._offset_ns: int | None = None

    def now_ns(self) -> int | None:
        """Tell the Unix time in ns; None while the clock is not set."""
        return self.at_ns(time.monotonic_ns())

    def at_ns(self, taken_ns: int) -> int | None:
        """Tell the Unix time of an instant of the steady clock, both in ns; None while the clock is not set."""
        if self._offset_ns is None:
            self._adopt()
        return None if self._offset_ns is None else taken_ns + self._offset_ns

    def stepped(self) -> bool:
        """Tell whether the wall clock was set since it was last asked, and go by the new one from now on."""
        if self._offset_ns is None or abs(_offset_ns() - self._offset_ns) < LEAST_STEP_NS:
            return False
        self._offset_ns = None
        return True

    def _adopt(self) -> None:
        if self._least_ns <= time.time_ns() <= bounds.WINDOW_START_S.most * NS_PER_S:
            self._offset_ns = _offset_ns()


class ReplayClock:
    """The virtual clock of a recording: it starts at `start_ns` and moves with the frames, `pace` times as fast."""

    def __init__(self, start_ns: int, pace: float) -> None:
        self._start_ns = start_ns
        self._pace = pace
        self._first_ns: int | None = None
        self._last_ns = start_ns
        self._began_ns = 0

    def now_ns(self) -> int:
        """Tell the virtual Unix time in ns: that of the last frame."""
        return self._last_ns

    def at_ns(self, taken_ns: int) -> int:
        """Tell the virtual Unix time of an instant of media time, both in ns, and move on to it."""
        if self._first_ns is None:
            self._first_ns, self._began_ns = taken_ns, time.monotonic_ns()
        self._last_ns = self._start_ns + taken_ns - self._first_ns
        return self._last_ns

    def stepped(self) -> bool:
        """Nobody sets a virtual clock."""
        return False

    def early_s(self, taken_ns: int) -> float:
        """Compute how many seconds of real time are left until a frame of this media time is due."""
        if self._first_ns is None:
            return 0.0
        due_ns = self._began_ns + round((taken_ns - self._first_ns) / self._pace)
        return (due_ns - time.monotonic_ns()) / NS_PER_S


Clock = LiveClock | ReplayClock


def replay_start_ns(window_s: int, after_ns: int, *, now: bool = False) -> int:
    """Choose where a recording's clock starts: a window's beginning, the last one or, if later, that at `after_ns`.

    With `now`, where it is now, or if later at `after_ns`: an alarm is of this moment, and its advice lives a second.
    The first window is then less than whole.
    """
    if now:
        return max(time.time_ns(), after_ns)
    window_ns = ns_from_seconds(window_s)
    now_ns = time.time_ns() // window_ns * window_ns
    return max(now_ns, -(-after_ns // window_ns) * window_ns)


def _offset_ns() -> int:
    return time.time_ns() - time.monotonic_ns()
