"""Averages: the textbook's formulas, of five different ones or none, and no more in a later revision."""

import json
from collections.abc import Iterable
from dataclasses import asdict, fields, replace
from itertools import product
from random import Random
from statistics import fmean, harmonic_mean, stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.contract import bounds, wire
from edge.contract.report import (
    CameraState,
    Congestion,
    CrowdEstimator,
    DirectionCounts,
    DirectionFlow,
    LineReport,
    WindowReport,
    ZoneReport,
)
from edge.units import NS_PER_S
from edge.vision.aggregate import averages
from edge.vision.aggregate.held import tally_of
from edge.vision.aggregate.release import Header, release
from edge.vision.aggregate.tally import Crowding, Flow, LineTally, Presence, Tally, TurnTally, ZoneTally, merge
from edge.vision.revise import given_by, revised, totals_only
from tests.vision.aggregate.made import START_NS, some_tally, speeds_of

HEADER = Header(sequence=7, site=1, model=2, revision=0, replay=False, isolated=True)
MINUTE_NS = 60 * NS_PER_S
FIVE = Presence(object_ns=NS_PER_S, most=5, distinct=5)
SEEDS = range(60)


def a_tally(**parts: object) -> Tally:
    whole: dict[str, object] = {
        "start_ns": START_NS,
        "length_ns": 15 * MINUTE_NS,
        "observed_ns": 15 * MINUTE_NS,
        "lines": (),
        "zones": (),
    }
    return Tally(**{**whole, **parts})  # type: ignore[arg-type]


def given_in(part: object, names: Iterable[str]) -> set[str]:
    return {name for name in names if getattr(part, name) is not None}


def chance(seed: int) -> Random:
    return Random(seed)  # noqa: S311 - numbers, not secrets


# -- formulas --------------------------------------------------------------------------------------------------------


@given(st.lists(st.floats(0.2, 40), min_size=5, max_size=40), st.floats(0, 0.1))
def test_means_of_speeds_and_their_error(speeds: list[float], off_by: float) -> None:
    flow = averages.flow(Flow(vehicles=speeds_of(speeds, off_by=off_by), distinct=len(speeds)), MINUTE_NS)
    mean = fmean(speeds)
    assert flow.speed_time_mean_cm_s == pytest.approx(100 * mean, abs=1)
    assert flow.speed_space_mean_cm_s == pytest.approx(100 * harmonic_mean(speeds), abs=1)
    sampling = stdev(speeds) / len(speeds) ** 0.5
    assert flow.speed_error_cm_s == pytest.approx(100 * (sampling**2 + (off_by * mean) ** 2) ** 0.5, abs=1)


def test_one_that_stands_does_not_make_the_space_mean_zero() -> None:
    flow = averages.flow(Flow(vehicles=speeds_of([10.0] * 4 + [0.0]), distinct=5), MINUTE_NS)
    assert flow.speed_time_mean_cm_s == 800
    assert flow.speed_space_mean_cm_s == pytest.approx(100 * 5 / (4 / 10 + 1 / 0.1), abs=1)


def test_headway_and_occupancy() -> None:
    flow = averages.flow(Flow(distinct=6, gaps=5, gaps_ns=22 * NS_PER_S, occupied_ns=9 * NS_PER_S), MINUTE_NS)
    assert (flow.headway_tenths, flow.occupancy_permille) == (44, 150)
    assert averages.flow(Flow(distinct=6, occupied_ns=1), 0) == DirectionFlow()


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        *((1.3, Congestion.FREE), (0.68, Congestion.FREE), (0.66, Congestion.DENSE), (0.41, Congestion.DENSE)),
        *((0.39, Congestion.SLOW), (0.16, Congestion.SLOW), (0.14, Congestion.STANDING), (0.0, Congestion.STANDING)),
    ],
)
def test_congestion_is_told_from_the_free_flow(share: float, expected: Congestion) -> None:
    speeds = speeds_of([max(0.1, 20 * share)] * 5)
    known = averages.flow(Flow(vehicles=speeds, distinct=5, free=20_000), MINUTE_NS)
    assert known.congestion == (expected if share else Congestion.STANDING)
    assert averages.flow(Flow(vehicles=speeds, distinct=5), MINUTE_NS).congestion is None


