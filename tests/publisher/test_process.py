"""The publisher as a process of its own, against a real broker."""

import contextlib
import json
import random
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from edge.cli.arrivals import Collection
from edge.contract.report import CameraState, Verdict, VisionHealth
from edge.publisher.outbox import Outbox
from edge.publisher.rescue import FILE, KEY_FILE
from edge.publisher.seal import open_sealer
from tests.publisher.appliance import Publisher, Vision, eventually
from tests.publisher.mosquitto import Mosquitto, free_port
from tests.publisher.street import EVENTS_PER_REPORT, HASH, HELLO, report

Subscribe = Callable[[int], Collection]
TOPIC = "passant/v1/nice/promenade-042"


def waiting_events(state: Path) -> int:
    with Outbox(state / FILE, open_sealer(state / KEY_FILE), first_sequence=0) as outbox:
        return outbox.tally().pending


@pytest.mark.parametrize("isolation", [True, False])
def test_reports_arrive_as_events_and_the_device_says_goodbye(
    tmp_path: Path, broker: Mosquitto, watched: Subscribe, *, isolation: bool
) -> None:
    found = watched(broker.port)
    with Publisher(tmp_path, broker.port, isolation=isolation) as publisher:
        if isolation and not eventually(lambda: publisher.channel.exists() and "isolation proven" in publisher.log):
            pytest.skip("this machine cannot prove the publisher's isolation")
        with Vision(publisher.channel) as vision:
            vision.hand_in(report(1), report(2))
            assert vision.settle() == {1: Verdict.STORED, 2: Verdict.STORED}
            assert eventually(lambda: len(found.events) == 2 * EVENTS_PER_REPORT)
        assert publisher.terminate() == 0
        told = publisher.told
    assert eventually(lambda: found.states == ["online", "offline"])
    assert found.repeated == 0
    assert f"{TOPIC}/about" in found.newest
    last = found.newest[f"{TOPIC}/last/traffic-flow/quai.forward"]
    newest = max(
        (one for one in found.events.values() if one.leaf == "ev/traffic-flow/quai.forward"),
        key=lambda one: str((one.document or {})["sequence"]),
    )
    assert last.message.payload == newest.message.payload
    assert last.message.expiry_s is not None
    assert 0 < last.message.expiry_s <= 2 * 60
    assert waiting_events(publisher.state) == 0
    picture_code = {"numpy", "cv2", "edge.vision", "ai_edge_litert", "PIL"}
    assert not picture_code & set(told["modules"])  # type: ignore[union-attr]
    assert int(str(told["kilobytes"])) <= 70 * 1024


def test_events_carry_the_properties_of_mqtt_5(tmp_path: Path, broker: Mosquitto, watched: Subscribe) -> None:
    found = watched(broker.port)
    with Publisher(tmp_path, broker.port) as publisher, Vision(publisher.channel) as vision:
        vision.hand_in(report(1))
        assert eventually(lambda: len(found.events) == EVENTS_PER_REPORT)
    for event in found.events.values():
        assert event.document is not None
        assert event.message.content_type == "application/cloudevents+json; charset=utf-8"
        assert dict(event.message.labels) == {name: event.document[name] for name in ("id", "type", "source")}
        assert event.message.expiry_s is not None
        assert not event.message.retained


def test_a_broker_that_comes_late_gets_everything(tmp_path: Path, mosquitto_needed: None, watched: Subscribe) -> None:
    port = free_port()
    with Publisher(tmp_path, port) as publisher, Vision(publisher.channel) as vision:
        vision.hand_in(*(report(number) for number in range(1, 6)))
        assert set(vision.settle().values()) == {Verdict.STORED}
        assert publisher.says("nothing listens at")
        with Mosquitto(tmp_path / "broker", port=port):
            found = watched(port)
            assert eventually(lambda: len(found.events) == 5 * EVENTS_PER_REPORT)


def test_without_a_broker_everything_is_kept_for_the_next_start(
    tmp_path: Path, mosquitto_needed: None, watched: Subscribe
) -> None:
    port = free_port()
    with Publisher(tmp_path, port) as publisher:
        with Vision(publisher.channel) as vision:
            vision.hand_in(report(1), report(2), report(3))
            vision.settle()
        assert publisher.terminate() == 0
        assert waiting_events(publisher.state) == 3 * EVENTS_PER_REPORT
        with Mosquitto(tmp_path / "broker", port=port):
            found = watched(port)
            publisher.start()
            assert eventually(lambda: len(found.events) == 3 * EVENTS_PER_REPORT)


