"""The health message, and a clock that is not set."""

import json
import logging
from pathlib import Path

import pytest

from edge.contract import bounds
from edge.contract.report import CameraState, Hello, Verdict, VisionHealth
from edge.publisher.clock import Clock, ClockState, rfc3339
from edge.publisher.complaint import Complaints
from edge.publisher.events.envelope import compact
from edge.publisher.inbox import Inbox
from edge.publisher.keeper import Keeper
from edge.publisher.outbox import Outcome
from edge.publisher.reception import Reception
from edge.publisher.vitals import BrokerVitals, Vitals
from tests.publisher.street import HELLO, SITE
from tests.publisher.test_sender import batch


class UnsetClock(Clock):
    """A clock as a Pi has it before it heard from anybody."""

    def now(self) -> float:
        return 86_400.0


def vitals_of(clock: Clock) -> Vitals:
    return Vitals(clock=clock, started_s=clock.steady(), software="0", isolated=False)


def test_a_clock_before_the_software_was_made_is_not_set() -> None:
    assert Clock().is_set
    assert Clock().state is not ClockState.UNSET
    assert UnsetClock().state is ClockState.UNSET
    assert UnsetClock().stamp() is None


def test_while_the_clock_is_not_set_events_are_kept_without_a_lie(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    keeper = Keeper(tmp_path, UnsetClock(), BrokerVitals(), Complaints(logging.getLogger("test")))
    assert keeper.store(batch(1)) is Outcome.STORED
    (row,) = keeper.after(0, 10)
    keeper.close()
    assert "recordedtime" not in json.loads(row.payload)
    assert "the clock is not set" in caplog.text
    document = vitals_of(UnsetClock()).document()
    assert document["clock"] == "unset"
    assert document["time"] is None


def test_health_is_json_before_anything_has_happened() -> None:
    document = json.loads(compact(vitals_of(Clock()).document()))
    assert document["vision"]["channel"] == "never"
    assert document["isolation"] == {"publisher": "unproven", "vision": "unknown"}
    assert document["outbox"]["state"] == "starting"


class SetClock(Clock):
    """A clock whose steady time is put by hand."""

    steady_s = 1000.0

    def steady(self) -> float:
        return self.steady_s


class Silence:
    """A connection on which a script of messages comes, one at each poll."""

    def __init__(self, clock: SetClock, script: list[tuple[float, VisionHealth | Hello | None]]) -> None:
        self._clock, self._script = clock, script
        self.refused: dict[str, int] = {}

    def receive(self, _timeout_s: float) -> VisionHealth | Hello | None:
        self._clock.steady_s, message = self._script.pop(0)
        return message


def test_vision_that_says_nothing_is_not_healthy(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    clock = SetClock()
    vitals = vitals_of(clock)
    health = VisionHealth(
        camera=CameraState.STREAMING,
        isolated=True,
        replay=False,
        fps_tenths=98,
        frames_dropped=0,
        detector_ms=4,
        reports_waiting=0,
        reports_lost=0,
    )
    told: list[tuple[object, ...]] = []
    script = [(1000.0, HELLO), (1010.0, health), (1040.0, None), (1041.0, None), (1099.0, None), (1100.0, health)]
    connection = Silence(clock, list(script))

    def stopped() -> bool:
        vision = vitals.document()["vision"]
        told.append((vision["channel"], vision.get("camera"), vision.get("fps")))
        return len(told) > len(script)

    reception = Reception(SITE, Inbox(SITE, loopback=True, clock=clock), lambda _: None, vitals)
    reception.serve(connection, stopped)  # type: ignore[arg-type]
    well, ill = ("connected", "streaming", 9.8), ("stale", "unknown", None)
    assert told == [("connected", None, None)] * 2 + [well, well, ill, ill, well]
    assert caplog.text.count("says nothing") == 1
    assert caplog.text.count("speaks again") == 1


def test_health_tells_every_refusal() -> None:
    vitals = vitals_of(Clock())
    for count, verdict in enumerate(Verdict):
        vitals.vision.verdicts[verdict] = count
    refused = vitals.document()["refused"]
    assert [refused[name] for name in ("site", "shape", "window")] == [1, 2, 3]


def test_stamps_are_rfc_3339_in_utc() -> None:
    assert rfc3339(bounds.WINDOW_START_S.least) == "2020-01-01T00:00:00Z"
    assert rfc3339(1_772_323_200.9) == "2026-03-01T00:00:00Z"


def test_a_fault_is_said_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    complaints = Complaints(logging.getLogger("test"))
    for _ in range(5):
        complaints.say("the broker is away")
        complaints.say("the disk is full")
    assert [record.message for record in caplog.records] == ["the broker is away", "the disk is full"]
    complaints._said["the broker is away"] -= 61
    complaints.say("the broker is away")
    assert len(caplog.records) == 3
