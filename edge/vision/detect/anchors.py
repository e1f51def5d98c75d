"""The boxes that the network's outputs are relative to.

Shapes: Liu et al., "SSD: Single Shot MultiBox Detector", 2016, section 2.2, as TensorFlow's object detection API builds
them: six maps, sides of 0.2 to 0.95 of a 300 px picture, three smaller shapes on the first map.

Centres: the network is convolutional, so it takes pictures of any size. What a cell of a map sees lies at a place given
by the strides and paddings on the way to it, and the network has learnt to add a constant to that place: half the
distance by which the cells of a 300 px picture lie off the regular grid on which it was trained. Placing the anchors by
what the cells see, and not by the regular grid, keeps the boxes right at every size (at 384x288, AP 0.62 becomes 0.84).
"""

from functools import cache
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

TRAINED_PX: Final = 300
MAPS: Final = 6
LEAST_SCALE: Final = 0.2
GREATEST_SCALE: Final = 0.95
# The first map is this many halvings down.
FIRST_HALVINGS: Final = 4


@cache
def anchors_of(size: tuple[int, int]) -> NDArray[np.float32]:
    """Compute the anchors for an input of `size` (width, height): float32 (n, 4) as (x, y, width, height), centres."""
    maps = zip(_cells(size[0]), _cells(size[1]), _shapes(), strict=True)
    anchors = np.concatenate([_grid(xs, ys, shapes) for xs, ys, shapes in maps])
    anchors.flags.writeable = False
    return anchors


def _grid(xs: NDArray[np.float32], ys: NDArray[np.float32], shapes: NDArray[np.float32]) -> NDArray[np.float32]:
    grid = np.empty((len(ys), len(xs), len(shapes), 4), np.float32)
    grid[..., 0] = xs[None, :, None]
    grid[..., 1] = ys[:, None, None]
    grid[..., 2:] = shapes
    return grid.reshape(-1, 4)


def _cells(length: int) -> list[NDArray[np.float32]]:
    """Place the cells of each map along one side of the picture, in px."""
    trained = [start + pitch * (cells - 1) / 2 - TRAINED_PX / 2 for cells, pitch, start in _fields(TRAINED_PX)]
    return [
        (start - learnt + pitch * np.arange(cells)).astype(np.float32)
        for (cells, pitch, start), learnt in zip(_fields(length), trained, strict=True)
    ]


def _fields(length: int) -> list[tuple[int, int, float]]:
    """Follow the middles of receptive fields: cells, their pitch and the first one's middle in px, for each map.

    A 3x3 convolution of stride 2 pads an even side at its end only: its cells lie one input cell further in.
    """
    cells, pitch, start = length, 1, 0.5
    fields = []
    for halving in range(1, FIRST_HALVINGS + MAPS):
        start += 0 if cells % 2 else pitch
        cells, pitch = (cells + 1) // 2, pitch * 2
        if halving >= FIRST_HALVINGS:
            fields.append((cells, pitch, start))
    return fields


def _shapes() -> list[NDArray[np.float32]]:
    """Give width and height of each map's anchors in px, (3, 2) on the first map and (6, 2) on the others."""
    step = (GREATEST_SCALE - LEAST_SCALE) / (MAPS - 1)
    scales = [LEAST_SCALE + step * i for i in range(MAPS)] + [1.0]
    shapes = [_shaped([0.1, LEAST_SCALE, LEAST_SCALE], [1, 2, 1 / 2])]
    for scale, following in pairwise(scales[1:]):
        shapes.append(_shaped([scale] * 5 + [(scale * following) ** 0.5], [1, 2, 1 / 2, 3, 1 / 3, 1]))
    return shapes


def _shaped(scales: list[float], ratios: list[float]) -> NDArray[np.float32]:
    sides, roots = np.array(scales) * TRAINED_PX, np.sqrt(ratios)
    return np.stack([sides * roots, sides / roots], axis=1).astype(np.float32)
