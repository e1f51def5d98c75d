"""How large a person is in a small picture."""

import numpy as np
import pytest

from edge.vision.crowd.scale import ASSUMED_SHARE, person_heights
from edge.vision.measure.ground import GroundView
from tests.vision.crowd.drawn import SIZE, VIEW, site_with

ZOOM = 2.0
SHAPE = (180, 320)


def test_it_is_the_height_of_a_person_whose_middle_is_there() -> None:
    heights = person_heights(SHAPE, ZOOM, GroundView.of(site_with(None), SIZE))
    for x, z in ((0.0, 8.0), (-4.0, 12.0), (3.0, 20.0), (0.0, 28.0)):
        (column, foot), (_, top) = VIEW.project((x, z, 0.0)), VIEW.project((x, z, 1.7))
        middle = heights[round((foot + top) / 2 / ZOOM), round(column / ZOOM)]
        # The drawn world's lens is shifted, which no calibration of a street's camera reckons with.
        assert middle == pytest.approx((foot - top) / ZOOM, rel=0.1)


def test_it_goes_on_where_no_metres_are_trusted_and_never_falls_to_nothing() -> None:
    heights = person_heights(SHAPE, ZOOM, GroundView.of(site_with(None), SIZE))
    assert np.isfinite(heights).all()
    assert heights.min() > 0
    assert heights[-1].min() > heights[60].max()


def test_without_metres_it_is_the_same_everywhere() -> None:
    heights = person_heights(SHAPE, ZOOM, None)
    assert np.unique(heights).tolist() == pytest.approx([ASSUMED_SHARE * SHAPE[0]])
