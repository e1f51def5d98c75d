"""The filters: real time steps, near and far alike."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.units import seconds_from_ns
from edge.vision.track.kinematics import Kinematics, boxes_of, states_of
from tests.vision.track.made import Point, box_on, instants

FIRST = np.zeros(1, np.intp)


def followed(fps: float, until_s: float, scale: float = 1.0, noise: float = 0.0, seed: int = 1) -> Kinematics:
    """Follow one thing of 40x20 px that goes (60, -20) px/s from (100, 300), all times `scale`."""
    rng = np.random.default_rng(seed)
    filters = None
    last_s = 0.0
    for at_ns in instants(fps, until_s):
        at_s = seconds_from_ns(at_ns)
        box = np.array([box_on(foot_at(at_s, scale), (40 * scale, 20 * scale))], np.float32)
        box += rng.normal(0, noise, 4).astype(np.float32)
        if filters is None:
            filters = Kinematics.of(box)
        else:
            filters.predict(at_s - last_s)
            filters.correct(FIRST, box, 1.0)
        last_s = at_s
    assert filters is not None
    filters.predict(until_s - last_s)
    return filters


def foot_at(at_s: float, scale: float = 1.0) -> Point:
    return scale * (100 + 60 * at_s), scale * (300 - 20 * at_s)


sides = st.floats(2, 1000, width=32)
places = st.floats(-500, 2000, width=32)


@given(st.lists(st.tuples(places, places, sides, sides), max_size=5))
def test_boxes_and_states_are_the_same_thing(shapes: list[tuple[float, float, float, float]]) -> None:
    boxes = np.array([box_on((x, y), (w, h)) for x, y, w, h in shapes], np.float32).reshape(-1, 4)
    assert boxes_of(states_of(boxes)) == pytest.approx(boxes, abs=1e-2)
    assert states_of(boxes) == pytest.approx(np.array(shapes).reshape(-1, 4), abs=1e-2)


@pytest.mark.parametrize("fps", [5.0, 25.0])
def test_a_steady_thing_is_followed_and_predicted(fps: float) -> None:
    filters = followed(fps, 3.0)
    assert filters.position[0, :2] == pytest.approx(foot_at(3.0), abs=0.5)
    assert filters.velocity[0, :2] == pytest.approx((60, -20), abs=1)
    filters.predict(1.0)
    assert filters.position[0, :2] == pytest.approx(foot_at(4.0), abs=1.5)
    assert filters.boxes()[0] == pytest.approx(box_on(foot_at(4.0), (40, 20)), abs=2)


def test_5_and_25_frames_a_second_end_at_about_the_same_place() -> None:
    for seed in range(5):
        slow, quick = (followed(fps, 3.0, noise=1.0, seed=seed) for fps in (5.0, 25.0))
        assert math.dist(slow.position[0, :2], quick.position[0, :2]) < 4
        assert math.dist(slow.velocity[0, :2], quick.velocity[0, :2]) < 20


def test_one_long_step_is_many_short_ones() -> None:
    one, many = followed(5.0, 2.0), followed(5.0, 2.0)
    one.predict(0.8)
    for _ in range(20):
        many.predict(0.04)
    assert one.position == pytest.approx(many.position, abs=1e-6)
    # The noise is drawn anew at each step, so doubt depends on their number a little.
    assert one.doubt() == pytest.approx(many.doubt(), rel=0.5)


@pytest.mark.parametrize("scale", [0.25, 4.0])
def test_near_and_far_are_alike(scale: float) -> None:
    usual, scaled = followed(10.0, 2.0), followed(10.0, 2.0, scale)
    assert scaled.position / scale == pytest.approx(usual.position, rel=1e-4, abs=1e-2)
    assert scaled.doubt() == pytest.approx(usual.doubt(), rel=1e-3)


def test_doubt_grows_unseen_and_shrinks_when_seen() -> None:
    filters = followed(10.0, 2.0)
    known = filters.doubt()[0]
    filters.predict(1.0)
    lost = filters.doubt()[0]
    filters.correct(FIRST, np.array([box_on(foot_at(3.0), (40, 20))], np.float32), 1.0)
    assert known < lost
    assert filters.doubt()[0] < 0.5 * lost


def test_a_vaguer_measurement_draws_less() -> None:
    place = {}
    for trust in (1.0, 0.3):
        filters = followed(10.0, 2.0)
        aside = np.array([box_on((230.0, 260.0), (40, 20))], np.float32)
        filters.correct(FIRST, aside, trust)
        place[trust] = filters.position[0, 0]
    assert foot_at(2.0)[0] < place[0.3] < place[1.0] < 230


def test_only_the_rows_asked_for_are_corrected_kept_and_added() -> None:
    boxes = np.array([(0, 0, 10, 10), (50, 0, 60, 10), (100, 0, 110, 10)], np.float32)
    filters = Kinematics.of(boxes)
    filters.correct(np.array([1]), boxes[1:2] + 4, 1.0)
    assert (filters.boxes()[[0, 2]] == boxes[[0, 2]]).all()
    assert (filters.boxes()[1] > boxes[1]).all()
    filters.keep(np.array([2, 0]))
    filters.add(Kinematics.of(boxes[1:2]))
    assert (filters.boxes() == boxes[[2, 0, 1]]).all()


def test_a_box_never_turns_inside_out() -> None:
    filters = Kinematics.of(np.array([(0, 0, 40, 40)], np.float32))
    for n in range(1, 6):
        filters.predict(0.1)
        filters.correct(FIRST, np.array([(4 * n, 4 * n, 40 - 3 * n, 40 - 3 * n)], np.float32), 1.0)
    filters.predict(20.0)
    x0, y0, x1, y1 = filters.boxes()[0]
    assert x0 < x1
    assert y0 < y1
    assert np.isfinite(filters.doubt()).all()
