"""Alerts in the outbox: ahead of statistics, no longer than they hold, and over the change of the file's layout."""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from edge.config.site import LegalMode
from edge.contract.report import Advice, AlarmKind, AlarmPhase, AlarmReport
from edge.publisher import outbox_layout
from edge.publisher.clock import Clock, ClockState, rfc3339_tenths
from edge.publisher.complaint import Complaints
from edge.publisher.delivery import Part, alert_parcels
from edge.publisher.events.alert import AlertDraft, Circumstances, draft
from edge.publisher.events.envelope import source_of
from edge.publisher.events.schema import check
from edge.publisher.gate import Gate
from edge.publisher.keeper import Keeper
from edge.publisher.outbox import DAMAGED, Outbox, Outcome
from edge.publisher.rescue import ASIDE_FILE, FILE, open_outbox
from edge.publisher.topics import Topics
from edge.publisher.vitals import BrokerVitals
from tests.publisher.street import HASH, alarm, alert_site
from tests.publisher.test_inbox import FixedClock
from tests.publisher.test_outbox import NOW_S, batch, begin, fill, store

SITE = alert_site(mode=LegalMode.ALERT)
SITE = replace(SITE, legal=replace(SITE.legal, start_s=NOW_S - 86_400, end_s=NOW_S + 86_400))
UNDER = f"{HASH:016x}"
HERE = Circumstances(
    source=source_of(SITE.device),
    legal=SITE.legal,
    bollards=SITE.bollards,
    publisher_isolated=True,
    clock=ClockState.SYNCHRONISED,
)
TOPICS = Topics(org="nice", device="promenade-042")


def alert(serial: int = 1, revision: int = 0, *, age_s: float = 0, **changes: object) -> AlertDraft:
    made: AlarmReport = alarm(serial, revision, at_s=NOW_S - age_s, **changes)
    return draft(made, SITE.zones[0], HERE, NOW_S)


def keep(outbox: Outbox, *alerts: AlertDraft) -> list[Outcome]:
    return [outbox.store_alert(one, recorded_s=NOW_S, recorded=None) for one in alerts]


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    with begin(tmp_path) as opened:
        yield opened


def test_alerts_lie_apart_from_windows_under_the_same_numbers(outbox: Outbox) -> None:
    store(outbox, batch(0))
    assert keep(outbox, alert(1), alert(2)) == [Outcome.STORED] * 2
    store(outbox, batch(1))
    assert [row.sequence for row in outbox.after(0, 100)] == [1001, 1002, 1005, 1006]
    assert [row.sequence for row in outbox.alerts(0, 100, NOW_S, UNDER)] == [1003, 1004]
    assert outbox.tally().pending == 6
    assert outbox.forget([1001, 1003]) == 2
    assert [row.sequence for row in outbox.alerts(0, 100, NOW_S, UNDER)] == [1004]


def test_an_alert_that_is_said_again_is_stored_once(outbox: Outbox) -> None:
    assert keep(outbox, alert(1), alert(1), alert(1, 1)) == [Outcome.STORED, Outcome.REPEATED, Outcome.STORED]
    outbox.forget(row.sequence for row in outbox.alerts(0, 100, NOW_S, UNDER))
    assert keep(outbox, alert(1)) == [Outcome.REPEATED]


def test_the_same_number_with_other_words_is_a_conflict(outbox: Outbox) -> None:
    keep(outbox, alert(1))
    assert keep(outbox, alert(1, valid_tenths=299), alert(1, age_s=1)) == [Outcome.CONFLICT] * 2
    outbox.forget([1001])
    assert keep(outbox, alert(1, kind=AlarmKind.VEHICLE), alert(1)) == [Outcome.CONFLICT, Outcome.REPEATED]
    assert outbox.alerts(0, 100, NOW_S, UNDER) == []


@pytest.mark.parametrize("site", [f"{HASH ^ 1:016x}", None])
def test_what_waits_is_not_told_under_another_site_file_or_none(outbox: Outbox, site: str | None) -> None:
    keep(outbox, alert(1))
    assert outbox.alerts(0, 100, NOW_S, site) == []
    assert outbox.tally().expired == 1
    assert outbox.alerts(0, 100, NOW_S, UNDER) == []


@pytest.mark.parametrize(
    ("mandate", "now_s", "told"),
    [
        ({}, NOW_S, 1),
        ({"mode": LegalMode.STATISTICS}, NOW_S, 0),
        ({"end_s": NOW_S + 5}, NOW_S + 4.9, 1),
        ({"end_s": NOW_S + 5}, NOW_S + 5, 0),
        # The clock was set back to before it.
        ({"start_s": NOW_S - 60}, NOW_S - 61, 0),
    ],
)
def test_what_waits_is_told_while_the_mandate_holds(
    tmp_path: Path, mandate: dict[str, Any], now_s: float, told: int
) -> None:
    site = replace(SITE, legal=replace(SITE.legal, **mandate))
    with begin(tmp_path) as outbox:
        keep(outbox, alert(1))
    gate = Gate(site, FixedClock(now_s))
    log = Complaints(logging.getLogger("test"))
    keeper = Keeper(tmp_path, FixedClock(now_s), BrokerVitals(), log, lambda: gate.site_now)
    assert len(keeper.alerts(0, 100)) == told
    keeper.close()


