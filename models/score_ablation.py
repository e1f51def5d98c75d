"""Score what `plates/ablate.py` trained: `python models/score_ablation.py FOLDER [--data DIR]`, a table in Markdown.

Models this little trained differ in how high their answers are, so the shipped thresholds would compare nothing: for
each, the mask's threshold is the one at which 95 % of the plates are covered, and what is masked falsely then is told.
"""

import argparse
import dataclasses
import os
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.cli.bench.accuracy import DATA
from edge.cli.bench.plate_crops import Crop, crops_of
from edge.cli.bench.plates import COVERED, covered
from edge.vision.detect.letterbox import Letterbox
from edge.vision.detect.litert import Effort, Network
from edge.vision.detect.manifest import Model, Task, load_model
from edge.vision.detect.plates import MODEL, STRIDE
from edge.vision.detect.region import whole

LEAST_COVERAGE = 0.95
SIZES_PX = (None, 45)
INPUT = (320, 192)
LEVELS = np.linspace(-8, 8, 81)


def main() -> None:
    """Score every file of a folder, the two seeds of a variant in one line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("PASSANT_DATA", DATA)))
    args = parser.parse_args()
    shipped, crops = load_model(MODEL, task=Task.PLATES), crops_of(args.data)
    scores: dict[str, list[list[float]]] = {}
    for path in sorted(args.folder.glob("*.tflite")):
        entry = dataclasses.replace(shipped.entry, folder=path.parent, file=path.name)
        scored = falsely(Model(entry=entry, content=path.read_bytes()), crops)
        scores.setdefault(path.stem.rpartition("-")[0], []).append(scored)
    print("| left out | natively | 45 px |")
    print("|---|---|---|")
    for name, runs in scores.items():
        cells = (" and ".join(f"{share:.1%}" for share in shares) for shares in zip(*runs, strict=True))
        print(f"| {name} |", " | ".join(cells), "|")


def falsely(model: Model, crops: Sequence[Crop]) -> list[float]:
    """Tell the share of the crops masked falsely, at each size, when enough plates are covered."""
    network = Network(model, INPUT, 1, Effort())
    shares = []
    for plate_px in SIZES_PX:
        shown = [small for crop in crops if (small := crop if plate_px is None else crop.shrunk(plate_px))]
        table = np.array([_by_level(network, crop) for crop in shown])
        enough = (table[..., 0] >= COVERED).mean(axis=0) >= LEAST_COVERAGE
        shares.append(float(table[..., 1].mean(axis=0)[enough].min(initial=1.0)))
    return shares


def _by_level(network: Network, crop: Crop) -> NDArray[np.float64]:
    """Mask by the mask's map alone, grown by a cell, at each level: what is covered and what falsely, (levels, 2)."""
    height, width = crop.pixels.shape[:2]
    letterbox = Letterbox.fit(whole((width, height)), INPUT)
    mask = network.run(letterbox.draw(crop.pixels))[1][..., 0]
    large = cv2.dilate(mask, np.ones((3, 3), np.uint8)).repeat(STRIDE, axis=0).repeat(STRIDE, axis=1)
    shown = large[: letterbox.shown[1], : letterbox.shown[0]]
    logits = cv2.resize(shown, (width, height), interpolation=cv2.INTER_NEAREST)
    return np.array([covered(crop, (logits >= level).astype(np.uint8)) for level in LEVELS])


if __name__ == "__main__":
    main()
