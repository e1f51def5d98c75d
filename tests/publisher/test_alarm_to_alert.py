"""From vision's courier to a subscriber: a real publisher, a real broker, and an alarm that waits for nothing."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from edge.cli.arrivals import Arrival, Collection
from edge.cli.watch import Watcher, broker_at, watching
from edge.contract.report import AlarmAnswer, AlarmPhase, CameraState, Verdict, VisionHealth
from edge.publisher.clock import Clock, ClockState
from edge.publisher.sender import FREE_FOR_ALERTS, MOST_UNANSWERED
from edge.units import NS_PER_S
from edge.vision.aggregate.tally import LineTally, Presence, Tally, ZoneTally
from edge.vision.courier import Courier
from edge.vision.register import Register, Under
from edge.vision.reports import ReportStore
from tests.publisher.appliance import PATIENCE_S, Publisher, Vision, eventually
from tests.publisher.mosquitto import Mosquitto
from tests.publisher.street import EVENTS_PER_REPORT, HELLO, MODEL, START_S, WINDOW_S, alarm, report
from tests.publisher.tap import Tap

Subscribe = Callable[[int], Collection]
BACKLOG = 100
ROOT = "passant/v1/nice/promenade-042"
ALERT, LAST = "ev/alert/promenade", "last/alert/promenade.heavy-vehicle"


def tally(window: int) -> Tally:
    counts = (12, 7, 0, 19, 0, 0, 0)
    present = Presence(object_ns=300 * NS_PER_S, most=9, distinct=12)
    return Tally(
        start_ns=(START_S + WINDOW_S * window) * NS_PER_S,
        length_ns=WINDOW_S * NS_PER_S,
        observed_ns=WINDOW_S * NS_PER_S,
        lines=(LineTally(forward=counts, backward=counts),),
        zones=(ZoneTally(people=present, vehicles=present),),
    )


def health(waiting: int, lost: int) -> VisionHealth:
    return VisionHealth(
        camera=CameraState.STREAMING,
        isolated=True,
        replay=False,
        fps_tenths=100,
        frames_dropped=0,
        detector_ms=40,
        reports_waiting=waiting,
        reports_lost=lost,
    )


@contextmanager
def couriering(folder: Path, channel: Path) -> Iterator[Courier]:
    (folder / "vision").mkdir()
    under = Under(site=HELLO.site, model=MODEL, replay=False, isolated=True)
    courier = Courier(
        path=channel,
        hello=HELLO,
        store=ReportStore(folder / "vision" / "reports"),
        register=Register(folder / "vision" / "register", under),
        health=health,
    )
    courier.start()
    try:
        yield courier
    finally:
        courier.finish(0.0)


class Order:
    """Events in the order in which they came."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.leaves: list[str] = []

    def add(self, arrival: Arrival) -> None:
        if arrival.is_event and arrival.document is not None:
            self.events.append(arrival.document)
            self.leaves.append(arrival.leaf)


@contextmanager
def ordered(port: int) -> Iterator[Order]:
    order = Order()
    with Watcher(watching(broker_at(f"mqtt://127.0.0.1:{port}")), order.add, say=lambda _: None) as watcher:
        assert watcher.ready(PATIENCE_S)
        yield order


def windows_of(found: Order) -> list[dict[str, Any]]:
    return [event for event, leaf in zip(found.events, found.leaves, strict=True) if leaf != ALERT]


