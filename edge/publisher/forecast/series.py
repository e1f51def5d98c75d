"""One thing counted at one place, and what is to be expected of it.

Value = the usual of that time of the week + what is left of today's deviation, on the scale of square roots, where the
spread of counts does not hang on their size (F. J. Anscombe, Biometrika 35, 1948). Holidays and weather are not known.
"""

import math
from array import array
from dataclasses import dataclass
from typing import Final

from edge.publisher.forecast.deviations import Deviations
from edge.publisher.forecast.persistence import Persistence, Signs
from edge.publisher.forecast.profile import Profile
from edge.publisher.forecast.spread import PARTS, Spread
from edge.publisher.forecast.week import DAY_S, Week

LEAST_DAYS: Final = 14
"""Before so many days were seen, a week's profile rests on one week, and nothing is said."""
_ANSCOMBE: Final = 0.375
_MINUTE_S: Final = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Ahead:
    """What is expected of the slot that ends in so many minutes, the interval, and how often such intervals held."""

    minutes: int
    value: float
    low: float
    high: float
    coverage: float
    # How many intervals that is measured on.
    of: int


@dataclass(frozen=True, kw_only=True, slots=True)
class _Open:
    """A forecast whose time has not come; roots, and the interval where there was one."""

    signs: Signs
    usual: float
    value: float
    part: int
    interval: tuple[float, float] | None


class Series:
    """Learns from each slot, and expects from what it has learnt before."""

    def __init__(self, week: Week) -> None:
        self._week = week
        self._profile = Profile(week.a_day)
        self._deviations = Deviations(week.slot_s, week.cells)
        self._persistence = tuple(Persistence(week.slot_s) for _ in week.horizons)
        self._spread = tuple(Spread() for _ in week.horizons)
        # By horizon and the slot that it is about.
        self._open: dict[tuple[int, int], _Open] = {}
        self._seen = array("d", (0.0,))

    @property
    def days(self) -> int:
        """How many days' worth of slots were seen."""
        return int(self._seen[0]) * self._week.slot_s // DAY_S

    @property
    def newest(self) -> int:
        """The newest slot that was taken in; -1 before the first."""
        return self._deviations.newest

    def see(self, slot: int, value: float) -> tuple[Ahead, ...]:
        """Take a slot's value in, and tell what is expected; nothing before there is enough to go by.

        `value` is a count or a mean of the whole slot. A slot that is not newer than the newest says nothing.
        """
        if not self._reach(slot):
            return ()
        root, cell = math.sqrt(value + _ANSCOMBE), self._week.cell(slot)
        self._settle(slot, root)
        usual = self._profile.usual(cell)
        if usual is not None:
            self._deviations.note(root - usual)
        self._profile.learn(cell, root)
        self._seen[0] += 1
        found = [self._expect(slot, place) for place in range(len(self._week.horizons))]
        return tuple(ahead for ahead in found if ahead is not None) if self.days >= LEAST_DAYS else ()

    def withhold(self, slot: int) -> None:
        """Note a slot of which the value was withheld; nothing is expected from it."""
        if self._reach(slot):
            self._profile.withhold(self._week.cell(slot))

    def memory(self) -> tuple["array[float]", ...]:
        """List all that is remembered; what is written into it is remembered from then on."""
        ahead = [
            kept
            for one, spread in zip(self._persistence, self._spread, strict=True)
            for kept in (*one.memory(), *spread.memory())
        ]
        return self._seen, *self._profile.memory(), *self._deviations.memory(), *ahead

    def _reach(self, slot: int) -> bool:
        """Go on to a slot; False where it was taken in before. One of days ago tells that the clock was set back."""
        if self.newest - self._week.a_day < slot <= self.newest:
            return False
        if slot < self.newest:
            self._deviations.restart()
            self._open.clear()
        self._deviations.reach(slot)
        return True

    def _expect(self, slot: int, place: int) -> Ahead | None:
        target = slot + self._week.horizons[place]
        cell = self._week.cell(target)
        usual = self._profile.usual(cell)
        if usual is None:
            return None
        signs = self._signs(slot, target)
        value = usual + self._persistence[place].expect(signs)
        part = cell % self._week.a_day * PARTS // self._week.a_day
        errors = self._spread[place].around(part)
        interval = None if errors is None else (value + errors[0], value + errors[1])
        self._open[place, target] = _Open(signs=signs, usual=usual, value=value, part=part, interval=interval)
        return self._told(place, value, interval)

    def _signs(self, slot: int, target: int) -> Signs:
        at = self._deviations.at
        a_day, a_week = self._week.a_day, self._week.cells
        return at(slot), at(slot - 1), at(target - a_day), at(target - a_week), *self._deviations.means

    def _settle(self, slot: int, root: float) -> None:
        """Learn from the forecasts whose time has come, and forget those whose time has passed unseen."""
        for place, spread in enumerate(self._spread):
            due = self._open.get((place, slot))
            if due is not None:
                self._persistence[place].learn(due.signs, root - due.usual)
                spread.learn(due.part, root - due.value)
                if due.interval is not None:
                    spread.score(held=_held(due.interval, root))
        self._open = {key: one for key, one in self._open.items() if key[1] > slot}

    def _told(self, place: int, value: float, interval: tuple[float, float] | None) -> Ahead | None:
        measured = self._spread[place].measured
        if interval is None or measured is None:
            return None
        low, middle, high = _squared(interval[0]), _squared(value), _squared(interval[1])
        return Ahead(
            minutes=self._week.horizons[place] * self._week.slot_s // _MINUTE_S,
            # Where errors lean to one side, the interval may lie beside the value.
            value=min(max(middle, low), high),
            low=low,
            high=high,
            coverage=measured[0],
            of=measured[1],
        )


def _squared(root: float) -> float:
    return max(0.0, max(0.0, root) ** 2 - _ANSCOMBE)


def _held(interval: tuple[float, float], root: float) -> bool:
    """Tell whether an interval held, as it was told: never below zero."""
    return _squared(interval[0]) <= _squared(root) <= _squared(interval[1])
