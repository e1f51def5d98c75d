"""A ground from known lengths: a camera that isn't rolled is found, up to where it stands."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.ground.lengths import fit_lengths, measured
from tests.ground.camera import LENGTHS, Camera


@given(st.builds(Camera, focal=st.floats(600, 2000), tilt=st.floats(15, 50), height=st.floats(4, 12)))
@settings(max_examples=5, deadline=None)
def test_other_distances_follow_from_known_lengths(camera: Camera) -> None:
    known = [camera.length(*ends) for ends in LENGTHS]
    found = fit_lengths(known, camera.size).homography
    other = camera.length((-2.0, 9.0), (4.0, 21.0))
    assert measured(found, other) == pytest.approx(other.metres, rel=1e-4)
    assert all(measured(found, each) == pytest.approx(each.metres, rel=1e-4) for each in known)


def test_lengths_that_say_the_same_thing_are_seen_to() -> None:
    camera = Camera()
    alike = [camera.length((x, 10.0), (x + 3.0, 10.0)) for x in (-4.0, -1.0, 2.0)]
    assert not fit_lengths(alike, camera.size).condition < 1000


def test_a_roll_shows_as_an_error() -> None:
    camera = Camera()
    turn = math.radians(8)

    def rolled(px: tuple[float, float]) -> tuple[float, float]:
        x, y = px[0] - 640, px[1] - 360
        return 640 + x * math.cos(turn) - y * math.sin(turn), 360 + x * math.sin(turn) + y * math.cos(turn)

    known = [camera.length(*ends) for ends in LENGTHS]
    seen = [type(each)(start=rolled(each.start), end=rolled(each.end), metres=each.metres) for each in known]
    found = fit_lengths(seen, camera.size).homography
    assert max(abs(measured(found, each) / each.metres - 1) for each in seen) > 0.01
