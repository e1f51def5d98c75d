"""Attention: often where something moves, rarely where nothing does, and far things enlarged."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.units import ns_from_seconds
from edge.vision.detect.attention import Attention
from edge.vision.detect.region import Region, whole

SIZE = (1280, 720)
NOTHING = np.empty((0, 4), np.float32)
RATES = pytest.mark.parametrize("fps", [5.0, 25.0])


def boxes(*corners: tuple[float, float, float, float]) -> np.ndarray:
    return np.array(corners, np.float32).reshape(-1, 4)


NEAR = boxes((300, 100, 700, 600))
FAR = boxes((400, 200, 424, 212))


def looks(attention: Attention, active: np.ndarray, fps: float, until_s: float) -> list[tuple[Region, ...]]:
    """Give the regions of each frame in which the detector runs."""
    plans = [attention.plan(active, ns_from_seconds(n / fps)) for n in range(round(until_s * fps))]
    return [plan for plan in plans if plan]


@RATES
def test_a_still_scene_is_looked_at_rarely_and_whole(fps: float) -> None:
    seen = looks(Attention(SIZE, None), NOTHING, fps, 60.0)
    assert 6 <= len(seen) <= 60
    assert set(seen) == {(whole(SIZE),)}


@RATES
@pytest.mark.parametrize("active", [NEAR, FAR])
def test_a_moving_scene_is_looked_at_often(fps: float, active: np.ndarray) -> None:
    assert len(looks(Attention(SIZE, None), active, fps, 10.0)) >= 4 * 10


def test_the_first_frame_is_looked_at() -> None:
    assert Attention(SIZE, None).plan(NOTHING, 0) == (whole(SIZE),)
    assert Attention(SIZE, (2, 2)).plan(NOTHING, 0)


def test_what_begins_to_move_is_looked_at_without_waiting() -> None:
    attention = Attention(SIZE, None)
    attention.plan(NOTHING, 0)
    assert attention.plan(NOTHING, ns_from_seconds(0.2)) == ()
    assert attention.plan(NEAR, ns_from_seconds(0.4)) != ()


@RATES
def test_far_things_are_enlarged_and_near_ones_are_not(fps: float) -> None:
    near, far = (looks(Attention(SIZE, None), active, fps, 5.0) for active in (NEAR, FAR))
    assert all(plan == (whole(SIZE),) for plan in near)
    for plan in far:
        assert any(holds(region, FAR[0]) for region in plan)
        assert min(region.width for region in plan) <= SIZE[0] / 2


@RATES
def test_nothing_that_moves_is_left_out_for_long(fps: float) -> None:
    rng = np.random.default_rng(1)
    for _ in range(5):
        corners = rng.uniform((0, 0), (1200, 680), (12, 2))
        sides = rng.uniform(12, 80, (12, 2))
        crowd = np.concatenate((corners, np.minimum(corners + sides, SIZE)), axis=1).astype(np.float32)
        shown = [region for plan in looks(Attention(SIZE, None), crowd, fps, 10.0) for region in plan]
        for box in crowd:
            assert sum(holds(region, box) for region in shown) >= 2


def holds(region: Region, box: np.ndarray) -> bool:
    return bool(region.x0 <= box[0] and region.y0 <= box[1] and box[2] <= region.x1 and box[3] <= region.y1)


corners = st.tuples(st.floats(-200, 2200), st.floats(-200, 1400), st.floats(0, 900), st.floats(0, 900))


@settings(max_examples=60, deadline=None)
@given(
    size=st.tuples(st.integers(16, 2000), st.integers(16, 1200)).filter(lambda size: max(size) < 20 * min(size)),
    tiles=st.none() | st.tuples(st.integers(1, 8), st.integers(1, 8)),
    frames=st.lists(st.lists(corners, max_size=5), min_size=1, max_size=6),
)
def test_every_region_lies_in_the_picture(
    size: tuple[int, int], tiles: tuple[int, int] | None, frames: list[list[tuple[float, float, float, float]]]
) -> None:
    attention = Attention(size, tiles)
    for n, moving in enumerate(frames):
        active = boxes(*((x, y, x + w, y + h) for x, y, w, h in moving))
        plan = attention.plan(active, ns_from_seconds(10.0 * n))
        assert plan
        for region in plan:
            assert 0 <= region.x0 < region.x1 <= size[0]
            assert 0 <= region.y0 < region.y1 <= size[1]


@RATES
def test_fixed_tiles_are_all_looked_at_every_time(fps: float) -> None:
    plans = looks(Attention(SIZE, (3, 2)), FAR, fps, 5.0)
    assert {len(plan) for plan in plans} == {6}
    assert len(set(plans)) == 1
    assert min(region.x0 for region in plans[0]) == 0
    assert max(region.x1 for region in plans[0]) == SIZE[0]
    assert max(region.y1 for region in plans[0]) == SIZE[1]


PLACES = boxes(*((40.0 + 100 * n, 60.0, 52.0 + 100 * n, 90.0) for n in range(12)), (300, 200, 420, 500))


@RATES
def test_a_still_scenes_places_come_round_as_large_as_they_should_be(fps: float) -> None:
    plain, knowing = (looks(Attention(SIZE, None, places), NOTHING, fps, 60.0) for places in (NOTHING, PLACES))
    # As many looks, each at one part, and every other at all of it.
    assert len(knowing) == len(plain)
    assert {len(plan) for plan in knowing} == {1}
    assert set(knowing[::2]) == {(whole(SIZE),)}
    shown = {plan[0] for plan in knowing}
    for place in PLACES[:-1]:
        assert any(holds(region, place) and region.width <= SIZE[0] / 2 for region in shown)
    assert len(shown) <= 8


@RATES
def test_places_do_not_matter_while_something_moves(fps: float) -> None:
    plain, knowing = (looks(Attention(SIZE, None, places), FAR, fps, 10.0) for places in (NOTHING, PLACES))
    assert knowing == plain