def test_nothing_holds_longer_than_the_mandate() -> None:
    advice = (Advice(bollard=0, inhibit=False, valid_tenths=20),)
    here = replace(HERE, legal=replace(SITE.legal, end_s=NOW_S + 1))
    made = draft(alarm(at_s=NOW_S, advice=advice), SITE.zones[0], here, NOW_S)
    end = (NOW_S + 1) * 10
    assert (made.expires_tenths, made.send_until_tenths) == (end, end)
    assert made.data["validTo"] == made.data["advice"][0]["validTo"] == rfc3339_tenths(end)
    assert made.data["advice"][0]["validS"] == 1
    check(made)


def test_of_an_alarm_that_nobody_heard_of_no_end_is_told(outbox: Outbox) -> None:
    keep(outbox, alert(1, valid_tenths=50), alert(2, valid_tenths=50))
    outbox.forget([1001])
    keep(outbox, *(alert(serial, 1, valid_tenths=500, phase=AlarmPhase.CLEARED) for serial in (1, 2)))
    assert len(outbox.alerts(0, 100, NOW_S + 4, UNDER)) == 3
    assert [row.sequence for row in outbox.alerts(0, 100, NOW_S + 6, UNDER)] == [1003]
    assert outbox.tally().expired == 2
    # A beginning, or what came of it, that waits before the end is told with it.
    keep(outbox, alert(3, 1, valid_tenths=500), alert(3, 2, valid_tenths=500, phase=AlarmPhase.EXPIRED))
    assert len(outbox.alerts(1003, 100, NOW_S + 6, UNDER)) == 2


def test_reading_writes_only_where_something_is_to_be_dropped(outbox: Outbox) -> None:
    keep(outbox, alert(1, valid_tenths=50), alert(2, valid_tenths=500))
    asked: list[str] = []
    outbox._base.set_trace_callback(asked.append)
    outbox.alerts(0, 100, NOW_S, UNDER)
    assert {one.split()[0] for one in asked} == {"SELECT"}
    outbox.alerts(0, 100, NOW_S + 6, UNDER)
    assert any(one.startswith("DELETE") for one in asked)


def test_on_a_full_disk_what_is_stored_is_told_and_what_is_over_is_not(small_disk: Path) -> None:
    clock = FixedClock(NOW_S)
    log = Complaints(logging.getLogger("test"))
    keeper = Keeper(small_disk, clock, BrokerVitals(), log, lambda: UNDER)
    assert [keeper.store(one) for one in (alert(1, valid_tenths=50), alert(2))] == [Outcome.STORED] * 2
    fill(small_disk)
    window = 0
    while keeper.store(batch(window, padding=3000)) is Outcome.STORED:
        window += 1
    assert [row.sequence % 2 for row in keeper.alerts(0, 100)] == [1, 0]
    clock.now_s += 6
    assert [row.sequence % 2 for row in keeper.alerts(0, 100)] == [0]
    keeper.close()


def test_what_holds_no_more_is_dropped_and_counted(outbox: Outbox) -> None:
    keep(outbox, alert(1, valid_tenths=50), alert(2, valid_tenths=500))
    assert len(outbox.alerts(0, 100, NOW_S + 4.9, UNDER)) == 2
    assert len(outbox.alerts(0, 100, NOW_S + 5, UNDER)) == 1
    tally = outbox.tally()
    assert (tally.pending, tally.expired, tally.dead) == (1, 1, 0)
    # Set back by an hour, the clock makes nothing hold for an hour more.
    assert outbox.alerts(0, 100, NOW_S - 3600, UNDER) == []
    assert outbox.tally().expired == 2


def test_a_damaged_alert_is_a_dead_letter(tmp_path: Path) -> None:
    with begin(tmp_path) as outbox:
        keep(outbox, alert(1), alert(2), alert(3))
    with closing(sqlite3.connect(tmp_path / FILE)) as base:
        base.execute("UPDATE alert SET expires = expires + 36000 WHERE sequence = 1002")
        # A window's row under an alert's numbers, or the other way round, is neither.
        base.execute(
            "INSERT INTO pending SELECT sequence, id, place, stamp, recorded, expires, payload, seal FROM alert"
            " WHERE sequence = 1003"
        )
        base.execute("DELETE FROM alert WHERE sequence = 1003")
        base.commit()
    with begin(tmp_path) as outbox:
        assert [row.sequence for row in outbox.alerts(0, 100, NOW_S, UNDER)] == [1001]
        assert outbox.after(0, 100) == []
        assert [reason for _, reason in outbox.dead_letters()] == [DAMAGED] * 2


