"""Movement as the second witness of what the detector names."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.vision.detect.motion import Motion
from edge.vision.frame import Boxes, Detections

# What a detection gains when something moves in it: two witnesses.
MOTION_BONUS: Final = 0.15
# A detection with so much movement in it is witnessed twice.
LEAST_SUPPORT: Final = 0.3


def witnessed(found: Detections, motion: Motion | None) -> Detections:
    """Raise the scores of detections in which something moves."""
    if motion is None or not motion.trusted or not len(found):
        return found
    moves = np.array([_support(motion.mask, motion.scale, box) >= LEAST_SUPPORT for box in found.boxes], np.float32)
    scores = np.minimum(found.scores + MOTION_BONUS * moves, 1.0).astype(np.float32)
    return Detections(boxes=found.boxes, scores=scores, kinds=found.kinds)


def _support(mask: NDArray[np.uint8], scale: float, box: Boxes) -> float:
    x0, y0, x1, y1 = (max(0, round(float(v) / scale)) for v in box)
    part = mask[y0:y1, x0:x1]
    return float(np.count_nonzero(part)) / part.size if part.size else 0.0
