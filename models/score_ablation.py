"""Score what `plates/ablate.py` trained: `python models/score_ablation.py FOLDER [--data DIR]`, a table in Markdown.

Models this little trained differ in how high their answers are, and no threshold suits all: what is told is the average
precision of the mask's cells (plate or not) in each crop, the mean over the crops. 1 is perfect, the share of the crop
that the plate takes, .01 to .02, is chance. The shipped model comes first.
"""

import argparse
import dataclasses
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from edge.cli.bench.data import DATA
from edge.cli.bench.plate_crops import Crop, crops_of
from edge.vision.detect.letterbox import Letterbox
from edge.vision.detect.litert import Effort, Network
from edge.vision.detect.manifest import Model, Task, load_model
from edge.vision.detect.plates import MODEL, STRIDE
from edge.vision.detect.region import whole

SIZES_PX = (None, 45)
INPUT = (320, 192)


def main() -> None:
    """Score every file of a folder, the seeds of a variant in one line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("PASSANT_DATA", DATA)))
    args = parser.parse_args()
    shipped, crops = load_model(MODEL, task=Task.PLATES), crops_of(args.data)
    scores = {"shipped": [precision(shipped, crops)]}
    for path in sorted(args.folder.glob("*.tflite")):
        entry = dataclasses.replace(shipped.entry, folder=path.parent, file=path.name)
        scored = precision(Model(entry=entry, content=path.read_bytes()), crops)
        scores.setdefault(path.stem.rpartition("-")[0], []).append(scored)
    print("| left out | natively | 45 px |")
    print("|---|---|---|")
    for name, runs in scores.items():
        print(f"| {name} |", " | ".join(", ".join(f"{run[i]:.3f}" for run in runs) for i in range(len(SIZES_PX))), "|")


def precision(model: Model, crops: Sequence[Crop]) -> list[float]:
    """Tell the average precision of the mask's cells at each size, the mean over the crops."""
    network = Network(model, INPUT, 1, Effort())
    sized = [[small for crop in crops if (small := _at(crop, plate_px))] for plate_px in SIZES_PX]
    return [float(np.mean([_precision(network, crop) for crop in shown])) for shown in sized]


def _at(crop: Crop, plate_px: int | None) -> Crop | None:
    return crop if plate_px is None else crop.shrunk(plate_px)


def _precision(network: Network, crop: Crop) -> float:
    """Rank the cells of one crop by the mask; a cell is plate when its middle lies in the box."""
    height, width = crop.pixels.shape[:2]
    letterbox = Letterbox.fit(whole((width, height)), INPUT)
    columns, rows = letterbox.shown[0] // STRIDE, letterbox.shown[1] // STRIDE
    mask = network.run(letterbox.draw(crop.pixels))[1][:rows, :columns, 0]
    box = crop.box[0] * np.array([letterbox.shown[0] / width, letterbox.shown[1] / height] * 2) / STRIDE
    y, x = np.mgrid[:rows, :columns] + 0.5
    plate = (box[0] < x) & (x < box[2]) & (box[1] < y) & (y < box[3])
    ranked = plate.ravel()[np.argsort(-mask.ravel(), kind="stable")]
    return float((np.cumsum(ranked)[ranked] / (np.flatnonzero(ranked) + 1)).mean())


if __name__ == "__main__":
    main()
