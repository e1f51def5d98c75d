"""Drawn days for the forecast's benchmark: Poisson counts around day curves, with weather, feasts and outages.

No street was fitted for this. It shows that 15 and 30 minutes work as 60 do, and no more.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

SLOT_S: Final = 900
_A_DAY: Final = 96
_DAYS_A_WEEK: Final = 7
_WORKDAYS: Final = 5
# 2024-01-01, a Monday, in slots since the epoch.
FIRST_SLOT: Final = 1_704_067_200 // SLOT_S
# Bumps of a day's curve: hour, width in hours, and height on workdays and at weekends.
_BUMPS: Final = ((8.3, 0.9, 1.0, 0.15), (12.6, 1.3, 0.9, 0.8), (17.6, 1.4, 1.1, 0.7), (21.0, 2.0, 0.25, 0.45))
_FLOOR: Final = 0.02
_PLACES: Final = 12


@dataclass(frozen=True, kw_only=True, slots=True)
class Chances:
    """How much a drawn street does what no calendar knows."""

    # Standard deviation of a day's level, as a logarithm.
    day_spread: float = 0.12
    # Showers a day; each takes between these shares of the street away and passes within hours.
    showers: float = 0.35
    shower_hours: float = 2.5
    shower_keeps: tuple[float, float] = (0.3, 0.8)
    # Matches and markets a day, and what they multiply by.
    feasts: float = 0.06
    feast_hours: float = 2.0
    feast_factor: tuple[float, float] = (1.3, 2.5)
    # Workdays that are like Sundays.
    holidays: float = 0.025
    # Slots that were not observed.
    outages: float = 0.01


def drawn_places(days: int, seed: int, chances: Chances | None = None) -> list[dict[int, float]]:
    """Draw the counts of a dozen places, each by slot number; slots that were not observed are left out."""
    rng = np.random.default_rng(seed)
    return [_place(days, rng, chances or Chances()) for _ in range(_PLACES)]


def _place(days: int, rng: np.random.Generator, chances: Chances) -> dict[int, float]:
    # From a back street to a promenade: so many in a quarter of an hour at the peak.
    busiest = float(np.exp(rng.uniform(np.log(6), np.log(300))))
    rate = busiest * _curve(days, rng, chances) * _shocks(days, rng, chances)
    counts = rng.poisson(rate)
    seen = rng.random(len(counts)) >= chances.outages
    return {FIRST_SLOT + int(place): float(counts[place]) for place in np.flatnonzero(seen)}


def _curve(days: int, rng: np.random.Generator, chances: Chances) -> "NDArray[np.float64]":
    """Draw the usual course, day by day: 1 at the highest bump of an ordinary workday or so."""
    hours = (np.arange(_A_DAY) + 0.5) * 24 / _A_DAY
    shift, weights = rng.normal(0, 0.7, len(_BUMPS)), np.exp(rng.normal(0, 0.4, len(_BUMPS)))
    kinds = [
        sum(
            weight * bump[2 + kind] * np.exp(-(((hours - bump[0] - moved) / bump[1]) ** 2) / 2)
            for bump, moved, weight in zip(_BUMPS, shift, weights, strict=True)
        )
        for kind in (0, 1)
    ]
    level = np.exp(rng.normal(0, chances.day_spread, days))
    free = (np.arange(days) % _DAYS_A_WEEK >= _WORKDAYS) | (rng.random(days) < chances.holidays)
    return np.concatenate([level[day] * (kinds[int(free[day])] + _FLOOR) for day in range(days)])


def _shocks(days: int, rng: np.random.Generator, chances: Chances) -> "NDArray[np.float64]":
    """Draw what multiplies the curve for some hours: rain, and its contrary."""
    factor = np.ones(days * _A_DAY)
    kinds = (
        (chances.showers, chances.shower_hours, chances.shower_keeps),
        (chances.feasts, chances.feast_hours, chances.feast_factor),
    )
    for a_day, hours, (least, most) in kinds:
        for begins in rng.integers(0, len(factor), rng.poisson(a_day * days)):
            length = 1 + int(rng.exponential(hours) * 4)
            factor[begins : begins + length] *= rng.uniform(least, most)
    return factor
