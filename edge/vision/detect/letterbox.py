"""A region of the picture, fitted into the network's input without changing its shape, and the way back."""

from dataclasses import dataclass
from typing import Final, Self

import cv2
import numpy as np

from edge.vision.detect.region import Region
from edge.vision.frame import Boxes, Pixels

# The middle of 0..255, which the network takes for zero.
PADDING: Final = 127


@dataclass(frozen=True, kw_only=True, slots=True)
class Letterbox:
    """How a region lies in an input of `size` (width, height): top left, `shown` (width, height) pixels of it."""

    region: Region
    size: tuple[int, int]
    shown: tuple[int, int]

    @classmethod
    def fit(cls, region: Region, size: tuple[int, int]) -> Self:
        """Fit a region as large as it goes, to the nearest pixel."""
        scale = min(size[0] / region.width, size[1] / region.height)
        shown = (max(1, round(region.width * scale)), max(1, round(region.height * scale)))
        return cls(region=region, size=size, shown=shown)

    def draw(self, pixels: Pixels) -> Pixels:
        """Draw the region of a picture (H, W, 3) BGR into an input (height, width, 3) RGB.

        Here, and nowhere else, blue and red change places.
        """
        region = self.region
        part = pixels[region.y0 : region.y1, region.x0 : region.x1]
        small = cv2.resize(_halved(part, self.shown), self.shown, interpolation=cv2.INTER_LINEAR)
        rgb = cv2.cvtColor(small, cv2.COLOR_BGR2RGB)
        right, below = self.size[0] - self.shown[0], self.size[1] - self.shown[1]
        if right or below:
            grey = (PADDING, PADDING, PADDING)
            rgb = cv2.copyMakeBorder(rgb, 0, below, 0, right, cv2.BORDER_CONSTANT, value=grey)
        return np.asarray(rgb, np.uint8)

    def restore(self, boxes: Boxes) -> Boxes:
        """Turn boxes (n, 4) in the input's pixels into boxes in the picture's, clipped to the region."""
        region = self.region
        scale = np.array([region.width / self.shown[0], region.height / self.shown[1]] * 2, np.float32)
        low = np.array([region.x0, region.y0] * 2, np.float32)
        high = np.array([region.x1, region.y1] * 2, np.float32)
        return np.clip(boxes * scale + low, low, high)


def _halved(part: Pixels, shown: tuple[int, int]) -> Pixels:
    """Halve a picture as often as it stays no smaller than what is shown.

    Means of 2x2 pixels keep small things from falling between the samples of the interpolation that follows, and take
    a tenth of the time of a mean over any other area. Below two to one a mean finds nothing more.
    """
    height, width = part.shape[:2]
    while width >= 2 * shown[0] and height >= 2 * shown[1] and width % 2 == 0 and height % 2 == 0:
        width, height = width // 2, height // 2
        part = np.asarray(cv2.resize(part, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    return part


def input_size(region: Region, pixels: int, multiple: int) -> tuple[int, int]:
    """Choose the input (width, height) for a region's shape: about so many pixels, each side such a multiple."""
    ratio = min(max(region.width / region.height, 1 / 3), 3.0)
    width = max(1, round((pixels * ratio) ** 0.5 / multiple)) * multiple
    height = max(1, round(width / ratio / multiple)) * multiple
    return width, height
