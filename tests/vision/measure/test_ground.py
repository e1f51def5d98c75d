"""The ground over arrays: the same as one by one, nothing outside of where it is trusted, heads for hidden feet."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.config.site import Ground, GroundPair, Zone, ZoneUse
from edge.contract.report import Metres, RoadUser
from edge.ground.calibration import calibrate
from edge.vision.measure.ground import CROWN_M, HEAD_M, GroundView, expected_boxes, standing_places
from tests.ground.camera import CORNERS, PLACES, Camera
from tests.vision.measure.made import a_site

CAMERA = Camera()
near = st.tuples(st.floats(-4, 4), st.floats(9, 20))
TALL_M = HEAD_M + CROWN_M


def view_of(ground: Ground, camera: Camera = CAMERA) -> GroundView:
    view = GroundView.from_calibration(calibrate(ground, camera.size), camera.size)
    assert view is not None
    return view


VIEW = view_of(CAMERA.ground(PLACES))


def array(*places: tuple[float, float]) -> np.ndarray:
    return np.array(places, np.float64)


def person(m: tuple[float, float], shown: float = 1.0, tall_m: float = TALL_M) -> list[float]:
    """Box somebody of whom only the upper share is seen; away from the picture's middle people lean outwards."""
    (x, foot), (head, top) = CAMERA.see(m), CAMERA.see(m, up=tall_m)
    if shown < 1:
        x = head + shown / 2 * (x - head)
    half = 0.2 * (foot - top)
    return [x - half, top, x + half, top + shown * (foot - top)]


@given(near, near)
def test_it_is_the_homography(one: tuple[float, float], other: tuple[float, float]) -> None:
    pixels = array(CAMERA.see(one), CAMERA.see(other))
    assert VIEW.to_metres(pixels) == pytest.approx(array(one, other), abs=1e-6)
    assert VIEW.to_pixels(array(one, other)) == pytest.approx(pixels, abs=1e-4)
    plane = VIEW.calibration.homography
    assert plane is not None
    assert VIEW.px_per_m(pixels) == pytest.approx([plane.px_per_m(CAMERA.see(m)) for m in (one, other)])


def test_outside_the_trusted_area_there_are_no_metres() -> None:
    far, above = CAMERA.see((0.0, 80.0)), (640.0, 5.0)
    pixels = array(far, above, CAMERA.see((0.0, 12.0)))
    assert VIEW.holds(pixels).tolist() == [False, False, True]
    assert np.isnan(VIEW.to_metres(pixels)).all(axis=1).tolist() == [True, True, False]
    assert np.isnan(VIEW.velocity(pixels, np.ones((3, 2)))).all(axis=1).tolist() == [True, True, False]


@given(near, st.tuples(st.floats(-3, 3), st.floats(-3, 3)))
@settings(max_examples=60)
def test_a_velocity_is_where_one_is_a_moment_later(at: tuple[float, float], speed: tuple[float, float]) -> None:
    moment = 1e-4
    later = (at[0] + moment * speed[0], at[1] + moment * speed[1])
    start, end = array(CAMERA.see(at)), array(CAMERA.see(later))
    assert VIEW.velocity(start, (end - start) / moment) == pytest.approx(array(speed), abs=2e-3)


def test_errors_are_those_of_simulated_noise() -> None:
    rng = np.random.default_rng(5)
    at, pixel = array((2.0, 17.0)), array(CAMERA.see((2.0, 17.0)))
    off = VIEW.to_metres(pixel + rng.normal(0, 2.0, (4000, 2))) - at
    assert VIEW.position_error(pixel, 2.0)[0] == pytest.approx(np.sqrt(np.square(off).mean()), rel=0.05)
    velocity = np.array([[30.0, 8.0]])
    speeds = np.linalg.norm(VIEW.velocity(np.repeat(pixel, 4000, 0), velocity + rng.normal(0, 2.0, (4000, 2))), axis=1)
    assert VIEW.speed_error(pixel, velocity, 2.0)[0] == pytest.approx(speeds.std(), rel=0.05)


def test_the_calibrations_own_error_is_in_the_errors() -> None:
    points = CAMERA.ground([*CORNERS, (0.4, 14.2)]).points
    wrong = GroundPair(px=points[4].px, m=(points[4].m[0] + 0.5, points[4].m[1]))
    off = view_of(Ground(points=(*points[:4], wrong)))
    pixel = array(CAMERA.see((0.0, 12.0)))
    assert off.state is Metres.VERIFIED
    assert off.position_error(pixel, 0.0)[0] == pytest.approx(0.5, rel=0.05)
    speed = np.linalg.norm(off.velocity(pixel, array((20.0, 0.0))))
    residual = off.calibration.residual
    assert residual is not None
    assert off.speed_error(pixel, array((20.0, 0.0)), 0.0)[0] == pytest.approx(2 * residual * speed)


def test_four_points_are_not_verified() -> None:
    assert not view_of(CAMERA.ground(CORNERS)).verified
    assert VIEW.verified
    assert GroundView.from_calibration(calibrate(CAMERA.ground(CORNERS[:3]), CAMERA.size), CAMERA.size) is None


