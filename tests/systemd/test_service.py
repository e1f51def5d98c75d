"""Both units under a real systemd, booted once: events, kills, hangs, a lost channel, and ways out that are tried."""

from typing import Any

import pytest

from tests.systemd.driver import ALL, TIMES, UNITS
from tests.systemd.machine import boot, missing
from tests.systemd.root import RootError

REFUSALS = {"EPERM", "EACCES", "EROFS", "EAFNOSUPPORT", "ENOENT", "ENETUNREACH", "ECONNREFUSED"}
LEAST_PROBES = 25


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    if why := missing():
        pytest.skip(why)
    try:
        return boot(tmp_path_factory.mktemp("machine"))
    except RootError as error:
        pytest.skip(f"no system can be booted here: {error}")


def test_systemd_has_nothing_to_say_against_the_units(found: dict[str, Any]) -> None:
    assert found["verify"] == {"code": 0, "said": ""}
    assert "passant" not in found["told"]


def test_events_come_to_the_broker_from_processes_that_are_confined(found: dict[str, Any]) -> None:
    assert found["first"].startswith("passant/v1/nice/promenade-042/")
    assert found["isolation"].count("isolation proven") == len(UNITS)


def test_root_may_take_a_masked_still(found: dict[str, Any]) -> None:
    assert found["still"]["code"] == 0, found["still"]["said"]


def test_a_killed_process_comes_back_and_events_go_on(found: dict[str, Any]) -> None:
    assert found["kills"] == dict.fromkeys(UNITS, TIMES)


def test_a_process_that_hangs_is_ended_by_its_watchdog_and_comes_back(found: dict[str, Any]) -> None:
    assert found["hangs"]["back"] == dict.fromkeys(UNITS, TIMES)
    assert found["hangs"]["timeouts"] == dict.fromkeys(UNITS, TIMES)
    assert "isolation proven" in found["hangs"]["status"][UNITS[0]]
    assert "broker connected" in found["hangs"]["status"][UNITS[1]]


def test_vision_outlives_the_channel_and_finds_it_again(found: dict[str, Any]) -> None:
    assert found["channel"] == "same vision"


def test_a_vision_that_fails_again_and_again_stays_down_and_all_else_goes_on(found: dict[str, Any]) -> None:
    given_up = found["given up"]
    assert given_up["states"] == {**dict.fromkeys(ALL, "active"), "passant-vision.service": "failed"}
    assert "Start request repeated too quickly" in given_up["said"]
    assert given_up["after"].startswith("passant/v1/nice/promenade-042/")


def test_both_end_in_good_order(found: dict[str, Any]) -> None:
    assert found["stopped"] == dict.fromkeys(UNITS, "success")


@pytest.mark.parametrize("side", ["vision", "publisher"])
def test_the_unit_alone_leaves_no_way_out(found: dict[str, Any], side: str) -> None:
    confined, free = found["probes"][side], found["unconfined"][side]
    assert {name: became for name, became in confined.items() if became not in REFUSALS} == {}
    # What the same program could do without the unit, or what would have been looked at.
    ours = [name for name, became in confined.items() if became != free[name] and free[name] not in {"EPERM", "EACCES"}]
    assert len(ours) >= LEAST_PROBES
