"""Where metres may be trusted: near what was measured, below the horizon, and never sharper than told."""

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.config.polygon import encloses
from edge.config.site import Ground, GroundPair
from edge.ground.calibration import calibrate
from edge.ground.homography import fit
from edge.ground.region import area, cut, grown, hull
from edge.ground.trust import FARTHER, GROWTH, sharpest, trusted
from tests.ground.camera import CORNERS, PLACES, Camera

CAMERA = Camera()
PLANE = fit(CAMERA.pairs(PLACES)).homography
VALID = trusted(PLANE, PLACES, CAMERA.size)
points = st.tuples(st.floats(0, 1280), st.floats(0, 720))


def test_what_was_measured_is_trusted() -> None:
    # (-5, 8) and (5, 8) are near the picture's edge, the others well within.
    assert all(encloses(VALID.polygon, CAMERA.see(m)) for m in PLACES)


@given(points)
@settings(max_examples=200)
def test_what_is_trusted_is_near_and_below_the_horizon(px: tuple[float, float]) -> None:
    x, y = PLANE.to_metres(px)
    if encloses(VALID.polygon, px) and not math.isnan(x):
        assert PLANE.nearness(px) >= min(PLANE.nearness(CAMERA.see(m)) for m in PLACES) / FARTHER - 1e-9
        reach = GROWTH * max(math.dist(a, b) for a in PLACES for b in PLACES)
        # Corners that are moved out with both of their sides go farther than their sides.
        assert min(math.dist((x, y), m) for m in PLACES) < 3 * reach
    else:
        assert math.isnan(x) or not encloses(VALID.polygon, px)


def test_the_picture_is_its_bound() -> None:
    width, height = CAMERA.size
    assert all(-1e-9 <= x <= width + 1e-9 and -1e-9 <= y <= height + 1e-9 for x, y in VALID.polygon)


@given(points)
def test_pixels_per_metre_are_within_what_is_told(px: tuple[float, float]) -> None:
    assert VALID.px_per_m is not None
    if encloses(VALID.polygon, px):
        assert VALID.px_per_m[0] * 0.98 <= PLANE.px_per_m(px) <= VALID.px_per_m[1] * 1.02
    if PLANE.nearness(px) > 0:
        assert PLANE.px_per_m(px) <= sharpest(PLANE, CAMERA.size) * 1.02


def test_the_error_that_trust_leaves_is_what_the_readme_says() -> None:
    noise = random.Random(11)  # noqa: S311 - noise
    worst = []
    for _ in range(25):
        pairs = tuple(
            GroundPair(px=(x + noise.gauss(0, 1.5), y + noise.gauss(0, 1.5)), m=m)
            for (x, y), m in CAMERA.pairs([*CORNERS, (0.4, 14.2)])
        )
        found = calibrate(Ground(points=pairs), CAMERA.size)
        assert found.homography is not None
        off = [math.dist(found.homography.to_metres(px), PLANE.to_metres(px)) for px in found.valid]
        worst.append(max(off) / found.diagonal_m)
    assert sorted(worst)[22] < 0.08


corners = st.tuples(st.floats(-100, 100), st.floats(-100, 100))


@given(st.lists(corners, min_size=3, max_size=20))
def test_a_hull_holds_its_points(places: list[tuple[float, float]]) -> None:
    found = hull(places)
    assert set(found) <= set(places)
    if len(found) > 2:
        assert all(a * x + b * y + c >= -1e-6 for x, y in places for a, b, c in grown(found, 0.0))


def test_a_cut_square_is_half_a_square() -> None:
    square = ((0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (0.0, 2.0))
    assert area(cut(square, [(1.0, 1.0, -2.0)])) == pytest.approx(2.0)
    assert cut(square, [(1.0, 0.0, -3.0)]) == ()
    assert area(cut(square, grown(square, 1.0))) == pytest.approx(4.0)


def test_beyond_half_as_far_again_as_was_measured_nothing_is_trusted() -> None:
    # A broad strip: half its diagonal would reach twice as far as the farthest of it.
    strip = [(-8.0, 8.0), (8.0, 8.0), (8.0, 10.0), (-8.0, 10.0)]
    found = trusted(PLANE, strip, CAMERA.size)
    tilt = math.radians(CAMERA.tilt)
    depths = [y * math.cos(tilt) + CAMERA.height * math.sin(tilt) for _, y in map(PLANE.to_metres, found.polygon)]
    farthest = 10.0 * math.cos(tilt) + CAMERA.height * math.sin(tilt)
    assert max(depths) == pytest.approx(FARTHER * farthest)
