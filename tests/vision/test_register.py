"""The register: numbers that never repeat, revisions that replace, and a window that a restart cuts in two."""

import json
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from edge.contract import bounds
from edge.contract.report import Metres, WindowReport
from edge.units import NS_PER_S
from edge.vision.aggregate.tally import Flow, LineTally, Presence, Speeds, Tally, TurnTally, ZoneTally
from edge.vision.durable import read_durable, write_durably
from edge.vision.register import Register, Under

UNDER = Under(site=1, model=2, replay=False, isolated=True)
START_S = 1_800_000_000


def tally(window: int = 0, *, people: int = 0, observed_s: int = 60) -> Tally:
    return Tally(
        start_ns=(START_S + 60 * window) * NS_PER_S,
        length_ns=60 * NS_PER_S,
        observed_ns=observed_s * NS_PER_S,
        lines=(LineTally(forward=(people, 0, 0, 0, 0, 0, 0), backward=(0,) * 7),),
        zones=(
            ZoneTally(
                people=Presence(object_ns=people * NS_PER_S, most=people, distinct=people),
                vehicles=Presence(object_ns=0, most=0, distinct=0),
            ),
        ),
    )


def only(reports: tuple[WindowReport, ...]) -> WindowReport:
    (report,) = reports
    return report


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "register"


def reopened(path: Path, register: Register | None = None, under: Under = UNDER) -> Register:
    if register is not None:
        register.save()
    return Register(path, under)


def test_numbers_go_up_by_one_over_restarts(path: Path) -> None:
    register = reopened(path)
    first = only(register.whole(tally(0))).sequence
    assert only(register.whole(tally(1))).sequence == first + 1
    assert only(reopened(path, register).whole(tally(2))).sequence == first + 2


def test_a_window_cut_by_a_restart_is_reported_again_with_all_that_was_seen(path: Path) -> None:
    register = reopened(path)
    cut = only(register.cut(tally(people=6, observed_s=20)))
    assert (cut.revision, cut.lines[0].forward.people, cut.observed_permille) == (0, 6, 333)
    whole = only(reopened(path, register).whole(tally(people=2, observed_s=30)))
    assert (whole.revision, whole.lines[0].forward.people, whole.observed_permille) == (1, 8, 833)
    assert whole.sequence == cut.sequence + 1
    assert whole.zones[0].people_max is None
    assert only(register.whole(tally(1, people=1))).revision == 0


def test_the_part_of_a_window_does_not_leak_into_the_next(path: Path) -> None:
    register = reopened(path)
    register.cut(tally(0, people=6))
    later = only(reopened(path, register).whole(tally(1, people=1)))
    assert (later.revision, later.lines[0].forward.people) == (0, 1)


def test_the_last_revision_is_kept_for_the_windows_end(path: Path) -> None:
    register = reopened(path)
    for restart in range(3):
        assert only(register.cut(tally(people=1, observed_s=5))).revision == restart
        register = reopened(path, register)
    for _ in range(4):
        assert register.cut(tally(people=1, observed_s=5)) == ()
        register = reopened(path, register)
    whole = only(register.whole(tally(people=1, observed_s=5)))
    assert (whole.revision, whole.lines[0].forward.people) == (bounds.MOST_REVISION, 8)


def test_what_was_kept_back_is_told_with_the_next_window(path: Path) -> None:
    register = reopened(path)
    for _ in range(4):
        register.cut(tally(people=1, observed_s=5))
        register = reopened(path, register)
    kept_back, later = register.whole(tally(1, people=9))
    assert (kept_back.revision, kept_back.lines[0].forward.people) == (3, 4)
    assert (later.revision, later.lines[0].forward.people) == (0, 9)
    assert later.sequence == kept_back.sequence + 1


def test_a_window_of_which_nothing_was_seen_is_reported_when_over_but_not_when_cut(path: Path) -> None:
    register = reopened(path)
    assert register.cut(tally(observed_s=0)) == ()
    report = only(register.whole(tally(observed_s=0)))
    assert (report.revision, report.observed_permille) == (0, 0)


def test_a_part_seen_under_another_site_file_is_not_added(path: Path) -> None:
    register = reopened(path)
    register.cut(tally(people=6))
    other = replace(UNDER, site=99)
    report = only(reopened(path, register, other).whole(tally(people=1)))
    # The revision goes on: the window had been reported, and what replaces it must be known as newer.
    assert (report.site, report.revision, report.lines[0].forward.people) == (99, 1, 1)