def test_densities_and_walking() -> None:
    crowding = Crowding(
        measured_ns=10 * NS_PER_S,
        density=4_300 * NS_PER_S,
        density_most=2_150,
        pressure_most=77,
        area_m2=96,
        counted_ns=(1, 5, 2),
        error=(-1, 130, 200),
    )
    walkers = Presence(object_ns=50 * NS_PER_S, most=5, distinct=9)
    zone = ZoneTally(
        people=FIVE,
        vehicles=Presence(),
        crowding=crowding,
        walkers=walkers,
        walked=60_000 * NS_PER_S,
        against_ns=10**10,
    )
    assert averages.zone(zone, MINUTE_NS) == ZoneReport(
        people_mean_hundredths=2,
        people_max=5,
        density_mean_thousandths=430,
        density_most_thousandths=2150,
        pressure_most_ten_thousandths=77,
        walking_cm_s=120,
        counterflow_permille=200,
        area_m2=96,
        estimator=CrowdEstimator.SITE_FIT,
        estimator_error_permille=130,
    )


# -- what is withheld ------------------------------------------------------------------------------------------------

_SPEEDS = ("speed_time_mean_cm_s", "speed_space_mean_cm_s", "speed_error_cm_s", "congestion")
_PASSES = ("headway_tenths", "occupancy_permille")
_WALKING = ("walking_cm_s", "walking_error_cm_s")
_DENSE = ("density_mean_thousandths", "density_most_thousandths", "pressure_most_ten_thousandths", "area_m2")


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_is_released_crosses_the_boundary_and_rests_on_five(seed: int) -> None:
    tally = some_tally(chance(seed))
    report = release(tally, HEADER)
    assert wire.decode(wire.encode(report), (WindowReport,)) == report
    for line, told in zip(tally.lines, report.lines, strict=True):
        for flow, said in ((line.forward_flow, told.forward_flow), (line.backward_flow, told.backward_flow)):
            for distinct, names in (
                (flow.vehicles.distinct, _SPEEDS),
                (flow.distinct, _PASSES),
                (flow.people.distinct, _WALKING),
            ):
                assert distinct >= 5 or not given_in(said, names)
            assert flow.vehicles.distinct < 5 or said.speed_time_mean_cm_s is not None
            assert flow.people.distinct < 5 or said.walking_cm_s is not None
    for zone, told_of in zip(tally.zones, report.zones, strict=True):
        assert zone.people.distinct >= 5 or not given_in(told_of, (*_DENSE, "people_max", "estimator_error_permille"))
        assert zone.walkers.distinct >= 5 or not given_in(told_of, ("walking_cm_s", "counterflow_permille"))
        assert zone.vehicles.distinct >= 5 or not given_in(told_of, ("stopped_most", "queue_most_dm", "vehicles_max"))
        assert zone.crowding.measured_ns or not given_in(told_of, _DENSE)


@pytest.mark.parametrize(("stopped", "told"), [(0, 0), (1, None), (4, None), (5, 3)])
def test_that_some_of_five_vehicles_stopped_is_told_from_five_up(stopped: int, told: int | None) -> None:
    some = Presence(object_ns=stopped * NS_PER_S, most=min(3, stopped), distinct=stopped)
    zone = ZoneTally(
        people=Presence(), vehicles=FIVE, stopped=some, queued=some, queue_most_dm=80 * bool(stopped), queue_ns=1
    )
    report = averages.zone(zone, MINUTE_NS)
    assert report.stopped_most == told
    assert report.queue_most_dm == (None if told is None else 80 * bool(stopped))
    assert averages.zone(replace(zone, queue_ns=0), MINUTE_NS).queue_most_dm is None


