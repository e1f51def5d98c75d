"""The privacy polygons of the site file: parts of the picture that nobody looks at, the detectors included.

Pixel (i, j) is the closed square from (i, j) to (i + 1, j + 1). A square that no edge meets lies wholly
inside or wholly outside, so its centre tells which (winding number, Sunday 2001).
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.config.site import Point
from edge.vision.anonymise.fill import solid
from edge.vision.frame import MASKED, SHOWN, Cover, Pixels

_Marks = NDArray[np.int32]
_Reals = NDArray[np.float64]

# Wider than any rounding of a crossing's place, so that no pixel is missed for it.
_ROUNDING_PX: Final = 1e-6


def polygon_cover(size: tuple[int, int], polygons: Iterable[Sequence[Point]]) -> Cover:
    """Cover every pixel that a polygon touches, its border included; uint8 (height, width) for `size` (width, height).

    Corners are in px from the top left and may lie off the picture; where a polygon winds round itself, that is inside.
    """
    width, height = size
    cover: Cover = np.full((height, width), SHOWN, np.uint8)
    for corners in polygons:
        edges, winding = (np.zeros((height, width + 1), np.int32) for _ in range(2))
        for start, end in pairwise((*corners, *corners[:1])):
            _mark_touched(edges, start, end)
            _mark_winding(winding, start, end)
        for marks in (edges, winding):
            cover[np.cumsum(marks, axis=1)[:, :-1] != 0] = MASKED
    return cover


def burnt(pixels: Pixels, polygons: Iterable[Sequence[Point]]) -> Pixels:
    """Copy a picture, uint8 (H, W, 3), with the polygons filled solid: what lies beneath is gone for all who see it."""
    return solid(pixels, polygon_cover((pixels.shape[1], pixels.shape[0]), polygons))


def _mark_touched(marks: _Marks, start: Point, end: Point) -> None:
    """Add 1 where a run of touched pixels begins in each row, and take it off where it ends."""
    (x0, y0), (x1, y1) = sorted((start, end), key=lambda point: point[1])
    top, bottom = max(0, int(np.ceil(y0)) - 1), min(len(marks) - 1, int(np.floor(y1)))
    rows = np.arange(top, bottom + 1)
    ends = [_x_at(y, (x0, y0), (x1, y1)) for y in (rows, rows + 1)] if y1 > y0 else [np.full(len(rows), x0)]
    ends += [np.full(len(rows), x1)] if y1 == y0 else []
    first = np.ceil(np.min(ends, axis=0) - _ROUNDING_PX) - 1
    last = np.floor(np.max(ends, axis=0) + _ROUNDING_PX) + 1
    width = marks.shape[1] - 1
    np.add.at(marks, (rows, np.clip(first, 0, width).astype(np.intp)), 1)
    np.add.at(marks, (rows, np.clip(last, 0, width).astype(np.intp)), -1)


def _mark_winding(marks: _Marks, start: Point, end: Point) -> None:
    """Add how an edge winds round the centres to its right, in the rows whose centre it passes."""
    upper, lower = sorted((start, end), key=lambda point: point[1])
    rows = np.arange(max(0, int(np.ceil(upper[1] - 0.5))), min(len(marks), int(np.ceil(lower[1] - 0.5))))
    if len(rows):
        columns = np.ceil(_x_at(rows + 0.5, upper, lower) - 0.5)
        np.add.at(marks, (rows, np.clip(columns, 0, marks.shape[1] - 1).astype(np.intp)), 1 if start == upper else -1)


def _x_at(y: NDArray[np.float64] | NDArray[np.int64], upper: Point, lower: Point) -> _Reals:
    """Find where an edge that is not level passes these heights; beyond its ends, the ends."""
    (x0, y0), (x1, y1) = upper, lower
    along = (np.clip(y, y0, y1) - y0) / (y1 - y0)
    return np.asarray(x0 + along * (x1 - x0), np.float64)
