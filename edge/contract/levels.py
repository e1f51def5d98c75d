"""Levels of service of walkways: how freely people move at a density, for whoever reads the densities."""

from bisect import bisect_right
from enum import Enum, unique
from typing import Final

# Fruin 1971, "Pedestrian planning and design": people per m² at which B, C, D, E and F begin on a walkway.
_BEGINS: Final = (0.31, 0.43, 0.72, 1.08, 2.15)


@unique
class LevelOfService(Enum):
    """From A, everybody walks as they like, to F, nobody does."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"
    E = "E"
    F = "F"


def fruin(people_per_m2: float) -> LevelOfService:
    """Give the level of service of a walkway at a density, at least 0."""
    return tuple(LevelOfService)[bisect_right(_BEGINS, people_per_m2)]
