"""The payloads, word for word, and the schemas that let nothing else through."""

import copy
import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator, Draft202012Validator

from edge.contract import bounds
from edge.contract.report import DirectionCounts, ZoneReport
from edge.publisher.events import traffic_flow, window
from edge.publisher.events.envelope import CROWD_DENSITY, CROWD_FLOW, KINDS, TRAFFIC_FLOW, Draft
from edge.publisher.events.schema import ENVELOPE, EventRefusedError, check, schema
from tests.publisher.street import SITE, report

# 2026-03-01T00:00:00Z
FIXED = replace(report(1), window_start_s=1_772_323_200)


def drafts(**changes: Any) -> list[Draft]:  # noqa: ANN401  fields of a report
    return list(window.drafts(SITE, replace(FIXED, **changes), publisher_isolated=True))


GOLDEN_EVENT = {
    "specversion": "1.0",
    "id": "35b84d43-82ab-5f5c-a3f3-0412264cde14",
    "source": "urn:ngsi-ld:Device:nice:promenade-042",
    "type": "passant.traffic-flow.v1",
    "subject": "line/quai/forward",
    "time": "2026-03-01T00:01:00Z",
    "datacontenttype": "application/json",
    "dataschema": "urn:passant:schema:traffic-flow:v1",
    "sequence": "00000000000000000042",
    "revision": 0,
    "recordedtime": "2026-03-01T00:01:02Z",
    "data": {
        "window": {
            "from": "2026-03-01T00:00:00Z",
            "to": "2026-03-01T00:01:00Z",
            "durationS": 60,
            "coverage": 0.987,
        },
        "laneDirection": "forward",
        "intensity": 31,
        "intensityPerHour": 1884,
        "byVehicleType": {"bicycle": 7, "car": 19},
        "byWeight": {},
        "quality": {
            "coverage": 0.987,
            "degraded": False,
            "trouble": "none",
            "metres": "none",
            "replay": False,
            "isolation": "proven",
            "model": "0123456789abcdef",
        },
        "privacy": {
            "rule": "classes and averages of fewer objects are withheld; totals are given",
            "leastObjects": 5,
            "leastWindowS": 60,
        },
        "suppressed": [
            "byVehicleType.motorcycle",
            "byVehicleType.bus",
            "byVehicleType.lorry",
            "byVehicleType.vehicle",
            "byWeight.light",
            "byWeight.heavy",
            "averageHeadwayTime",
            "occupancy",
        ],
    },
}
GOLDEN_LINE = {"peopleCount": 15, "peopleCountTowards": 12, "peopleCountAway": 3, "suppressed": []}
GOLDEN_ZONE = {"peopleMean": 5.12, "peopleMax": 9, "suppressed": ["vehiclesMean", "vehiclesMax"]}


def test_a_traffic_flow_event_word_for_word() -> None:
    assert json.loads(drafts()[0].render(42, "2026-03-01T00:01:02Z")) == GOLDEN_EVENT


def test_crowd_flow_payloads_word_for_word() -> None:
    shared = {name: GOLDEN_EVENT["data"][name] for name in ("window", "quality", "privacy")}  # type: ignore[index]
    _, _, line, zone = drafts()
    assert line.data == shared | GOLDEN_LINE
    assert zone.data == shared | GOLDEN_ZONE


def test_subjects_and_places() -> None:
    assert [(draft.kind, draft.subject, draft.place) for draft in drafts()] == [
        (TRAFFIC_FLOW, "line/quai/forward", "quai.forward"),
        (TRAFFIC_FLOW, "line/quai/backward", "quai.backward"),
        (CROWD_FLOW, "line/quai", "quai"),
        (CROWD_FLOW, "zone/promenade", "promenade"),
    ]


def test_an_id_is_of_window_object_and_revision_only() -> None:
    ids = [draft.id for draft in drafts()]
    assert len(set(ids)) == len(ids)
    assert [draft.id for draft in drafts(sequence=99, observed_permille=1, isolated=False)] == ids
    assert not set(ids) & {draft.id for draft in drafts(revision=1)}
    assert not set(ids) & {draft.id for draft in drafts(window_start_s=FIXED.window_start_s + 60)}


def test_without_a_set_clock_nothing_is_said_of_when_it_was_recorded() -> None:
    assert "recordedtime" not in json.loads(drafts()[0].render(1, None))


