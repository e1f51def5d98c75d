"""Whether the picture is as sharp as it was in the same light.

Blur takes fine detail and leaves the coarse: the ratio of the two tells, and hardly hangs on contrast. A night's noise
is fine detail as well, so each brightness has a reference of its own; in a light that is new nothing is said.
"""

from typing import Final

import cv2
import numpy as np

from edge.vision.camera.blocks import COLUMNS, ROWS, Blocks, means
from edge.vision.camera.edges import Small

_LIGHTS: Final = 8
# Looks that make a light known, and how many weigh as one that is older, once there are many.
_KNOWN_AFTER: Final = 10
_MEMORY: Final = 600
# A block is less sharp when its ratio falls under this share of its own.
_SOFT: Final = 0.5
# A block tells something where its coarse edges are so strong, in Sobel's grey levels, and so much of them is left.
_LEAST_COARSE: Final = 15.0
_LEFT: Final = 0.3
_LEAST_BLOCKS: Final = 6


class Focus:
    """The sharpness of each block by brightness of the picture; learns only from looks that it is told are right."""

    def __init__(self) -> None:
        self._counts = np.zeros(_LIGHTS, np.int64)
        self._ratios = np.zeros((_LIGHTS, ROWS, COLUMNS))
        self._coarse = np.zeros((_LIGHTS, ROWS, COLUMNS))

    def soft(self, picture: Small) -> float | None:
        """Tell which share of the blocks is less sharp than it was; None where that cannot be told."""
        light = self._known_light(picture)
        if light is None:
            return None
        fine, coarse = _detail(picture)
        telling = (self._coarse[light] >= _LEAST_COARSE) & (coarse >= _LEFT * self._coarse[light])
        if np.count_nonzero(telling) < _LEAST_BLOCKS:
            return None
        ratio = fine[telling] / coarse[telling]
        # Of all that once told something: a picture of which little is left is not called soft.
        many = np.count_nonzero(self._coarse[light] >= _LEAST_COARSE)
        return float(np.count_nonzero(ratio < _SOFT * self._ratios[light][telling])) / many

    def learn(self, picture: Small) -> None:
        """Take a look in."""
        light = _light(picture)
        fine, coarse = _detail(picture)
        self._counts[light] += 1
        news = 1 / min(int(self._counts[light]), _MEMORY)
        self._ratios[light] += news * (fine / np.maximum(coarse, 1.0) - self._ratios[light])
        self._coarse[light] += news * (coarse - self._coarse[light])

    def _known_light(self, picture: Small) -> int | None:
        """Find the light of a picture among those that are known, or the one beside it."""
        here = _light(picture)
        near = [one for one in (here, here - 1, here + 1) if 0 <= one < _LIGHTS]
        return next((one for one in near if self._counts[one] >= _KNOWN_AFTER), None)


def _light(picture: Small) -> int:
    return min(_LIGHTS - 1, int(picture.coarse.mean()) * _LIGHTS // 256)


def _detail(picture: Small) -> tuple[Blocks, Blocks]:
    """Measure fine and coarse detail by block: root mean squares of a Laplacian and of a Sobel four times as coarse."""
    tall, wide = picture.coarse.shape
    half = cv2.resize(picture.coarse, (wide // 2, tall // 2), interpolation=cv2.INTER_AREA)
    fine = cv2.Laplacian(picture.fine, cv2.CV_32F)
    across, down = cv2.Sobel(half, cv2.CV_32F, 1, 0), cv2.Sobel(half, cv2.CV_32F, 0, 1)
    return np.sqrt(means(cv2.multiply(fine, fine))), np.sqrt(means(across * across + down * down))
