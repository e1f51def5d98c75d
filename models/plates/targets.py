"""What the network shall answer for a picture whose plates are known: three maps with a cell for every 4x4 px."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

STRIDE = 4
# What of a cell the plate covers, as a whole number of this many parts.
WHOLE = 255
# Cells whose heat is above this answer for the box's sides.
LEAST_HEAT = 0.3


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Targets:
    """For a picture of (H, W): `heat` float16 and `mask` uint8 (H/4, W/4), and `boxes` float16 (H/4, W/4, 4).

    `mask` tells how much of a cell a plate covers, in parts of WHOLE.
    `boxes` holds in px the box (x0, y0, x1, y1) that a cell answers for, zeros where it answers for none.
    """

    heat: NDArray[np.float16]
    mask: NDArray[np.uint8]
    boxes: NDArray[np.float16]


def targets_of(corners: NDArray[np.float32], size: tuple[int, int]) -> Targets:
    """Compute the targets of a picture of `size` (width, height) with plates' corners (n, 4, 2)."""
    cells = size[1] // STRIDE, size[0] // STRIDE
    heat, boxes = np.zeros(cells, np.float32), np.zeros((*cells, 4), np.float16)
    cover = np.zeros((size[1], size[0]), np.float32)
    for quad in corners:
        cv2.fillConvexPoly(cover, np.round(quad * 16).astype(np.int32), 1.0, cv2.LINE_8, 4)
        box = np.concatenate([quad.min(axis=0), quad.max(axis=0)]).clip(0, (*size, *size))
        bump = _bump(box, cells)
        ours = (bump > LEAST_HEAT) & (bump >= heat)
        boxes[ours] = box
        heat = np.maximum(heat, bump)
    mean = cv2.resize(cover, (cells[1], cells[0]), interpolation=cv2.INTER_AREA)
    return Targets(heat=heat.astype(np.float16), mask=np.round(mean * WHOLE).astype(np.uint8), boxes=boxes)


def _bump(box: NDArray[np.float32], cells: tuple[int, int]) -> NDArray[np.float32]:
    """Draw a Gaussian as wide and as high as the box asks for, 1 in the cell nearest to its middle."""
    middle, sides = (box[:2] + box[2:]) / 2 / STRIDE - 0.5, (box[2:] - box[:2]) / STRIDE
    nearest = np.clip(np.round(middle), 0, (cells[1] - 1, cells[0] - 1))
    sigma = np.maximum(sides / 6, 0.6)
    rows, columns = np.ogrid[: cells[0], : cells[1]]
    away = ((columns - nearest[0]) / sigma[0]) ** 2 + ((rows - nearest[1]) / sigma[1]) ** 2
    return np.exp(-away / 2).astype(np.float32)
