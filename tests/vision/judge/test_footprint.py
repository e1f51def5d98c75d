"""Footprints on the ground are found from boxes: near and far, and where the picture cuts them off."""

import math

import numpy as np
import pytest

from edge.cli.bench.world.lens import Lens, shown_of
from edge.ground.calibration import calibrate
from edge.vision.judge.footprint import lay, lowest_shown
from edge.vision.judge.frame import Cut
from edge.vision.measure.ground import GroundView

SIZE = (1280, 720)
LENS = Lens(size=SIZE, height_m=6.0, tilt=math.atan2(6.0, 15.0), focal=900.0)
FLAT = (8.0, 2.5, 0.01)
NOWHERE = Cut(left=False, right=False, top=False, bottom=False, floor=690.0)


@pytest.fixture(scope="module")
def ground() -> GroundView:
    view = GroundView.from_calibration(calibrate(LENS.surveyed(np.random.default_rng(5)), SIZE), SIZE)
    assert view is not None
    return view


def laid(ground: GroundView, place: tuple[float, float], degrees: float, cut: Cut) -> np.ndarray:
    """Lay a footprint as if the detector had seen it without an error: its middle in m."""
    heading = math.radians(degrees)
    ahead = np.array(((math.cos(heading), math.sin(heading)),))
    boxes, _, _ = shown_of(LENS, np.array((place,)), ahead, np.array((FLAT,)))
    x0, y0, x1, y1 = boxes[0].tolist()
    foot = ground.to_metres(np.array((((x0 + x1) / 2, y1),)))[0]
    return lay(ground, foot, heading, FLAT, ((x0, y0, x1, y1), cut, SIZE[0]))


@pytest.mark.parametrize("place", [(0.0, 12.0), (-3.0, 18.0), (4.0, 26.0)])
@pytest.mark.parametrize("degrees", [0, 30, 70, 90, 150])
def test_a_footprint_lies_where_the_thing_stands(ground: GroundView, place: tuple[float, float], degrees: int) -> None:
    assert laid(ground, place, degrees, NOWHERE) == pytest.approx(np.array(place), abs=0.35)


@pytest.mark.parametrize(("x", "degrees"), [(-7.0, 0), (-7.5, 35), (-7.0, 145)])
def test_one_that_leaves_the_picture_is_laid_by_the_side_that_is_seen(
    ground: GroundView, x: float, degrees: int
) -> None:
    cut = Cut(left=True, right=False, top=False, bottom=False, floor=690.0)
    assert laid(ground, (x, 12.0), degrees, cut) == pytest.approx(np.array((x, 12.0)), abs=0.5)


def test_the_lowest_of_an_outline_is_sought_within_the_picture() -> None:
    ring = np.array([(-100.0, 300.0), (100.0, 100.0), (200.0, 150.0), (0.0, 350.0)])
    assert lowest_shown(ring, 640) == pytest.approx(350.0)
    assert lowest_shown(ring - (50.0, 0.0), 640) == pytest.approx(300.0)
    assert lowest_shown(ring - (1000.0, 0.0), 640) == pytest.approx(350.0)
