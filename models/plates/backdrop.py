"""What is behind the cars: photographs from packages, free of people and of plates, or streets of plain shapes."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from plates.pen import Pen
from plates.sheet import Picture, Sheet

# Licences, as the packages tell them: scikit-image 0.25.2: CC0 or public domain; scikit-learn 1.5.2: CC BY 2.0 by
# danielbuechele (china) and vultilion (flower). Its stereo pair of a motorcycle has no clear one and is left out.
PHOTOGRAPHS = (
    "skimage/data/coffee.png",
    "skimage/data/chelsea.png",
    "skimage/data/rocket.jpg",
    "skimage/data/brick.png",
    "skimage/data/gravel.png",
    "skimage/data/grass.png",
    "skimage/data/text.png",
    "skimage/data/coins.png",
    "skimage/data/hubble_deep_field.jpg",
    "sklearn/datasets/images/china.jpg",
    "sklearn/datasets/images/flower.jpg",
)


def photographs(folder: Path) -> tuple[Picture, ...]:
    """Read the photographs below a folder of unpacked wheels: uint8 (H, W, 3) RGB."""
    found = []
    for name in PHOTOGRAPHS:
        picture = cv2.imread(str(folder / name), cv2.IMREAD_COLOR)
        if picture is None:
            raise FileNotFoundError(f"{folder / name}: is not there — unpack the wheels of the requirements file")
        found.append(np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8))
    return tuple(found)


def backdrop(pen: Pen, size: tuple[int, int], pictures: Sequence[Picture]) -> Picture:
    """Draw a background of `size` (width, height): part of a photograph, or a street."""
    if pictures and pen.chance(0.65):
        return cut(pen, size, pen.one(pictures))
    return _street(pen, size)


def cut(pen: Pen, size: tuple[int, int], picture: Picture) -> Picture:
    """Cut a part of a photograph, turned and coloured anew."""
    height, width = picture.shape[:2]
    most = min(width / size[0], height / size[1])
    scale = most * pen.between(0.25, 1.0)
    wide, high = int(size[0] * scale), int(size[1] * scale)
    x, y = int(pen.rng.integers(0, width - wide + 1)), int(pen.rng.integers(0, height - high + 1))
    part = cv2.resize(picture[y : y + high, x : x + wide], size, interpolation=cv2.INTER_AREA)
    if pen.chance(0.5):
        part = part[:, ::-1]
    if pen.chance(0.15):
        part = part[::-1]
    gain = pen.rng.uniform(0.5, 1.4) * pen.rng.uniform(0.8, 1.2, 3)
    return np.ascontiguousarray(np.clip(part * gain, 0, 255).astype(np.uint8))


def _street(pen: Pen, size: tuple[int, int]) -> Picture:
    """Draw road, wall or sky, kerbs and posts, with grain."""
    width, height = size
    sheet = Sheet(size, 1.0, pen.near((120, 120, 122), 90))
    horizon = height * pen.between(0.0, 0.7)
    sheet.box((0, horizon, width, height), pen.near((105, 104, 102), 60))
    for _ in range(int(pen.rng.integers(0, 9))):
        tone = pen.near((120, 120, 120), 110)
        kind = pen.rng.integers(3)
        if kind == 0:
            sheet.box(
                (pen.between(-30, width), pen.between(-30, height), pen.between(4, 120), pen.between(4, 90)), tone
            )
        elif kind == 1:
            sheet.line(
                (pen.between(0, width), pen.between(0, height)),
                (pen.between(0, width), pen.between(0, height)),
                tone,
                pen.between(1, 5),
            )
        else:
            step = pen.between(6, 20)
            for x in np.arange(pen.between(0, width), width, step):
                sheet.line((x, horizon), (x, horizon - 40), tone, 1.5)
    grain = pen.rng.normal(0, pen.between(2, 16), (height // 2 + 1, width // 2 + 1, 1)).astype(np.float32)
    grain = cv2.resize(grain, size, interpolation=cv2.INTER_LINEAR)[..., None]
    return np.clip(sheet.pixels + grain, 0, 255).astype(np.uint8)


def plain(pen: Pen, size: tuple[int, int]) -> Picture:
    """Draw one colour with grain: what is behind cars when backgrounds are left out."""
    ground = np.array(pen.near((115, 115, 115), 90), np.float32)
    noise = pen.rng.normal(0, 5, (size[1], size[0], 1)).astype(np.float32)
    return np.clip(ground + noise, 0, 255).astype(np.uint8)
