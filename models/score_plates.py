"""Score plate detectors, one line each: `python models/score_plates.py [FILE.tflite …] [--data DIR]`.

The shipped one comes first. Runs where the product runs. Each file is shown the crops of `passant bench plates`, at the
thresholds that ship.
"""

import argparse
import dataclasses
import os
from pathlib import Path

from edge.cli.bench.data import DATA
from edge.cli.bench.plate_crops import crops_of
from edge.cli.bench.plates import SIZES_PX, finder_of, measured
from edge.vision.detect.manifest import Model, Task, load_model
from edge.vision.detect.plates import MODEL, PlateDetector


def main() -> None:
    """Print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="*")
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("PASSANT_DATA", DATA)))
    args = parser.parse_args()
    shipped = load_model(MODEL, task=Task.PLATES)
    crops = crops_of(args.data)
    print("| model |", " | ".join("natively" if size is None else f"{size} px" for size in SIZES_PX), "|")
    print("|---" * (1 + len(SIZES_PX)) + "|")
    for name, model in [(MODEL, shipped), *((path.stem, _own(shipped, path)) for path in args.files)]:
        find = finder_of(PlateDetector(model))
        rows = [row for size in SIZES_PX if (row := measured(name, find, crops, size))]
        print(
            f"| {name} |", " | ".join(f"{row.recall:.2f} / {row.coverage:.3f} / {row.falsely:.2%}" for row in rows), "|"
        )


def _own(shipped: Model, path: Path) -> Model:
    """Take a file for a model; its tensors are named as the shipped one's."""
    entry = dataclasses.replace(shipped.entry, folder=path.parent, file=path.name)
    return Model(entry=entry, content=path.read_bytes())


if __name__ == "__main__":
    main()