def test_a_report_that_comes_again_is_stored_once(tmp_path: Path, broker: Mosquitto, watched: Subscribe) -> None:
    found = watched(broker.port)
    with Publisher(tmp_path, broker.port) as publisher, Vision(publisher.channel) as vision:
        vision.hand_in(report(1))
        vision.settle()
        vision.hand_in(replace(report(1), sequence=2))
        assert vision.settle() == {1: Verdict.STORED, 2: Verdict.STORED}
        vision.hand_in(replace(report(1), sequence=3, observed_permille=500))
        assert vision.settle()[3] is Verdict.REFUSED_WINDOW
        vision.hand_in(report(4))
        assert eventually(lambda: len(found.events) == 2 * EVENTS_PER_REPORT)
    assert found.repeated == 0


def test_killed_at_any_moment_it_loses_and_doubles_nothing(
    tmp_path: Path, broker: Mosquitto, watched: Subscribe
) -> None:
    chance = random.Random(7)  # noqa: S311  moments, not secrets
    found = watched(broker.port)
    numbers = range(1, 41)
    with Publisher(tmp_path, broker.port) as publisher, Vision(publisher.channel) as vision:
        for kill in range(8):
            vision.hand_in(*(report(number) for number in numbers[kill * 5 : kill * 5 + 5]))
            vision.listen(0.05)
            time.sleep(chance.uniform(0.0, 0.15))
            publisher.kill()
            publisher.start()
        assert set(vision.settle(60).values()) == {Verdict.STORED}
        assert len(vision.verdicts) == len(numbers)
        assert eventually(lambda: len(found.events) == len(numbers) * EVENTS_PER_REPORT)
        publisher.terminate()
    windows = {(event["subject"], event["type"], event["time"]) for event in found.current()}
    assert len(windows) == len(numbers) * EVENTS_PER_REPORT


def test_when_killed_the_broker_says_lost(tmp_path: Path, broker: Mosquitto, watched: Subscribe) -> None:
    found = watched(broker.port)
    with Publisher(tmp_path, broker.port) as publisher:
        assert eventually(lambda: found.states == ["online"])
        publisher.kill()
    log = broker.log
    # The will waits for its delay, in which a device that comes back takes it away.
    assert found.states == ["online"]
    assert "promenade-042" in log
    with Publisher(tmp_path, broker.port) as publisher:
        assert eventually(lambda: found.states == ["online", "online"])
        assert publisher.terminate() == 0
    assert eventually(lambda: found.states[-1] == "offline")
    assert "lost" not in found.states


def test_vision_may_vanish_and_come_back(tmp_path: Path, broker: Mosquitto, watched: Subscribe) -> None:
    found = watched(broker.port)
    with Publisher(tmp_path, broker.port) as publisher, Vision(publisher.channel) as vision:
        vision.hand_in(report(1))
        vision.settle()
        vision.vanish()
        assert publisher.says("vision is gone")
        vision.hand_in(report(2))
        assert vision.settle()[2] is Verdict.STORED
        assert eventually(lambda: len(found.events) == 2 * EVENTS_PER_REPORT)


def test_at_the_end_it_takes_what_the_channel_still_holds(
    tmp_path: Path, broker: Mosquitto, watched: Subscribe
) -> None:
    found = watched(broker.port)
    with Publisher(tmp_path, broker.port) as publisher, Vision(publisher.channel) as vision:
        vision.connected()
        assert publisher.says("vision is connected")
        assert publisher.says("connected to the broker")
        assert publisher.process is not None
        publisher.process.terminate()
        for number in (1, 2):
            vision.hand_in(report(number))
            assert vision.settle()[number] is Verdict.STORED
        vision.vanish()
        assert publisher.wait() == 0
    assert eventually(lambda: found.states == ["online", "offline"])
    assert len(found.events) == 2 * EVENTS_PER_REPORT


def test_what_does_not_fit_the_site_is_refused(tmp_path: Path, broker: Mosquitto, watched: Subscribe) -> None:
    found = watched(broker.port)
    with Publisher(tmp_path, broker.port) as publisher:
        with Vision(publisher.channel) as vision:
            vision.hand_in(report(1, site=HASH ^ 1), report(2, zones=()), report(3, window_s=120))
            assert list(vision.settle().values()) == [
                Verdict.REFUSED_SITE,
                Verdict.REFUSED_SHAPE,
                Verdict.REFUSED_WINDOW,
            ]
        assert publisher.says("vision is gone")
        time.sleep(1.0)
        with Vision(publisher.channel, hello=replace(HELLO, site=HASH ^ 1)) as stranger:
            stranger.hand_in(report(4))
            assert stranger.settle() == {4: Verdict.REFUSED_SITE}
        publisher.terminate()
    assert not found.events


