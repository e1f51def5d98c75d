"""Draw a set: `python -m plates.dataset PACKAGES SET --pictures 8000 --seed 1`; never a real plate."""

import argparse
import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import fields
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from plates.backdrop import photographs
from plates.lettering import Lettering
from plates.scene import Painter, Recipe
from plates.targets import targets_of

PICTURES = 8_000
# Drawn by one process in one go.
SHARD = 250
NAMES = ("pictures", "heat", "mask", "boxes")

Set = dict[str, NDArray[np.generic]]


def main() -> None:
    """Draw and write `SET`.npz-like arrays into a folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("packages", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--pictures", type=int, default=PICTURES)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--hard", action="store_true")
    parser.add_argument("--without", choices=[field.name for field in fields(Recipe)])
    args = parser.parse_args()
    recipe = Recipe(**({args.without: False} if args.without else {}))
    args.output.mkdir(parents=True, exist_ok=True)
    for name, array in drawn_set(args.packages, recipe, args.seed, args.pictures, hard=args.hard).items():
        np.save(args.output / f"{name}.npy", array)


def drawn_set(packages: Path, recipe: Recipe, seed: int, pictures: int, *, hard: bool = False) -> Set:
    """Draw so many pictures with all processors; gives the arrays of `NAMES`, first axis the pictures."""
    starts = range(0, pictures, SHARD)
    work = partial(_shard, packages, recipe, seed, pictures, hard=hard)
    # Not forked: the ablation's process has TensorFlow's threads by then, and a fork of those hangs.
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        shards = list(pool.map(work, starts))
    return {name: np.concatenate([shard[name] for shard in shards]) for name in NAMES}


def load_set(folder: Path) -> Set:
    """Read a set's arrays."""
    return {name: np.load(folder / f"{name}.npy") for name in NAMES}


def painter_of(packages: Path, recipe: Recipe, *, hard: bool = False) -> Painter:
    """Make the painter with the fonts and photographs below a folder of unpacked wheels."""
    return Painter(lettering=Lettering.load(packages), photographs=photographs(packages), recipe=recipe, hard=hard)


def _shard(packages: Path, recipe: Recipe, seed: int, pictures: int, start: int, *, hard: bool) -> Set:
    cv2.setNumThreads(1)
    painter = painter_of(packages, recipe, hard=hard)
    rows: dict[str, list[NDArray[np.generic]]] = {name: [] for name in NAMES}
    for number in range(start, min(pictures, start + SHARD)):
        drawn = painter.draw(seed, number)
        targets = targets_of(drawn.corners, painter.size)
        for name, array in zip(NAMES, (drawn.picture, targets.heat, targets.mask, targets.boxes), strict=True):
            rows[name].append(array)
    return {name: np.stack(arrays) for name, arrays in rows.items()}


if __name__ == "__main__":
    main()
