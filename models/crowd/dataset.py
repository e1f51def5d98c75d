"""Draw a set: `python -m crowd.dataset PACKAGES SET --pictures 6000 --seed 1`; never a filmed person."""

import argparse
import base64
import os
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from plates.backdrop import PHOTOGRAPHS
from plates.dataset import painter_of
from plates.scene import Recipe

from crowd.pen import Picture
from crowd.scene import MOST_PEOPLE, SIZE, Painter

# OpenCV reads the panoramas' format only when asked to, before its first picture.
os.environ["OPENCV_IO_ENABLE_OPENEXR"] = "1"
PANORAMAS: Final = Path("package", "hdri")
PICTURES: Final = 6_000
CARS: Final = 60
# Drawn by one process in one go.
SHARD: Final = 500


def main() -> None:
    """Draw and write `pictures.npy` and `heads.npy` into a folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("packages", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--pictures", type=int, default=PICTURES)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--hard", action="store_true", help="with panoramas of real places, and grain upon people")
    parser.add_argument(
        "--empty", action="store_true", help="nobody: the same, with drawn cars, plain surfaces, nights"
    )
    parser.add_argument("--processes", type=int, default=1)
    args = parser.parse_args()
    args.output.mkdir(parents=True, exist_ok=True)
    starts = range(0, args.pictures, SHARD)
    pictures = np.lib.format.open_memmap(args.output / "pictures.npy", "w+", np.uint8, (args.pictures, SIZE, SIZE, 3))
    heads = np.lib.format.open_memmap(args.output / "heads.npy", "w+", np.float16, (args.pictures, MOST_PEOPLE, 3))
    with ProcessPoolExecutor(args.processes, mp_context=get_context("spawn")) as pool:
        work = partial(_shard, args.packages, args.seed, args.pictures, hard=args.hard, empty=args.empty)
        for start, (drawn, found) in zip(starts, pool.map(work, starts), strict=True):
            pictures[start : start + len(drawn)] = drawn
            heads[start : start + len(found)] = found
            print(f"{start + len(drawn)} pictures", flush=True)


def photographs(folder: Path) -> tuple[Picture, ...]:
    """Read the photographs below a folder of unpacked wheels: uint8 (H, W, 3) RGB."""
    found = []
    for name in PHOTOGRAPHS:
        picture = cv2.imread(str(folder / name), cv2.IMREAD_COLOR)
        if picture is None:
            raise FileNotFoundError(f"{folder / name}: is not there — unpack the wheels of the requirements file")
        found.append(np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8))
    return tuple(found)


def panoramas(folder: Path) -> tuple[Picture, ...]:
    """Read the panoramas of the npm package below a folder: uint8 (256, 512, 3) RGB, exposed for a screen."""
    found = []
    for path in sorted((folder / PANORAMAS).glob("*.exr.js")):
        coded = base64.b64decode(path.read_text(encoding="ascii").partition("base64,")[2].strip("'\";\n "))
        light = cv2.imdecode(np.frombuffer(coded, np.uint8), cv2.IMREAD_UNCHANGED)[..., 2::-1].astype(np.float32)
        shown = np.clip(light / np.percentile(light, 97), 0, 1) ** (1 / 2.2) * 255
        found.append(np.ascontiguousarray(shown.astype(np.uint8)))
    if not found:
        raise FileNotFoundError(f"{folder / PANORAMAS}: holds no panorama — unpack the npm package beside the wheels")
    return tuple(found)


def cars(folder: Path, seed: int) -> tuple[Picture, ...]:
    """Draw cars as for the plate detector: what a street is full of, and nobody."""
    painter = painter_of(folder, Recipe())
    return tuple(painter.draw(seed, number).picture for number in range(CARS))


def _shard(
    packages: Path, seed: int, pictures: int, start: int, *, hard: bool, empty: bool
) -> tuple[NDArray[np.uint8], NDArray[np.float16]]:
    """Draw pictures and their heads (n, MOST_PEOPLE, 3), px; rows of -1 fill up."""
    cv2.setNumThreads(1)
    # Each shard has people of its own.
    behind = photographs(packages) + (panoramas(packages) if hard or empty else ())
    if empty:
        behind += cars(packages, seed + start)
    painter = Painter(behind, seed * 1_000_000 + start, hard=hard, empty=empty)
    number = min(SHARD, pictures - start)
    canvas = np.empty((number, SIZE, SIZE, 3), np.uint8)
    heads = np.full((number, MOST_PEOPLE, 3), -1, np.float16)
    for index in range(number):
        drawn = painter.draw(seed, start + index)
        canvas[index] = drawn.picture
        some = drawn.heads[:MOST_PEOPLE]
        heads[index, : len(some)] = some
    return canvas, heads


if __name__ == "__main__":
    main()
