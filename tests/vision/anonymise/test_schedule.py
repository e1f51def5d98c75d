"""When a film is looked at: often enough by its own time, at any frame rate."""

from itertools import pairwise

import pytest

from edge.units import NS_PER_S
from edge.vision.anonymise.schedule import DETAILS_S, PARTS_S, WHOLE_S, Schedule, part_zoom
from edge.vision.detect.region import whole, zoomed

SIZE = (640, 360)


@pytest.mark.parametrize("size", [SIZE, (1920, 1080), (352, 288)])
@pytest.mark.parametrize("fps", [1, 5, 10, 25, 60])
def test_the_whole_the_parts_and_the_details_are_looked_at_in_time(fps: int, size: tuple[int, int]) -> None:
    schedule = Schedule(size)
    orders = [(n / fps, schedule.order(n * NS_PER_S // fps)) for n in range(10 * fps)]
    looks = [(at, order) for at, order in orders if order]
    wholes = [at for at, order in looks if whole(size) in order.regions]
    details = [at for at, order in looks if order.details]
    assert max(b - a for a, b in pairwise(wholes)) < WHOLE_S + 2 / fps
    assert max(b - a for a, b in pairwise(details)) < DETAILS_S + 2 / fps
    if 1 / fps < WHOLE_S:
        parts = zoomed(size, part_zoom(size))
        for part in parts:
            seen = [at for at, order in looks if part in order.regions]
            assert max(b - a for a, b in pairwise(seen)) < 2 * PARTS_S + 4 / fps


def test_everything_is_looked_at_closely_at_the_start_and_again_after_a_blackout() -> None:
    schedule = Schedule(SIZE)
    first = schedule.order(0)
    assert first is not None
    assert first.details
    assert len(first.regions) == 1 + len(zoomed(SIZE, part_zoom(SIZE)))
    second = schedule.order(NS_PER_S // 100)
    assert second is None
    schedule.start_again()
    assert schedule.order(NS_PER_S // 50) == first


def test_when_something_went_far_the_whole_is_looked_at_in_the_very_next_frame() -> None:
    schedule = Schedule(SIZE)
    schedule.order(0)
    for n in range(1, 10):
        order = schedule.order(n * NS_PER_S // 60, far=True)
        assert order is not None
        assert whole(SIZE) in order.regions
