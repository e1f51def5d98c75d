"""What a calibration is worth: its residual is what it is off where it was not fitted, and it is refused by it."""

import math
import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.config.site import Ground, GroundPair
from edge.contract.report import Metres
from edge.ground.calibration import MOST_RESIDUAL, Calibration, calibrate
from edge.ground.region import diagonal, hull
from tests.ground.camera import CORNERS, LENGTHS, PLACES, Camera, Point

CAMERA = Camera()


def moved(ground: Ground, i: int, by: Point) -> Ground:
    """Mismeasure one point by so many metres."""
    pair = ground.points[i]
    wrong = GroundPair(px=pair.px, m=(pair.m[0] + by[0], pair.m[1] + by[1]))
    return replace(ground, points=(*ground.points[:i], wrong, *ground.points[i + 1 :]))


def worth(ground: Ground, camera: Camera = CAMERA) -> Calibration:
    return calibrate(ground, camera.size)


@given(st.builds(Camera, focal=st.floats(500, 2500), tilt=st.floats(15, 60), height=st.floats(3, 20)))
@settings(max_examples=12, deadline=None)
def test_exact_points_are_verified_without_a_residual(camera: Camera) -> None:
    found = worth(camera.ground(PLACES), camera)
    assert found.state is Metres.VERIFIED
    assert found.residual == pytest.approx(0, abs=1e-6)
    assert found.diagonal_m == pytest.approx(diagonal(hull(PLACES)))


def test_four_points_alone_are_unverified_and_a_length_verifies_them() -> None:
    alone = worth(CAMERA.ground(CORNERS))
    assert (alone.state, alone.residual) == (Metres.UNVERIFIED, None)
    assert "fifth point" in alone.why
    assert worth(CAMERA.ground(CORNERS, LENGTHS[:1])).state is Metres.VERIFIED


@pytest.mark.parametrize(("off", "state"), [(1.03, Metres.VERIFIED), (1.08, Metres.REFUSED), (0.92, Metres.REFUSED)])
def test_a_length_that_does_not_fit_four_points_refuses_them(off: float, state: Metres) -> None:
    ground = replace(CAMERA.ground(CORNERS), lengths=(CAMERA.length((-3.0, 10.0), (2.0, 16.0), off),))
    found = worth(ground)
    assert found.state is state
    assert found.residual == pytest.approx(abs(1 / off - 1))


def test_the_residual_is_the_error_of_points_left_out_over_the_hulls_diagonal() -> None:
    # Four points tell the plane, so that the fifth is off by as much as it was mismeasured.
    found = worth(moved(CAMERA.ground([*CORNERS, (0.4, 14.2)]), 4, (0.3, -0.4)))
    told = [offset for offset in found.offsets if offset]
    assert len(told) == 1
    assert math.hypot(*told[0]) == pytest.approx(0.5)
    assert found.residual == pytest.approx(0.5 / diagonal(hull(CORNERS)))
    assert "one point alone" in found.why


def test_noise_gives_the_residual_that_it_should() -> None:
    noise = random.Random(3)  # noqa: S311 - noise
    many = [(x, y) for x in (-5.0, 0.5, 5.0) for y in (8.0, 13.0, 22.0)]
    sigma_m, found = 0.1, []
    for _ in range(8):
        ground = CAMERA.ground(many)
        for i in range(len(many)):
            ground = moved(ground, i, (noise.gauss(0, sigma_m), noise.gauss(0, sigma_m)))
        residual = worth(ground).residual
        assert residual is not None
        found.append(residual * diagonal(hull(many)))
    # Two axes, and what the fit itself is off where a point is left out: somewhat more than the noise.
    mean = sum(found) / len(found)
    assert math.sqrt(2) * sigma_m < mean < 2.5 * sigma_m


def test_a_point_that_is_far_off_refuses_and_is_named() -> None:
    found = worth(moved(CAMERA.ground([*PLACES, (-3.0, 15.0), (3.0, 10.0)]), 5, (6.0, 0.0)))
    assert found.state is Metres.REFUSED
    assert found.residual is not None
    assert found.residual > MOST_RESIDUAL
    assert "point 6" in found.why
    assert " — " in found.why


@pytest.mark.parametrize(
    "places",
    [
        [(0.0, 8.0), (0.0, 11.0), (0.0, 15.0), (0.0, 21.0)],
        [(0.0, 8.0), (1.0, 9.0), (2.0, 10.0), (3.0, 11.0), (4.0, 12.0)],
        [(0.0, 8.0), (0.0, 11.0), (0.0, 15.0), (3.0, 9.0)],
        [(0.0, 8.0), (5.0, 8.0), (5.0, 8.0), (0.0, 15.0)],
        [(0.0, 8.0), (5.0, 8.0), (0.0, 15.0)],
        [(0.0, 20.0), (0.3, 20.0), (0.3, 20.5), (0.0, 20.5), (0.1, 20.2)],
    ],
    ids=["row", "slanting row", "three in a row", "twice the same", "three", "tiny"],
)
def test_places_that_tell_no_plane_are_refused_with_a_mend(places: list[Point]) -> None:
    found = worth(CAMERA.ground(places))
    assert found.state is Metres.REFUSED
    assert not found.usable
    assert " — " in found.why


@pytest.mark.parametrize("count", [4, 5])
def test_crossed_points_are_refused(count: int) -> None:
    ground = CAMERA.ground([*CORNERS, (0.4, 14.2)][:count])
    first, second, *rest = ground.points
    swapped = (GroundPair(px=first.px, m=second.m), GroundPair(px=second.px, m=first.m), *rest)
    found = worth(replace(ground, points=swapped))
    assert found.state is Metres.REFUSED
    assert " — " in found.why


def test_lengths_are_unverified_while_nothing_checks_them() -> None:
    three, five = (worth(CAMERA.ground([], LENGTHS[:count])) for count in (3, 5))
    assert (three.state, three.residual) == (Metres.UNVERIFIED, None)
    assert five.state is Metres.VERIFIED
    assert five.residual == pytest.approx(0, abs=1e-4)
    assert worth(CAMERA.ground([], LENGTHS[:2])).state is Metres.REFUSED


def test_a_length_that_the_others_deny_refuses() -> None:
    lengths = [CAMERA.length(*ends) for ends in LENGTHS]
    wrong = Ground(lengths=(*lengths[:4], CAMERA.length(*LENGTHS[4], 1.4)))
    assert worth(wrong).state is Metres.REFUSED


def test_what_was_measured_on_a_picture_of_another_size_is_scaled() -> None:
    ground = replace(CAMERA.ground(PLACES), size=CAMERA.size)
    found = calibrate(ground, (640, 360))
    assert found.homography is not None
    x, y = CAMERA.see((1.0, 12.0))
    assert found.homography.to_metres((x / 2, y / 2)) == pytest.approx((1.0, 12.0))


@given(st.lists(st.tuples(st.floats(-5, 5), st.floats(8, 24)), min_size=4, max_size=8), st.integers(0, 10_000))
@settings(max_examples=30, deadline=None)
def test_whatever_is_measured_is_judged(places: list[Point], seed: int) -> None:
    noise = random.Random(seed)  # noqa: S311 - noise
    ground = CAMERA.ground(places)
    for i in range(len(places)):
        ground = moved(ground, i, (noise.gauss(0, 1), noise.gauss(0, 1)))
    found = worth(ground)
    assert found.why
    assert (found.state is Metres.VERIFIED) <= (found.residual is not None and found.residual <= MOST_RESIDUAL)
    assert found.usable <= (found.homography is not None and len(found.valid) > 2)
