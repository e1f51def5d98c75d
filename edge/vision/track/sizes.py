"""How large cars are where: learnt from the cars themselves, to tell a heavy vehicle from a misnamed one.

Detectors trained on COCO call vans and pickups trucks. A bus or lorry is believed only if it is larger than the cars
that passed the same height of the picture.
"""

from collections import deque
from statistics import median
from typing import Final

from edge.contract.report import RoadUser

BANDS: Final = 8
REMEMBERED: Final = 60
# Fewer cars than this in a band tell nothing.
LEAST_CARS: Final = 5
# A heavy vehicle's side, by the square root of its area, in that of a car at the same place.
LEAST_HEAVY: Final = 1.3
HEAVY: Final = frozenset({RoadUser.BUS, RoadUser.LORRY})


class CarSizes:
    """The sizes of cars in horizontal bands of a picture `height` px high; every car counts once a band."""

    def __init__(self, height: int) -> None:
        self._height = height
        self._sizes: list[deque[float]] = [deque(maxlen=REMEMBERED) for _ in range(BANDS)]

    def band(self, foot_y: float) -> int:
        """Tell in which band a foot point lies."""
        return min(BANDS - 1, max(0, int(BANDS * foot_y / self._height)))

    def learn(self, band: int, size_px: float) -> None:
        """Remember a car."""
        self._sizes[band].append(size_px)

    def ratio(self, band: int, size_px: float) -> float | None:
        """Compare a size with that of the cars of a band; None where too few are known."""
        sizes = self._sizes[band]
        return size_px / median(sizes) if len(sizes) >= LEAST_CARS else None
