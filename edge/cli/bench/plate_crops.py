"""Photographs whose plates are known, cut to what a vehicle fills, and shrunk: what the plate bench looks at."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

from edge.cli.bench.truth import TruthError

if TYPE_CHECKING:
    from edge.vision.frame import Boxes, Pixels

# How wide a plate is, in metres, by the folder that its photograph lies in; an American one elsewhere.
WIDTHS_M: Final = {"eu": 0.52, "br": 0.40, "us": 0.305}
# What is cut out: as wide as a car seen a little from the side, in the shape of 320x192.
CROP_M: Final = (2.5, 1.5)
# The plate lies in the middle across, and so far down, as in the lower part of a vehicle.
DOWN: Final = 0.6


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class Crop:
    """A part of a photograph, BGR uint8 (H, W, 3), and its one plate's box (1, 4) in px."""

    name: str
    pixels: "Pixels"
    box: "Boxes"

    def shrunk(self, plate_px: int) -> "Crop | None":
        """Make the plate so wide, or give nothing where it is narrower already."""
        scale = plate_px / float(self.box[0, 2] - self.box[0, 0])
        if scale > 1:
            return None
        height, width = self.pixels.shape[:2]
        size = max(1, round(width * scale)), max(1, round(height * scale))
        small = np.asarray(cv2.resize(self.pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
        factors = np.array([size[0] / width, size[1] / height] * 2, np.float32)
        return Crop(name=self.name, pixels=small, box=self.box * factors)


def crops_of(data: Path) -> list[Crop]:
    """Cut every plate below `data`/plates out of its photograph; raises TruthError where there is none."""
    crops = [crop for path in sorted((data / "plates").rglob("*.txt")) for crop in _crops(path)]
    if not crops:
        raise TruthError(f"{data}: no photograph with a plate's box (plates/**/*.txt); name another folder with --data")
    return crops


def _crops(path: Path) -> Iterator[Crop]:
    for line in path.read_text(encoding="utf-8").splitlines():
        name, *sides = line.split("\t")[:5]
        photograph = cv2.imread(str(path.parent / name), cv2.IMREAD_COLOR)
        if photograph is None or len(sides) != 4 or not all(side.isdigit() for side in sides):  # noqa: PLR2004
            raise TruthError(f"{path}: is not NAME, x, y, width, height in px of a photograph beside it; mend the line")
        px_per_m = int(sides[2]) / WIDTHS_M.get(path.parent.name, WIDTHS_M["us"])
        yield _cut(name, np.asarray(photograph, np.uint8), list(map(int, sides)), px_per_m)


def _cut(name: str, photograph: "Pixels", sides: Sequence[int], px_per_m: float) -> Crop:
    x, y, width, height = sides
    wide, high = (round(side * px_per_m) for side in CROP_M)
    left, top = round(x + width / 2 - wide / 2), round(y + height / 2 - high * DOWN)
    x0, y0 = max(0, left), max(0, top)
    part = photograph[y0 : top + high, x0 : left + wide]
    box = np.array([[x - x0, y - y0, x + width - x0, y + height - y0]], np.float32)
    return Crop(name=name, pixels=part, box=box)
