"""From a few counted moments to a zone's weights: ridge regression, and its error left out one by one.

Hoerl and Kennard, "Ridge regression: biased estimation for nonorthogonal problems", 1970. Ten moments are few, so more
is known beforehand: no feature counts people away; and who is followed is one, unless the moments say otherwise.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.config.site import CrowdFit
from edge.vision.crowd.features import NAMES

LEAST_MOMENTS: Final = 5
ADVISED_MOMENTS: Final = 10
# How strongly weights are held to what is known beforehand: the strengths tried, for features of deviation 1.
STRENGTHS: Final = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
MOST_DIGITS: Final = 6
_TRACKS: Final = NAMES.index("tracks")
# What may count, the simplest first: in a zone that is not crowded the people followed alone foretell best.
_MODELS: Final = ((_TRACKS,), tuple(range(1, len(NAMES))))
# A simpler model is kept while its error is no more than so many times the best.
_SIMPLER_WITHIN: Final = 1.4

Floats = NDArray[np.float64]


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
    trials = [_tried(moments, counts, model, strength) for model in _MODELS for strength in STRENGTHS]
    chosen = _chosen(trials)
    weights = _ridge(moments, counts, chosen.model, chosen.strength)
    return CrowdFit(
        weights=tuple(float(f"{weight:.{MOST_DIGITS}g}") for weight in weights),
        error=float(min(1.0, round(chosen.error / counts.mean(), 4))),
        moments=len(counts),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Trial:
    """A model, how strongly it is held back, and its mean error left out one by one, in people."""

    model: tuple[int, ...]
    strength: float
    error: float


def _tried(moments: Floats, counts: Floats, model: tuple[int, ...], strength: float) -> _Trial:
    kept = ~np.eye(len(counts), dtype=bool)
    found = [
        max(0.0, float(moment @ _ridge(moments[rest], counts[rest], model, strength)))
        for moment, rest in zip(moments, kept, strict=True)
    ]
    return _Trial(model=model, strength=strength, error=float(np.abs(np.array(found) - counts).mean()))


def _chosen(trials: list[_Trial]) -> _Trial:
    """Choose the simplest model that is nearly as good as the best, at its best strength."""
    enough = _SIMPLER_WITHIN * min(trial.error for trial in trials)
    model = next(trial.model for trial in trials if trial.error <= enough)
    return min((trial for trial in trials if trial.model == model), key=lambda trial: trial.error)


def _ridge(moments: Floats, counts: Floats, model: tuple[int, ...], strength: float) -> Floats:
    """Fit weights (k,): those of the model, none below 0, held to 1 for tracks and 0 for all else; the rest is 0.

    What comes out below 0 is left out, the most negative first, and the others are fitted again.
    """
    weights = np.zeros(len(NAMES))
    free = [feature for feature in model if np.ptp(moments[:, feature]) > 0]
    while free:
        known = np.array([float(feature == _TRACKS) for feature in free])
        weights[free] = known + _slopes(moments[:, free], counts - moments[:, free] @ known, strength)
        worst = min(free, key=lambda feature: weights[feature])
        if weights[worst] >= 0:
            break
        weights[worst] = 0.0
        free.remove(worst)
    weights[0] = (counts - moments[:, 1:] @ weights[1:]).mean()
    return weights


def _slopes(features: Floats, rest: Floats, strength: float) -> Floats:
    """Fit a rest (n,) by features (n, k), held to 0."""
    middle, spread = features.mean(axis=0), features.std(axis=0)
    scaled = (features - middle) / spread
    held = scaled.T @ scaled + strength * len(rest) * np.eye(scaled.shape[1])
    return np.asarray(np.linalg.solve(held, scaled.T @ (rest - rest.mean())) / spread)
