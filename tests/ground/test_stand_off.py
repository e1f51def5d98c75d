"""Stand-off: what passes while a bollard rises, and how far upstream of its line there is ground in view."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.ground.calibration import calibrate
from edge.ground.stand_off import Reach, StandOff, reach
from tests.ground.camera import CORNERS, PLACES, Camera, Point

CAMERA = Camera()
PLANE = calibrate(CAMERA.ground(PLACES), CAMERA.size)
LINE = ((-2.0, 10.0), (2.0, 10.0))
durations = st.floats(0, 60)


def seen(*places: Point) -> tuple[Point, ...]:
    return tuple(map(CAMERA.see, places))


@given(durations, durations, durations, st.floats(0.1, 60), st.floats(0, 60))
def test_at_the_fastest_speed_the_distance_is_the_reach(
    detect_s: float, broker_s: float, margin_s: float, rise_s: float, reach_m: float
) -> None:
    stand_off = StandOff(detect_s=detect_s, broker_s=broker_s, rise_s=rise_s, margin_s=margin_s)
    assert stand_off.total_s == pytest.approx(detect_s + broker_s + rise_s + margin_s)
    assert stand_off.distance_m(stand_off.fastest_mps(reach_m)) == pytest.approx(reach_m, abs=1e-9)


def test_by_hand() -> None:
    # 50 km/h for 2 s, 0.3 s, 4 s and 1 s.
    assert StandOff(rise_s=4.0).distance_m(50 / 3.6) == pytest.approx(101.4, abs=0.05)


def test_the_ground_in_view_is_measured_on_both_sides() -> None:
    start, end = seen(*LINE)
    zone = seen((-4.0, 7.0), (4.0, 7.0), (4.0, 18.0), (-4.0, 18.0))
    # Along an arrow to the right who comes forward comes from far, towards the camera.
    found = reach(PLANE, (start, end), zone)
    assert (found.forward_m, found.backward_m) == pytest.approx((8.0, 3.0), abs=0.01)
    turned = reach(PLANE, (end, start), zone)
    assert (turned.forward_m, turned.backward_m) == pytest.approx((3.0, 8.0), abs=0.01)


def test_on_a_mirrored_plan_the_sides_stay() -> None:
    mirrored = CAMERA.ground(PLACES)
    points = tuple(type(pair)(px=pair.px, m=(pair.m[0], -pair.m[1])) for pair in mirrored.points)
    plane = calibrate(type(mirrored)(points=points), CAMERA.size)
    start, end = seen(*LINE)
    zone = seen((-4.0, 7.0), (4.0, 7.0), (4.0, 18.0), (-4.0, 18.0))
    assert reach(plane, (start, end), zone).forward_m == pytest.approx(8.0, abs=0.01)


def test_only_the_lane_before_the_line_counts() -> None:
    line = seen(*LINE)
    assert reach(PLANE, (line[0], line[1]), seen((2.5, 11.0), (5.0, 11.0), (5.0, 18.0))) == Reach(
        forward_m=0.0, backward_m=0.0
    )


def test_ground_that_is_not_trusted_does_not_count() -> None:
    line = seen(*LINE)
    far = seen((-2.0, 10.0), (2.0, 10.0), (2.0, 500.0), (-2.0, 500.0))
    found = reach(PLANE, (line[0], line[1]), far)
    assert found.forward_m == pytest.approx(reach(PLANE, (line[0], line[1])).forward_m)
    farthest = max(PLANE.homography.to_metres(px)[1] for px in PLANE.valid) if PLANE.homography else math.nan
    assert 10 < found.forward_m <= farthest - 10 + 1e-6


def test_without_metres_nothing_reaches_anywhere() -> None:
    refused = calibrate(CAMERA.ground(CORNERS[:2]), CAMERA.size)
    line = seen(*LINE)
    assert reach(refused, (line[0], line[1])) == Reach(forward_m=0.0, backward_m=0.0)
