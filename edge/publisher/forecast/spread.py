"""How far off forecasts were lately, and so how far off the next one may be: rolling split conformal intervals.

V. Vovk, A. Gammerman, G. Shafer, "Algorithmic Learning in a Random World" (2005); with the newest errors only, since
a street changes. How often the interval held is measured, not assumed.
"""

from array import array
from typing import Final

INTERVAL: Final = 0.8
"""The share of what comes that an interval is to hold."""
# One in so many falls below it, and one in so many above.
_TAIL: Final = 10
# Errors by time of day: nights are surer than noons.
PARTS: Final = 8
_KEPT: Final = 160
# Fewer errors say too little of a tail.
_LEAST: Final = 20
# So many forecasts back, one counts 1/e of the newest in the measured coverage.
_SCORED: Final = 2000


class Spread:
    """The newest errors of one horizon by part of the day, and how often the interval held what came."""

    def __init__(self) -> None:
        self._errors = array("d", bytes(8 * PARTS * _KEPT))
        self._counts = array("d", bytes(8 * PARTS))
        # Held and all, forgotten exponentially; and all, counted.
        self._scores = array("d", bytes(8 * 3))

    def around(self, part: int) -> tuple[float, float] | None:
        """Tell between which two errors the next one lies in `INTERVAL` of cases; None while too few are known."""
        many = min(int(self._counts[part]), _KEPT)
        if many < _LEAST:
            return None
        known = sorted(self._errors[part * _KEPT : part * _KEPT + many])
        tail = (many + 1) // _TAIL
        return known[tail - 1], known[many - tail]

    def learn(self, part: int, error: float) -> None:
        """Take one error in, over the oldest."""
        count = int(self._counts[part])
        self._errors[part * _KEPT + count % _KEPT] = error
        # Kept small: a number of any size would lose its last digits on the disk.
        self._counts[part] = count + 1 if count + 1 < 2 * _KEPT else _KEPT

    def score(self, *, held: bool) -> None:
        """Count an interval that was given."""
        keep = 1 - 1 / _SCORED
        self._scores[0] = self._scores[0] * keep + held
        self._scores[1] = self._scores[1] * keep + 1
        self._scores[2] = min(self._scores[2] + 1, _SCORED)

    @property
    def measured(self) -> tuple[float, int] | None:
        """The share of intervals that held what came, and of how many that is; None before there is one."""
        return (self._scores[0] / self._scores[1], int(self._scores[2])) if self._scores[2] else None

    def memory(self) -> tuple["array[float]", ...]:
        """List all that is remembered; what is written into it is remembered from then on."""
        return self._errors, self._counts, self._scores
