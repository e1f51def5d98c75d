"""What is stored is sent: in order, in a window, once the broker is there, however it behaves."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from edge.cli.arrivals import Arrival, Collection
from edge.cli.watch import Watcher, broker_at, watching
from edge.config.site import Device
from edge.publisher.clock import Clock
from edge.publisher.complaint import Complaints
from edge.publisher.credentials import Credentials
from edge.publisher.delivery import EVENT_TTL_S, Part, parcels_of
from edge.publisher.events import crowd_flow
from edge.publisher.events.envelope import source_of
from edge.publisher.events.provenance import Provenance
from edge.publisher.keeper import Keeper
from edge.publisher.link import Link
from edge.publisher.outbox import Batch, Outbox, Outcome
from edge.publisher.rescue import FILE, KEY_FILE, open_outbox
from edge.publisher.row import Row
from edge.publisher.seal import open_sealer
from edge.publisher.sender import FREE_FOR_ALERTS, MOST_UNANSWERED, Sender, States
from edge.publisher.terms import Pace, Terms
from edge.publisher.topics import Topics
from edge.publisher.vitals import Vitals
from tests.publisher.appliance import PATIENCE_S, eventually
from tests.publisher.mosquitto import Mosquitto, free_port
from tests.publisher.street import SITE, report
from tests.publisher.tap import Tap

Subscribe = Callable[[int], Collection]
DEVICE = Device(org="nice", id="camera")
TOPICS = Topics(org=DEVICE.org, device=DEVICE.id)
STATES = States(online=b'{"state":"online"}', offline=b'{"state":"offline"}', about=b"{}")
PACE = replace(Pace.towards("localhost"), retry_most_s=0.3)


def batch(number: int, size: int = 1) -> Batch:
    made = report(number)
    provenance = Provenance(report=made, publisher_isolated=True)
    zones = (replace(SITE.zones[0], id=f"z{index}") for index in range(size))
    drafts = [crowd_flow.of_zone(source_of(DEVICE), zone, made.zones[0], provenance) for zone in zones]
    return Batch(window_start_s=made.window_start_s, revision=0, digest=b"", drafts=drafts)


@contextmanager
def sending(state: Path, port: int, drain_s: float = 10.0, **limits: float) -> Iterator[tuple[Sender, Vitals]]:
    state.mkdir(exist_ok=True)
    clock = Clock()
    vitals = Vitals(clock=clock, started_s=clock.steady(), software="test", isolated=True)
    terms = Terms(
        host="127.0.0.1",
        port=port,
        client_id=DEVICE.id,
        credentials=Credentials(tls=None, username=None, password=None),
        pace=PACE,
    )
    sender = Sender(
        keeper=Keeper(state, clock, vitals.broker, Complaints(logging.getLogger("test"))),
        topics=TOPICS,
        states=STATES,
        vitals=vitals,
        new_link=lambda put: Link(terms, put),
        **limits,
    )
    sender.start()
    try:
        yield sender, vitals
    finally:
        sender.close(drain_s)


def left(state: Path) -> Outbox:
    return Outbox(state / FILE, open_sealer(state / KEY_FILE), first_sequence=0)


@contextmanager
def faithful(port: int) -> Iterator[Collection]:
    """Watch with a session that outlives the broker's restart."""
    collection = Collection()
    terms = watching(broker_at(f"mqtt://127.0.0.1:{port}"))
    terms = replace(terms, pace=replace(terms.pace, session_expiry_s=300, retry_most_s=0.3))
    with Watcher(terms, collection.add, say=lambda _: None) as watcher:
        assert watcher.ready(PATIENCE_S)
        yield collection


