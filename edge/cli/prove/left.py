"""What the proof can't see: how many bits an hour could still pass in what an honest run leaves open, at most.

An estimate of the largest by far, under the checks of this version, and the published bound on all that can cross.
"""

import math
from collections.abc import Sequence
from statistics import median
from typing import Final

from edge.cli.prove.health import MOST_DETECTOR_MS, MOST_FPS
from edge.cli.prove.street import WINDOW_S
from edge.cli.prove.timing import threshold_s
from edge.contract.capacity import bits_per_hour, capacity

_HOUR_S: Final = 3600
_HEALTH_EVERY_S: Final = 60
# The proof's site: lines and zones.
_LINES, _ZONES = 2, 1
# No clock is believed to better than this.
_LEAST_SCATTER_S: Final = 0.005


def bound_bits() -> float:
    """Compute the published bound for the proof's site, in bits an hour."""
    return bits_per_hour(capacity(_LINES, _ZONES, WINDOW_S))


def moments_bits(honest: Sequence[float]) -> float:
    """Estimate what moments could carry unnoticed, in bits an hour, from the spreads of honest runs in s.

    A Gaussian channel, one symbol a window: as much power as the threshold lets pass, the honest scatter as its noise
    (Shannon 1949).
    """
    noise_s = max(median(honest), _LEAST_SCATTER_S)
    return _HOUR_S / WINDOW_S * 0.5 * math.log2(1 + (threshold_s(honest) / noise_s) ** 2)


def health_bits() -> float:
    """Count what two figures of the health message could carry: each may be any in its range."""
    each = math.log2(MOST_FPS * 10 + 1) + math.log2(MOST_DETECTOR_MS + 1)
    return _HOUR_S / _HEALTH_EVERY_S * each