def test_an_alarm_overtakes_what_waits_for_the_broker(tmp_path: Path, broker: Mosquitto) -> None:
    """Raised last, with a hundred windows in the outbox before it, it is the first event that goes out."""
    tap = Tap(broker.port)
    with (
        ordered(broker.port) as found,
        Publisher(tmp_path, tap.port, alerts=True) as publisher,
        couriering(tmp_path, publisher.channel) as courier,
    ):
        for window in range(BACKLOG):
            courier.over(tally(window))
        assert eventually(lambda: courier._closed.empty() and courier._store.waiting == 0)
        courier.raise_alarm(alarm(1))
        assert eventually(lambda: courier._alarms.waiting == 0)
        assert courier.refused == 0
        # The publisher hears nothing of the broker until now.
        with tap:
            assert eventually(lambda: len(found.events) == BACKLOG * EVENTS_PER_REPORT + 1)
    assert found.leaves[0] == ALERT
    numbers = [event["sequence"] for event in windows_of(found)]
    assert numbers == sorted(numbers)
    assert found.events[0]["sequence"] > numbers[-1]


def test_an_alarm_overtakes_what_waits_for_the_publisher(tmp_path: Path, broker: Mosquitto) -> None:
    """A hundred windows lie on vision's disk when the publisher comes; the alarm is stored before them."""
    publisher = Publisher(tmp_path, broker.port, alerts=True)
    with ordered(broker.port) as found, couriering(tmp_path, publisher.channel) as courier:
        for window in range(BACKLOG):
            courier.over(tally(window))
        assert eventually(lambda: courier._store.waiting == BACKLOG)
        courier.raise_alarm(alarm(1))
        with publisher:
            assert eventually(lambda: len(found.events) == BACKLOG * EVENTS_PER_REPORT + 1)
    assert found.leaves.index(ALERT) == 0
    assert found.events[0]["sequence"] < min(event["sequence"] for event in windows_of(found))


def test_an_alarm_raised_in_the_middle_of_a_backlog_does_not_wait_for_its_end(
    tmp_path: Path, broker: Mosquitto
) -> None:
    """With a broker that answers slowly, at most what is under way goes before it."""
    with Tap(broker.port, answer_s=0.02) as tap, ordered(broker.port) as found:
        publisher = Publisher(tmp_path, tap.port, alerts=True)
        with publisher, couriering(tmp_path, publisher.channel) as courier:
            for window in range(BACKLOG):
                courier.over(tally(window))
            assert eventually(lambda: len(found.events) > 2 * EVENTS_PER_REPORT)
            courier.raise_alarm(alarm(1))
            assert eventually(lambda: ALERT in found.leaves)
            before = found.leaves.index(ALERT)
            assert eventually(lambda: len(found.events) > before + MOST_UNANSWERED)


def test_an_alarm_that_came_after_a_burst_of_windows_is_answered_before_them(tmp_path: Path, broker: Mosquitto) -> None:
    """All of it lies in the channel when the publisher looks: it stores the alarm first."""
    with Publisher(tmp_path, broker.port, alerts=True) as publisher, Vision(publisher.channel) as vision:
        vision.hand_in(report(1))
        assert vision.settle() == {1: Verdict.STORED}
        assert publisher.process is not None
        publisher.process.send_signal(signal.SIGSTOP)
        vision.hand_in(*(report(number) for number in range(2, 18)))
        vision.connected().send(alarm(1))
        publisher.process.send_signal(signal.SIGCONT)
        first = vision.connected().receive(PATIENCE_S)
    assert isinstance(first, AlarmAnswer)


def test_an_alert_goes_out_while_a_broker_answers_nothing(tmp_path: Path, broker: Mosquitto) -> None:
    """All places that windows may have are taken, and none will be free: the alert's are."""
    with Tap(broker.port, answer_s=3600) as tap, ordered(broker.port) as found:
        publisher = Publisher(tmp_path, tap.port, alerts=True)
        with publisher, Vision(publisher.channel) as vision:
            vision.hand_in(*(report(number) for number in range(1, 12)))
            vision.settle()
            assert eventually(lambda: tap.most == MOST_UNANSWERED - FREE_FOR_ALERTS)
            assert vision.say(alarm(1)) is Verdict.STORED
            assert eventually(lambda: ALERT in found.leaves)


