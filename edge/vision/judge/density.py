"""`density`: people per m², local, in levels of 2, 3, 4 and 5, sustained; with a step back before a level is left."""

from collections import deque
from typing import Final

from edge.config.site import AlarmSetting
from edge.contract.report import Severity
from edge.units import NS_PER_S, ns_from_seconds
from edge.vision.judge.sign import NOTHING, Sign
from edge.vision.judge.view import Thing, View

SEVERITIES: Final = {2: Severity.LOW, 3: Severity.MEDIUM, 4: Severity.HIGH, 5: Severity.CRITICAL}
# A level is held while the density is over it for three fifths of the time: estimates tremble, and who asks for four
# fifths is nine seconds late both ways.
HELD_SHARE: Final = 0.6
# What is there to judge must span so much of the time.
SPANNED: Final = 0.8
# It is left once three fifths are so far below it.
STEP_BACK: Final = 0.25
# Fewer seconds of measures than this share of the time are too few to tell.
LEAST_MEASURED: Final = 0.6


class Density:
    """The local density of one zone, by its index: means of a second, kept for as long as a level must hold."""

    def __init__(self, index: int, setting: AlarmSetting) -> None:
        self._index = index
        self._hold_s, self._clear_s = max(setting.hold_s, 1.0), max(setting.clear_s, 1.0)
        self._seconds: deque[tuple[int, float, int]] = deque()
        self._level = 0

    def see(self, view: View, things: tuple[Thing, ...]) -> Sign:  # noqa: ARG002  a crowd is no thing
        """Take in a frame; densities of a ground that nobody verified say nothing."""
        crowd = view.moment.crowds[self._index] if self._index < len(view.moment.crowds) else None
        if crowd is not None and crowd.verified and crowd.density_most is not None:
            self._note(crowd.density_most, view.now_ns)
        self._forget(view.now_ns)
        self._level = self._judged(view.now_ns)
        if not self._level:
            return NOTHING
        # The signs have held: the time is in the level.
        return Sign(
            on=True,
            kept=True,
            severity=SEVERITIES[self._level],
            held_s=self._hold_s,
            level=self._level,
            certain=True,
        )

    def _note(self, density: float, now_ns: int) -> None:
        second = now_ns // NS_PER_S
        if self._seconds and self._seconds[-1][0] == second:
            _, total, count = self._seconds.pop()
            self._seconds.append((second, total + density, count + 1))
        else:
            self._seconds.append((second, density, 1))

    def _forget(self, now_ns: int) -> None:
        most_ns = ns_from_seconds(max(self._hold_s, self._clear_s))
        while self._seconds and now_ns - self._seconds[0][0] * NS_PER_S > most_ns:
            self._seconds.popleft()

    def _judged(self, now_ns: int) -> int:
        """Go up to the highest level that has held; down where the present one was left."""
        recent = self._last(self._hold_s, now_ns)
        reached = 0 if recent is None else max((n for n in SEVERITIES if _at_least(recent, n, HELD_SHARE)), default=0)
        if reached >= self._level:
            return reached
        later = self._last(self._clear_s, now_ns)
        if later is None:
            return self._level if self._seconds else 0
        kept = [n for n in SEVERITIES if n <= self._level and _at_least(later, n - STEP_BACK, 1 - HELD_SHARE)]
        return max(kept, default=0)

    def _last(self, seconds: float, now_ns: int) -> list[float] | None:
        found = [
            total / count
            for second, total, count in self._seconds
            if now_ns - second * NS_PER_S <= ns_from_seconds(seconds)
        ]
        spans = bool(found) and now_ns - self._seconds[0][0] * NS_PER_S >= ns_from_seconds(SPANNED * seconds)
        return found if spans and len(found) >= LEAST_MEASURED * seconds else None


def _at_least(densities: list[float], level: float, share: float) -> bool:
    """Tell whether more than, or just, a share of the densities reach a level."""
    return sum(density >= level for density in densities) >= share * len(densities)
