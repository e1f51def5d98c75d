"""Covers: what boxes touch, and how many regions there are."""

import numpy as np

from edge.vision.anonymise.cover import cover_boxes, regions_in
from edge.vision.frame import MASKED


def test_sides_are_rounded_outwards() -> None:
    cover = cover_boxes((10, 8), np.array([[1.9, 2.1, 3.1, 4.0]], np.float32))
    assert (cover[2:4, 1:4] == MASKED).all()
    assert (cover == MASKED).sum() == 6


def test_a_box_that_is_no_number_covers_everything() -> None:
    assert (cover_boxes((10, 8), np.array([[1, 2, np.nan, 4]], np.float32)) == MASKED).all()


def test_regions_that_touch_are_one() -> None:
    boxes = np.array([[0, 0, 10, 10], [8, 8, 20, 20], [40, 40, 44, 44]], np.float32)
    assert regions_in(cover_boxes((60, 60), boxes)) == 2
    assert regions_in(cover_boxes((60, 60), boxes[:0])) == 0
