"""A flat sheet to draw on, measured in metres from its upper left corner: a plate, or the face of a car."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

Colour = tuple[int, int, int]
Picture = NDArray[np.uint8]
Alpha = NDArray[np.uint8]

# Corners are rounded with this many steps of their quarter circle.
_STEPS = 5
# OpenCV takes points in sixteenths of a pixel.
_SHIFT = 4


class Sheet:
    """A picture, uint8 (H, W, 3) RGB, of `size` (width, height) metres at so many pixels per metre."""

    def __init__(self, size: tuple[float, float], scale: float, colour: Colour) -> None:
        self.scale = scale
        shape = (max(2, round(size[1] * scale)), max(2, round(size[0] * scale)), 3)
        self.pixels: Picture = np.full(shape, colour, np.uint8)

    def polygon(self, points: Sequence[tuple[float, float]], colour: Colour) -> None:
        """Fill a polygon."""
        cv2.fillPoly(self.pixels, [self._fine(points)], colour, cv2.LINE_AA, _SHIFT)

    def box(self, place: tuple[float, float, float, float], colour: Colour, corner: float = 0.0) -> None:
        """Fill a box (x, y, width, height), its corners rounded."""
        self.polygon(_rounded(place, corner), colour)

    def frame(
        self, place: tuple[float, float, float, float], colour: Colour, thick: float, corner: float = 0.0
    ) -> None:
        """Draw a box's border."""
        points = self._fine(_rounded(place, corner))
        cv2.polylines(self.pixels, [points], True, colour, max(1, round(thick * self.scale)), cv2.LINE_AA, _SHIFT)  # noqa: FBT003

    def disc(self, centre: tuple[float, float], radii: tuple[float, float], colour: Colour) -> None:
        """Fill an ellipse."""
        middle, half = self._fine([centre])[0], self._fine([radii])[0]
        cv2.ellipse(
            self.pixels,
            (int(middle[0]), int(middle[1])),
            (int(half[0]), int(half[1])),
            0,
            0,
            360,
            colour,
            -1,
            cv2.LINE_AA,
            _SHIFT,
        )

    def line(self, start: tuple[float, float], end: tuple[float, float], colour: Colour, thick: float) -> None:
        """Draw a line."""
        points = self._fine([start, end])
        cv2.line(self.pixels, points[0], points[1], colour, max(1, round(thick * self.scale)), cv2.LINE_AA, _SHIFT)

    def letters(self, ink: Alpha, place: tuple[float, float, float, float], colour: Colour) -> None:
        """Set a text's ink into a box, stretched to fill it."""
        x, y, width, height = (round(side * self.scale) for side in place)
        if width < 1 or height < 1:
            return
        small = cv2.resize(ink, (width, height), interpolation=cv2.INTER_AREA)
        self.paste(np.broadcast_to(np.array(colour, np.uint8), (height, width, 3)), small, (x, y))

    def paste(self, picture: Picture, alpha: Alpha, corner: tuple[int, int]) -> None:
        """Lay a picture over the sheet at (x, y) px, as far as it lies on it."""
        laid(self.pixels, picture, alpha, corner)

    def _fine(self, points: Sequence[tuple[float, float]]) -> NDArray[np.int32]:
        return np.round(np.array(points) * self.scale * (1 << _SHIFT)).astype(np.int32)


def laid(under: Picture, over: Picture, alpha: Alpha, corner: tuple[int, int]) -> None:
    """Lay one picture over another at (x, y) px, in place, as far as it lies on it."""
    x, y = corner
    x0, y0 = max(0, x), max(0, y)
    x1, y1 = min(under.shape[1], x + over.shape[1]), min(under.shape[0], y + over.shape[0])
    if x0 >= x1 or y0 >= y1:
        return
    part = under[y0:y1, x0:x1]
    weight = alpha[y0 - y : y1 - y, x0 - x : x1 - x, None].astype(np.uint16)
    mixed = over[y0 - y : y1 - y, x0 - x : x1 - x] * weight + part * (255 - weight)
    part[:] = ((mixed + 127) // 255).astype(np.uint8)


def _rounded(place: tuple[float, float, float, float], corner: float) -> list[tuple[float, float]]:
    x, y, width, height = place
    r = min(corner, width / 2, height / 2)
    if r <= 0:
        return [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
    middles = (
        (x + width - r, y + height - r, 0),
        (x + r, y + height - r, 1),
        (x + r, y + r, 2),
        (x + width - r, y + r, 3),
    )
    turns = np.linspace(0, np.pi / 2, _STEPS)
    return [
        (mx + r * float(np.cos(quarter * np.pi / 2 + turn)), my + r * float(np.sin(quarter * np.pi / 2 + turn)))
        for mx, my, quarter in middles
        for turn in turns
    ]
