"""Whether a network that goes away costs nothing: what was counted meanwhile arrives once it is back."""

import time
from collections.abc import Callable

from hwtests.device import Device
from hwtests.post import Post, at_work, eventually

_START_S = 60.0
_AWAY_S = 20.0
_BACK_S = 150.0


def test_the_broker_takes_the_device(examination: dict[str, dict[str, str]]) -> None:
    finding = examination["broker"]
    assert finding["verdict"] == "pass", f"{finding['said']} — {finding['mend']}"


def test_a_network_that_was_away_costs_nothing(post: Post, working: Device, able: Callable[[str], None]) -> None:
    able("network")
    before = at_work(working, _START_S)
    assert all(before.values()), f"not at work: {before}"
    known = {one["id"] for one in post.events}
    working.cut_network()
    try:
        time.sleep(_AWAY_S)
        assert at_work(working, 0) == before, "a process ended for want of a network"
    finally:
        working.join_network()
    fresh = eventually(lambda: [one for one in post.events if one["id"] not in known], _BACK_S)
    assert fresh, "nothing arrived after the network was back"
    assert at_work(working, 0) == before
