"""Updates: old or new, never neither. Until the device can be updated, each of these says so."""

import pytest

_WHY = "this suite does not drive updates yet: see README.md, Not covered"


@pytest.mark.parametrize(
    "what",
    ["a good one is committed", "a bad one rolls back", "a tampered one is refused", "an older one is refused"],
)
def test_updates(what: str) -> None:
    pytest.skip(f"{what}: {_WHY}")


def test_a_power_cut_in_an_update() -> None:
    pytest.skip(_WHY)
