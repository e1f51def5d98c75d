"""A car with a plate, drawn with OpenCV alone."""

import cv2
import numpy as np

from edge.vision.frame import Boxes, Pixels

PAINT = (70, 70, 150)


def car(size: tuple[int, int], plate: tuple[int, int, int], text: str = "AB-123-CD") -> tuple[Pixels, Boxes]:
    """Draw a car's rear in a picture of `size` (width, height); `plate` is x, y, width. Gives its box, (1, 4)."""
    pixels = np.full((size[1], size[0], 3), (140, 150, 145), np.uint8)
    x, y, width = plate
    height, middle, wide = round(width * 0.21), x + width // 2, round(width * 1.75)
    cv2.rectangle(pixels, (middle - wide, y - 2 * width), (middle + wide, y + width // 2), PAINT, -1)
    cv2.rectangle(pixels, (middle - width, y - 2 * width), (middle + width, y - round(1.2 * width)), (50, 45, 40), -1)
    for side in (middle - wide, middle + wide - width // 2):
        cv2.rectangle(pixels, (side, y - width), (side + width // 2, y - width // 2), (40, 30, 190), -1)
    cv2.rectangle(pixels, (x, y), (x + width, y + height), (235, 238, 238), -1)
    cv2.rectangle(pixels, (x, y), (x + width // 12, y + height), (150, 60, 25), -1)
    cv2.rectangle(pixels, (x + width - width // 12, y), (x + width, y + height), (150, 60, 25), -1)
    _write(pixels, text, (x + width // 8, y + height // 5, width - width // 4, height - 2 * (height // 5)))
    return pixels, np.array([[x, y, x + width + 1, y + height + 1]], np.float32)


def taken(pixels: Pixels) -> Pixels:
    """The same through a lens and a sensor."""
    soft = cv2.GaussianBlur(pixels, (0, 0), 0.8) + np.random.default_rng(2).normal(0, 3, pixels.shape)
    return np.clip(soft, 0, 255).astype(np.uint8)


def _write(pixels: Pixels, text: str, place: tuple[int, int, int, int]) -> None:
    x, y, width, height = place
    ink = np.zeros((64, 34 * len(text)), np.uint8)
    cv2.putText(ink, text, (4, 52), cv2.FONT_HERSHEY_SIMPLEX, 1.6, 255, 5, cv2.LINE_AA)
    columns = np.flatnonzero(ink.any(axis=0))
    ink = cv2.resize(ink[12:56, columns[0] : columns[-1] + 1], (width, height), interpolation=cv2.INTER_AREA)
    part = pixels[y : y + height, x : x + width]
    part[:] = (part * (1 - ink[..., None] / 255)).astype(np.uint8)
