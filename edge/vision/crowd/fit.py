"""From a few counted moments to a zone's weights: ridge regression, and its error left out one by one.

Hoerl and Kennard, "Ridge regression: biased estimation for nonorthogonal problems", 1970; how strongly weights are held
back is chosen by the same errors.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.config.site import CrowdFit

LEAST_MOMENTS: Final = 5
ADVISED_MOMENTS: Final = 10
# The strengths tried, for features scaled to their own deviation.
STRENGTHS: Final = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
MOST_DIGITS: Final = 6


class FitError(Exception):
    """The moments make no fit; the text says why and what to do."""


def fit(moments: NDArray[np.float64], counts: NDArray[np.float64]) -> CrowdFit:
    """Fit weights to moments' features (n, k), the constant first, and the people counted at each (n,).

    Raises FitError.
    """
    if len(counts) < LEAST_MOMENTS:
        raise FitError(
            f"{len(counts)} counted moments are too few for a fit — count at least {LEAST_MOMENTS}, better "
            f"{ADVISED_MOMENTS}, some with few people and some with many"
        )
    if np.ptp(counts) == 0:
        raise FitError(f"all counts are {counts[0]:.0f} — count moments with fewer and with more people as well")
    spread = moments.std(axis=0)
    if not np.any(spread[1:] > 0):
        raise FitError("the zone looked the same each time — is it in the picture, and does somebody walk in it?")
    errors = [np.abs(_left_out(moments, counts, strength) - counts).mean() for strength in STRENGTHS]
    weights = _ridge(moments, counts, STRENGTHS[int(np.argmin(errors))])
    return CrowdFit(
        weights=tuple(float(f"{weight:.{MOST_DIGITS}g}") for weight in weights),
        error=float(min(1.0, round(min(errors) / counts.mean(), 4))),
        moments=len(counts),
    )


def _left_out(moments: NDArray[np.float64], counts: NDArray[np.float64], strength: float) -> NDArray[np.float64]:
    """Estimate each moment from a fit to all the others: (n,)."""
    kept = ~np.eye(len(counts), dtype=bool)
    found = [moment @ _ridge(moments[rest], counts[rest], strength) for moment, rest in zip(moments, kept, strict=True)]
    return np.maximum(np.array(found), 0)


def _ridge(moments: NDArray[np.float64], counts: NDArray[np.float64], strength: float) -> NDArray[np.float64]:
    """Fit weights (k,), all but the constant's held back towards 0."""
    middle, spread = moments[:, 1:].mean(axis=0), moments[:, 1:].std(axis=0)
    scaled = (moments[:, 1:] - middle) / np.where(spread > 0, spread, 1.0)
    held = scaled.T @ scaled + strength * len(counts) * np.eye(scaled.shape[1])
    slopes = np.linalg.solve(held, scaled.T @ (counts - counts.mean())) * np.where(
        spread > 0, 1 / np.where(spread > 0, spread, 1.0), 0.0
    )
    return np.concatenate([[counts.mean() - middle @ slopes], slopes])
