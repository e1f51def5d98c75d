"""Speeds over the ground: right on average, as unsure as they say, and none where too little was seen."""

import math
from dataclasses import replace

import numpy as np
import pytest

from edge.contract.report import RoadUser
from edge.units import ns_from_seconds
from edge.vision.measure.speed import fits, speed_of
from edge.vision.measure.speedometer import Speedometer
from edge.vision.track.tracker import Track
from tests.vision.measure.made import Metres, a_ground, a_site, at
from tests.vision.track.made import a_scene

AGES_S = np.arange(12) / 12


def walked(velocity: Metres, fps: float = 10.0, until_s: float = 2.0, number: int = 1) -> Speedometer:
    """A speedometer that saw somebody walk from (5, 5) m, up to now."""
    speeds = Speedometer(a_ground(a_site()))
    for n in range(round(until_s * fps) + 1):
        t = n / fps
        speeds.see(a_scene(at((5 + velocity[0] * t, 5 + velocity[1] * t), number)), ns_from_seconds(t))
    return speeds


@pytest.mark.parametrize("fps", [5.0, 10.0, 25.0])
@pytest.mark.parametrize("velocity", [(1.4, 0.0), (-0.7, 2.0), (0.0, 0.0)])
def test_a_steady_walk_is_measured_as_it_is(velocity: Metres, fps: float) -> None:
    speed = walked(velocity, fps).of(1)
    assert speed is not None
    assert speed.velocity == pytest.approx(velocity, abs=1e-6)
    assert speed.mps == pytest.approx(math.hypot(*velocity), abs=1e-6)
    assert speed.error == pytest.approx(0.0, abs=1e-6)


def test_what_goes_now_counts_not_what_went_before() -> None:
    speeds = walked((2.0, 0.0))
    for n in range(1, 12):
        speeds.see(a_scene(at((9.0, 5.0))), ns_from_seconds(2 + n / 10))
    stands = speeds.of(1)
    assert stands is not None
    assert stands.mps == pytest.approx(0.0, abs=1e-6)


def test_nothing_is_said_of_what_was_seen_too_shortly_or_too_long_ago() -> None:
    assert walked((1.0, 0.0), until_s=0.3).of(1) is None
    assert walked((1.0, 0.0), until_s=0.6).of(1) is not None
    speeds = walked((1.0, 0.0))
    assert speeds.of(2) is None
    for n in range(20):
        speeds.see(a_scene(at((7.0, 5.0), seen=False)), ns_from_seconds(2 + n / 10))
    assert speeds.of(1) is None


def test_a_track_that_ends_or_leaves_the_measured_ground_is_forgotten() -> None:
    speeds = walked((1.0, 0.0))
    speeds.see(a_scene(ended=[at((7.0, 5.0))]), ns_from_seconds(2.1))
    assert speeds.of(1) is None
    assert speeds.places == {}
    speeds = walked((1.0, 0.0))
    speeds.see(a_scene(at((500.0, 500.0))), ns_from_seconds(2.1))
    assert speeds.of(1) is None
    assert speeds.places == {}


def test_a_new_track_does_not_inherit_the_way_of_an_old_one() -> None:
    speeds = walked((3.0, 0.0))
    speeds.see(a_scene(ended=[at((11.0, 5.0))]), ns_from_seconds(2.1))
    for n in range(2, 10):
        speeds.see(a_scene(at((9.0, 9.0), 2)), ns_from_seconds(2 + n / 10))
    speed = speeds.of(2)
    assert speed is not None
    assert speed.mps == pytest.approx(0.0, abs=1e-6)


def test_many_are_measured_apart() -> None:
    speeds = Speedometer(a_ground(a_site()))
    for n in range(15):
        tracks = [at((3 + 0.02 * who * n, 1 + who * 0.3), who, RoadUser.CAR) for who in range(1, 41)]
        speeds.see(a_scene(*tracks), ns_from_seconds(n / 10))
    for who in range(1, 41):
        speed = speeds.of(who)
        assert speed is not None
        assert speed.mps == pytest.approx(0.2 * who, abs=1e-4)
    assert len(speeds.places) == 40


def test_without_a_ground_there_are_no_speeds() -> None:
    speeds = Speedometer(None)
    for n in range(20):
        speeds.see(a_scene(at((5.0 + n, 5.0))), ns_from_seconds(n / 10))
    assert speeds.of(1) is None
    assert speeds.places == {}


def test_noise_makes_nobody_faster_and_the_error_says_how_large_it_is() -> None:
    random = np.random.default_rng(7)
    n, sigma = 4000, 0.3
    true = np.stack((1.3 * -AGES_S, np.zeros(12)), axis=1)
    velocities, variances = fits(np.broadcast_to(AGES_S, (n, 12)), true + random.normal(0, sigma, (n, 12, 2)))
    assert velocities.mean(axis=0) == pytest.approx((1.3, 0.0), abs=0.02)
    assert np.sqrt(variances.mean(axis=0)) == pytest.approx(velocities.std(axis=0), rel=0.05)
    speeds = [speed_of((v[0], v[1]), (s[0], s[1]), 0.0) for v, s in zip(velocities, variances, strict=True)]
    assert np.hypot(*velocities.T).mean() > 1.3 * 1.015
    assert np.mean([speed.mps for speed in speeds]) == pytest.approx(1.3, rel=0.005)


def test_places_that_are_not_there_change_nothing() -> None:
    places = np.stack((2.0 * -AGES_S, 1.0 * -AGES_S), axis=1)
    holes = AGES_S.copy()
    holes[[2, 5, 6]] = np.nan
    places[[2, 5, 6]] = 99.0
    velocities, _ = fits(holes[None], places[None])
    assert velocities[0] == pytest.approx((2.0, 1.0))
    velocities, variances = fits(np.full((1, 12), np.nan), places[None])
    assert np.isnan(velocities).all()
    assert np.isnan(variances).all()


def test_what_the_calibration_may_be_off_by_is_a_share_of_the_speed() -> None:
    speed = speed_of((3.0, 4.0), (0.0, 0.0), 0.04)
    assert speed.calibration == pytest.approx(0.2)


def entering(number: int, x_m: float, kind: RoadUser) -> Track:
    """A track 3 m wide, or 0.5 m, that comes in at the left: its box ends at the picture's edge."""
    whole = at((x_m, 8.0), number, kind)
    x0, y0, x1, y1 = whole.box
    return replace(whole, box=(max(0.0, x0), y0, x1, y1))


def test_what_the_edge_cuts_off_has_no_speed_until_it_is_all_in() -> None:
    speeds = Speedometer(a_ground(a_site()))
    for n in range(30):
        x_m = -1.4 + 3.0 * n / 10
        speeds.see(a_scene(entering(1, x_m, RoadUser.CAR)), ns_from_seconds(n / 10))
        speed = speeds.of(1)
        assert speed is None or speed.mps == pytest.approx(3.0, abs=1e-3)
    assert speeds.of(1) is not None


def test_a_line_is_fitted_to_what_was_measured_not_to_what_was_smoothed() -> None:
    speeds = Speedometer(a_ground(a_site()))
    for n in range(15):
        track = at((5 + 0.1 * n, 5.0))
        late = at((5 + 0.07 * n, 5.0))
        speeds.see(a_scene(replace(late, outline=track.box)), ns_from_seconds(n / 10))
    speed = speeds.of(1)
    assert speed is not None
    assert speed.mps == pytest.approx(1.0, abs=1e-3)
    assert speeds.places[1] == pytest.approx((5 + 0.07 * 14, 5.0))
