"""Whether a power cut costs nothing: the device comes back by itself, with what it had counted."""

from collections.abc import Callable

from hwtests.device import Device
from hwtests.post import Post, at_work, eventually

_BACK_S = 300.0


def test_a_device_without_power_comes_back(post: Post, working: Device, able: Callable[[str], None]) -> None:
    able("power")
    known = {one["id"] for one in post.events}
    working.cut_power()
    working.give_power()
    assert all(at_work(working, _BACK_S).values()), "it does not come back"
    assert eventually(lambda: [one for one in post.events if one["id"] not in known], _BACK_S), "nothing new arrives"
