"""A film whose truth is known by its making: blocks of a car's size that drive through, one after the other.

Run on the device with the product's own Python, which has OpenCV: `film.py PATH SECONDS [stuck]`. Blocks drive to the
right, one each EVERY_S seconds, through the line of LINES. A stuck film shows its first picture for ever.
"""

import sys

SIZE = (320, 180)
FPS = 10
EVERY_S = 6
_BLOCK = (48, 24)
_SPEED = 120.0
_FOOT = 120
LINES = """\
[[lines]]
id = "quai"
from = [160, 175]
to = [160, 60]
[[zones]]
id = "road"
polygon = [[0, 60], [319, 60], [319, 179], [0, 179]]
use = "carriageway"
"""


def passes(seconds: int) -> int:
    """Tell how many blocks drive through a film from edge to edge."""
    return seconds // EVERY_S


def write(path: str, seconds: int, *, stuck: bool) -> None:
    """Write the film."""
    import cv2  # noqa: PLC0415  the device has it; who only asks for the truth need not
    import numpy as np  # noqa: PLC0415

    rng = np.random.default_rng(12)
    street = rng.integers(70, 150, (18, 32, 3)).repeat(10, 0).repeat(10, 1)
    noises = [rng.normal(0, 2, street.shape) for _ in range(4)]
    colours = ((235, 240, 245), (20, 15, 15), (30, 30, 200))
    writer = cv2.VideoWriter(path, cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*"MJPG"), FPS, SIZE)
    for number in range(seconds * FPS):
        turn, within = divmod(0 if stuck else number, EVERY_S * FPS)
        picture = street + noises[0 if stuck else number % 4]
        left = round((within / FPS - 1) * _SPEED) - _BLOCK[0]
        if -_BLOCK[0] < left < SIZE[0]:
            picture[_FOOT - _BLOCK[1] : _FOOT, max(0, left) : max(0, left + _BLOCK[0])] = colours[turn % len(colours)]
        writer.write(picture.clip(0, 255).astype(np.uint8))
    writer.release()


if __name__ == "__main__":
    write(sys.argv[1], int(sys.argv[2]), stuck=sys.argv[3:] == ["stuck"])