def test_a_backlog_survives_a_broker_restart_and_never_fills_more_than_the_window(
    tmp_path: Path, mosquitto_needed: None
) -> None:
    count = 300
    with open_outbox_in(tmp_path / "state") as outbox:
        for number in range(count):
            outbox.store(batch(number), recorded_s=int(time.time()), recorded=None)
    settings = (
        "allow_anonymous true",
        "persistence true",
        f"persistence_location {tmp_path}/",
        "max_queued_messages 0",
    )
    with (
        Mosquitto(tmp_path / "broker", settings) as broker,
        Tap(broker.port, answer_s=0.005) as tap,
        faithful(broker.port) as found,
    ):
        with sending(tmp_path / "state", tap.port) as (sender, _):
            assert eventually(lambda: tap.sent > count // 3)
            broker.stop()
            assert sender.store(batch(count), PATIENCE_S) is Outcome.STORED
            broker.start()
            assert eventually(lambda: len(found.events) == count + 1)
        assert tap.most == MOST_UNANSWERED - FREE_FOR_ALERTS
    times = [str((event.document or {})["time"]) for event in found.events.values()]
    assert times == sorted(times)
    with left(tmp_path / "state") as outbox:
        assert outbox.tally().pending == 0


@pytest.mark.parametrize("allowed", [1, 3])
def test_a_narrow_broker_gets_no_more_than_it_allows(
    tmp_path: Path, mosquitto_needed: None, watched: Subscribe, allowed: int
) -> None:
    settings = ("allow_anonymous true", f"max_inflight_messages {allowed}")
    with open_outbox_in(tmp_path / "state") as outbox:
        for number in range(30):
            outbox.store(batch(number), recorded_s=int(time.time()), recorded=None)
    with Mosquitto(tmp_path / "broker", settings) as broker, Tap(broker.port, answer_s=0.02) as tap:
        found = watched(broker.port)
        with sending(tmp_path / "state", tap.port):
            assert eventually(lambda: len(found.events) == 30)
        assert tap.most == allowed


def test_what_the_broker_forbids_goes_to_the_dead_letters(
    tmp_path: Path, mosquitto_needed: None, caplog: pytest.LogCaptureFixture
) -> None:
    rules = tmp_path / "acl"
    rules.write_text("topic write passant/v1/nice/camera/status\ntopic write passant/v1/nice/camera/ev/crowd-flow/z0\n")
    settings = ("allow_anonymous true", f"acl_file {rules}")
    with (
        Mosquitto(tmp_path / "broker", settings) as broker,
        sending(tmp_path / "state", broker.port) as (sender, vitals),
    ):
        sender.store(batch(1, size=3), PATIENCE_S)
        # z1 and z2, the copy of each of the three, and `about`.
        assert eventually(lambda: vitals.broker.refused == 2 + 3 + 1)
        assert eventually(lambda: vitals.broker.sent == 1)
        assert vitals.broker.last_refusal == 135
    assert "allow this device to write passant/v1/nice/camera/ev/crowd-flow/z1" in caplog.text
    with left(tmp_path / "state") as outbox:
        assert outbox.dead_letters() == [("crowd-flow/z1", 135), ("crowd-flow/z2", 135)]
        tally = outbox.tally()
        assert (tally.pending, tally.dead, tally.refused) == (0, 2, 2)


def test_nobody_listening_is_no_refusal(broker: Mosquitto, tmp_path: Path) -> None:
    with sending(tmp_path / "state", broker.port) as (sender, vitals):
        sender.store(batch(1), PATIENCE_S)
        assert eventually(lambda: vitals.broker.sent == 1)
        assert vitals.broker.refused == 0


def test_an_event_larger_than_the_broker_takes_is_a_dead_letter(
    tmp_path: Path, mosquitto_needed: None, watched: Subscribe
) -> None:
    with Mosquitto(tmp_path / "broker", ("allow_anonymous true", "max_packet_size 600")) as broker:
        with sending(tmp_path / "state", broker.port) as (sender, vitals):
            sender.store(batch(1), PATIENCE_S)
            assert eventually(lambda: vitals.broker.refused == 2)
            assert vitals.broker.connections == 1
        with left(tmp_path / "state") as outbox:
            assert outbox.dead_letters() == [("crowd-flow/z0", 149)]


def test_a_broker_that_stops_answering_is_left_and_found_again(
    tmp_path: Path, broker: Mosquitto, watched: Subscribe
) -> None:
    found = watched(broker.port)
    with sending(tmp_path / "state", broker.port, answer_timeout_s=1.0) as (sender, vitals):
        assert eventually(lambda: vitals.broker.connections == 1)
        broker.freeze()
        try:
            sender.store(batch(1), PATIENCE_S)
            assert eventually(lambda: not vitals.broker.connected)
        finally:
            broker.thaw()
        assert eventually(lambda: vitals.broker.connections >= 2)
        assert eventually(lambda: len(found.events) == 1)


def test_a_dead_network_thread_is_replaced(tmp_path: Path, broker: Mosquitto, watched: Subscribe) -> None:
    found = watched(broker.port)
    with sending(tmp_path / "state", broker.port) as (sender, vitals):
        assert eventually(lambda: vitals.broker.connections == 1)
        first = sender._link
        assert first is not None
        # As a fault in paho's depths would end it: without a word.
        first._put = lambda _: None
        first.close(PATIENCE_S)
        assert not first.alive
        assert eventually(lambda: vitals.broker.connections == 2)
        sender.store(batch(1), PATIENCE_S)
        assert eventually(lambda: len(found.events) == 1)


def test_without_a_broker_closing_does_not_wait(tmp_path: Path) -> None:
    with sending(tmp_path / "state", free_port(), drain_s=3600) as (sender, _):
        sender.store(batch(1), PATIENCE_S)
    with left(tmp_path / "state") as outbox:
        assert outbox.tally().pending == 1


def test_the_newest_is_retained_for_two_windows(tmp_path: Path, broker: Mosquitto, watched: Subscribe) -> None:
    with sending(tmp_path / "state", broker.port) as (sender, vitals):
        for number in (5, 7, 6):
            sender.store(batch(number), PATIENCE_S)
        assert eventually(lambda: vitals.broker.sent == 3)
        found = watched(broker.port)
        topic = TOPICS.last("crowd-flow", "z0").name
        assert eventually(lambda: topic in found.newest)
    last: Arrival = found.newest[topic]
    assert last.message.retained
    assert last.message.expiry_s is not None
    assert 0 < last.message.expiry_s <= 120
    event = last.document or {}
    assert event["data"]["window"]["to"] == event["time"]
    start_s = report(7).window_start_s
    assert event["time"] == time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(start_s + 60))


