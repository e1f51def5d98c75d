"""How fast tracks go over the ground: lines fitted to where they lately stood, in metres.

Least squares of position on time, each axis apart (Bevington and Robinson 2003, "Data reduction and error analysis",
6.4). One difference of two places would be mostly noise: people are some 0.2 m off at 20 m in each frame.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from edge.units import seconds_from_ns

Place = tuple[float, float]
"""Metres on the ground, (x, y)."""

# A fit of fewer places, or of less time, tells no speed.
LEAST_PLACES: Final = 4
LEAST_SPAN_S: Final = 0.45
# Errors of neighbouring places hang together, since the tracker smooths them: a fit is so much less sure (variance).
CORRELATED: Final = 3.0


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


def fitted(instants_ns: Sequence[int], places: Sequence[Place]) -> Speed | None:
    """Fit a velocity to places at instants in ns, rising; None where they are too few or lie too near in time."""
    n = len(places)
    if n < LEAST_PLACES or seconds_from_ns(instants_ns[-1] - instants_ns[0]) < LEAST_SPAN_S:
        return None
    times = [seconds_from_ns(at_ns - instants_ns[0]) for at_ns in instants_ns]
    middle = sum(times) / n
    times = [at_s - middle for at_s in times]
    spread = sum(at_s * at_s for at_s in times)
    (vx, x_variance), (vy, y_variance) = (_slope(times, spread, [place[axis] for place in places]) for axis in (0, 1))
    squared = vx * vx + vy * vy
    if not squared:
        return Speed(velocity=(0.0, 0.0), mps=0.0, variances=(x_variance, y_variance), error=math.sqrt(x_variance))
    # Noise across the way makes a velocity longer, whichever side it is to; noise along it is as often against it.
    across = (vy * vy * x_variance + vx * vx * y_variance) / squared
    along = (vx * vx * x_variance + vy * vy * y_variance) / squared
    return Speed(
        velocity=(vx, vy),
        mps=math.sqrt(max(0.0, squared - across)),
        variances=(x_variance, y_variance),
        error=math.sqrt(along),
    )


def _slope(times: list[float], spread: float, values: list[float]) -> tuple[float, float]:
    """Fit a line through values at times whose mean is 0; gives its slope and the slope's variance."""
    middle = sum(values) / len(values)
    slope = sum(at_s * value for at_s, value in zip(times, values, strict=True)) / spread
    left = sum((value - middle - slope * at_s) ** 2 for at_s, value in zip(times, values, strict=True))
    return slope, CORRELATED * left / (len(values) - 2) / spread
