"""How much of what had to be hidden a cover hides, and what a share of few cases can say of all.

The bound is Clopper and Pearson's, exact and one-sided: C. J. Clopper and E. S. Pearson, "The use of confidence or
fiducial limits illustrated in the case of the binomial", Biometrika 26 (1934).
"""

import math
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from edge.vision.frame import Boxes, Cover

ENOUGH: Final = 0.95
"""The share of a box that has to be masked for it to count as covered."""
_HALVINGS = 60


def covered_shares(cover: "Cover", boxes: "Boxes") -> "NDArray[np.float64]":
    """Give the masked share of each box, (n,) in 0..1.

    `cover` uint8 (H, W), 0 where the picture is shown; `boxes` (n, 4), half-open, in px. A box is all pixels that it
    touches; one that lies off the picture has nothing to hide and counts as covered.
    """
    masked = cover != 0
    return np.array([_share(masked[_inside(box, cover.shape)]) for box in boxes], np.float64)


def touched_px(shape: tuple[int, ...], boxes: "Boxes") -> int:
    """Count the pixels of a picture of `shape` (H, W) that any of the boxes touches."""
    touched = np.zeros(shape[:2], np.bool_)
    for box in boxes:
        touched[_inside(box, shape)] = True
    return int(np.count_nonzero(touched))


def most_likely(events: int, trials: int, confidence: float = 0.95) -> float:
    """Give the largest rate that `events` of `trials` leave possible at the confidence; 1.0 where nothing was tried."""
    if events >= trials:
        return 1.0
    low, high = events / trials, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if _at_most(events, trials, middle) > 1 - confidence else (low, middle)
    return high


def _at_most(events: int, trials: int, rate: float) -> float:
    """Give the probability of at most so many events in independent trials at a rate."""
    return math.fsum(math.comb(trials, k) * rate**k * (1 - rate) ** (trials - k) for k in range(events + 1))


def _inside(box: "NDArray[np.float32]", shape: tuple[int, ...]) -> tuple[slice, slice]:
    height, width = shape[:2]
    x0, y0, x1, y1 = (float(side) for side in box)
    rows = slice(max(0, math.floor(y0)), max(0, min(height, math.ceil(y1))))
    return rows, slice(max(0, math.floor(x0)), max(0, min(width, math.ceil(x1))))


def _share(part: "NDArray[np.bool_]") -> float:
    return float(part.mean()) if part.size else 1.0