@given(near)
def test_feet_that_are_seen_are_the_boxs(m: tuple[float, float]) -> None:
    feet = VIEW.feet(np.array([person(m)]), [RoadUser.PERSON])
    assert feet == pytest.approx(array(CAMERA.see(m)), abs=1e-3)
    assert VIEW.heights(feet)[0] == pytest.approx(math.dist(CAMERA.see(m), CAMERA.see(m, up=TALL_M)), abs=1e-3)


@given(near, st.floats(0.25, 0.5))
def test_feet_behind_something_are_told_by_the_head(m: tuple[float, float], shown: float) -> None:
    boxes = np.array([person(m, shown)])
    feet = VIEW.feet(boxes, [RoadUser.PERSON])
    tall = math.dist(CAMERA.see(m), CAMERA.see(m, up=TALL_M))
    assert math.dist(feet[0], CAMERA.see(m)) < 0.06 * tall
    car = VIEW.feet(boxes, [RoadUser.CAR])
    assert car[0].tolist() == [(boxes[0, 0] + boxes[0, 2]) / 2, boxes[0, 3]]


def test_feet_below_the_picture_are_told_by_the_head() -> None:
    m = (0.0, 6.0)
    assert CAMERA.see(m)[1] > CAMERA.size[1] > CAMERA.see(m, up=TALL_M)[1]
    box = person(m)
    box[3] = min(box[3], CAMERA.size[1])
    assert VIEW.feet(np.array([box]), [RoadUser.PERSON])[0] == pytest.approx(CAMERA.see(m), abs=1.0)


def test_a_child_keeps_its_feet() -> None:
    m = (1.0, 12.0)
    assert VIEW.feet(np.array([person(m, tall_m=1.15)]), [RoadUser.PERSON]) == pytest.approx(array(CAMERA.see(m)))


def test_seen_from_straight_above_feet_are_the_boxs() -> None:
    above = Ground(
        points=tuple(
            GroundPair(px=(20 * x, 20 * y), m=(x, y)) for x, y in [(1, 1), (30, 1), (30, 17), (2, 15), (11, 9)]
        )
    )
    view = view_of(above, Camera(size=(640, 360)))
    assert view.feet(np.array([[100, 350, 110, 360.0]]), [RoadUser.PERSON]).tolist() == [[105, 360]]
    assert np.isnan(view.heights(array((105, 360)))).all()
    assert len(expected_boxes(view, array((105, 200)))) == 0


def test_areas_are_measured_on_the_ground_hollow_ones_too() -> None:
    # An L of 4 by 4 less 2 by 2, one obstacle of 1 by 1 in it.
    shape = [(-2.0, 10.0), (2.0, 10.0), (2.0, 12.0), (0.0, 12.0), (0.0, 14.0), (-2.0, 14.0)]
    hole = [(-1.5, 10.5), (-0.5, 10.5), (-0.5, 11.5), (-1.5, 11.5)]
    polygon, obstacle = ([CAMERA.see(m) for m in corners] for corners in (shape, hole))
    assert VIEW.area_m2(polygon) == pytest.approx(12.0)
    assert VIEW.area_m2(polygon[::-1], [obstacle]) == pytest.approx(11.0)


def test_only_trusted_ground_has_an_area() -> None:
    to_horizon = [(0.0, 40.0), (1280.0, 40.0), (1280.0, 720.0), (0.0, 720.0)]
    all_of_it = VIEW.area_m2(to_horizon)
    assert all_of_it == pytest.approx(VIEW.area_m2(VIEW.calibration.valid), rel=1e-6)
    assert VIEW.area_m2([(0.0, 0.0), (1280.0, 0.0), (1280.0, 20.0)]) == 0


def test_a_sites_ground_is_of_the_pictures_it_was_measured_on() -> None:
    site = replace(
        a_site(zones=[Zone(id="square", polygon=((0, 0), (9, 0), (9, 9)), use=ZoneUse.PEDESTRIAN)]),
        ground=CAMERA.ground(PLACES),
    )
    site = replace(site, camera=replace(site.camera, size=CAMERA.size))
    half = GroundView.of(site, (640, 360))
    assert half is not None
    assert half.to_metres(array(CAMERA.see((1.0, 12.0))) / 2) == pytest.approx(array((1.0, 12.0)))
    assert GroundView.of(replace(site, ground=None), CAMERA.size) is None


def test_places_where_people_would_stand_are_as_high_as_people() -> None:
    corners = tuple(CAMERA.see(m) for m in [(-3.0, 10.0), (3.0, 10.0), (3.0, 18.0), (-3.0, 18.0)])
    site = a_site(zones=[Zone(id="square", polygon=((0, 0), (9, 0), (9, 9)), use=ZoneUse.PEDESTRIAN)])
    site = replace(site, zones=(replace(site.zones[0], polygon=corners),), lines=())
    boxes = standing_places(VIEW, site)
    assert len(boxes) > 20
    feet = np.stack(((boxes[:, 0] + boxes[:, 2]) / 2, boxes[:, 3]), axis=1).astype(np.float64)
    for m, box in zip(VIEW.to_metres(feet), boxes, strict=True):
        assert box[3] - box[1] == pytest.approx(CAMERA.see(m)[1] - CAMERA.see(m, up=TALL_M)[1], rel=0.05)
    assert len(standing_places(None, site)) == 0
