"""`passant watch`: what it shows, and what it refuses."""

import json
import os
import queue
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.cli.arrivals import Arrival, Collection, arrival_of, line_of
from edge.cli.broker import DemoBroker
from edge.cli.watch import Watcher, broker_at, in_arguments, watching
from edge.publisher.credentials import CredentialError
from edge.publisher.faults import of_refusal
from edge.publisher.message import Incoming, Outgoing
from tests.publisher.mosquitto import free_port

ROOT = "passant/v1/nice/promenade-042"
PATIENCE_S = 20.0
QUALITY = {"coverage": 0.5, "replay": True, "isolation": "unproven"}


def arrival(leaf: str, document: object, *, retained: bool = False) -> Arrival:
    found = arrival_of(
        Incoming(
            topic=f"{ROOT}/{leaf}",
            payload=json.dumps(document).encode(),
            retained=retained,
            content_type=None,
            expiry_s=None,
            labels=(),
        )
    )
    assert found is not None
    return found


def event(number: int, subject: str, data: dict[str, object], revision: int = 0) -> Arrival:
    document = {
        "id": f"id-{number}",
        "source": "camera",
        "type": "people" if "peopleCount" in data else "vehicles" if "intensity" in data else "zone",
        "subject": subject,
        "time": "2026-03-01T00:01:00Z",
        "revision": revision,
        "data": {**data, "quality": QUALITY},
    }
    return arrival("ev/kind/place", document)


FORWARD = {"laneDirection": "forward", "intensity": 31, "byVehicleType": {"car": 19, "bicycle": 7}}
PEOPLE = {"peopleCount": 15, "peopleCountTowards": 12, "peopleCountAway": 3}


def test_a_line_says_when_who_where_and_what() -> None:
    line = line_of(event(1, "line/quai/forward", FORWARD))
    for word in ("2026-03-01T00:01:00Z", "promenade-042", "line/quai/forward", "31", "car 19", "50%", "replay"):
        assert word in line
    assert "NOT ISOLATED" in line
    assert "forward 12, backward 3" in line_of(event(2, "line/quai", PEOPLE))
    assert "people 5.1 on average, 9 at most" in line_of(event(3, "zone/z", {"peopleMean": 5.12, "peopleMax": 9}))
    assert "too few to tell" in line_of(event(4, "zone/z", {}))


def test_a_forecast_is_told_and_counts_for_nothing() -> None:
    horizon = {"minutes": 15, "people": {"value": 41.2, "low": 30.0, "high": 55.4}}
    expected = event(1, "line/quai", {"horizons": [horizon]})
    assert "in 15 min people 41 (30 to 55)" in line_of(expected)
    collection = Collection()
    collection.add(expected)
    collection.add(event(2, "line/quai", PEOPLE))
    assert [row.split()[:3] for row in collection.table().splitlines()[1:]] == [
        ["quai", "forward", "12"],
        ["quai", "backward", "3"],
    ]


ALERT = {
    "alarm": "a",
    "kind": "heavy-vehicle",
    "state": "raised",
    "severity": "high",
    "validTo": "2026-03-01T00:01:12.5Z",
    "drill": False,
    "experimental": False,
    "advice": [{"bollard": "east", "advice": "inhibit", "arrivalS": 6.2}],
}


def test_an_alert_is_one_loud_line() -> None:
    line = line_of(event(1, "zone/promenade", ALERT))
    assert "*** ALERT RAISED: heavy-vehicle at zone/promenade, severity high" in line
    assert "holds until 2026-03-01T00:01:12.5Z" in line
    assert "bollard east: inhibit (vehicle there in 6.2 s)" in line
    assert "DRILL" not in line
    for state in ("cleared", "expired", "muted"):
        ended = line_of(event(1, "zone/promenade", {**ALERT, "state": state}))
        assert f"*** ALERT {state.upper()}: heavy-vehicle" in ended
        assert "holds" not in ended
    drill = line_of(event(1, "zone/promenade", {**ALERT, "kind": "density", "level": 4, "drill": True}))
    assert "*** DRILL RAISED: density of 4/m² at zone/promenade" in drill
    assert "ALERT" not in drill
    assert "experimental" in line_of(event(1, "zone/p", {**ALERT, "kind": "crowd-movement", "experimental": True}))