def test_a_window_seen_again_after_the_clock_was_set_back_replaces_the_earlier_report(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    register = reopened(path)
    revisions = []
    for _ in range(4):
        revisions.append(only(register.whole(tally(0))).revision)
        register.whole(tally(1))
    assert revisions == [0, 1, 2, 3]
    assert register.whole(tally(0)) == ()
    assert "who set the clock" in caplog.text


def test_time_seen_twice_is_not_more_than_the_window(path: Path) -> None:
    register = reopened(path)
    register.cut(tally(observed_s=50))
    assert only(register.whole(tally(observed_s=50))).observed_permille == 1000


def street(vehicles: tuple[int, ...], *, zone: int = 0, observed_s: int = 120) -> Tally:
    """A part of a window of 15 minutes: bicycles, motorcycles, cars, buses, lorries and others that went forward."""
    present = Presence(object_ns=zone * NS_PER_S, most=zone, distinct=zone)
    return Tally(
        start_ns=START_S * NS_PER_S,
        length_ns=900 * NS_PER_S,
        observed_ns=observed_s * NS_PER_S,
        lines=(LineTally(forward=(0, *vehicles), backward=(0,) * 7),),
        zones=(ZoneTally(people=present, vehicles=present),),
    )


def cut_and_revised(path: Path, *parts: Tally) -> list[WindowReport]:
    """Stop inside a window after each part but the last, which the window's end follows."""
    register = reopened(path)
    reports = []
    for part in parts[:-1]:
        reports.append(only(register.cut(part)))
        register = reopened(path, register)
    return [*reports, only(register.whole(parts[-1]))]


def listed(report: WindowReport) -> dict[str, int]:
    forward = report.lines[0].forward
    names = ("bicycle", "motorcycle", "car", "bus", "lorry", "vehicle")
    return {name: getattr(forward, name) for name in names if getattr(forward, name) is not None}


@pytest.mark.parametrize(
    ("first", "then", "listed_then"),
    [
        ((0, 0, 5, 0, 0, 0), (0, 0, 1, 0, 0, 0), {}),
        ((0, 0, 5, 0, 0, 0), (0, 0, 5, 0, 0, 0), {"car": 10}),
        ((0, 0, 5, 0, 0, 0), (0, 0, 0, 0, 0, 0), {"car": 5}),
        ((0, 0, 5, 0, 0, 0), (6, 0, 5, 0, 0, 0), {}),
        ((7, 0, 5, 9, 0, 0), (0, 0, 5, 1, 0, 0), {"car": 10}),
        ((0, 0, 9, 2, 2, 0), (0, 0, 6, 8, 0, 0), {"car": 15}),
    ],
    ids=["one car more", "five cars more", "nothing more", "a class anew", "the only one missing", "grown to five"],
)
def test_the_difference_of_two_revisions_tells_no_vehicles_class(
    path: Path, first: tuple[int, ...], then: tuple[int, ...], listed_then: dict[str, int]
) -> None:
    cut, whole = cut_and_revised(path, street(first), street(then))
    assert "car" in listed(cut)
    assert listed(whole) == listed_then
    assert whole.lines[0].forward.vehicles == sum(first) + sum(then)


def test_a_class_that_was_withheld_from_a_revision_stays_withheld(path: Path) -> None:
    one, two, three = cut_and_revised(path, *(street((0, 0, cars, 0, 0, 0)) for cars in (5, 1, 9)))
    assert [listed(report) for report in (one, two, three)] == [{"car": 5}, {}, {}]


@pytest.mark.parametrize(
    ("seen", "given"),
    [((5, 1), [5, None]), ((5, 0), [5, 5]), ((5, 6), [5, 6]), ((5, 1, 0), [5, None, None]), ((3, 5), [None, 5])],
)
def test_the_difference_of_two_revisions_tells_no_ones_stay(
    path: Path, seen: tuple[int, ...], given: list[int | None]
) -> None:
    reports = cut_and_revised(path, *(street((0,) * 6, zone=zone) for zone in seen))
    assert [report.zones[0].people_max for report in reports] == given
    assert [report.zones[0].vehicles_max for report in reports] == given
    assert [report.zones[0].people_mean_hundredths is None for report in reports] == [one is None for one in given]


def moving(cars: int, turning: int = 0) -> Tally:
    """A part of a window of 15 minutes in which so many cars went forward at 10 m/s, and so many of them turned."""
    speeds = Speeds(
        count=cars, distinct=cars, total=10_000 * cars, squares=10**8 * cars, slowness=10**5 * cars, calibration=0
    )
    flow = Flow(vehicles=speeds, distinct=cars, gaps=max(0, cars - 1), gaps_ns=cars * NS_PER_S, occupied_ns=cars)
    part = street((0, 0, cars, 0, 0, 0))
    turn = TurnTally(entry=0, entry_forward=True, exit=1, exit_forward=False, count=turning)
    return replace(
        part,
        lines=(replace(part.lines[0], forward_flow=flow),),
        turns=(turn,) if turning else (),
        metres=Metres.VERIFIED,
    )


@pytest.mark.parametrize(
    ("first", "then", "speed", "turns"),
    [
        ((6, 6), (0, 0), 1000, [6]),
        ((6, 6), (5, 5), 1000, [11]),
        ((6, 6), (1, 1), None, []),
        ((6, 6), (5, 1), 1000, []),
        ((4, 4), (5, 5), 1000, []),
        ((4, 4), (4, 4), None, []),
    ],
)
def test_the_difference_of_two_revisions_tells_no_ones_speed_and_no_ones_turn(
    path: Path, first: tuple[int, int], then: tuple[int, int], speed: int | None, turns: list[int]
) -> None:
    cut, whole = cut_and_revised(path, moving(*first), moving(*then))
    assert cut.lines[0].forward_flow.speed_time_mean_cm_s == (1000 if first[0] >= 5 else None)
    assert whole.lines[0].forward_flow.speed_time_mean_cm_s == speed
    assert (whole.lines[0].forward_flow.headway_tenths is None) == (speed is None)
    assert [turn.count for turn in whole.turns] == turns
    assert (cut.metres, whole.metres) == (Metres.VERIFIED, Metres.VERIFIED)


def test_a_book_of_before_there_were_metres_is_read(path: Path) -> None:
    register = reopened(path)
    only(register.cut(street((0, 0, 6, 0, 0, 0), zone=6)))
    register.save()
    book = json.loads(read_durable(path))
    part = book["part"]
    for line in part["tally"]["lines"]:
        del line["forward_flow"], line["backward_flow"]
    part["tally"] = {name: part["tally"][name] for name in ("start_ns", "length_ns", "observed_ns", "lines", "zones")}
    part["tally"]["zones"] = [{name: zone[name] for name in ("people", "vehicles")} for zone in part["tally"]["zones"]]
    part["given"] = {"kinds": part["given"]["kinds"], "zones": [[True, True]], "since": None}
    write_durably(path, json.dumps(book).encode())
    whole = only(reopened(path).whole(street((0, 0, 5, 0, 0, 0), zone=0)))
    assert (whole.revision, listed(whole), whole.zones[0].people_max) == (1, {"car": 11}, 6)


def test_less_than_a_minute_of_a_cut_window_is_told_in_totals_only(path: Path) -> None:
    short, whole = cut_and_revised(
        path, street((0, 0, 8, 0, 0, 0), zone=8, observed_s=59), street((0, 0, 8, 0, 0, 0), zone=8)
    )
    assert (short.lines[0].forward.vehicles, listed(short), short.zones[0].people_max) == (8, {}, None)
    assert (whole.lines[0].forward.vehicles, listed(whole), whole.zones[0].people_max) == (16, {}, 8)


def test_what_was_kept_back_is_compared_with_the_last_revision(path: Path) -> None:
    register = reopened(path)
    for cars in (5, 0, 0, 1):
        register.cut(street((0, 0, cars, 0, 0, 0)))
        register = reopened(path, register)
    whole = only(register.whole(street((0,) * 6)))
    assert (whole.revision, whole.lines[0].forward.vehicles, listed(whole)) == (3, 6, {})


@pytest.mark.parametrize("damage", ["lost", "damaged", "another version", "not an object"])
def test_after_a_lost_register_no_number_is_given_twice(
    path: Path, damage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    now_s = time.time()
    register = reopened(path)
    given = {only(register.whole(tally(window))).sequence for window in range(100)}
    register.save()
    if damage == "lost":
        path.unlink()
    elif damage == "damaged":
        path.write_bytes(path.read_bytes()[:-3])
    else:
        write_durably(path, {"another version": b'{"version": 99}', "not an object": b"[]"}[damage])
    # A hundred windows of a minute take longer than a hundred seconds.
    monkeypatch.setattr(time, "time", lambda: now_s + 6000)
    register = reopened(path)
    assert given.isdisjoint(only(register.whole(tally(window))).sequence for window in range(100, 200))


def test_what_waits_in_the_folder_tells_what_the_register_missed(path: Path) -> None:
    register = reopened(path)
    register.whole(tally(0))
    register.save()
    missed = only(register.whole(tally(1)))
    after = Register(path, UNDER, [missed])
    assert only(after.whole(tally(2))).sequence == missed.sequence + 1
    assert only(after.whole(tally(1))).revision == 1


def test_it_remembers_where_the_last_window_ended(path: Path) -> None:
    register = reopened(path)
    assert register.reported_until_ns == 0
    register.whole(tally(3))
    register.whole(tally(1))
    assert reopened(path, register).reported_until_ns == (START_S + 4 * 60) * NS_PER_S


def test_it_stays_small(path: Path) -> None:
    register = reopened(path)
    for window in range(2000):
        register.whole(tally(window))
    register.save()
    assert path.stat().st_size < 10_000
    assert only(reopened(path).whole(tally(1999))).revision == 1


def test_only_numbers_lie_on_disk(path: Path) -> None:
    register = reopened(path)
    register.cut(tally(people=3))
    register.save()
    book = json.loads(read_durable(path))

    def leaves(held: object) -> Iterator[object]:
        if isinstance(held, dict):
            assert all(name.isdecimal() or re.fullmatch("[a-z_0-9]{1,16}", name) for name in held)
        if isinstance(held, dict | list):
            for one in held.values() if isinstance(held, dict) else held:
                yield from leaves(one)
        else:
            yield held

    assert book["part"]["tally"]["lines"][0]["forward"][0] == 3
    assert {type(leaf) for leaf in leaves(book)} <= {int, bool, type(None)}
