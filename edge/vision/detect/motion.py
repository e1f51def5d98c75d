"""The second witness: what moves, whether or not the detector has a name for it.

The background is OpenCV's mixture of Gaussians (Zivkovic 2004, "Improved adaptive Gaussian mixture model for
background subtraction"), on a small copy of the picture that lives in memory only.
"""

import math
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.units import seconds_from_ns
from edge.vision.frame import Boxes, Frame, Pixels

# Wide enough to part two cars of 20 px, small enough for a millisecond and a half.
WIDEST_PX: Final = 384
# How fast the place is learnt. The mixture's background is what fills nine tenths of its weight, so a thing that stands
# still belongs to it after about a tenth of this: what stands longer is the detector's to know, not movement's.
MEMORY_S: Final = 30.0
# The first pictures weigh 1/n each, until the memory is so many pictures long at any frame rate.
SETTLING_FRAMES: Final = 6
VARIANCE_THRESHOLD: Final = 16.0
# Grey levels squared: a picture without noise must not make every breath of the exposure a movement.
LEAST_VARIANCE: Final = 30.0
# A pixel darker than this share of its background is a thing, a lighter one its shadow.
SHADOW_SHARE: Final = 0.5
# More of the picture than this does not move: the light, the exposure or the camera did.
MOST_MOVING: Final = 0.6
FOREGROUND: Final = 255


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class Motion:
    """What moved in one frame.

    `mask` uint8 (h, w), 255 where something moved, shadows left out; `scale` is picture pixels per mask pixel;
    `trusted` is false while the background is being learnt or the light has just changed.
    """

    mask: NDArray[np.uint8]
    scale: float
    trusted: bool

    def share(self) -> float:
        """Compute the share of the picture that moves, 0..1."""
        return float(np.count_nonzero(self.mask)) / self.mask.size


class MotionModel:
    """A background learnt from the pictures themselves, in real time whatever the frame rate."""

    def __init__(self) -> None:
        self._model = self._fresh()
        self._frames = 0
        self._last_ns: int | None = None
        self._kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))

    @staticmethod
    def _fresh() -> cv2.BackgroundSubtractorMOG2:
        model = cv2.createBackgroundSubtractorMOG2(varThreshold=VARIANCE_THRESHOLD, detectShadows=True)
        model.setShadowThreshold(SHADOW_SHARE)
        model.setVarMin(LEAST_VARIANCE)
        model.setVarInit(LEAST_VARIANCE)
        return model

    def learn(self, frame: Frame, weight: int = 1) -> None:
        """Learn from a frame out of turn, as if so many had shown it: a recording can be looked into before."""
        self._model.apply(_small(frame), learningRate=weight / (self._frames + weight))
        self._frames += weight

    def see(self, frame: Frame) -> Motion:
        """Compare a frame with the background, then learn from it."""
        small = _small(frame)
        scale = frame.size[0] / small.shape[1]
        mask = np.asarray(self._model.apply(small, learningRate=self._learning_rate(frame.taken_ns)), np.uint8)
        cv2.threshold(mask, FOREGROUND - 1, FOREGROUND, cv2.THRESH_BINARY, dst=mask)
        cv2.medianBlur(mask, 3, dst=mask)
        cv2.morphologyEx(mask, cv2.MORPH_CLOSE, self._kernel, dst=mask, iterations=2)
        self._frames += 1
        motion = Motion(mask=mask, scale=scale, trusted=self._frames > SETTLING_FRAMES)
        if motion.trusted and motion.share() > MOST_MOVING:
            self._start_again()
            return Motion(mask=np.zeros_like(mask), scale=scale, trusted=False)
        return motion

    def _learning_rate(self, taken_ns: int) -> float:
        elapsed_s = 0.0 if self._last_ns is None else seconds_from_ns(taken_ns - self._last_ns)
        self._last_ns = taken_ns
        settled = 1.0 - math.exp(-max(elapsed_s, 0.0) / MEMORY_S)
        return max(settled, 1.0 / (self._frames + 1))

    def _start_again(self) -> None:
        self._model = self._fresh()
        self._frames = 0


def _small(frame: Frame) -> Pixels:
    width, height = frame.size
    if width <= WIDEST_PX:
        return frame.pixels
    size = (WIDEST_PX, round(height * WIDEST_PX / width))
    return np.asarray(cv2.resize(frame.pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def blobs(mask: NDArray[np.uint8], scale: float, least_px: float) -> Boxes:
    """Box the connected regions of a mask; float32 (n, 4) in picture pixels.

    `least_px` is the least area of the region, in picture pixels.
    """
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8, ltype=cv2.CV_16U)
    stats = stats[1:]
    stats = stats[stats[:, cv2.CC_STAT_AREA] * scale * scale >= least_px]
    x, y, w, h = (stats[:, i].astype(np.float32) * scale for i in range(4))
    return np.stack((x, y, x + w, y + h), axis=1).reshape(-1, 4)


def without(mask: NDArray[np.uint8], scale: float, boxes: Boxes, margin: float) -> NDArray[np.uint8]:
    """Copy a mask with the inside of boxes, widened by a share `margin` of their sides, taken out."""
    rest = mask.copy()
    for x0, y0, x1, y1 in boxes:
        dx, dy = (x1 - x0) * margin, (y1 - y0) * margin
        left, top = max(0, math.floor((x0 - dx) / scale)), max(0, math.floor((y0 - dy) / scale))
        rest[top : max(0, math.ceil((y1 + dy) / scale)), left : max(0, math.ceil((x1 + dx) / scale))] = 0
    return rest
