"""Boxes as a cover of the picture: every pixel that a box touches."""

import cv2
import numpy as np

from edge.vision.frame import MASKED, SHOWN, Boxes, Cover


def cover_boxes(size: tuple[int, int], boxes: Boxes) -> Cover:
    """Cover what boxes touch of a picture of `size` (width, height): uint8 (height, width).

    `boxes` is (n, 4), half-open `[x0, y0, x1, y1)` in px. Sides are rounded outwards and cut at the picture's border; a
    box without an inside covers nothing. One with a side that is no number covers everything: where it
    lies is not known.
    """
    width, height = size
    cover: Cover = np.full((height, width), SHOWN, np.uint8)
    if not np.isfinite(boxes).all():
        cover[:] = MASKED
        return cover
    most = (width, height, width, height)
    for x0, y0, x1, y1 in np.clip(_outwards(boxes), 0, most).astype(np.intp):
        cover[y0:y1, x0:x1] = MASKED
    return cover


def regions_in(cover: Cover) -> int:
    """Count the connected regions that are hidden, at half the resolution: what all but touches is one."""
    return cv2.connectedComponents(np.ascontiguousarray(cover[::2, ::2]), connectivity=8)[0] - 1


def _outwards(boxes: Boxes) -> Boxes:
    outer = np.concatenate((np.floor(boxes[:, :2]), np.ceil(boxes[:, 2:])), axis=1)
    return outer[(boxes[:, 0] < boxes[:, 2]) & (boxes[:, 1] < boxes[:, 3])]
