"""Health: rates since it was last asked, counts since the start, all within the contract."""

import time

import pytest

from edge.contract import wire
from edge.contract.report import CameraState
from edge.vision.pulse import Pulse


def test_rates_are_those_since_the_last_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    invoked = (0, 0.0)
    monkeypatch.setattr(time, "monotonic", lambda: now)
    pulse = Pulse(isolated=True, replay=False, invoked=lambda: invoked)
    pulse._read_s = now
    pulse.frames, pulse.dropped, pulse.camera, invoked, now = 100, 3, CameraState.STREAMING, (50, 2.0), 110.0
    first = pulse.health(waiting=2, lost=1)
    assert (first.fps_tenths, first.detector_ms, first.frames_dropped) == (100, 40, 3)
    assert (first.reports_waiting, first.reports_lost, first.camera) == (2, 1, CameraState.STREAMING)
    now = 120.0
    second = pulse.health(waiting=0, lost=1)
    assert (second.fps_tenths, second.detector_ms, second.frames_dropped) == (0, 0, 3)


def test_what_is_out_of_bounds_is_cut_to_them() -> None:
    pulse = Pulse(isolated=True, replay=True, invoked=lambda: (1, 1e9), frames=10**9, dropped=10**9)
    health = pulse.health(waiting=10**9, lost=10**9)
    assert wire.decode(wire.encode(health), (type(health),)) == health
