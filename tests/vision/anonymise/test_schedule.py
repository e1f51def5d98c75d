"""When a film is looked at: often enough by its own time, at any frame rate."""

from itertools import pairwise

import pytest

from edge.units import NS_PER_S
from edge.vision.anonymise.schedule import DETAILS_S, PART_S, WHOLE_S, Schedule
from edge.vision.detect.region import whole

SIZE = (640, 360)


@pytest.mark.parametrize("fps", [1, 5, 10, 25, 60])
def test_the_whole_the_parts_and_the_details_are_looked_at_in_time(fps: int) -> None:
    schedule = Schedule(SIZE)
    orders = [(n / fps, schedule.order(n * NS_PER_S // fps)) for n in range(10 * fps)]
    looks = [(at, order) for at, order in orders if order]
    wholes = [at for at, order in looks if whole(SIZE) in order.regions]
    details = [at for at, order in looks if order.details]
    assert max(b - a for a, b in pairwise(wholes)) < WHOLE_S + 2 / fps
    assert max(b - a for a, b in pairwise(details)) < DETAILS_S + 2 / fps
    if 1 / fps < WHOLE_S:
        parts = {order.regions for _, order in looks if order.regions[0] != whole(SIZE)}
        assert len(parts) > 1
        assert len(looks) - len(wholes) >= 10 / (PART_S + 2 / fps) - 1


def test_everything_is_looked_at_closely_at_the_start_and_again_after_a_blackout() -> None:
    schedule = Schedule(SIZE)
    first = schedule.order(0)
    assert first is not None
    assert first.details
    assert len(first.regions) > 5
    second = schedule.order(NS_PER_S // 100)
    assert second is None
    schedule.start_again()
    assert schedule.order(NS_PER_S // 50) == first