@pytest.mark.parametrize(
    ("age_s", "newest", "parts", "expiry_s"),
    [
        (0, True, [Part.EVENT, Part.LAST], EVENT_TTL_S),
        (0, False, [Part.EVENT], EVENT_TTL_S),
        (100, True, [Part.EVENT, Part.LAST], EVENT_TTL_S - 100),
        (500, True, [Part.EVENT], EVENT_TTL_S - 500),
        # A clock that was set in between makes events look ancient; they are sent all the same.
        (10**9, True, [Part.EVENT], 3600),
        (-(10**6), True, [Part.EVENT, Part.LAST], EVENT_TTL_S),
    ],
)
def test_what_is_left_of_the_time_to_live_is_sent_along(
    *,
    age_s: int,
    newest: bool,
    parts: list[Part],
    expiry_s: int,
) -> None:
    row = Row(
        sequence=1,
        id="i",
        place="crowd-flow/z0",
        stamp=1,
        recorded_s=int(time.time()) - age_s,
        window_s=60,
        payload=b'{"id":"i","type":"t","source":"s"}',
        newest=newest,
    )
    parcels = parcels_of(row, TOPICS, Clock())
    assert [parcel.part for parcel in parcels] == parts
    left_s = parcels[0].message.expiry_s
    assert left_s is not None
    assert abs(left_s - expiry_s) <= 5
    assert {parcel.message.payload for parcel in parcels} == {row.payload}


@contextmanager
def open_outbox_in(state: Path) -> Iterator[Outbox]:
    state.mkdir()
    with open_outbox(state, Clock()) as outbox:
        yield outbox