def old_file(folder: Path) -> list[bytes]:
    """Make a file as the version before alerts left it; gives the payloads in it."""
    with begin(folder) as outbox:
        store(outbox, *(batch(window) for window in range(5)))
        payloads = [row.payload for row in outbox.after(0, 100)]
    with closing(sqlite3.connect(folder / FILE)) as base:
        base.execute("DROP TABLE alert")
        base.execute("DROP TABLE said")
        base.execute("DELETE FROM tally WHERE name = 'expired'")
        base.execute("PRAGMA user_version = 1")
        base.commit()
    return payloads


def test_a_file_of_the_version_before_is_brought_up_to_date_in_place(tmp_path: Path) -> None:
    payloads = old_file(tmp_path)
    with open_outbox(tmp_path, Clock()) as outbox:
        assert [row.payload for row in outbox.after(0, 100)] == payloads
        assert store(outbox, batch(0)) == [Outcome.REPEATED]
        assert keep(outbox, alert(1)) == [Outcome.STORED]
        assert outbox.alerts(0, 1, NOW_S, UNDER)[0].sequence == 1011
    assert not (tmp_path / ASIDE_FILE).exists()
    with closing(sqlite3.connect(tmp_path / FILE)) as base:
        assert base.execute("PRAGMA user_version").fetchone() == (outbox_layout.VERSION,)
    with begin(tmp_path) as again:
        assert again.tally().pending == 11


def test_a_broken_file_of_the_version_before_gives_its_good_rows(tmp_path: Path) -> None:
    payloads = old_file(tmp_path)
    data = bytearray((tmp_path / FILE).read_bytes())
    data[100:104] = b"\0\0\0\0"
    (tmp_path / FILE).write_bytes(data)
    with open_outbox(tmp_path, Clock()) as outbox:
        assert {row.payload for row in outbox.after(0, 100)} <= set(payloads)
        assert keep(outbox, alert(1)) == [Outcome.STORED]


def test_a_broken_file_gives_its_good_alerts_too(tmp_path: Path) -> None:
    clock = FixedClock(NOW_S)
    with begin(tmp_path) as outbox:
        keep(outbox, alert(1), alert(2))
        whole = {row.sequence: row.payload for row in outbox.alerts(0, 100, NOW_S, UNDER)}
    with closing(sqlite3.connect(tmp_path / FILE)) as base:
        base.execute("PRAGMA user_version = 99")
    keeper = Keeper(tmp_path, clock, BrokerVitals(), Complaints(logging.getLogger("test")), lambda: UNDER)
    assert {row.sequence: row.payload for row in keeper.alerts(0, 100)} == whole
    assert keeper.after(0, 100) == []
    keeper.close()


def parcels(outbox: Outbox, now_s: float, *, expires: bool = True) -> list[tuple[str, bool, int | None]]:
    clock = FixedClock(now_s)
    rows = outbox.alerts(0, 100, NOW_S, UNDER)
    found = [one for row in rows for one in alert_parcels(row, TOPICS, clock, expires=expires)]
    return [(one.message.topic.partition("042/")[2], one.part is Part.LAST, one.message.expiry_s) for one in found]


def test_a_message_expires_with_the_alarm(outbox: Outbox) -> None:
    keep(outbox, alert(1, valid_tenths=125))
    expected = [("ev/alert/promenade", False, 13), ("last/alert/promenade.heavy-vehicle", True, 13)]
    assert parcels(outbox, NOW_S) == expected
    assert parcels(outbox, NOW_S + 12.4) == [(topic, last, 1) for topic, last, _ in expected]
    assert parcels(outbox, NOW_S + 12.5) == []


def test_where_nothing_expires_nothing_is_kept(outbox: Outbox) -> None:
    keep(outbox, alert(1))
    assert [last for _, last, _ in parcels(outbox, NOW_S, expires=False)] == [False]


def test_the_end_of_one_alarm_hides_no_other_kind(outbox: Outbox) -> None:
    keep(outbox, alert(1), alert(2, kind=AlarmKind.DENSITY, level=3), alert(1, 1, phase=AlarmPhase.CLEARED))
    kept = [topic for topic, last, _ in parcels(outbox, NOW_S) if last]
    # Both messages of the one alarm are of the same tenth: the later one goes later.
    assert kept[-2:] == ["last/alert/promenade.density", "last/alert/promenade.heavy-vehicle"]
    keep(outbox, alert(1, 2, age_s=-1, phase=AlarmPhase.CLEARED))
    assert [topic for topic, last, _ in parcels(outbox, NOW_S) if last] == [
        "last/alert/promenade.density",
        "last/alert/promenade.heavy-vehicle",
    ]
