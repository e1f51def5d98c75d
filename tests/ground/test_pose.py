"""The camera's pose: a head seen over the ground stands where its feet would be."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.ground.homography import Homography, fit
from edge.ground.matrix import dot
from edge.ground.pose import pose_of
from tests.ground.camera import PLACES, Camera, Point

cameras = st.builds(Camera, focal=st.floats(500, 2500), tilt=st.floats(12, 60), height=st.floats(3, 20))
near = st.tuples(st.floats(-5, 5), st.floats(8, 22))


@given(cameras, near, st.sampled_from([1, -1]), st.floats(0, math.tau))
@settings(max_examples=80)
def test_the_pose_is_that_of_the_camera_on_a_plan_of_either_hand(
    camera: Camera, place: Point, hand: int, turn: float
) -> None:
    def on_plan(m: Point) -> Point:
        x, y = hand * m[0], m[1]
        return x * math.cos(turn) - y * math.sin(turn), x * math.sin(turn) + y * math.cos(turn)

    pose = pose_of(fit([(px, on_plan(m)) for px, m in camera.pairs(PLACES)]).homography, camera.size)
    assert pose is not None
    assert pose.focal_px == pytest.approx(camera.focal, rel=1e-5)
    assert pose.height_m == pytest.approx(camera.height, rel=1e-5)
    head = camera.see(place, up=1.7)
    assert pose.above(on_plan(place), 1.7) == pytest.approx(head, abs=1e-3)
    x, y, w = (dot(row, (*head, 1.0)) for row in pose.plane(1.7))
    assert (x / w, y / w) == pytest.approx(on_plan(place), abs=1e-5)


def test_a_view_from_straight_above_tells_no_pose() -> None:
    assert pose_of(Homography(rows=(0.05, 0, 0, 0, 0.05, 0, 0, 0, 1)), (640, 360)) is None


def test_what_no_camera_sees_so_has_no_pose() -> None:
    camera = Camera()
    in_feet = [(px, (m[0] / 0.3048, m[1])) for px, m in camera.pairs(PLACES)]
    assert pose_of(fit(in_feet).homography, camera.size) is None
