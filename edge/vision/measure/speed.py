"""How fast tracks go over the ground: lines fitted to where they lately stood, in metres.

Least squares of position on time, each axis apart (Bevington and Robinson 2003, "Data reduction and error analysis",
6.4). One difference of two places would be mostly noise: people are some 0.2 m off at 20 m in each frame.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

Place = tuple[float, float]
"""Metres on the ground, (x, y)."""

# A fit of fewer places, or of less time, tells no speed.
LEAST_PLACES: Final = 4
LEAST_SPAN_S: Final = 0.45


@dataclass(frozen=True, kw_only=True, slots=True)
class Speed:
    """A velocity over the ground in m/s: `mps` is its length, less what noise adds to a length.

    `variances` are those of the fit, (m/s)², along x and y; `error` is the standard error along the way. `calibration`
    is what the ground's calibration may be off by, m/s: the same for all that pass one place, so that no mean of many
    makes it smaller.
    """

    velocity: tuple[float, float]
    mps: float
    variances: tuple[float, float] = (0.0, 0.0)
    error: float = 0.0
    calibration: float = 0.0


def fits(ages_s: Floats, places: Floats) -> tuple[Floats, Floats]:
    """Fit velocities to places (n, k, 2) m at ages (n, k) s, nan where there is none.

    Gives velocities (n, 2) and their variances (n, 2) along x and y; nan where places are too few or lie too near in
    time.
    """
    known = np.isfinite(ages_s)
    number = known.sum(axis=1)
    # A row of nothing would have no mean; it is struck out at the end.
    times = -np.where(known, ages_s, 0.0)
    times = np.where(known, times - (times.sum(axis=1) / np.maximum(number, 1))[:, None], 0.0)
    spread = (times**2).sum(axis=1)
    enough = (number >= LEAST_PLACES) & (np.ptp(times, axis=1) >= LEAST_SPAN_S)
    spread = np.where(enough, spread, np.nan)
    where = np.where(known[:, :, None], places, 0.0)
    where = where - (where.sum(axis=1) / np.maximum(number, 1)[:, None])[:, None]
    velocities = (times[:, :, None] * where).sum(axis=1) / spread[:, None]
    left = np.where(known[:, :, None], where - times[:, :, None] * velocities[:, None], 0.0)
    variances = (left**2).sum(axis=1) / (number - 2)[:, None] / spread[:, None]
    return velocities, variances


def speed_of(velocity: tuple[float, float], variances: tuple[float, float], scale_error: float) -> Speed:
    """Make a speed of a fit, on ground whose distances may be off by a share of `scale_error`."""
    (vx, vy), (x_variance, y_variance) = velocity, variances
    squared = vx * vx + vy * vy
    if not squared:
        return Speed(velocity=velocity, mps=0.0, variances=variances, error=math.sqrt(x_variance))
    # Noise across the way makes a velocity longer, whichever side it is to; noise along it is as often against it.
    across = (vy * vy * x_variance + vx * vx * y_variance) / squared
    along = (vx * vx * x_variance + vy * vy * y_variance) / squared
    mps = math.sqrt(max(0.0, squared - across))
    return Speed(velocity=velocity, mps=mps, variances=variances, error=math.sqrt(along), calibration=scale_error * mps)
