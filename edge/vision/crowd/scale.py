"""How large a person is at each place of a small picture: what corrects features for perspective."""

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from edge.vision.measure.ground import GroundView

# In metres: what a person covers of a picture is about so wide and so high.
PERSON_HIGH_M: Final = 1.7
PERSON_WIDE_M: Final = 0.5
# People smaller than this, in px of the small picture, are not told apart by its features.
LEAST_HIGH_PX: Final = 4.0
# Without metres, a person is taken for so high a share of the picture, everywhere: the fit finds the true one.
ASSUMED_SHARE: Final = 0.2

Scale = NDArray[np.float32]
"""How many px high a person is whose middle is there: (h, w)."""


def person_heights(shape: tuple[int, int], zoom: float, ground: "GroundView | None") -> Scale:
    """Map a person's height in px over a small picture of `shape` (h, w), `zoom` px of the picture to each of its own.

    Over a plane the px a metre grow along a line across the picture, so a plane is fitted to where metres are known
    and stands for the rest. Without metres the same height is given everywhere.
    """
    height, width = shape
    flat = np.full(shape, ASSUMED_SHARE * height, np.float32)
    if ground is None:
        return flat
    rows, columns = np.mgrid[0:height:8, 0:width:8].reshape(2, -1)
    feet = np.stack([columns, rows], axis=1) * zoom
    feet = feet[ground.holds(feet)]
    high = _heights(ground, feet)
    feet, high = feet[np.isfinite(high)] / zoom, high[np.isfinite(high)] / zoom
    if len(high) < 3:  # noqa: PLR2004 - what a plane needs
        return flat
    # Of someone whose middle is at a row the feet are half a person lower.
    design = np.stack([feet[:, 0], feet[:, 1] - high / 2, np.ones(len(high))], axis=1)
    slope_x, slope_y, constant = np.linalg.lstsq(design, high, rcond=None)[0]
    row, column = np.mgrid[0:height, 0:width].astype(np.float32)
    return np.maximum(slope_x * column + slope_y * row + constant, LEAST_HIGH_PX).astype(np.float32)


def _heights(ground: "GroundView", feet: NDArray[np.float64]) -> NDArray[np.float64]:
    """Tell how high people are who stand at feet (n, 2) px; by the metres beside them where the pose is not known."""
    high = ground.heights(feet)
    return high if np.isfinite(high).any() else ground.px_per_m(feet) * PERSON_HIGH_M
