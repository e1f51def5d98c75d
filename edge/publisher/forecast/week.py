"""The slots that a day is cut into, and where in the week one lies by the site's own clock."""

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Final

AHEAD_MINUTES: Final = (15, 30, 60)
"""How far ahead is looked."""
DAY_S: Final = 86_400
DAYS: Final = 7
# A horizon holds a whole number of slots, and a slot a whole number of windows.
_SLOTS_S: Final = (900, 1800, 3600)


def slot_length(window_s: int) -> int | None:
    """Choose the length of a slot in s: the shortest that holds whole windows; None where no horizon does."""
    return next((slot_s for slot_s in _SLOTS_S if slot_s % window_s == 0), None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Week:
    """A week in slots of `slot_s` seconds. Slots are numbered from the epoch, in UTC; cells from Monday 0:00, local."""

    slot_s: int
    zone: tzinfo = UTC

    @property
    def a_day(self) -> int:
        """How many slots a day has."""
        return DAY_S // self.slot_s

    @property
    def cells(self) -> int:
        """How many slots a week has."""
        return DAYS * self.a_day

    @property
    def horizons(self) -> tuple[int, ...]:
        """How many slots ahead is looked: those of AHEAD_MINUTES that hold whole slots."""
        return tuple(60 * ahead // self.slot_s for ahead in AHEAD_MINUTES if 60 * ahead % self.slot_s == 0)

    def cell(self, slot: int) -> int:
        """Find a slot's place in the week; an hour that comes twice in autumn has one place, and both times."""
        local = datetime.fromtimestamp(slot * self.slot_s, self.zone)
        return local.weekday() * self.a_day + (local.hour * 3600 + local.minute * 60) // self.slot_s
