"""Whether the model's bytes and its answer are right, how long it takes, and what heat does to it."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from hwtests.device import Device
from hwtests.record import Record

Fit = Callable[..., dict[str, Any]]
# Four looks a second are the least that follows people; half of the time is for everything else.
_MOST_MS = 250.0
# Throttled by more than this, it was not cooled.
_MOST_SLOWER = 1.5
_PAUSE_S = 5.0


def test_the_hash_and_the_answer_are_right(fit: Fit) -> None:
    fit("model", warned=False)


def test_a_look_is_quick_enough(fit: Fit, record: Record, able: Callable[[str], None]) -> None:
    took_ms = fit("model")["ms"]
    record.note("model latency", "ms", 0.0, took_ms)
    able("speed")
    assert took_ms < _MOST_MS


def test_the_device_is_cool(fit: Fit) -> None:
    fit("temperature")


def test_heat_does_not_slow_it_down(device: Device, record: Record, pytestconfig: pytest.Config) -> None:
    minutes = pytestconfig.getoption("--heat-minutes")
    if not minutes:
        pytest.skip("--heat-minutes was not given; 30 is usual")
    began_s = time.monotonic()
    took: list[float] = []
    while (at_s := time.monotonic() - began_s) < 60 * minutes:
        # Each call works the model for a while; in between there is nothing to cool down in.
        found = {
            one["name"]: one for one in json.loads(device.passant("doctor", str(device.site), "--json").out)["findings"]
        }
        took.append(found["model"]["figures"]["ms"])
        record.note("model latency", "ms", at_s, took[-1])
        degrees = found["temperature"]["figures"].get("celsius")
        if degrees is not None:
            record.note("temperature", "°C", at_s, degrees)
        assert found["temperature"]["verdict"] != "fail", found["temperature"]["said"]
        time.sleep(min(_PAUSE_S, max(0.0, 60 * minutes - at_s)))
    assert min(took[-3:]) < _MOST_SLOWER * min(took[:3]), "it slows down as it gets warm"