def turn(way: str, count: int) -> TurnTally:
    """Write a turn as two digits: from line 1 to line 2 is "12"."""
    return TurnTally(entry=int(way[0]), entry_forward=True, exit=int(way[1]), exit_forward=False, count=count)


@pytest.mark.parametrize(
    ("turns", "listed"),
    [
        ({"12": 9, "13": 7}, ["12", "13"]),
        ({"13": 7, "12": 9}, ["12", "13"]),
        ({"12": 9, "13": 4}, []),
        ({"12": 9, "13": 7, "14": 1}, ["12"]),
        ({"12": 9, "13": 4, "14": 1}, ["12"]),
        ({"13": 9, "23": 4}, []),
        ({"12": 4}, []),
        ({}, []),
    ],
)
def test_turns_are_listed_as_classes_are(turns: dict[str, int], listed: list[str]) -> None:
    report = release(a_tally(turns=tuple(turn(way, count) for way, count in turns.items())), HEADER)
    assert [f"{one.entry}{one.exit}" for one in report.turns] == listed
    assert all(one.entry_forward and not one.exit_forward for one in report.turns)


def test_no_more_turns_than_a_report_holds_the_largest_first() -> None:
    many = tuple(turn(f"{a}{b}", 10 + 10 * a + b) for a, b in product(range(8), range(8)) if a != b)
    report = release(a_tally(turns=many), HEADER)
    assert len(report.turns) == bounds.MOST_TURNS
    assert [one.count for one in report.turns] == sorted((one.count for one in many), reverse=True)[:32]


