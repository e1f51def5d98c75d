"""What may leave: nothing that tells of fewer than five, not even by subtraction."""

from dataclasses import fields

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.contract import bounds, wire
from edge.contract.report import VEHICLE_KINDS, DirectionCounts, RoadUser, WindowReport
from edge.units import NS_PER_S
from edge.vision.aggregate.release import Header, listable, release
from edge.vision.aggregate.tally import Counts, LineTally, Presence, Tally, ZoneTally

START_NS = 1_800_000_000 * NS_PER_S
HEADER = Header(sequence=7, site=1, model=2, revision=0, replay=False, isolated=True)
CLASSES = [kind.name.lower() for kind in VEHICLE_KINDS]

# Small counts are where the rules are; now and then one beyond every bound.
count = st.integers(0, 9) | st.integers(0, 200) | st.just(10**6)
counts = st.tuples(*[count] * len(RoadUser))
presence = st.builds(
    Presence,
    object_ns=st.integers(0, 10**16),
    most=st.integers(0, 10) | st.just(10**5),
    distinct=st.integers(0, 10) | st.just(10**5),
)
tallies = st.builds(
    Tally,
    start_ns=st.integers(0, 10**6).map(lambda n: START_NS + 60 * n * NS_PER_S),
    length_ns=st.sampled_from([60, 900, 3600]).map(lambda s: s * NS_PER_S),
    observed_ns=st.integers(0, 4000 * NS_PER_S) | st.just(0),
    lines=st.lists(st.builds(LineTally, forward=counts, backward=counts), max_size=bounds.MOST_LINES).map(tuple),
    zones=st.lists(st.builds(ZoneTally, people=presence, vehicles=presence), max_size=bounds.MOST_ZONES).map(tuple),
)


def a_tally(
    forward: Counts = (0,) * 7, people: Presence | None = None, observed_s: float = 60, length_s: int = 60
) -> Tally:
    nobody = Presence(object_ns=0, most=0, distinct=0)
    return Tally(
        start_ns=START_NS,
        length_ns=length_s * NS_PER_S,
        observed_ns=round(observed_s * NS_PER_S),
        lines=(LineTally(forward=forward, backward=(0,) * 7),),
        zones=(ZoneTally(people=people or nobody, vehicles=nobody),),
    )


def released(forward: Counts) -> DirectionCounts:
    return release(a_tally(forward), HEADER).lines[0].forward


def listed(direction: DirectionCounts) -> dict[str, int]:
    return {name: value for name in CLASSES if (value := getattr(direction, name)) is not None}


@settings(max_examples=150, deadline=None)
@given(tallies)
def test_whatever_is_released_crosses_the_boundary(tally: Tally) -> None:
    report = release(tally, HEADER)
    assert wire.decode(wire.encode(report), (WindowReport,)) == report


@given(counts)
def test_totals_are_exact_and_no_listed_class_is_small(forward: Counts) -> None:
    direction = released(forward)
    assert direction.people == min(forward[RoadUser.PERSON], bounds.COUNT.most)
    assert direction.vehicles == min(sum(forward[kind] for kind in VEHICLE_KINDS), bounds.COUNT.most)
    for name, value in listed(direction).items():
        assert value == min(forward[RoadUser[name.upper()]], bounds.COUNT.most)
        assert value >= bounds.LEAST_OBJECTS


@given(st.tuples(*[st.integers(0, 9) | st.integers(0, 200)] * len(RoadUser)))
def test_no_class_is_told_by_subtraction(forward: Counts) -> None:
    direction = released(forward)
    shown = listed(direction)
    hidden = [forward[RoadUser[name.upper()]] for name in CLASSES if name not in shown]
    occurred = [number for number in hidden if number]
    # What is missing from the total is nobody, or more than one class: a reader can't tell one from the other.
    assert direction.vehicles - sum(shown.values()) == sum(hidden)
    if shown:
        assert len(occurred) != 1


@given(st.lists(st.integers(0, 30), max_size=8))
def test_nothing_is_withheld_without_need(numbers: list[int]) -> None:
    may = listable(numbers)
    small = [n for n in numbers if 0 < n < bounds.LEAST_OBJECTS]
    large = [n for n in numbers if n >= bounds.LEAST_OBJECTS]
    needed = 1 if len(small) == 1 and large else 0
    assert sum(may) == len(large) - needed
    if needed:
        assert sorted(n for n, one in zip(numbers, may, strict=True) if one) == sorted(large)[1:]


@pytest.mark.parametrize(
    ("forward", "expected"),
    [
        # person, bicycle, motorcycle, car, bus, lorry, vehicle
        ((50, 0, 0, 12, 0, 0, 0), {"car": 12}),
        ((50, 0, 0, 12, 6, 3, 0), {"car": 12}),
        ((50, 0, 0, 12, 2, 3, 0), {"car": 12}),
        ((50, 0, 0, 12, 0, 3, 0), {}),
        ((3, 0, 0, 4, 0, 0, 0), {}),
        ((3, 5, 5, 5, 5, 5, 5), dict.fromkeys(CLASSES, 5)),
    ],
)
def test_examples_of_what_is_listed(forward: Counts, expected: dict[str, int]) -> None:
    assert listed(released(forward)) == expected


@settings(max_examples=100)
@given(
    distinct=st.integers(0, 12),
    most=st.integers(0, 12),
    object_s=st.integers(0, 700),
    observed_s=st.sampled_from([0, 30, 60]),
)
def test_means_and_maxima_need_five_different_ones(distinct: int, most: int, object_s: int, observed_s: int) -> None:
    people = Presence(object_ns=object_s * NS_PER_S, most=most, distinct=distinct)
    zone = release(a_tally(people=people, observed_s=observed_s), HEADER).zones[0]
    assert zone.vehicles_mean_hundredths is None
    assert zone.vehicles_max is None
    if distinct < bounds.LEAST_OBJECTS:
        assert zone.people_mean_hundredths is None
        assert zone.people_max is None
    else:
        expected = 100 * object_s / observed_s if observed_s else 0
        assert zone.people_mean_hundredths == pytest.approx(expected, abs=0.5)
        assert zone.people_max == most


@pytest.mark.parametrize(
    ("observed_s", "permille"), [(0, 0), (0.05, 0), (30, 500), (59.99, 999), (60, 1000), (60.2, 1000)]
)
def test_coverage_is_never_rounded_up(observed_s: float, permille: int) -> None:
    assert release(a_tally(observed_s=observed_s), HEADER).observed_permille == permille


def test_a_report_says_of_itself_what_it_was_told() -> None:
    header = Header(sequence=9, site=2**63, model=5, revision=3, replay=True, isolated=False)
    report = release(a_tally(length_s=900), header)
    assert (report.window_start_s, report.window_s) == (1_800_000_000, 900)
    assert {field.name: getattr(report, field.name) for field in fields(Header)} == {
        field.name: getattr(header, field.name) for field in fields(Header)
    }