def test_an_alarms_life_reaches_the_subscriber(tmp_path: Path, broker: Mosquitto, watched: Subscribe) -> None:
    found = watched(broker.port)
    with (
        Publisher(tmp_path, broker.port, alerts=True) as publisher,
        couriering(tmp_path, publisher.channel) as courier,
    ):
        courier.raise_alarm(alarm(7))
        courier.raise_alarm(alarm(7, 1, phase=AlarmPhase.UPDATED))
        courier.raise_alarm(alarm(7, 2, phase=AlarmPhase.CLEARED, valid_tenths=40))
        assert eventually(lambda: courier._alarms.waiting == 0)
        assert eventually(lambda: f"{ROOT}/{LAST}" in found.newest and len(found.events) >= 2)
        assert eventually(lambda: state(found.newest[f"{ROOT}/{LAST}"]) == "cleared")
    states = [state(event) for event in found.events.values()]
    assert (states[0], states[-1]) == ("raised", "cleared")
    assert {str((event.document or {})["data"]["alarm"]) for event in found.events.values()} == {
        str((found.newest[f"{ROOT}/{LAST}"].document or {})["data"]["alarm"])
    }
    kept = found.newest[f"{ROOT}/{LAST}"].message
    assert kept.expiry_s is not None
    assert 0 < kept.expiry_s <= 4


def state(arrival: Arrival) -> str:
    return str((arrival.document or {})["data"]["state"])


def test_nothing_stale_is_told_after_an_outage(tmp_path: Path, broker: Mosquitto) -> None:
    """What held for a moment and was not sent in it is dropped and counted; what still holds is sent."""
    tap = Tap(broker.port)
    with ordered(broker.port) as found, Publisher(tmp_path, tap.port, alerts=True) as publisher:
        with Vision(publisher.channel) as vision:
            vision.hand_in(report(1))
            vision.settle()
            short = alarm(1, valid_tenths=30)
            assert vision.say(short) is Verdict.STORED
            assert vision.say(alarm(2, valid_tenths=3000)) is Verdict.STORED
            assert eventually(lambda: time.time() * 10 > short.at_tenths + short.valid_tenths)
            with tap:
                assert eventually(lambda: len(found.events) == 1 + EVENTS_PER_REPORT)
        assert publisher.terminate() == 0
    assert found.leaves.count(ALERT) == 1


def test_the_publisher_answers_what_it_thinks_of_an_alarm(tmp_path: Path, broker: Mosquitto) -> None:
    with Publisher(tmp_path, broker.port, alerts=True) as publisher, Vision(publisher.channel) as vision:
        first = alarm(1)
        assert vision.say(first) is Verdict.STORED
        assert vision.say(first) is Verdict.STORED
        assert Clock().state is not ClockState.UNSYNCHRONISED or publisher.says("give this device a time server")
        assert vision.say(replace(first, valid_tenths=299)) is Verdict.REFUSED_WINDOW
        assert vision.say(alarm(2, site=1)) is Verdict.REFUSED_SITE
        assert vision.say(alarm(2, place=5)) is Verdict.REFUSED_SHAPE
        assert vision.say(alarm(2, at_s=time.time() - 600)) is Verdict.REFUSED_WINDOW
        assert vision.say(alarm(2, drill=True)) is Verdict.REFUSED_LEGAL
        assert publisher.says("[legal] does not permit it here and now")


def test_under_statistics_no_alert_leaves(tmp_path: Path, broker: Mosquitto) -> None:
    """A vision that says alarms all the same is refused, and what it says of windows goes on."""
    with (
        ordered(broker.port) as found,
        Publisher(tmp_path, broker.port) as publisher,
        Vision(publisher.channel) as vision,
    ):
        assert vision.say(alarm(1)) is Verdict.REFUSED_LEGAL
        vision.hand_in(report(1))
        assert vision.settle() == {1: Verdict.STORED}
        assert eventually(lambda: len(found.events) == EVENTS_PER_REPORT)
    assert ALERT not in found.leaves