def test_trouble_is_what_most_was_lost_to() -> None:
    lost = [0] * len(CameraState)
    assert release(a_tally(), HEADER).trouble is CameraState.STREAMING
    lost[CameraState.BLACK], lost[CameraState.MOVED] = 5, 9
    tally = a_tally(lost_ns=tuple(lost))
    partly = replace(tally, observed_ns=tally.length_ns // 2)
    assert release(partly, HEADER).trouble is CameraState.MOVED
    # What was seen whole had nothing wrong: the publisher holds a report to that.
    assert release(replace(tally, observed_ns=tally.length_ns), HEADER).trouble is CameraState.STREAMING


def test_what_was_counted_in_no_time_was_observed_a_little() -> None:
    nothing = replace(a_tally(), observed_ns=0, lines=())
    assert release(nothing, HEADER).observed_permille == 0
    passed = LineTally(forward=(1, 0, 0, 0, 0, 0, 0), backward=(0,) * 7)
    assert release(replace(nothing, lines=(passed,)), HEADER).observed_permille == 1


# -- revisions -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_a_revision_gives_nothing_whose_difference_rests_on_fewer_than_five(seed: int) -> None:
    random = chance(seed)
    first, since = (some_tally(random, 1, 1) for _ in range(2))
    before = release(first, HEADER)
    whole = merge(first, since)
    after = revised(release(whole, HEADER), whole, replace(given_by(before), since=since))
    line, told, was = since.lines[0], after.lines[0], before.lines[0]
    for flow, counted, said, said_before in (
        (line.forward_flow, line.forward, told.forward_flow, was.forward_flow),
        (line.backward_flow, line.backward, told.backward_flow, was.backward_flow),
    ):
        idle = not any(counted[1:]) and not flow.occupied_ns
        for enough, unchanged, names in (
            (flow.vehicles.distinct >= 5 and flow.distinct >= 5, idle, _SPEEDS),
            (flow.distinct >= 5, idle, _PASSES),
            (flow.people.distinct >= 5, not counted[0], _WALKING),
        ):
            for name in given_in(said, names):
                assert enough or (
                    unchanged and (getattr(said_before, names[0]) is not None or given_in(said_before, names))
                ), name
    zone, zone_told, zone_was = since.zones[0], after.zones[0], before.zones[0]
    for present, on, names in (
        (zone.people, zone.people, ("people_max", *_DENSE)),
        (zone.walkers, zone.people, ("walking_cm_s", "counterflow_permille")),
        (zone.vehicles, zone.vehicles, ("vehicles_max",)),
        (zone.stopped, zone.vehicles, ("stopped_most",)),
        (zone.queued, zone.vehicles, ("queue_most_dm",)),
    ):
        for name in given_in(zone_told, names):
            for one in (present, on):
                nothing = one.distinct == 0 and one.object_ns == 0
                assert one.distinct >= 5 or (nothing and (given_in(zone_was, names) or one is on)), name
    listed_before = {(one.entry, one.entry_forward, one.exit, one.exit_forward) for one in before.turns}
    for one in after.turns:
        assert (one.entry, one.entry_forward, one.exit, one.exit_forward) in listed_before
        assert all(more.count >= 5 for more in since.turns)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_revision_to_which_nothing_was_added_gives_what_was_given(seed: int) -> None:
    first = some_tally(chance(seed), 1, 1)
    nothing = replace(
        first,
        lines=tuple(
            replace(one, forward=(0,) * 7, backward=(0,) * 7, forward_flow=Flow(), backward_flow=Flow())
            for one in first.lines
        ),
        zones=(ZoneTally(people=Presence(), vehicles=Presence()),),
        turns=(),
        observed_ns=0,
        lost_ns=(0,) * len(CameraState),
    )
    before = release(first, HEADER)
    whole = merge(first, nothing)
    after = revised(release(whole, HEADER), whole, replace(given_by(before), since=nothing))
    assert after.turns == before.turns
    assert after.zones == before.zones
    assert after.lines == before.lines


def test_totals_only_gives_none_of_it() -> None:
    flow = Flow(vehicles=speeds_of([9.0] * 6), people=speeds_of([1.0] * 6), distinct=6, gaps=5, gaps_ns=1)
    zone = ZoneTally(people=FIVE, vehicles=FIVE, walkers=FIVE, stopped=FIVE, queued=FIVE, queue_ns=1)
    tally = a_tally(zones=(zone,), turns=(turn("12", 9),))
    report = totals_only(release(tally, HEADER))
    assert (report.zones, report.turns) == ((ZoneReport(),), ())
    assert averages.flow(flow, MINUTE_NS) != DirectionFlow()
    none = DirectionCounts(people=0, vehicles=0)
    line = LineReport(forward=none, backward=none, forward_flow=averages.flow(flow, MINUTE_NS))
    assert totals_only(replace(report, lines=(line,))).lines[0].forward_flow == DirectionFlow()


# -- on disk ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_a_tally_comes_back_from_the_disk_as_it_was(seed: int) -> None:
    tally = some_tally(chance(seed))
    assert tally_of(json.loads(json.dumps(asdict(tally)))) == tally


def test_what_an_earlier_version_wrote_is_read() -> None:
    presence = {"object_ns": 5, "most": 2, "distinct": 3}
    old = {
        "start_ns": START_NS,
        "length_ns": MINUTE_NS,
        "observed_ns": 7,
        "lines": [{"forward": [1] * 7, "backward": [2] * 7}],
        "zones": [{"people": presence, "vehicles": presence}],
    }
    tally = tally_of(old)
    assert tally.lines[0].forward == (1,) * 7
    assert tally.lines[0].forward_flow == Flow()
    assert tally.zones[0].people == Presence(object_ns=5, most=2, distinct=3)
    assert tally.zones[0].crowding == Crowding()
    assert {one.name for one in fields(Tally)} >= {"turns", "metres", "lost_ns"}


@pytest.mark.parametrize("seed", SEEDS)
def test_parts_add_up_in_whatever_way_they_are_put_together(seed: int) -> None:
    random = chance(seed)
    a, b, c = (some_tally(random, 2, 2) for _ in range(3))
    assert merge(merge(a, b), c) == merge(a, merge(b, c))