def test_a_report_of_a_wrong_clock_is_neither_stored_nor_forgotten(tmp_path: Path, broker: Mosquitto) -> None:
    ahead = report(1).window_start_s + 40 * 86_400
    with Publisher(tmp_path, broker.port) as publisher, Vision(publisher.channel) as vision:
        vision.hand_in(report(1, window_start_s=ahead), report(2))
        vision.settle(2.0)
        assert vision.verdicts == {2: Verdict.STORED}
        assert list(vision.waiting) == [1]
        assert vision.put_off == {1}
        assert publisher.says("a report stays with vision: its window has not begun by this clock")


def test_health_tells_what_is_refused_and_how_the_camera_is(
    tmp_path: Path, broker: Mosquitto, watched: Subscribe
) -> None:
    health = VisionHealth(
        camera=CameraState.FROZEN,
        isolated=True,
        replay=False,
        fps_tenths=98,
        frames_dropped=3,
        detector_ms=41,
        reports_waiting=0,
        reports_lost=2,
    )
    port = free_port()
    with Publisher(tmp_path, port) as publisher, Vision(publisher.channel) as vision:
        connection = vision.connected()
        connection.send(health)
        connection.send(health)
        vision.hand_in(report(1, zones=()), report(2))
        vision.settle()
        with Mosquitto(tmp_path / "broker", port=port):
            found = watched(port)
            assert eventually(lambda: f"{TOPIC}/health" in found.newest)
    document = found.newest[f"{TOPIC}/health"].document
    assert document is not None
    assert document["vision"]["camera"] == "frozen"
    assert document["vision"]["fps"] == 9.8
    assert document["vision"]["reportsLost"] == 2
    assert document["refused"]["shape"] == 1
    assert document["refused"]["tooOften"] == 1
    assert document["outbox"]["waiting"] == EVENTS_PER_REPORT
    assert document["isolation"] == {"publisher": "unproven", "vision": "proven"}
    assert document["clock"] in {"synchronised", "unsynchronised", "unknown"}


def test_a_password_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text("open sesame")
    password.chmod(0o644)
    files = {"password_file": str(password)}
    with Publisher(tmp_path, free_port(), tls=True, username="camera", files=files) as publisher:
        assert publisher.wait() == 2
    assert f"chmod 600 {password}" in publisher.log
    assert "open sesame" not in publisher.log


def test_a_second_publisher_on_the_same_state_is_told_so(tmp_path: Path, broker: Mosquitto) -> None:
    with Publisher(tmp_path, broker.port) as first:
        assert first.says("connected to the broker")
        with Publisher(tmp_path, broker.port) as second:
            assert second.wait() == 2
        assert "another publisher listens here" in second.log


def test_about_says_what_the_device_watches(tmp_path: Path, broker: Mosquitto, watched: Subscribe) -> None:
    found = watched(broker.port)
    with Publisher(tmp_path, broker.port):
        assert eventually(lambda: f"{TOPIC}/about" in found.newest)
    document = json.loads(found.newest[f"{TOPIC}/about"].message.payload)
    assert document["device"]["id"] == "urn:ngsi-ld:Device:nice:promenade-042"
    assert document["lines"]["features"][0]["geometry"]["coordinates"] == [[120.0, 400.0], [980.0, 420.0]]
    ring = document["zones"]["features"][0]["geometry"]["coordinates"][0]
    assert ring[0] == ring[-1]
    assert document["coordinates"]["system"] == "picture"
    assert document["durability"]["promise"] == "puback"
    assert document["capacity"]["bitsPerHour"] > 0


def test_on_a_full_disk_reports_stay_with_vision_until_there_is_room(
    small_disk: Path, tmp_path: Path, broker: Mosquitto, watched: Subscribe
) -> None:
    found = watched(broker.port)
    (tmp_path / "state").symlink_to(small_disk, target_is_directory=True)
    with Publisher(tmp_path, broker.port) as publisher, Vision(publisher.channel) as vision:
        vision.hand_in(report(1))
        assert vision.settle() == {1: Verdict.STORED}
        ballast = small_disk / "ballast"
        with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(4096))
        vision.hand_in(*(report(number) for number in range(2, 40)))
        assert publisher.says("make room")
        vision.settle(0.5)
        assert vision.waiting
        ballast.unlink()
        vision.vanish()
        assert len(vision.settle()) == 39
        assert set(vision.verdicts.values()) == {Verdict.STORED}
        assert eventually(lambda: len(found.events) == 39 * EVENTS_PER_REPORT)
    assert found.repeated == 0
