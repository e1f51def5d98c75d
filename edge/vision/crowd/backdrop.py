"""What a place looks like without people, learnt so slowly that who stands about for minutes is no part of it.

The background of movement (edge/vision/detect/motion) takes in what stands still after seconds: right for calling the
detector, wrong for counting a crowd that waits. A mixture of Gaussians again (Zivkovic 2004), in memory only.
"""

import math
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.units import seconds_from_ns
from edge.vision.frame import Frame, Pixels

# Wide enough to tell people of some ten pixels.
WIDEST_PX: Final = 320
# The background is what was there for more than half of such a time, or of what was seen yet.
MEMORY_S: Final = 600.0
BACKGROUND_SHARE: Final = 0.5
# The first pictures weigh 1/n each.
SETTLING_FRAMES: Final = 10
VARIANCE_THRESHOLD: Final = 16.0
# Grey levels squared, as in movement: a picture without noise is not to start at every breath of the exposure.
LEAST_VARIANCE: Final = 30.0
SHADOW_SHARE: Final = 0.5
FOREGROUND: Final = 255
# More of the picture than this is not there at once because people came: the light or the camera changed.
MOST_NEW: Final = 0.8


class Backdrop:
    """A background of small pictures, uint8 (h, w, 3), all of one size."""

    def __init__(self) -> None:
        self._model = self._fresh()
        self._frames = 0
        self._last_ns: int | None = None

    @property
    def settled(self) -> bool:
        """Whether it has seen enough to be compared with."""
        return self._frames > SETTLING_FRAMES

    @staticmethod
    def _fresh() -> cv2.BackgroundSubtractorMOG2:
        model = cv2.createBackgroundSubtractorMOG2(varThreshold=VARIANCE_THRESHOLD, detectShadows=True)
        model.setBackgroundRatio(BACKGROUND_SHARE)
        model.setShadowThreshold(SHADOW_SHARE)
        model.setVarMin(LEAST_VARIANCE)
        model.setVarInit(LEAST_VARIANCE)
        return model

    def learn(self, small: Pixels) -> None:
        """Learn from a picture out of turn: a recording can be looked into before."""
        self._model.apply(small, learningRate=1.0 / (self._frames + 1))
        self._frames += 1

    def see(self, small: Pixels, taken_ns: int) -> NDArray[np.uint8]:
        """Compare a picture with the background, then learn from it: (h, w), 255 where something is before it."""
        mask = np.asarray(self._model.apply(small, learningRate=self._rate(taken_ns)), np.uint8)
        self._frames += 1
        cv2.threshold(mask, FOREGROUND - 1, FOREGROUND, cv2.THRESH_BINARY, dst=mask)
        cv2.medianBlur(mask, 3, dst=mask)
        if self.settled and np.count_nonzero(mask) > MOST_NEW * mask.size:
            self._model, self._frames = self._fresh(), 0
        return mask

    def _rate(self, taken_ns: int) -> float:
        elapsed_s = 0.0 if self._last_ns is None else seconds_from_ns(taken_ns - self._last_ns)
        self._last_ns = taken_ns
        return max(1.0 - math.exp(-max(elapsed_s, 0.0) / MEMORY_S), 1.0 / (self._frames + 1))


def small_size(size: tuple[int, int]) -> tuple[int, int]:
    """Give the size (w, h) of the small picture of one of `size` (w, h)."""
    width, height = size
    if width <= WIDEST_PX:
        return size
    return WIDEST_PX, max(1, round(height * WIDEST_PX / width))


def shrunk(frame: Frame) -> Pixels:
    """Make a frame's small picture."""
    small = small_size(frame.size)
    if frame.size == small:
        return frame.pixels
    return np.asarray(cv2.resize(frame.pixels, small, interpolation=cv2.INTER_AREA), np.uint8)