def test_what_is_measured_is_shown() -> None:
    flow = {
        **FORWARD,
        "averageVehicleSpeed": 48.2,
        "levelOfCongestion": "slow",
        "turns": [{"to": "b.forward", "count": 9}],
    }
    assert "bicycle 7, 48.2 km/h, traffic slow, to b.forward 9" in line_of(event(1, "line/quai/forward", flow))
    assert "forward at 4.8 km/h" in line_of(event(2, "line/quai", {**PEOPLE, "averageWalkingSpeedTowards": 4.8}))
    crowd = {"estimator": {"name": "tracks"}, "densityMean": 1.1, "levelOfService": "E", "densityMaxLocal": 3.456}
    assert "1.10 people/m², level E, 3.46/m² where densest" in line_of(event(3, "zone/z", crowd))
    assert "too few to tell a density" in line_of(event(4, "zone/z", {"estimator": {"name": "tracks"}}))
    queue = {"peopleMean": 5.1, "peopleMax": 9, "queueLengthMax": 63.4, "stoppedVehiclesMax": 7}
    assert "queue of 63 m, 7 stopped at most" in line_of(event(5, "zone/z", queue))


def test_alerts_and_densities_are_no_counts_of_a_line() -> None:
    collection = Collection()
    for number, data in enumerate((ALERT, {"horizons": [{}]}, {"estimator": {}})):
        collection.add(event(number, "line/quai", data))
    assert len(collection.table().splitlines()) == 1


def test_lines_of_what_is_no_event() -> None:
    assert "is online" in line_of(arrival("status", {"state": "online"}))
    assert "camera frozen" in line_of(arrival("health", {"vision": {"camera": "frozen"}, "time": None}))
    assert "health: vision not connected yet, 0" in line_of(
        arrival("health", {"vision": {"channel": "never"}, "outbox": {"waiting": 0}, "time": None})
    )
    for legal, told in (
        ({"mode": "statistics", "inForce": False}, "legal statistics"),
        ({"mode": "alert", "inForce": True}, "legal alert in force"),
        ({"mode": "drill", "inForce": False}, "legal drill not in force"),
    ):
        assert line_of(arrival("health", {"vision": {}, "legal": legal, "time": None})).endswith(f", {told}")
    mandate = {"mode": "alert", "from": "2026-07-01T00:00:00Z", "to": "2026-08-01T00:00:00Z"}
    assert "0 zones, legal alert from 2026-07-01T00:00:00Z to 2026-08-01" in line_of(
        arrival("about", {"legal": mandate})
    )
    assert "about: 1 line, 2 zones" in line_of(
        arrival("about", {"lines": {"features": [{}]}, "zones": {"features": [{}] * 2}})
    )
    assert "3 bytes that are no object" in line_of(arrival("status", 123))


def test_topics_that_are_not_ours_are_left_alone() -> None:
    stray = Incoming(topic="passant/v1/nice", payload=b"", retained=False, content_type=None, expiry_s=None, labels=())
    assert arrival_of(stray) is None


def test_a_collection_counts_each_event_once_and_the_newest_revision_only() -> None:
    collection = Collection()
    first, revised = (
        event(1, "line/quai/forward", FORWARD),
        event(2, "line/quai/forward", {**FORWARD, "intensity": 40}, 1),
    )
    for one in (first, revised, first, event(3, "line/quai", PEOPLE), arrival("status", {"state": "online"})):
        collection.add(one)
    assert len(collection.events) == 3
    assert collection.repeated == 1
    assert collection.states == ["online"]
    rows = [line.split() for line in collection.table().splitlines()]
    assert rows[1] == ["quai", "forward", "12", "40", "car", "19,", "bicycle", "7"]
    assert rows[2] == ["quai", "backward", "3", "0"]


