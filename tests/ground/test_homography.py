"""The map between picture and ground: exact for an exact camera, the same whatever the units, and its own inverse."""

import math
import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.ground.homography import Homography, fit
from edge.ground.matrix import SingularError
from tests.ground.camera import CORNERS, PLACES, Camera, Point

cameras = st.builds(
    Camera,
    focal=st.floats(400, 3000),
    tilt=st.floats(15, 60),
    height=st.floats(3, 20),
)
near = st.tuples(st.floats(-5, 5), st.floats(8, 22))


@given(cameras, near)
@settings(max_examples=60)
def test_a_known_camera_is_found_from_four_points_and_from_more(camera: Camera, place: Point) -> None:
    for places in (CORNERS, PLACES):
        plane = fit(camera.pairs(places)).homography
        assert plane.to_metres(camera.see(place)) == pytest.approx(place, abs=1e-6)
        assert plane.to_pixels(place) == pytest.approx(camera.see(place), abs=1e-4)


@given(near, st.floats(0.01, 100), st.floats(0, math.tau), st.tuples(st.floats(-1e4, 1e4), st.floats(-1e4, 1e4)))
@settings(max_examples=60)
def test_it_matters_not_from_where_nor_in_which_direction_was_measured(
    place: Point, scale: float, turn: float, shift: Point
) -> None:
    camera = Camera()
    noise = random.Random(1)  # noqa: S311 - noise
    seen = [(x + noise.gauss(0, 2), y + noise.gauss(0, 2)) for x, y in map(camera.see, PLACES)]

    def moved(m: Point) -> Point:
        x, y = scale * m[0], scale * m[1]
        return (
            x * math.cos(turn) - y * math.sin(turn) + shift[0],
            x * math.sin(turn) + y * math.cos(turn) + shift[1],
        )

    one = fit(list(zip(seen, PLACES, strict=True)))
    other = fit([(px, moved(m)) for px, m in zip(seen, PLACES, strict=True)])
    px = camera.see(place)
    assert other.homography.to_metres(px) == pytest.approx(moved(one.homography.to_metres(px)), abs=1e-4 * scale + 1e-6)
    assert other.condition == pytest.approx(one.condition, rel=1e-4)


@given(cameras, near)
@settings(max_examples=40)
def test_pixels_per_metre_are_what_a_short_stick_has(camera: Camera, place: Point) -> None:
    plane = fit(camera.pairs(PLACES)).homography
    px, stick = camera.see(place), 1e-4
    turns = [math.tau * n / 360 for n in range(360)]
    ends = [camera.see((place[0] + stick * math.cos(t), place[1] + stick * math.sin(t))) for t in turns]
    assert plane.px_per_m(px) == pytest.approx(max(math.dist(px, end) for end in ends) / stick, rel=1e-3)


def test_more_points_make_noise_smaller() -> None:
    camera, noise = Camera(), random.Random(7)  # noqa: S311 - noise
    many = [(x, y) for x in (-5.0, -2.0, 2.0, 5.0) for y in (8.0, 11.0, 16.0, 22.0)]

    def error(places: list[Point]) -> float:
        pairs = [((x + noise.gauss(0, 1.5), y + noise.gauss(0, 1.5)), m) for (x, y), m in camera.pairs(places)]
        return math.dist(fit(pairs).homography.to_metres(camera.see((1.0, 18.0))), (1.0, 18.0))

    few, more = (sum(error(places) for _ in range(40)) / 40 for places in (CORNERS, many))
    assert more < 0.7 * few


def test_above_the_horizon_there_is_no_ground() -> None:
    camera = Camera()
    plane = fit(camera.pairs(PLACES)).homography
    horizon = camera.size[1] / 2 - camera.focal * math.tan(math.radians(camera.tilt))
    assert all(map(math.isnan, plane.to_metres((300, horizon - 1))))
    assert plane.nearness((300, horizon - 1)) < 0 < plane.nearness((300, horizon + 1))
    assert all(map(math.isnan, plane.to_pixels((0.0, -20.0))))


@pytest.mark.parametrize("count", [3, 4])
def test_points_in_a_row_give_no_plane_to_rely_on(count: int) -> None:
    row = [(0.0, 8.0), (0.0, 11.0), (0.0, 15.0), (0.0, 21.0)][:count]
    try:
        found = fit(Camera().pairs([*row, (3.0, 9.0)][-4:]))
    except SingularError:
        return
    assert found.condition > 1e4


def test_a_homography_is_scaled_to_what_lies_in_front() -> None:
    plane = fit(Camera().pairs(PLACES)).homography
    turned = Homography.of(tuple(tuple(-7 * v for v in row) for row in plane.matrix), Camera().see((0.0, 10.0)))
    assert turned.rows == pytest.approx(plane.rows)
    assert replace(turned).nearness(Camera().see((0.0, 10.0))) > 0


def test_no_map_nearby_fits_noisy_clicks_better() -> None:
    noise = random.Random(4)  # noqa: S311 - noise
    pairs = [((x + noise.gauss(0, 3), y + noise.gauss(0, 3)), m) for (x, y), m in Camera().pairs(PLACES)]
    best = fit(pairs).homography

    def off(plane: Homography) -> float:
        return sum(math.dist(plane.to_pixels(m), px) ** 2 for px, m in pairs)

    for i, value in enumerate(best.rows):
        for share in (0.9995, 1.0005):
            other = Homography(rows=(*best.rows[:i], value * share, *best.rows[i + 1 :]))
            assert off(best) <= off(other) * (1 + 1e-9)
