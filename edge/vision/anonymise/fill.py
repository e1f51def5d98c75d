"""What stands in place of what is masked; of the pixels beneath a mask, at most a few means are left.

`solid` is one colour: nothing is left. `pixelate` cuts each connected region of the cover into at most MOST_CELLS by
MOST_CELLS cells and gives each the mean of its masked pixels. `blur` is that mosaic, drawn smoothly: a function of
those few means and of nothing else. It is no convolution, which could be inverted.

Why so few cells: drawn smoothly, n cells are as a Gaussian blur of sigma 1/n sqrt(1/12 + 1/6) of the region's width (a
box of one cell, then a triangle of two). At a sigma of 5 % of a face's width a face recogniser still knew 38 % of the
faces, at 10 % none (measured with dlib's). Four cells are 12.5 %.
"""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.config.site import PrivacyFill
from edge.vision.frame import SHOWN, Cover, Pixels

SOLID: Final = (80, 80, 80)
"""The colour of a solid fill, blue, green, red: a grey that neither the night nor a black picture has."""
MOST_CELLS: Final = 4
"""Cells across the longer side of a region, at most."""
LEAST_CELL_PX: Final = 8
"""A cell has at least such a side, and at least its square of masked pixels: what is less is filled solid."""

_Count = NDArray[np.int64]


def fill(pixels: Pixels, cover: Cover, how: PrivacyFill) -> Pixels:
    """Copy a picture, with every pixel that the cover does not show replaced and no other changed.

    `pixels` uint8 (H, W, 3); `cover` (H, W), of which whatever is not SHOWN counts as masked. Regions are connected
    over sides and corners: what touches is one region, with the fewer cells for it. Raises ValueError where the shapes
    differ.
    """
    if cover.shape != pixels.shape[:2]:
        raise ValueError(f"a cover of {cover.shape} does not fit pixels of {pixels.shape}")
    masked = np.not_equal(cover, SHOWN).view(np.uint8)
    filled = solid(pixels, masked)
    if how is not PrivacyFill.SOLID:
        _, labels, stats, _ = cv2.connectedComponentsWithStats(masked, connectivity=8, ltype=cv2.CV_32S)
        for label in range(1, len(stats)):
            x, y, width, height = (int(side) for side in stats[label, :4])
            inside = np.s_[y : y + height, x : x + width]
            _mosaic(pixels[inside], labels[inside] == label, filled[inside], smooth=how is PrivacyFill.BLUR)
    return filled


def black(size: tuple[int, int]) -> Pixels:
    """Make the picture that is shown where none may be: black, of `size` (width, height)."""
    return np.zeros((size[1], size[0], 3), np.uint8)


def solid(pixels: Pixels, cover: Cover) -> Pixels:
    """Copy a picture, uint8 (H, W, 3), with every pixel that the cover (H, W) does not show SOLID."""
    filled = pixels.copy()
    # Twice as fast as any assignment: to nought, then up to the colour.
    cv2.subtract(filled, filled, dst=filled, mask=cover)
    cv2.add(filled, np.array((*SOLID, 0), np.float64), dst=filled, mask=cover)
    return filled


def _mosaic(pixels: Pixels, region: NDArray[np.bool_], filled: Pixels, *, smooth: bool) -> None:
    """Draw the mosaic of one region into `filled`; the arrays are cut to the region's bounding box."""
    height, width = region.shape
    across = min(MOST_CELLS, max(height, width) // LEAST_CELL_PX)
    if across == 0:
        return
    rows, columns = (max(1, across * side // max(height, width)) for side in (height, width))
    cells = _means(pixels, region, rows, columns)
    drawn = _smooth(cells, region.shape) if smooth else _sharp(cells, region.shape)
    cv2.copyTo(drawn, region.view(np.uint8), filled)


def _means(pixels: Pixels, region: NDArray[np.bool_], rows: int, columns: int) -> Pixels:
    """Average the region's pixels in each cell, rounded to the nearest; uint8 (rows, columns, 3).

    A cell with fewer of them than a least cell has is SOLID: a mean over few would be one of them, as good as shown.
    """
    counted = np.concatenate((pixels * region[..., None], region[..., None]), axis=2)
    tops, lefts = _starts(region.shape[0], rows), _starts(region.shape[1], columns)
    by_row = np.add.reduceat(counted, tops, axis=0, dtype=np.int64)
    sums: _Count = np.add.reduceat(by_row, lefts, axis=1)
    totals, numbers = sums[..., :3], sums[..., 3:]
    means = (totals + numbers // 2) // np.maximum(numbers, 1)
    return np.where(numbers >= LEAST_CELL_PX**2, means, SOLID).astype(np.uint8)


def _starts(length: int, number: int) -> _Count:
    """Cut a length into so many even parts: part k begins at the first px p with p * number // length == k."""
    return -(-np.arange(number, dtype=np.int64) * length // number)


def _sharp(cells: Pixels, shape: tuple[int, ...]) -> Pixels:
    rows, columns = (np.arange(side) * n // side for side, n in zip(shape, cells.shape, strict=False))
    return cells[np.ix_(rows, columns)]


def _smooth(cells: Pixels, shape: tuple[int, ...]) -> Pixels:
    return np.asarray(cv2.resize(cells, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR), np.uint8)
