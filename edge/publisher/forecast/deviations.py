"""How far off the usual each slot of the past week was, and whether the street is busier than usual on the whole."""

import math
from array import array
from typing import Final

_HOUR_S: Final = 3600
_LATELY_S: Final = 6 * _HOUR_S
_SEASON_S: Final = 100 * _HOUR_S


class Deviations:
    """A ring of deviations by slot number; one that is not known is nan."""

    def __init__(self, slot_s: int, slots_a_week: int) -> None:
        self._ring = array("d", [math.nan]) * (slots_a_week + 1)
        self._lately_news = slot_s / _LATELY_S
        self._season_news = slot_s / _SEASON_S
        # Two means of deviations, quick and slow.
        self._means = array("d", (0.0, 0.0))
        self._newest = array("d", (-1.0,))

    @property
    def newest(self) -> int:
        """The number of the newest slot that was heard of; -1 before the first."""
        return int(self._newest[0])

    def reach(self, slot: int) -> None:
        """Go on to a slot: what lies between was not seen, and the quick mean fades over it."""
        if self.newest >= 0:
            self._means[0] *= math.exp(-self._lately_news * (slot - self.newest - 1))
            for skipped in range(max(self.newest + 1, slot - len(self._ring) + 1), slot + 1):
                self._ring[skipped % len(self._ring)] = math.nan
        self._newest[0] = slot

    def restart(self) -> None:
        """Forget what was when: the clock ran ahead, and was set back."""
        self._newest[0] = -1
        self._ring[:] = array("d", [math.nan]) * len(self._ring)

    def note(self, deviation: float) -> None:
        """Note the newest slot's deviation."""
        self._ring[self.newest % len(self._ring)] = deviation
        self._means[0] += self._lately_news * (deviation - self._means[0])
        self._means[1] += self._season_news * (deviation - self._means[1])

    def at(self, slot: int) -> float:
        """Tell a slot's deviation; 0, the usual, where it is not known."""
        if not self.newest - len(self._ring) < slot <= self.newest:
            return 0.0
        deviation = self._ring[slot % len(self._ring)]
        return 0.0 if math.isnan(deviation) else deviation

    @property
    def means(self) -> tuple[float, float]:
        """The mean of the last hours and that of the last days, forgotten exponentially."""
        return self._means[0], self._means[1]

    def memory(self) -> tuple["array[float]", ...]:
        """List all that is remembered; what is written into it is remembered from then on."""
        return self._ring, self._means, self._newest
