"""Say what mattered: `python -m plates.ablate PACKAGES FOLDER`; trains small on sets that lack one thing at a time.

Each run draws its own set, trains fewer steps than the real thing, converts, and leaves a TFLite file; what is there
already is not made again. `score_plates.py` then scores the files in the environment that the product runs in.
"""

import argparse
import time
from dataclasses import fields, replace
from pathlib import Path

from plates.convert import converted
from plates.dataset import drawn_set
from plates.scene import Recipe
from plates.train import FIRST, trained

WHOLE = "whole"
PICTURES = 1_500
STEPS = 300
# Of no other set.
SEEDS = (11, 12)


def main() -> None:
    """Train every variant with every seed, the whole recipe first."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("packages", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--pictures", type=int, default=PICTURES)
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    for seed in SEEDS:
        for name in (WHOLE, *(field.name for field in fields(Recipe))):
            output = args.folder / f"{name}-{seed}.tflite"
            if not output.exists():
                began = time.process_time()
                output.write_bytes(ablated(args, name, seed))
                print(f"{output.name}: {time.process_time() - began:.0f} s of CPU without the drawing", flush=True)


def ablated(args: argparse.Namespace, left_out: str, seed: int) -> bytes:
    """Draw, train and convert one variant."""
    recipe = Recipe(**({} if left_out == WHOLE else {left_out: False}))
    drawn = drawn_set(args.packages, recipe, seed, args.pictures)
    weights = args.folder / f"{left_out}-{seed}.weights.h5"
    return converted(trained(drawn, replace(FIRST, steps=args.steps), seed, weights), args.packages)


if __name__ == "__main__":
    main()
