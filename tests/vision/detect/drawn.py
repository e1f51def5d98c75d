"""Pictures for the detector, drawn by code."""

from collections.abc import Sequence

import cv2
import numpy as np

from edge.vision.frame import Boxes, Pixels

GREEN = (40, 120, 40)
DARK = (30, 30, 30)
RED = (60, 40, 160)
_TROUSERS = (120, 80, 30)
_SKIN = (150, 180, 225)
_HAIR = (40, 50, 60)
_LIPS = (90, 90, 180)
_WHITE = (235, 235, 235)


def street(size: tuple[int, int] = (768, 576)) -> Pixels:
    """A road under a sky; `size` is (width, height)."""
    pixels = np.full((size[1], size[0], 3), (145, 150, 150), np.uint8)
    pixels[: size[1] // 3] = (220, 190, 160)
    return pixels


def taken(pixels: Pixels, blur_px: float = 2.0) -> Pixels:
    """The same through a lens and a sensor: without blur and noise a network hardly takes a drawing for real."""
    soft = cv2.GaussianBlur(pixels, (0, 0), blur_px) + np.random.default_rng(2).normal(0, 4, pixels.shape)
    return np.clip(soft, 0, 255).astype(np.uint8)


def stand(pixels: Pixels, foot: tuple[int, int], height: int, coat: tuple[int, int, int] = GREEN) -> Boxes:
    """Draw somebody, seen from the front, with the feet at a place; gives the box, (1, 4)."""
    unit = height / 8

    def at(x: float, y: float) -> tuple[int, int]:
        return int(foot[0] + x * unit), int(foot[1] + y * unit)

    def wide(share: float) -> int:
        return max(1, int(share * unit))

    cv2.ellipse(pixels, at(0, -7.4), (wide(0.45), wide(0.6)), 0, 0, 360, _SKIN, -1, cv2.LINE_AA)
    cv2.ellipse(pixels, at(0, -7.7), (wide(0.47), wide(0.4)), 0, 180, 360, DARK, -1, cv2.LINE_AA)
    cv2.fillPoly(pixels, [np.array([at(-1, -6.7), at(1, -6.7), at(0.8, -3.8), at(-0.8, -3.8)])], coat, cv2.LINE_AA)
    for side in (-1, 1):
        cv2.line(pixels, at(side, -6.4), at(1.3 * side, -3.6), coat, wide(0.5), cv2.LINE_AA)
        cv2.line(pixels, at(0.4 * side, -3.8), at(0.6 * side, -0.2), _TROUSERS, wide(0.7), cv2.LINE_AA)
        cv2.line(pixels, at(0.6 * side, -0.1), at(side, -0.1), DARK, wide(0.4))
    corners = [*at(-1.55, -8), *at(1.55, 0)]
    return np.array([corners], np.float32)


def look_out(pixels: Pixels, middle: tuple[float, float], width: float, skin: tuple[int, int, int] = _SKIN) -> Boxes:
    """Draw a face that looks at the camera, so wide, over its shoulders; gives the face's box, (1, 4)."""
    x, y = middle
    brow, shade = ([int(value * share) for value in skin] for share in (0.25, 0.8))

    def oval(at: tuple[float, float], half: tuple[float, float], colour: Sequence[int]) -> None:
        # OpenCV takes sixteenths of a pixel where it is told so.
        place = (int((x + at[0] * width) * 16), int((y + at[1] * width) * 16))
        axes = (max(1, int(half[0] * width * 16)), max(1, int(half[1] * width * 16)))
        cv2.ellipse(pixels, place, axes, 0, 0, 360, colour, -1, cv2.LINE_AA, 4)

    oval((0, 1.3), (1.1, 0.7), _TROUSERS)
    oval((0, 0.75), (0.22, 0.35), shade)
    oval((0, -0.12), (0.6, 0.72), _HAIR)
    oval((0, 0), (0.5, 0.65), skin)
    oval((0, -0.55), (0.46, 0.2), _HAIR)
    for side in (-1, 1):
        oval((0.2 * side, -0.2), (0.13, 0.03), brow)
        oval((0.2 * side, -0.08), (0.095, 0.05), _WHITE)
        oval((0.2 * side, -0.08), (0.045, 0.05), DARK)
        oval((0.5 * side, 0), (0.06, 0.14), shade)
        oval((0.045 * side, 0.17), (0.03, 0.02), brow)
    oval((0, 0.17), (0.09, 0.04), shade)
    oval((0, 0.36), (0.17, 0.05), _LIPS)
    return np.array([[x - 0.5 * width, y - 0.65 * width, x + 0.5 * width, y + 0.65 * width]], np.float32)
