"""One window's sums, weighted by real time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.contract.report import CameraState, RoadUser
from edge.units import NS_PER_S, ns_from_seconds
from edge.vision.aggregate.window import Window
from edge.vision.measure.lines import Direction
from edge.vision.measure.passes import Passage
from edge.vision.measure.zones import Occupancy

FORWARD, BACKWARD = Direction.FORWARD, Direction.BACKWARD


def a_window(lines: int = 1, zones: int = 1) -> Window:
    return Window(start_ns=120 * NS_PER_S, length_ns=60 * NS_PER_S, lines=lines, zones=zones)


def present(people: set[int], vehicles: set[int] | None = None, zone: int = 0) -> Occupancy:
    ids = frozenset(people), frozenset(vehicles or ())
    return Occupancy(zone=zone, people=ids[0], vehicles=ids[1], entered=frozenset().union(*ids))


@given(
    st.lists(
        st.tuples(st.integers(0, NS_PER_S), st.sets(st.integers(1, 9)), st.sets(st.integers(1, 9))),
        min_size=1,
        max_size=20,
    )
)
def test_means_are_weighted_by_the_time_each_frame_stands_for(frames: list[tuple[int, set[int], set[int]]]) -> None:
    window = a_window()
    for covered_ns, people, vehicles in frames:
        window.see([present(people, vehicles)], covered_ns)
    tally = window.tally()
    weights = [covered_ns for covered_ns, _, _ in frames]
    assert tally.observed_ns == sum(weights)
    for column, presence in ((1, tally.zones[0].people), (2, tally.zones[0].vehicles)):
        numbers = [len(frame[column]) for frame in frames]
        if sum(weights):
            assert presence.mean(tally.observed_ns) == pytest.approx(np.average(numbers, weights=weights))
        assert presence.most == max(numbers)
        assert presence.distinct == len(set().union(*(frame[column] for frame in frames)))


def test_the_mean_does_not_hang_on_the_frame_rate() -> None:
    # Three people for a second at 25 frames a second, then one for a second at 5.
    window = a_window()
    for fps, people in ((25, {1, 2, 3}), (5, {1})):
        for _ in range(fps):
            window.see([present(people)], ns_from_seconds(1 / fps))
    tally = window.tally()
    assert tally.zones[0].people.mean(tally.observed_ns) == pytest.approx(2.0)
    assert tally.zones[0].people.most == 3


@given(st.lists(st.tuples(st.integers(0, 2), st.sampled_from(list(Direction)), st.sampled_from(list(RoadUser)))))
def test_every_pass_is_counted_once_where_it_belongs(passes: list[tuple[int, Direction, RoadUser]]) -> None:
    window = a_window(lines=3)
    passages = [
        Passage(line=line, direction=way, kind=kind, track=n, at_ns=n) for n, (line, way, kind) in enumerate(passes)
    ]
    window.count(passages[:3])
    window.count(passages[3:])
    tally = window.tally()
    for line in range(3):
        for way, counted in ((FORWARD, tally.lines[line].forward), (BACKWARD, tally.lines[line].backward)):
            assert list(counted) == [passes.count((line, way, kind)) for kind in RoadUser]


def test_zones_are_apart() -> None:
    window = a_window(zones=2)
    window.see([present({1}, zone=0), present({1, 2}, {7}, zone=1)], NS_PER_S)
    first, second = window.tally().zones
    assert (first.people.most, first.vehicles.most) == (1, 0)
    assert (second.people.most, second.vehicles.most) == (2, 1)


def test_an_unseen_window_is_not_observed_and_counts_nothing() -> None:
    tally = a_window().tally()
    assert tally.coverage == 0
    assert tally.lines[0].forward == (0,) * len(RoadUser)
    assert tally.zones[0].people.distinct == 0


def test_one_person_lost_and_found_again_is_not_many() -> None:
    """Behind four columns one walker begins five tracks, one at a time; only the first came in at the edge."""
    window = Window(start_ns=0, length_ns=60 * NS_PER_S, lines=0, zones=1)
    for number in range(1, 14):
        one = frozenset({number})
        seen = Occupancy(zone=0, people=one, vehicles=frozenset(), entered=one if number == 1 else frozenset())
        window.see([seen], NS_PER_S)
    (zone,) = window.tally().zones
    assert (zone.people.distinct, zone.people.most) == (1, 1)


def test_what_the_camera_lost_is_told_by_its_reason() -> None:
    window = a_window()
    window.lose(CameraState.BLACK, 3 * NS_PER_S)
    window.lose(CameraState.MOVED, 2 * NS_PER_S)
    window.lose(CameraState.BLACK, NS_PER_S)
    tally = window.tally()
    assert tally.observed_ns == 0
    assert [tally.lost_ns[state] // NS_PER_S for state in (CameraState.BLACK, CameraState.MOVED)] == [4, 2]
    assert sum(tally.lost_ns) == 6 * NS_PER_S