@pytest.mark.parametrize(("permille", "degraded"), [(1000, False), (900, False), (899, True), (1, True)])
def test_coverage_under_nine_tenths_is_degraded(permille: int, degraded: bool) -> None:  # noqa: FBT001  a column
    for draft in drafts(observed_permille=permille):
        assert draft.data["quality"]["degraded"] is degraded
        assert draft.data["window"]["coverage"] == draft.data["quality"]["coverage"] == permille / 1000
        check(draft)


def test_isolation_is_proven_only_where_both_processes_proved_it() -> None:
    assert {draft.data["quality"]["isolation"] for draft in drafts(isolated=False)} == {"unproven"}
    found = window.drafts(SITE, FIXED, publisher_isolated=False)
    assert {draft.data["quality"]["isolation"] for draft in found} == {"unproven"}


def test_where_the_listed_classes_are_all_there_is_nothing_was_withheld() -> None:
    assert traffic_flow.withheld_classes(DirectionCounts(people=0, vehicles=0)) == []
    assert traffic_flow.withheld_classes(DirectionCounts(people=0, vehicles=6, car=6)) == []
    withheld = traffic_flow.withheld_classes(DirectionCounts(people=0, vehicles=7, car=6))
    assert withheld == ["bicycle", "motorcycle", "bus", "lorry", "vehicle"]


def test_a_zone_with_too_few_still_says_that_it_was_watched() -> None:
    zone = drafts(zones=(ZoneReport(),))[3]
    assert zone.data["suppressed"] == ["peopleMean", "peopleMax", "vehiclesMean", "vehiclesMax"]
    check(zone)


@pytest.mark.parametrize("index", range(4))
def test_every_event_passes_its_schemas(index: int) -> None:
    check(drafts()[index])


