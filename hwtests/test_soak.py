"""Whether it works as well after a while as at first: memory, heat and rate over --soak-minutes."""

import time
from contextlib import suppress

import pytest

from hwtests.device import UNITS, Device, DeviceError
from hwtests.post import at_work
from hwtests.record import Record

_START_S = 60.0
_SAMPLES = 60
_LEAST_PAUSE_S = 2.0
# The first part of a soak is for what is set up once.
_SETTLED = 0.3
_MOST_GROWTH = 1.3
_MOST_GROWTH_MB = 30.0


def test_memory_does_not_grow(working: Device, record: Record, pytestconfig: pytest.Config) -> None:
    length_s = 60 * pytestconfig.getoption("--soak-minutes")
    before = at_work(working, _START_S)
    assert all(before.values()), f"not at work: {before}"
    began_s = time.monotonic()
    while (at_s := time.monotonic() - began_s) < length_s:
        for unit in UNITS:
            record.note(f"memory of {unit}", "MB", at_s, _resident_mb(working, unit))
        _note_heat(working, record, at_s)
        time.sleep(max(_LEAST_PAUSE_S, length_s / _SAMPLES))
    assert at_work(working, 0) == before, "a process ended meanwhile"
    for unit in UNITS:
        values = [value for at_s, value in record.series[f"memory of {unit}"].points if at_s >= _SETTLED * length_s]
        assert values[-1] < max(values[0] * _MOST_GROWTH, values[0] + _MOST_GROWTH_MB), (
            f"{unit}: {values[0]} to {values[-1]}"
        )


def _resident_mb(device: Device, unit: str) -> float:
    pid = device.pid(unit)
    assert pid, f"{unit} does not run any more"
    for line in device.read(f"/proc/{pid}/status").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1000
    raise AssertionError(f"{unit}, process {pid}, has ended")


def _note_heat(device: Device, record: Record, at_s: float) -> None:
    with suppress(DeviceError, ValueError):
        degrees = int(device.read("/sys/class/thermal/thermal_zone0/temp")) / 1000
        record.note("temperature at work", "°C", at_s, degrees)
