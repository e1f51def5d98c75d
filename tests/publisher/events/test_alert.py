"""The alert, word for word; the schema that lets nothing else through; and Smart Data Models' own."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator, Draft202012Validator
from referencing import Registry, Resource

from edge.contract import bounds
from edge.contract.report import Advice, AlarmKind, AlarmPhase, Severity
from edge.publisher.clock import ClockState
from edge.publisher.events.alert import CATEGORIES, EXPERIMENTAL, AlertDraft, Circumstances, draft, word
from edge.publisher.events.envelope import source_of
from edge.publisher.events.schema import EventRefusedError, check, schema
from tests.publisher.events.test_payloads import shared_schemas
from tests.publisher.street import alarm, alert_site

# 2026-03-01T00:00:00Z
AT_S = 1_772_323_200
SITE = alert_site()
SITE = replace(SITE, legal=replace(SITE.legal, end_s=AT_S + 7200))
HERE = Circumstances(
    source=source_of(SITE.device),
    legal=SITE.legal,
    bollards=SITE.bollards,
    publisher_isolated=True,
    clock=ClockState.SYNCHRONISED,
)


def alert(here: Circumstances = HERE, **changes: Any) -> AlertDraft:  # noqa: ANN401  fields of a report
    return draft(replace(alarm(17, at_s=AT_S), **changes), SITE.zones[0], here, AT_S + 0.5)


ADVISED = (
    Advice(bollard=1, inhibit=True, valid_tenths=10, arrival_tenths=62),
    Advice(bollard=0, inhibit=False, valid_tenths=10),
)
GOLDEN = {
    "specversion": "1.0",
    "id": "ID",
    "source": "urn:ngsi-ld:Device:nice:promenade-042",
    "type": "passant.alert.v1",
    "subject": "zone/promenade",
    "time": "2026-03-01T00:00:00.0Z",
    "datacontenttype": "application/json",
    "dataschema": "urn:passant:schema:alert:v1",
    "sequence": "00000000000000000042",
    "revision": 3,
    "expirytime": "2026-03-01T00:00:12.5Z",
    "severitytext": "high",
    "severitynumber": 17,
    "recordedtime": "2026-03-01T00:00:01Z",
    "data": {
        "alarm": "ALARM",
        "kind": "heavy-vehicle",
        "state": "updated",
        "category": "security",
        "subCategory": "hazardOnRoad",
        "severity": "high",
        "dateIssued": "2026-03-01T00:00:00.0Z",
        "validFrom": "2026-02-28T23:59:59.6Z",
        "validTo": "2026-03-01T00:00:12.5Z",
        "drill": False,
        "experimental": False,
        "legal": {"mode": "alert", "basis": "prefectoral order 2026-117", "until": "2026-03-01T02:00:00Z"},
        "advice": [
            {
                "bollard": "west",
                "advice": "inhibit",
                "validS": 1.0,
                "validTo": "2026-03-01T00:00:01.0Z",
                "arrivalS": 6.2,
            },
            {"bollard": "east", "advice": "nobody-seen", "validS": 1.0, "validTo": "2026-03-01T00:00:01.0Z"},
        ],
        "quality": {"replay": False, "isolation": "proven", "clock": "synchronised", "model": "0123456789abcdef"},
    },
}


def test_an_alert_word_for_word() -> None:
    made = alert(revision=3, phase=AlarmPhase.UPDATED, valid_tenths=125, advice=ADVISED)
    event = json.loads(made.render(42, "2026-03-01T00:00:01Z"))
    assert event["id"] == made.id
    assert event["data"]["alarm"] == made.alarm
    assert json.loads(json.dumps(event).replace(made.id, "ID").replace(made.alarm, "ALARM")) == GOLDEN
    check(made)


def test_an_id_is_of_the_alarm_and_the_revision_only() -> None:
    first = alert()
    assert alert(severity=Severity.LOW, isolated=False, valid_tenths=9).id == first.id
    assert alert(revision=1).id != first.id
    assert alert(revision=1).alarm == first.alarm
    assert alert(serial=18).alarm != first.alarm


def test_of_a_line_and_of_a_level() -> None:
    line = draft(replace(alarm(1), at_line=True, kind=AlarmKind.WRONG_WAY), SITE.lines[0], HERE, 0)
    assert (line.subject, line.place) == ("line/quai", "quai.wrong-way")
    assert alert(kind=AlarmKind.DENSITY, level=4).data["level"] == 4
    assert "level" not in alert().data


def test_a_recordings_alert_is_sent_by_this_machines_clock() -> None:
    assert alert().send_until_tenths == alert().expires_tenths
    replayed = draft(alarm(1, at_s=AT_S + 9e4, replay=True), SITE.zones[0], HERE, AT_S)
    assert replayed.send_until_tenths == AT_S * 10 + 300


@pytest.mark.parametrize("state", ClockState)
def test_an_alert_says_how_far_its_clock_can_be_believed(state: ClockState) -> None:
    made = alert(replace(HERE, clock=state))
    assert made.data["quality"]["clock"] == state.value
    if state is ClockState.UNSET:
        with pytest.raises(EventRefusedError):
            check(made)
    else:
        check(made)


@pytest.mark.parametrize("kind", AlarmKind)
def test_only_what_is_experimental_says_so(kind: AlarmKind) -> None:
    made = alert(kind=kind)
    assert made.data["experimental"] is (kind in EXPERIMENTAL) is (kind is AlarmKind.CROWD_MOVEMENT)
    with pytest.raises(EventRefusedError):
        check(replace(made, data={**made.data, "experimental": not made.data["experimental"]}))


def test_a_drill_says_so_and_under_what() -> None:
    assert alert(drill=True).data["drill"] is True


@pytest.mark.parametrize(
    "changes",
    [
        {"trackId": 17},
        {"description": "a white van"},
        {"category": "health"},
        {"subCategory": "suspiciousAction"},
        {"state": "seen"},
        {"level": 1},
        {"advice": [{"bollard": "east", "advice": "raise", "validS": 1.0, "validTo": "2026-03-01T00:00:01.0Z"}]},
        {"legal": {"mode": "statistics", "basis": "", "until": "2026-03-01T02:00:00Z"}},
        {"validTo": "tomorrow"},
    ],
)
def test_what_an_alert_may_not_say_is_refused(changes: dict[str, object]) -> None:
    made = alert()
    with pytest.raises(EventRefusedError):
        check(replace(made, data={**made.data, **changes}))


def test_nothing_of_an_alert_may_be_missing() -> None:
    made = alert(advice=ADVISED)
    for name in made.data:
        with pytest.raises(EventRefusedError):
            check(replace(made, data={key: value for key, value in made.data.items() if key != name}))


def test_the_schema_knows_every_word_of_the_contract() -> None:
    known = schema("alert")["properties"]
    assert known["kind"]["enum"] == [word(kind) for kind in AlarmKind]
    assert known["state"]["enum"] == [word(phase) for phase in AlarmPhase]
    assert known["severity"]["enum"] == [word(severity) for severity in Severity]
    assert (known["level"]["minimum"], known["level"]["maximum"]) == (
        bounds.DENSITY_LEVEL.least,
        bounds.DENSITY_LEVEL.most,
    )
    assert {sub for _, sub in CATEGORIES.values()} == set(known["subCategory"]["enum"])


tenths = st.integers(bounds.INSTANT_TENTHS.least, bounds.INSTANT_TENTHS.most - bounds.VALID_TENTHS.most)
advices = st.builds(
    Advice,
    bollard=st.integers(0, 1),
    inhibit=st.booleans(),
    valid_tenths=st.integers(bounds.ADVICE_TENTHS.least, bounds.ADVICE_TENTHS.most),
    arrival_tenths=st.none() | st.integers(bounds.ARRIVAL_TENTHS.least, bounds.ARRIVAL_TENTHS.most),
)


messages = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(AlarmKind),
        "phase": st.sampled_from(AlarmPhase),
        "severity": st.sampled_from(Severity),
        "at_tenths": tenths,
        "since_tenths": tenths,
        "valid_tenths": st.integers(bounds.VALID_TENTHS.least, bounds.VALID_TENTHS.most),
        "revision": st.integers(bounds.ALARM_REVISION.least, bounds.ALARM_REVISION.most),
        "level": st.none() | st.integers(bounds.DENSITY_LEVEL.least, bounds.DENSITY_LEVEL.most),
        "advice": st.lists(advices, max_size=bounds.MOST_BOLLARDS).map(tuple),
    }
)


@given(messages)
def test_whatever_the_contract_lets_through_makes_valid_alerts(fields: dict[str, Any]) -> None:
    while_any_lasts = replace(SITE.legal, end_s=bounds.INSTANT_TENTHS.most // 10)
    check(alert(replace(HERE, legal=while_any_lasts), **fields))


@pytest.mark.parametrize("kind", AlarmKind)
def test_an_alert_is_one_of_smart_data_models(kind: AlarmKind) -> None:
    """As a broker of context would have it: with its id, type and source, and without what is ours."""
    folder = shared_schemas() / "smart-data-models"
    files = ("common-schema.json", "alert-schema.json", "weather-schema.json")
    resources = [Resource.from_contents(json.loads((folder / name).read_text())) for name in files]
    registry: Registry[Any] = Registry().with_resources((one.id() or "", one) for one in resources)
    published = json.loads((folder / "Alert" / "schema.json").read_text())
    made = alert(kind=kind)
    names = ("category", "subCategory", "severity", "dateIssued", "validFrom", "validTo")
    entity = {
        "id": f"urn:ngsi-ld:Alert:{made.alarm}",
        "type": "Alert",
        "alertSource": made.source,
        **{name: made.data[name] for name in names},
    }
    validator = Draft202012Validator(published, registry=registry, format_checker=Draft202012Validator.FORMAT_CHECKER)
    assert [error.message for error in validator.iter_errors(entity)] == []
    assert list(validator.iter_errors({**entity, "subCategory": "lorryOnRoad"}))


def test_the_alerts_envelope_is_a_cloud_event() -> None:
    validator = Draft7Validator(json.loads((shared_schemas() / "cloudevents" / "cloudevents.json").read_text()))
    event = alert().envelope(1, None)
    validator.validate(event)
    assert all(name.isalnum() and name.islower() and len(name) <= 20 for name in event)
