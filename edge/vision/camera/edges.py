"""Where a picture has edges and which way they run: what is left of a place when its light changes.

An edge's direction is kept at twice its angle, so that one that turns from dark-bright to bright-dark, as at nightfall,
is the same edge (G. H. Granlund, "In search of a general picture processing operator", 1978).
"""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.vision.frame import Pixels

Grey = NDArray[np.uint8]
Field = NDArray[np.complex64]

WIDTH: Final = 160
"""Edges are looked for in a picture of this width, px."""
FINE_WIDTH: Final = 2 * WIDTH
# An edge counts half that is so many times as strong as is usual around it, px: so contrast does not matter, nor that
# of a lit bus for the dark house beside it. But never one under so many of Sobel's grey levels: noise is below that.
_HALF_TIMES: Final = 2.0
_AROUND: Final = (31, 31)
_LEAST_HALF: Final = 12.0


@dataclass(frozen=True, slots=True)
class Small:
    """A picture made small, grey: uint8 (h, w) of WIDTH and of FINE_WIDTH."""

    coarse: Grey
    fine: Grey


def small(pixels: Pixels) -> Small:
    """Make a picture (H, W, 3) small; green stands for brightness, and pixels are left out where there are many."""
    height, width = pixels.shape[:2]
    step = max(1, width // (2 * FINE_WIDTH))
    green = np.ascontiguousarray(pixels[::step, ::step, 1])
    tall = max(8, round(WIDTH * height / width))
    fine = cv2.resize(green, (FINE_WIDTH, 2 * tall), interpolation=cv2.INTER_AREA)
    coarse = cv2.resize(fine, (WIDTH, tall), interpolation=cv2.INTER_AREA)
    return Small(coarse=coarse.astype(np.uint8, copy=False), fine=fine.astype(np.uint8, copy=False))


def edges(grey: Grey) -> Field:
    """Find the edges of a grey picture (h, w): complex64 (h, w), up to 1 long where strong, at twice their angle."""
    across = cv2.Sobel(grey, cv2.CV_32F, 1, 0)
    down = cv2.Sobel(grey, cv2.CV_32F, 0, 1)
    power = across * across + down * down
    field = np.empty(grey.shape, np.complex64)
    weight = 1.0 / (power + np.maximum(_LEAST_HALF**2, _HALF_TIMES**2 * cv2.blur(power, _AROUND)))
    field.real = (across * across - down * down) * weight
    field.imag = 2.0 * across * down * weight
    # Beyond the border there is nothing: whatever is seen there, its edges would all run the same way.
    field[[0, -1]] = 0
    field[:, [0, -1]] = 0
    return field
