"""What is measured: speeds, rates, turns, densities; and that what is not measured, or too few, is not told."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.config.site import Line, ZoneUse
from edge.contract import bounds
from edge.contract.levels import fruin
from edge.contract.report import (
    CameraState,
    Congestion,
    CrowdEstimator,
    DirectionCounts,
    DirectionFlow,
    LineReport,
    Metres,
    TurnReport,
    WindowReport,
    ZoneReport,
)
from edge.publisher.events import window
from edge.publisher.events.envelope import CROWD_DENSITY, CROWD_FLOW, TRAFFIC_FLOW, Draft
from edge.publisher.events.schema import check
from edge.publisher.events.traffic_flow import VEHICLE_TYPES, WEIGHTS, weights
from edge.publisher.measures import has_metres, turns_are_possible
from tests.publisher.events.test_payloads import FIXED
from tests.publisher.street import SITE

MEASURED = (Metres.UNVERIFIED, Metres.VERIFIED)
FLOW = DirectionFlow(
    speed_time_mean_cm_s=1389,
    speed_space_mean_cm_s=1250,
    speed_error_cm_s=42,
    headway_tenths=58,
    occupancy_permille=213,
    congestion=Congestion.SLOW,
    walking_cm_s=133,
    walking_error_cm_s=6,
)
CROWD = ZoneReport(
    people_mean_hundredths=5120,
    people_max=90,
    density_mean_thousandths=1100,
    density_most_thousandths=3456,
    pressure_most_ten_thousandths=215,
    walking_cm_s=90,
    counterflow_permille=312,
    queue_most_dm=634,
    stopped_most=7,
    area_m2=140,
    estimator=CrowdEstimator.SITE_FIT,
    estimator_error_permille=113,
)
PARK = replace(
    SITE,
    lines=(SITE.lines[0], Line(id="pont", start=(0.0, 0.0), end=(9.0, 9.0))),
    zones=(SITE.zones[0], replace(SITE.zones[0], id="chaussee", use=ZoneUse.CARRIAGEWAY)),
)


def measured(**changes: Any) -> WindowReport:  # noqa: ANN401  fields of a report
    line = replace(FIXED.lines[0], forward_flow=FLOW)
    return replace(FIXED, lines=(line, line), zones=(CROWD, CROWD), metres=Metres.VERIFIED, **changes)


def events(report: WindowReport) -> dict[tuple[str, str], Draft]:
    found = {(one.kind, one.subject): one for one in window.drafts(PARK, report, publisher_isolated=True)}
    for one in found.values():
        check(one)
    return found


def test_a_lines_traffic_says_how_it_moves() -> None:
    data = events(measured())[TRAFFIC_FLOW, "line/quai/forward"].data
    assert data["averageVehicleSpeed"] == 50.0
    assert data["spaceMeanSpeed"] == 45.0
    assert data["speedError"] == 1.5
    assert data["averageHeadwayTime"] == 5.8
    assert data["occupancy"] == 0.213
    assert (data["levelOfCongestion"], data["congested"]) == ("slow", True)
    assert data["quality"]["metres"] == "verified"
    assert not {"averageVehicleSpeed", "occupancy"} & set(data["suppressed"])
    back = events(measured())[TRAFFIC_FLOW, "line/quai/backward"].data
    assert "averageVehicleSpeed" not in back
    assert {"averageVehicleSpeed", "spaceMeanSpeed", "averageHeadwayTime", "occupancy"} <= set(back["suppressed"])
    assert not {"levelOfCongestion", "congested"} & set(back)


@pytest.mark.parametrize("level", Congestion)
def test_traffic_is_congested_from_slow_on(level: Congestion) -> None:
    line = replace(FIXED.lines[0], forward_flow=replace(FLOW, congestion=level))
    data = events(replace(measured(), lines=(line, line)))[TRAFFIC_FLOW, "line/quai/forward"].data
    assert data["congested"] is (level in {Congestion.SLOW, Congestion.STANDING})


def test_people_walk_towards_and_away() -> None:
    data = events(measured())[CROWD_FLOW, "line/quai"].data
    assert (data["averageWalkingSpeedTowards"], data["walkingSpeedErrorTowards"]) == (4.8, 0.2)
    assert data["suppressed"] == ["averageWalkingSpeedAway", "walkingSpeedErrorAway"]


def test_a_zone_says_how_dense_and_how_free_its_people_are() -> None:
    data = events(measured())[CROWD_DENSITY, "zone/promenade"].data
    assert data["densityMean"] == 1.1
    assert data["levelOfService"] == fruin(1.1).value == "E"
    assert data["densityMaxLocal"] == 3.456
    assert data["crowdPressureMax"] == 0.0215
    assert data["averageCrowdSpeed"] == 3.2
    assert data["counterFlow"] == 0.312
    assert data["observedArea"] == 140
    assert data["calibration"] == {"state": "verified"}
    assert data["estimator"] == {"name": "site-fit", "error": 0.113}
    assert data["suppressed"] == []


def test_only_a_carriageway_has_queues() -> None:
    found = events(measured())
    carriageway = found[CROWD_FLOW, "zone/chaussee"].data
    assert (carriageway["queueLengthMax"], carriageway["stoppedVehiclesMax"]) == (63.4, 7)
    assert not {"queueLengthMax", "stoppedVehiclesMax"} & set(found[CROWD_FLOW, "zone/promenade"].data)


def test_of_too_few_nothing_is_told_but_that_it_was_watched() -> None:
    few = replace(measured(), zones=(ZoneReport(area_m2=140), ZoneReport()))
    data = events(few)[CROWD_DENSITY, "zone/promenade"].data
    assert data["suppressed"] == [
        *("densityMean", "levelOfService", "densityMaxLocal", "crowdPressureMax", "averageCrowdSpeed", "counterFlow")
    ]
    assert data["estimator"] == {"name": "tracks"}


@pytest.mark.parametrize("metres", Metres)
def test_there_are_densities_and_speeds_only_where_there_are_metres(metres: Metres) -> None:
    bare = replace(measured(), metres=metres)
    if metres not in MEASURED:
        line = replace(FIXED.lines[0], forward_flow=DirectionFlow(headway_tenths=58, occupancy_permille=213))
        bare = replace(bare, lines=(line, line), zones=(ZoneReport(), ZoneReport()))
    found = events(bare)
    assert any(kind == CROWD_DENSITY for kind, _ in found) is (metres in MEASURED)
    assert {one.data["quality"]["metres"] for one in found.values()} == {metres.name.lower()}
    told = found[TRAFFIC_FLOW, "line/quai/forward"].data
    assert ("averageVehicleSpeed" in told) is (metres in MEASURED)
    # What was never measured was not withheld.
    assert ("averageVehicleSpeed" in found[TRAFFIC_FLOW, "line/quai/backward"].data["suppressed"]) is (
        metres in MEASURED
    )
    assert has_metres(bare) is (metres in MEASURED)


@pytest.mark.parametrize("trouble", CameraState)
def test_every_event_says_what_was_wrong_with_the_picture(trouble: CameraState) -> None:
    said = {one.data["quality"]["trouble"] for one in events(measured(trouble=trouble)).values()}
    assert said == {"none" if trouble is CameraState.STREAMING else trouble.name.lower()}


@pytest.mark.parametrize(("permille", "rate"), [(1000, 1860), (900, 2067), (899, None), (1, None)])
def test_a_rate_is_of_the_time_observed_and_of_no_degraded_window(permille: int, rate: int | None) -> None:
    data = events(measured(observed_permille=permille))[TRAFFIC_FLOW, "line/quai/forward"].data
    assert data["intensity"] == 31
    assert data.get("intensityPerHour") == rate


def test_turns_stand_with_the_line_that_was_entered_over() -> None:
    turns = (
        TurnReport(entry=0, entry_forward=True, exit=1, exit_forward=False, count=9),
        TurnReport(entry=0, entry_forward=False, exit=1, exit_forward=True, count=5),
        TurnReport(entry=1, entry_forward=True, exit=0, exit_forward=True, count=6),
    )
    found = events(measured(turns=turns))
    told = {subject: one.data["turns"] for (kind, subject), one in found.items() if kind == TRAFFIC_FLOW}
    assert told == {
        "line/quai/forward": [{"to": "pont.backward", "count": 9}],
        "line/quai/backward": [{"to": "pont.forward", "count": 5}],
        "line/pont/forward": [{"to": "quai.forward", "count": 6}],
        "line/pont/backward": [],
    }
    alone = next(window.drafts(SITE, FIXED, publisher_isolated=True))
    assert "turns" not in alone.data


def test_turns_are_between_two_lines_of_the_site_and_listed_once() -> None:
    turn = TurnReport(entry=0, entry_forward=True, exit=1, exit_forward=False, count=9)
    line = LineReport(forward=DirectionCounts(people=0, vehicles=9), backward=DirectionCounts(people=0, vehicles=12))
    two = (line, line)
    assert turns_are_possible((turn, replace(turn, exit_forward=True)), two)
    assert not turns_are_possible((turn, replace(turn, count=5)), two)
    assert not turns_are_possible((replace(turn, exit=0),), two)
    assert not turns_are_possible((turn,), (line,))
    # No more end at a line than passed it.
    assert turns_are_possible((replace(turn, count=12),), two)
    assert not turns_are_possible((replace(turn, count=13),), two)
    from_back = replace(turn, entry_forward=False, count=6)
    assert not turns_are_possible((turn, from_back), two)
    assert turns_are_possible((replace(turn, count=6), from_back), two)


listed = st.none() | st.integers(bounds.LEAST_OBJECTS, 30)


@given(st.fixed_dictionaries(dict.fromkeys(VEHICLE_TYPES, listed)), st.integers(0, 12))
def test_a_sum_by_weight_tells_no_more_than_the_classes_and_the_total(classes: dict[str, int], rest: int) -> None:
    """It is worked out here from what the event says without it; where it cannot be, it is not told."""
    known = {name: count for name, count in classes.items() if count is not None}
    missing = [name for name in VEHICLE_TYPES if name not in known]
    total = sum(known.values()) + (rest if missing else 0)
    told = weights(DirectionCounts(people=0, vehicles=total, **classes))
    for name, parts in WEIGHTS.items():
        if name not in told:
            continue
        others = [one for one in missing if one not in parts]
        if total == sum(known.values()) or not set(parts) & set(missing):
            assert told[name] == sum(known.get(one, 0) for one in parts)
        else:
            assert others == []
            assert not set(parts) & set(known)
            assert told[name] == total - sum(known.values())
        assert told[name] == 0 or told[name] >= bounds.LEAST_OBJECTS


def test_sums_by_weight_of_a_whole_total() -> None:
    assert weights(DirectionCounts(people=0, vehicles=0)) == {"light": 0, "heavy": 0}
    assert weights(DirectionCounts(people=0, vehicles=24, car=18, lorry=6)) == {"light": 18, "heavy": 6}
    # Of four withheld classes anything may be light or heavy.
    assert weights(DirectionCounts(people=0, vehicles=31, car=18, lorry=7)) == {}


def test_the_rates_bound_is_that_of_the_most_vehicles_in_the_shortest_window() -> None:
    counts = DirectionCounts(people=0, vehicles=bounds.COUNT.most)
    line = LineReport(forward=counts, backward=counts)
    # `events` holds each draft against its schema, which knows the bound.
    told = events(replace(measured(observed_permille=900), lines=(line, line)))
    assert told[TRAFFIC_FLOW, "line/quai/forward"].data["intensityPerHour"] > 3600
