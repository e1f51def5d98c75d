"""The ceiling on pixels per metre: no picture is sharper than the site allows, anywhere below the horizon."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.config import SiteError
from edge.config.site import Line, Privacy, Site
from edge.vision.frame import Frame
from edge.vision.reduce import Reducer, most_px_per_m
from tests.ground.camera import CORNERS, PLACES, Camera
from tests.vision.measure.made import a_site

CAMERA = Camera(size=(640, 360), focal=450.0, height=4.5)


def site(ceiling: float | None, camera: Camera = CAMERA) -> Site:
    made = a_site(lines=[Line(id="quai", start=(100.0, 300.0), end=(600.0, 300.0))])
    return replace(
        made,
        camera=replace(made.camera, size=camera.size),
        ground=camera.ground(PLACES),
        privacy=Privacy(max_px_per_m=ceiling, polygons=(((0.0, 0.0), (60.0, 0.0), (0.0, 60.0)),)),
    )


def frame(size: tuple[int, int]) -> Frame:
    rng = np.random.default_rng(2)
    return Frame(pixels=rng.integers(0, 255, (size[1], size[0], 3), np.uint8), taken_ns=7, index=3)


@given(st.floats(5, 120), st.floats(12, 45), st.floats(3, 12))
@settings(max_examples=25, deadline=None)
def test_no_metre_of_ground_in_view_has_more_pixels_than_allowed(ceiling: float, tilt: float, height: float) -> None:
    camera = Camera(size=(640, 360), focal=450.0, tilt=tilt, height=height)
    reducer = Reducer(site(ceiling, camera), camera.size)
    factor = reducer.size[0] / camera.size[0]
    # Metres laid across the view at the picture's lower edge, on the ground and, seen above it, at a head's height.
    sine, cosine = math.sin(math.radians(tilt)), math.cos(math.radians(tilt))
    for up in (0.0, 1.75):
        down = (camera.size[1] / 2 - 1e-6) / camera.focal
        ahead = (height - up) * (cosine - down * sine) / (sine + down * cosine)
        left, right = (camera.see((x, ahead), up)[0] for x in (-0.5, 0.5))
        assert (right - left) * factor <= ceiling * (1 + 1e-6)


def test_the_site_is_scaled_with_its_pictures() -> None:
    reducer = Reducer(site(40.0), CAMERA.size)
    assert reducer.size[0] < 640
    assert reducer.site.camera.size == reducer.size
    assert reducer.site.lines[0].start[0] == pytest.approx(100 * reducer.size[0] / 640)
    assert reducer.site.privacy.polygons[0][1][0] == pytest.approx(60 * reducer.size[0] / 640)
    assert most_px_per_m(reducer.site, reducer.size) <= 40.0 * 1.01
    # Scaled once, nothing is left to do.
    assert Reducer(replace(reducer.site, privacy=Privacy(max_px_per_m=41.0)), reducer.size).size == reducer.size


def test_a_frame_comes_out_smaller_and_of_the_same_instant() -> None:
    reducer = Reducer(site(40.0), CAMERA.size)
    before = frame(CAMERA.size)
    after = reducer.reduce(before)
    assert after.size == reducer.size
    assert (after.taken_ns, after.index) == (7, 3)
    # Each pixel is a mean of those beneath it: nothing sharper than a metre's share is left of the noise.
    assert after.pixels.std() < 0.7 * before.pixels.std()


def test_without_a_ceiling_or_below_it_nothing_is_done() -> None:
    for ceiling in (None, 400.0):
        reducer = Reducer(site(ceiling), CAMERA.size)
        before = frame(CAMERA.size)
        assert reducer.reduce(before) is before
        assert reducer.site.camera.size == CAMERA.size


def test_a_ground_that_cannot_tell_is_a_fault_and_not_a_sharp_picture() -> None:
    for ground in (None, CAMERA.ground(CORNERS[:3])):
        with pytest.raises(SiteError, match="max_px_per_m") as refused:
            Reducer(replace(site(40.0), ground=ground), CAMERA.size)
        assert " — " in str(refused.value)
