"""Films of a drawn street, written by the tests themselves: blocks of car size that drive through."""

from pathlib import Path

import cv2
import numpy as np

SIZE = (320, 180)
FPS = 10.0
# A block of this (width, height) px goes so fast, in px/s.
BLOCK = (48, 24)
SPEED = 120.0
# Each in another colour: in a film so short one colour would soon look like the place itself.
COLOURS = ((235, 240, 245), (20, 15, 15), (30, 30, 200))


def write_film(path: Path, *, seconds: float, starts_s: tuple[float, ...] = (), fps: float = FPS) -> Path:
    """Write a street through which a block drives to the right from each of these instants on, feet at row 120."""
    rng = np.random.default_rng(12)
    street = rng.integers(70, 150, (18, 32, 3)).repeat(10, 0).repeat(10, 1)
    noises = [rng.normal(0, 2, street.shape) for _ in range(4)]
    writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*"MJPG"), fps, SIZE)
    assert writer.isOpened()
    for number in range(round(seconds * fps)):
        picture = street + noises[number % 4]
        for start_s, colour in zip(starts_s, COLOURS, strict=False):
            x = round((number / fps - start_s) * SPEED) - BLOCK[0]
            if -BLOCK[0] <= x < SIZE[0]:
                picture[120 - BLOCK[1] : 120, max(0, x) : max(0, x + BLOCK[0])] = colour
        writer.write(picture.clip(0, 255).astype(np.uint8))
    writer.release()
    return path