def objects_in(document: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:  # noqa: ANN401  JSON
    if isinstance(document, dict):
        yield path
        for name, value in document.items():
            yield from objects_in(value, (*path, name))


@pytest.mark.parametrize("index", range(4))
def test_nothing_may_be_added_anywhere(index: int) -> None:
    draft = drafts()[index]
    for path in objects_in(draft.data):
        data = copy.deepcopy(draft.data)
        target = data
        for step in path:
            target = target[step]
        target["trackId"] = 17
        with pytest.raises(EventRefusedError) as refusal:
            check(replace(draft, data=data))
        assert "trackId" not in str(refusal.value)
        assert "17" not in str(refusal.value)


@pytest.mark.parametrize("index", range(4))
def test_nothing_that_is_required_may_be_missing(index: int) -> None:
    draft = drafts()[index]
    for name in ("window", "quality", "privacy", "suppressed"):
        with pytest.raises(EventRefusedError):
            check(replace(draft, data={key: value for key, value in draft.data.items() if key != name}))


def damaged(draft: Draft, **changes: object) -> Draft:
    return replace(draft, data={**draft.data, **changes})


def test_values_outside_their_meaning_are_refused() -> None:
    traffic, _, line, zone = drafts()
    window = traffic.data["window"]
    for bad in (
        damaged(traffic, intensity=-1),
        damaged(traffic, intensity=1.5),
        damaged(traffic, byVehicleType={"car": 3}),
        damaged(traffic, byVehicleType={"truck": 9}),
        damaged(traffic, laneDirection="left"),
        damaged(traffic, window={**window, "from": "yesterday"}),
        damaged(traffic, window={**window, "to": "2026-03-01 00:01:00"}),
        damaged(traffic, window={**window, "durationS": 30}),
        damaged(traffic, window={**window, "coverage": 0}),
        damaged(line, peopleMean=3.0),
        damaged(line, suppressed=["peopleMean"]),
        damaged(zone, peopleCount=3),
        damaged(zone, peopleMax=None),
        replace(traffic, subject="line/quai/forward/17"),
        replace(traffic, source="urn:ngsi-ld:Device:nice:../x"),
    ):
        with pytest.raises(EventRefusedError):
            check(bad)


def test_our_schemas_are_schemas() -> None:
    for name in ("parts", "event", *KINDS):
        Draft202012Validator.check_schema(schema(name))
    assert schema("event")["$id"] == ENVELOPE


def test_the_schemas_know_the_contracts_bounds() -> None:
    parts = schema("parts")["$defs"]
    assert parts["count"]["maximum"] == bounds.COUNT.most
    assert parts["listedCount"]["anyOf"][1]["minimum"] == bounds.LEAST_OBJECTS
    assert parts["window"]["properties"]["durationS"]["minimum"] == bounds.LEAST_WINDOW_S
    assert parts["window"]["properties"]["durationS"]["maximum"] == bounds.MOST_WINDOW_S
    assert schema("event")["else"]["properties"]["revision"]["maximum"] == bounds.MOST_REVISION
    assert schema("event")["properties"]["revision"]["maximum"] == bounds.ALARM_REVISION.most
    assert set(schema(TRAFFIC_FLOW)["properties"]["byVehicleType"]["properties"]) == set(traffic_flow.VEHICLE_TYPES)


counts = st.integers(bounds.COUNT.least, bounds.COUNT.most)
listed = st.none() | st.integers(bounds.LISTED_COUNT.least, bounds.LISTED_COUNT.most)
directions = st.builds(
    DirectionCounts, people=counts, vehicles=counts, **dict.fromkeys(traffic_flow.VEHICLE_TYPES, listed)
)
present = st.none() | st.integers(bounds.PRESENT.least, bounds.PRESENT.most)
hundredths = st.none() | st.integers(bounds.PRESENT_HUNDREDTHS.least, bounds.PRESENT_HUNDREDTHS.most)
zones = st.builds(
    ZoneReport,
    people_mean_hundredths=hundredths,
    people_max=present,
    vehicles_mean_hundredths=hundredths,
    vehicles_max=present,
)


@given(directions, directions, zones, st.integers(1, 1000))
def test_whatever_the_contract_lets_through_makes_valid_events(
    forward: DirectionCounts, backward: DirectionCounts, zone: ZoneReport, permille: int
) -> None:
    lines = (replace(FIXED.lines[0], forward=forward, backward=backward),)
    for draft in drafts(lines=lines, zones=(zone,), observed_permille=permille):
        check(draft)


def shared_schemas() -> Path:
    data = os.environ.get("PASSANT_DATA")
    folder = Path(data).parent / "schemas" if data else Path(__file__).parents[4] / "shared" / "schemas"
    if not folder.is_dir():
        pytest.skip("the published schemas lie beside the test data: set PASSANT_DATA")
    return folder


def published(name: str) -> dict[str, Any]:
    document = json.loads((shared_schemas() / "smart-data-models" / name / "schema.json").read_text())
    return dict(document["allOf"][-1]["properties"])


def test_names_are_those_of_smart_data_models() -> None:
    ours = {"window", "byVehicleType", "quality", "privacy", "suppressed"}
    traffic, crowd = published("TrafficFlowObserved"), published("CrowdFlowObserved")
    of_traffic = {"intensityPerHour", "byWeight", "spaceMeanSpeed", "speedError", "levelOfCongestion", "turns"}
    assert set(schema(TRAFFIC_FLOW)["properties"]) - ours - of_traffic <= set(traffic)
    walking = {f"{name}{way}" for name in ("averageWalkingSpeed", "walkingSpeedError") for way in ("Towards", "Away")}
    of_zone = {"peopleMean", "peopleMax", "vehiclesMean", "vehiclesMax", "stoppedVehiclesMax", "queueLengthMax"}
    assert set(schema(CROWD_FLOW)["properties"]) - ours - walking - of_zone <= set(crowd)
    assert "averageCrowdSpeed" in set(schema(CROWD_DENSITY)["properties"]) & set(crowd)
    assert schema(TRAFFIC_FLOW)["properties"]["laneDirection"]["enum"] == traffic["laneDirection"]["enum"]
    # `vehicle` is ours: the published list has no word for what no class was found for.
    assert set(traffic_flow.VEHICLE_TYPES) - {"vehicle"} <= set(traffic["vehicleType"]["enum"])


def test_the_envelope_is_a_cloud_event() -> None:
    validator = Draft7Validator(json.loads((shared_schemas() / "cloudevents" / "cloudevents.json").read_text()))
    for draft in drafts():
        event = draft.envelope(1, "2026-03-01T00:01:02Z")
        validator.validate(event)
        # Names of attributes: lower-case letters and digits, at most 20 (CloudEvents 1.0, naming conventions).
        assert all(name.isalnum() and name.islower() and len(name) <= 20 for name in event)
        assert "dataclassification" not in event
