"""Whether the device knows what time it is."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from hwtests.device import Device

_MOST_OFF_S = 5.0


def test_it_goes_by_a_time_server(examination: dict[str, dict[str, Any]]) -> None:
    finding = examination["clock"]
    assert finding["verdict"] != "fail", f"{finding['said']} — {finding['mend']}"
    if finding["verdict"] == "warn":
        pytest.skip(f"{finding['said']} — {finding['mend']}")


def test_it_is_right_by_the_testers_clock(device: Device) -> None:
    before_s = time.time()
    told = float(device.run("date", "+%s.%N").out)
    assert before_s - _MOST_OFF_S < told < time.time() + _MOST_OFF_S


def test_what_the_windows_are_stamped_with(fit: Callable[..., dict[str, Any]]) -> None:
    assert fit("clock")["time"] is not None
