"""How fast vehicles go over a line when nothing hinders them: learnt from its own recent days, in memory only."""

from collections import deque
from statistics import quantiles
from typing import Final

from edge.units import NS_PER_S

# Speeds are gathered in quarters of an hour, and of each its 85th percentile is kept, for a week.
_BIN_NS: Final = 900 * NS_PER_S
_BINS: Final = 7 * 96
# Of fewer vehicles a quarter of an hour tells nothing, and fewer quarters tell no free flow.
_LEAST_VEHICLES: Final = 5
_LEAST_BINS: Final = 4
# The 85th percentile: by custom the speed of traffic that is free (e.g. MUTCD 2009, 2B.13).
_TWENTIETHS: Final = 20
_P85: Final = 16


class FreeFlow:
    """The memory of one line in one direction."""

    def __init__(self) -> None:
        self._quarters: deque[float] = deque(maxlen=_BINS)
        self._bin = -1
        self._speeds: list[float] = []

    def see(self, mps: float, at_ns: int) -> None:
        """Take in the speed of a vehicle that passed at an instant of the source's clock."""
        now = at_ns // _BIN_NS
        if now > self._bin:
            self._end_quarter()
            self._bin = now
        self._speeds.append(mps)

    @property
    def mps(self) -> float | None:
        """The free speed, m/s; None until enough is known."""
        return _percentile(list(self._quarters)) if len(self._quarters) >= _LEAST_BINS else None

    def _end_quarter(self) -> None:
        if len(self._speeds) >= _LEAST_VEHICLES:
            self._quarters.append(_percentile(self._speeds))
        self._speeds = []


def _percentile(speeds: list[float]) -> float:
    return quantiles(speeds, n=_TWENTIETHS, method="inclusive")[_P85]
