"""Whether pixels and network are apart: tried from inside, and asked of the kernel about the processes that work."""

from collections.abc import Callable
from typing import Any

import pytest

from hwtests.device import UNITS, Device
from hwtests.post import Post, eventually

_START_S = 60.0
_HEALTH_S = 90.0


def _status(device: Device, unit: str) -> dict[str, str]:
    pid = eventually(lambda: device.pid(unit), _START_S)
    assert pid, f"{unit} does not run"

    def read() -> dict[str, str]:
        lines = device.read(f"/proc/{pid}/status").splitlines()
        return {key: value.strip() for key, _, value in (line.partition(":") for line in lines)}

    # It is confined some moments after its start.
    eventually(lambda: read().get("Seccomp") == "2", _START_S / 6)
    return read()


@pytest.mark.parametrize("unit", UNITS)
def test_every_try_to_get_out_fails(fit: Callable[..., dict[str, Any]], unit: str) -> None:
    fit(f"{unit} isolated", warned=False)


@pytest.mark.parametrize("unit", UNITS)
def test_the_process_at_work_is_confined(working: Device, unit: str) -> None:
    status = _status(working, unit)
    assert status["Seccomp"] == "2", "no filter of system calls"
    assert status["NoNewPrivs"] == "1"


def test_vision_at_work_has_no_network(working: Device) -> None:
    assert _status(working, "vision")
    pid = working.pid("vision")
    # Of this namespace: an interface that is not there can lead nowhere.
    lines = working.read(f"/proc/{pid}/net/dev").splitlines()[2:]
    names = [line.partition(":")[0].strip() for line in lines]
    own = working.run("readlink", f"/proc/{pid}/ns/net").out != working.run("readlink", "/proc/self/ns/net").out
    assert own or names == ["lo"], f"vision sees {', '.join(names)}"


def test_the_device_says_that_it_is_proven(post: Post, working: Device) -> None:
    def told() -> dict[str, str]:
        found = [one["isolation"] for one in post.health if one["isolation"]["vision"] != "unknown"]
        return dict(found[-1]) if found else {}

    assert eventually(told, _HEALTH_S) == {"publisher": "proven", "vision": "proven"}
