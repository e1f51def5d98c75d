"""Whether the device comes back by itself: a process that is killed, one that hangs, one that eats memory."""

import signal
import time
from collections.abc import Callable

import pytest

from hwtests.device import UNITS, Device
from hwtests.post import eventually
from hwtests.record import Record

_START_S = 60.0
_BACK_S = 90.0


@pytest.mark.parametrize("unit", UNITS)
def test_a_process_that_is_killed_comes_back(working: Device, record: Record, unit: str) -> None:
    before = eventually(lambda: working.pid(unit), _START_S)
    assert before, f"{unit} does not run"
    began_s = time.monotonic()
    working.signal(unit, signal.SIGKILL)
    assert eventually(lambda: working.pid(unit) not in {None, before}, _BACK_S), f"{unit} did not come back"
    record.note(f"{unit} back after SIGKILL", "s", 0.0, time.monotonic() - began_s)


@pytest.mark.parametrize("unit", UNITS)
def test_a_process_that_hangs_is_started_anew(
    working: Device, record: Record, able: Callable[[str], None], unit: str
) -> None:
    able("watchdog")
    before = eventually(lambda: working.pid(unit), _START_S)
    assert before, f"{unit} does not run"
    began_s = time.monotonic()
    working.signal(unit, signal.SIGSTOP)
    try:
        assert eventually(lambda: working.pid(unit) not in {None, before}, _BACK_S), f"{unit} hangs, and nobody cares"
    finally:
        if working.pid(unit) == before:
            working.signal(unit, signal.SIGCONT)
    record.note(f"{unit} back after SIGSTOP", "s", 0.0, time.monotonic() - began_s)


@pytest.mark.parametrize("unit", UNITS)
def test_its_memory_has_a_limit(working: Device, able: Callable[[str], None], unit: str) -> None:
    able("memory")
    pid = eventually(lambda: working.pid(unit), _START_S)
    group = working.read(f"/proc/{pid}/cgroup").strip().rpartition(":")[2]
    limit = working.run("cat", f"/sys/fs/cgroup{group}/memory.max")
    if limit.code != 0:
        pytest.skip("this kernel has no memory controller; on a Raspberry Pi: cgroup_enable=memory in cmdline.txt")
    assert limit.out.strip().isdecimal(), f"memory.max is {limit.out.strip()}"