@pytest.mark.parametrize("url", ["http://x", "x:1883", "mqtt://", "mqtt://x/y", "mqtt://x?y", "mqtt://x:99999999"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        broker_at(url)


def test_credentials_are_kept_out_of_the_address_and_off_open_wires(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="--password-file") as refusal:
        broker_at("mqtts://camera:sesame@broker.example")
    assert "sesame" not in str(refusal.value)
    broker = broker_at("mqtt://127.0.0.1")
    assert (broker.host, broker.port, broker.tls) == ("127.0.0.1", 1883, False)
    object.__setattr__(broker, "username", "camera")
    with pytest.raises(CredentialError, match="unencrypted"):
        watching(broker)


@pytest.fixture
def broker() -> Iterator[DemoBroker]:
    pytest.importorskip("iotcore", reason="the demo's broker is not installed: pip install passant[demo]")
    with DemoBroker() as running:
        yield running


def test_the_demos_broker_listens_on_this_machine_only_and_ends(broker: DemoBroker) -> None:
    process = broker._broker._process  # type: ignore[union-attr]
    assert broker.url == f"mqtt://127.0.0.1:{broker.port}"
    addresses = Path("/proc/net/tcp").read_text()
    assert f"0100007F:{broker.port:04X} 00000000:0000 0A" in addresses
    assert f"00000000:{broker.port:04X} " not in addresses
    broker.close()
    assert process.poll() is not None


def test_the_command_shows_events_as_they_come(broker: DemoBroker) -> None:
    command = [sys.executable, "-m", "edge", "watch", broker.url]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"}
    ) as shown:
        try:
            send_until(shown, broker)
        finally:
            shown.send_signal(signal.SIGINT)
        shown.communicate(timeout=PATIENCE_S)
    assert shown.returncode == 130


def test_a_reader_that_goes_ends_the_command(broker: DemoBroker) -> None:
    command = [sys.executable, "-m", "edge", "watch", broker.url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as shown:
        send_until(shown, broker)
        assert shown.stdout is not None
        shown.stdout.close()
        send(broker)
        try:
            assert shown.wait(PATIENCE_S) != 0
        finally:
            shown.kill()
        assert shown.stderr is not None
        assert shown.stderr.read() == ""


def test_faults_speak_of_arguments_where_there_is_no_site_file() -> None:
    words: queue.SimpleQueue[str] = queue.SimpleQueue()
    with Watcher(watching(broker_at(f"mqtt://127.0.0.1:{free_port()}")), lambda _: None, words.put):
        word = words.get(timeout=PATIENCE_S)
    assert word.endswith("start the broker or correct the broker's URL")


@pytest.mark.parametrize("code", range(128, 160))
def test_no_refusal_names_a_section_of_a_site_file(code: int) -> None:
    assert "[" not in in_arguments(of_refusal("b:1", code).text)


FOREIGN = (
    b'{"id":"1","data":[1]}',
    b'{"id":"1","time":{"a":1},"data":{}}',
    b"[" * 100_000,
    b"9" * 5000,
    b'{"id":"1","data":{"quality":{"coverage":"x"}}}',
    b'{"id":"1","data":{"quality":7}}',
    b'{"id":"1","data":{"alarm":"a","advice":7}}',
    b'{"id":"1","data":{"alarm":"a","advice":[{"arrivalS":"soon"}]}}',
    b'{"id":"1","data":{"intensity":1,"averageVehicleSpeed":"fast"}}',
    b'{"id":"1","data":{"intensity":1,"turns":[7]}}',
    b'{"id":"1","subject":"\\ud800","data":{}}',
)


def test_a_message_that_is_not_of_passant_does_not_end_the_watching() -> None:
    lines: list[str] = []
    words: list[str] = []
    watcher = Watcher(
        watching(broker_at("mqtt://127.0.0.1:1")), lambda arrival: lines.append(line_of(arrival)), words.append
    )
    for payload in FOREIGN:
        watcher._take(incoming("ev/a/b", payload))
    watcher._take(incoming("health", b'{"vision":[]}'))
    assert len(words) == 1
    assert "not of Passant" in words[0]
    watcher._take(incoming("status", b'{"state":"online"}'))
    assert lines[-1].endswith("is online")


def test_nothing_that_a_terminal_would_obey_is_printed() -> None:
    evil = "\x1b]0;owned\x07\x1b[2J\r\n\x9b31m\u202e"
    hostile = event(1, f"line/{evil}", {"peopleCount": 15, "peopleCountTowards": evil})
    assert line_of(hostile).isprintable()
    bare = arrival_of(incoming(f"status{evil}", b"no object"))
    assert bare is not None
    assert line_of(bare).isprintable()
    collection = Collection()
    collection.add(event(1, f"line/{evil}", {"peopleCount": 1, "peopleCountTowards": 1, "peopleCountAway": 0}))
    assert all(row.isprintable() for row in collection.table().split("\n"))


def incoming(leaf: str, payload: bytes) -> Incoming:
    return Incoming(
        topic=f"{ROOT}/{leaf}", payload=payload, retained=False, content_type=None, expiry_s=None, labels=()
    )


def test_what_is_removed_says_so() -> None:
    gone = arrival_of(
        Incoming(topic=f"{ROOT}/status", payload=b"", retained=False, content_type=None, expiry_s=None, labels=())
    )
    assert gone is not None
    assert line_of(gone).split() == ["nice/promenade-042", "status:", "removed", "from", "the", "broker"]
    collection = Collection()
    collection.add(gone)
    assert collection.states == []


def send(broker: DemoBroker) -> None:
    """Publish a retained state, and wait until it is there."""
    seen: list[Arrival] = []
    with Watcher(watching(broker_at(broker.url)), seen.append) as watcher:
        assert watcher.ready(PATIENCE_S)
        session = watcher._link._session
        assert session is not None
        message = Outgoing(
            topic=f"{ROOT}/status", qos=1, retained=True, payload=b'{"state":"online"}', content_type="application/json"
        )
        session.publish(message)
        end_s = time.monotonic() + PATIENCE_S
        while not seen and time.monotonic() < end_s:
            time.sleep(0.02)


def send_until(shown: "subprocess.Popen[str]", broker: DemoBroker) -> None:
    """Publish a retained state, and read what the command says of it."""
    send(broker)
    assert shown.stdout is not None
    assert "nice/promenade-042" in shown.stdout.readline()
