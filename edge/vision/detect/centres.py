"""From a network's map of centres to boxes: where the map peaks, with a size and an offset for each cell.

Xu et al., "CenterFace: Joint Face Detection and Alignment Using Face as Point", 2019, section 3.
"""

import math
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.vision.detect.decode import areas, greedy, iou
from edge.vision.frame import Boxes, Sightings

# A cell of the maps is so many pixels of the input wide and high.
STRIDE: Final = 4
# Boxes that share more than this are one thing.
SAME_THING_IOU: Final = 0.3
# A box of which more than this lies in another adds nothing to it.
INSIDE_SHARE: Final = 0.8
MOST_CANDIDATES: Final = 1000

Map = NDArray[np.float32]


def decode(heatmap: Map, scale: Map, offset: Map, threshold: float) -> Sightings:
    """Turn maps (h, w, n) into boxes in the input's pixels, each thing once; threshold in 0..1, both excluded.

    `heatmap` (n=1) is before its sigmoid; `scale` (n=2) holds the logarithms of height and width, `offset` (n=2) the
    way from the cell's middle to the box's, y and x, all in cells.
    """
    heat = heatmap[..., 0]
    # What is no peak is a neighbour's thing; the even top of a peak stays whole and is told apart by its boxes.
    peaks = (heat >= math.log(threshold / (1 - threshold))) & (heat >= cv2.dilate(heat, np.ones((3, 3), np.uint8)))
    rows, columns = np.nonzero(peaks)
    found = heat[rows, columns]
    if len(found) > MOST_CANDIDATES:
        best = np.argpartition(found, -MOST_CANDIDATES)[-MOST_CANDIDATES:]
        rows, columns, found = rows[best], columns[best], found[best]
    cells = np.stack([columns, rows], axis=1) + np.float32(0.5)
    middle = (cells + offset[rows, columns, ::-1]) * STRIDE
    half = np.exp(scale[rows, columns, ::-1]) * (STRIDE / 2)
    boxes = np.concatenate([middle - half, middle + half], axis=1).astype(np.float32)
    scores = (1 / (1 + np.exp(-found))).astype(np.float32)
    return distinct(boxes, scores, np.zeros(len(found), bool))


def distinct(boxes: Boxes, scores: NDArray[np.float32], cut: NDArray[np.bool_]) -> Sightings:
    """Keep each thing once, by falling score; a box that is `cut` off (n,) gives way to one that is not."""
    order = np.lexsort((-scores, cut))
    boxes, scores = boxes[order], scores[order]
    kept = greedy((iou(boxes, boxes) > SAME_THING_IOU) | (_inside(boxes) > INSIDE_SHARE))
    kept = kept[np.argsort(-scores[kept], kind="stable")]
    return Sightings(boxes=boxes[kept], scores=scores[kept])


def _inside(boxes: Boxes) -> NDArray[np.float32]:
    """Compute which share of each later box (columns) lies in each (rows), (n, n)."""
    low = np.maximum(boxes[:, None, :2], boxes[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], boxes[None, :, 2:])
    shared = np.prod(np.maximum(high - low, 0), axis=2)
    own = areas(boxes)[None, :]
    return np.divide(shared, own, out=np.zeros_like(shared), where=own > 0)
