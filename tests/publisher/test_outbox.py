"""The outbox keeps what it is given, in order, whatever happens to its file."""

import contextlib
import errno
import logging
import os
import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from edge.publisher import outbox as outbox_module
from edge.publisher.clock import Clock
from edge.publisher.complaint import Complaints
from edge.publisher.events.envelope import CROWD_FLOW, Draft
from edge.publisher.keeper import Keeper
from edge.publisher.outbox import DAMAGED, Batch, Outbox, Outcome
from edge.publisher.outbox_faults import OutboxCorruptError, OutboxFailingError
from edge.publisher.rescue import ASIDE_FILE, FILE, KEY_FILE, open_outbox
from edge.publisher.seal import open_sealer
from edge.publisher.vitals import BrokerVitals

NOW_S = 1_800_000_000


def batch(window: int, revision: int = 0, *, digest: bytes = b"same", places: int = 2, padding: int = 0) -> Batch:
    drafts = [
        Draft(
            kind=CROWD_FLOW,
            source="urn:ngsi-ld:Device:nice:promenade-042",
            subject=f"zone/z{place}",
            place=f"z{place}",
            window_start_s=NOW_S + window * 60,
            window_s=60,
            revision=revision,
            data={"padding": "x" * padding},
        )
        for place in range(places)
    ]
    return Batch(window_start_s=NOW_S + window * 60, revision=revision, digest=digest, drafts=drafts)


def store(outbox: Outbox, *batches: Batch) -> list[Outcome]:
    return [outbox.store(one, recorded_s=NOW_S, recorded=None) for one in batches]


def begin(folder: Path, **limits: int) -> Outbox:
    return Outbox(folder / FILE, open_sealer(folder / KEY_FILE), first_sequence=1000, **limits)


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    with begin(tmp_path) as opened:
        yield opened


def test_rows_come_back_in_order_with_growing_numbers(outbox: Outbox) -> None:
    assert store(outbox, batch(0), batch(1), batch(2)) == [Outcome.STORED] * 3
    rows = outbox.after(0, 100)
    assert [row.sequence for row in rows] == list(range(1001, 1007))
    assert [row.place for row in rows] == ["crowd-flow/z0", "crowd-flow/z1"] * 3
    assert outbox.after(1004, 1)[0].sequence == 1005
    assert b'"sequence":"00000000000000001001"' in rows[0].payload


def test_only_the_newest_of_a_place_is_the_newest(outbox: Outbox) -> None:
    store(outbox, batch(1, places=1), batch(0, places=1), batch(1, revision=1, places=1))
    assert [row.newest for row in outbox.after(0, 100)] == [False, False, True]


def test_a_window_of_a_clock_that_ran_ahead_is_not_the_newest_for_ever(outbox: Outbox) -> None:
    store(outbox, batch(50_000, places=1), batch(0, places=1), batch(1, places=1))
    assert [row.newest for row in outbox.after(0, 100)] == [False, False, True]


def test_a_report_is_stored_once_and_another_one_for_its_window_is_a_conflict(outbox: Outbox) -> None:
    again, other, revised = batch(0), batch(0, digest=b"other"), batch(0, revision=1)
    assert store(outbox, batch(0), again, other, revised) == [
        Outcome.STORED,
        Outcome.REPEATED,
        Outcome.CONFLICT,
        Outcome.STORED,
    ]
    assert outbox.tally().pending == 4


def test_an_event_that_was_sent_is_not_stored_again(outbox: Outbox) -> None:
    store(outbox, batch(0))
    outbox.forget(row.sequence for row in outbox.after(0, 100))
    # Under a new report: what the report table remembers does not hide what the ids do.
    fresh = Batch(window_start_s=NOW_S + 99 * 60, revision=0, digest=b"", drafts=batch(0).drafts)
    assert store(outbox, fresh) == [Outcome.STORED]
    assert outbox.tally().pending == 0


def test_it_is_all_there_at_the_next_opening(tmp_path: Path) -> None:
    with begin(tmp_path) as first:
        store(first, batch(0), batch(1))
        before = first.after(0, 100)
        first.forget([before[0].sequence])
    with begin(tmp_path) as second:
        assert second.after(0, 100) == before[1:]
        assert store(second, batch(1)) == [Outcome.REPEATED]
        store(second, batch(2, places=1))
        assert second.after(before[-1].sequence, 100)[0].sequence == before[-1].sequence + 1


def test_numbers_are_never_used_twice(tmp_path: Path) -> None:
    with begin(tmp_path) as first:
        store(first, batch(0))
        first.forget(row.sequence for row in first.after(0, 100))
    with begin(tmp_path) as second:
        store(second, batch(1, places=1))
        assert second.after(0, 100)[0].sequence == 1003


def test_refused_events_are_dead_letters_with_their_reason(outbox: Outbox) -> None:
    store(outbox, batch(0))
    assert outbox.bury(1001, 135) == 1
    assert outbox.bury(1001, 135) == 0
    assert outbox.dead_letters() == [("crowd-flow/z0", 135)]
    tally = outbox.tally()
    assert (tally.pending, tally.dead, tally.refused, tally.damaged) == (1, 1, 1, 0)


def test_dead_letters_are_bounded(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox_module, "DEAD_MOST", 3)
    store(outbox, batch(0, places=8))
    for row in outbox.after(0, 100):
        outbox.bury(row.sequence, 151)
    assert [place for place, _ in outbox.dead_letters()] == [f"crowd-flow/z{place}" for place in (5, 6, 7)]
    assert outbox.tally().refused == 8


def test_over_the_cap_the_oldest_go_and_are_counted(tmp_path: Path) -> None:
    with begin(tmp_path, most_bytes=1_000_000) as outbox:
        for window in range(400):
            store(outbox, batch(window, places=1, padding=4000))
        tally = outbox.tally()
        rows = outbox.after(0, 1000)
        assert tally.dropped > 0
        assert tally.dropped + tally.pending == 400
        assert rows[-1].sequence == 1400
        assert [row.sequence for row in rows] == list(range(1401 - tally.pending, 1401))
    assert (tmp_path / FILE).stat().st_size < 2_000_000


def test_old_reports_and_ids_are_forgotten(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox_module, "REMEMBERED_S", 600)
    monkeypatch.setattr(outbox_module, "SEEN_MOST", 4)
    for window in range(20):
        outbox.store(batch(window), recorded_s=NOW_S + window * 60, recorded=None)
    assert outbox._number("SELECT count(*) FROM report") == 11
    assert outbox._number("SELECT count(*) FROM seen") == 4


def test_a_flipped_byte_in_any_column_is_found(tmp_path: Path) -> None:
    with begin(tmp_path) as outbox:
        store(outbox, batch(0, places=8))
    changes = (
        "payload = CAST(replace(payload, 'crowd', 'krowd') AS BLOB) WHERE sequence = 1001",
        "place = 'crowd-flow/z9' WHERE sequence = 1002",
        "stamp = stamp + 1 WHERE sequence = 1003",
        "recorded = recorded + 1 WHERE sequence = 1004",
        "window = window + 60 WHERE sequence = 1005",
        "id = 'x' WHERE sequence = 1006",
        "seal = zeroblob(16) WHERE sequence = 1007",
    )
    with closing(sqlite3.connect(tmp_path / FILE)) as base:
        for change in changes:
            base.execute(f"UPDATE pending SET {change}")  # noqa: S608  our own words
        base.commit()
    with begin(tmp_path) as outbox:
        assert [row.sequence for row in outbox.after(0, 100)] == [1008]
        assert [reason for _, reason in outbox.dead_letters()] == [DAMAGED] * 7
        assert outbox.tally().damaged == 7


def test_flipped_bytes_in_the_file_are_found_and_the_good_rows_go_on(tmp_path: Path) -> None:
    chance = random.Random(3)  # noqa: S311  places, not secrets
    with begin(tmp_path) as outbox:
        store(outbox, *(batch(window) for window in range(60)))
        whole = {row.sequence: row.payload for row in outbox.after(0, 1000)}
    pristine = (tmp_path / FILE).read_bytes()
    saved = 0
    for trial in range(60):
        data = bytearray(pristine)
        data[chance.randrange(len(data))] ^= 1 << (trial % 8)
        (tmp_path / FILE).write_bytes(data)
        for left in tmp_path.glob(f"{FILE}-*"):
            left.unlink()
        keeper = Keeper(tmp_path, Clock(), BrokerVitals(), Complaints(logging.getLogger("test")))
        rows = keeper.after(0, 1000)
        assert all(whole[row.sequence] == row.payload for row in rows)
        assert len(rows) >= 60, trial
        assert keeper.store(batch(1000 + trial)) is Outcome.STORED
        assert keeper.forget([row.sequence for row in keeper.after(0, 1000)])
        assert keeper.after(0, 1000) == []
        keeper.close()
        saved += len(rows)
    assert saved > 60 * 110


def test_a_file_that_fails_only_in_use_is_replaced_too(tmp_path: Path) -> None:
    with begin(tmp_path) as outbox:
        store(outbox, *(batch(window) for window in range(10)))
        rows = outbox.after(0, 100)
    with closing(sqlite3.connect(tmp_path / FILE)) as base:
        query = "SELECT rootpage FROM sqlite_schema WHERE name = 'sqlite_autoindex_pending_1'"
        page = base.execute(query).fetchone()[0]
        size = base.execute("PRAGMA page_size").fetchone()[0]
    data = bytearray((tmp_path / FILE).read_bytes())
    data[data.index(rows[4].id.encode(), (page - 1) * size, page * size)] ^= 1
    (tmp_path / FILE).write_bytes(data)
    keeper = Keeper(tmp_path, Clock(), BrokerVitals(), Complaints(logging.getLogger("test")))
    assert keeper.after(0, 100) == rows
    assert not (tmp_path / ASIDE_FILE).exists()
    assert keeper.forget([row.sequence for row in rows])
    assert keeper.after(0, 100) == []
    keeper.close()
    assert (tmp_path / ASIDE_FILE).exists()


@pytest.mark.parametrize("content", [b"", b"not a database", b"\0" * 8192, os.urandom(20_000)])
def test_a_file_that_is_no_database_is_set_aside(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    with open_outbox(tmp_path, Clock()) as outbox:
        assert store(outbox, batch(0)) == [Outcome.STORED]
    if content.strip(b"\0"):
        assert (tmp_path / ASIDE_FILE).read_bytes() == content


def test_a_folder_in_its_way_keeps_no_outbox_from_being_mended(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"not a database")
    (tmp_path / ASIDE_FILE / "within").mkdir(parents=True)
    with open_outbox(tmp_path, Clock()) as outbox:
        assert store(outbox, batch(0)) == [Outcome.STORED]
    assert (tmp_path / f"{ASIDE_FILE}.new").read_bytes() == b"not a database"
    assert (tmp_path / ASIDE_FILE / "within").exists()


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
def test_a_fault_of_the_disk_is_said_in_words(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("edge.publisher.keeper.open_outbox", fail)
    vitals = BrokerVitals()
    assert Keeper(tmp_path, Clock(), vitals, Complaints(logging.getLogger("test"))).store(batch(0)) is None
    assert "None" not in caplog.text
    assert (vitals.outbox == "full") == (number == errno.ENOSPC) == ("make room" in caplog.text)


def test_a_truncated_file_gives_its_good_rows(tmp_path: Path) -> None:
    with begin(tmp_path) as outbox:
        store(outbox, *(batch(window, padding=500) for window in range(100)))
    data = (tmp_path / FILE).read_bytes()
    (tmp_path / FILE).write_bytes(data[: len(data) * 3 // 4])
    with open_outbox(tmp_path, Clock()) as outbox:
        rows = outbox.after(0, 1000)
        assert len(rows) > 50
        assert store(outbox, batch(200)) == [Outcome.STORED]
        assert outbox.after(rows[-1].sequence, 10)[0].sequence > rows[-1].sequence


def test_a_file_of_another_version_is_set_aside(tmp_path: Path) -> None:
    with begin(tmp_path) as outbox:
        store(outbox, batch(0))
    with closing(sqlite3.connect(tmp_path / FILE)) as base:
        base.execute("PRAGMA user_version = 99")
    with pytest.raises(OutboxCorruptError, match="version 99"):
        begin(tmp_path)
    with open_outbox(tmp_path, Clock()) as outbox:
        assert outbox.tally().pending == 2


def test_the_key_is_made_once_for_the_owner_alone(tmp_path: Path) -> None:
    first = open_sealer(tmp_path / KEY_FILE)
    assert (tmp_path / KEY_FILE).stat().st_mode & 0o777 == 0o600
    (tmp_path / KEY_FILE).chmod(0o644)
    assert open_sealer(tmp_path / KEY_FILE) == first
    assert (tmp_path / KEY_FILE).stat().st_mode & 0o777 == 0o600


def test_the_seal_knows_where_one_part_ends(tmp_path: Path) -> None:
    sealer = open_sealer(tmp_path / KEY_FILE)
    assert sealer.seal("ab", "c") != sealer.seal("a", "bc")
    assert sealer.holds(sealer.seal(1, b"x"), 1, b"x")
    assert not sealer.holds(sealer.seal(1, b"x"), 1, b"y")


def test_a_second_user_of_the_file_is_refused(tmp_path: Path, outbox: Outbox) -> None:
    store(outbox, batch(0))
    with pytest.raises(OutboxFailingError, match="SQLITE_BUSY"):
        begin(tmp_path)


def fill(disk: Path, *, but_bytes: int = 0) -> Path:
    """Fill a file system to the last page, or leave so much; returns the file to remove."""
    ballast = disk / "ballast"
    room = os.statvfs(disk)
    with ballast.open("wb", buffering=0) as file:
        file.write(bytes(room.f_bavail * room.f_frsize - but_bytes))
        with contextlib.suppress(OSError):
            while not but_bytes:
                file.write(bytes(4096))
    return ballast


def test_a_full_disk_loses_nothing_that_was_stored_and_mends_itself(
    small_disk: Path, caplog: pytest.LogCaptureFixture
) -> None:
    vitals = BrokerVitals()
    keeper = Keeper(small_disk, Clock(), vitals, Complaints(logging.getLogger("test")))
    assert keeper.store(batch(0)) is Outcome.STORED
    ballast = fill(small_disk, but_bytes=65536)
    stored, window = 1, 1
    while keeper.store(batch(window, padding=4000)) is Outcome.STORED:
        stored, window = stored + 1, window + 1
        assert window < 1000
    assert vitals.outbox == "full"
    assert "make room" in caplog.text
    assert len(keeper.after(0, 10_000)) == 2 * stored
    assert keeper.store(batch(window, padding=4000)) is None
    ballast.unlink()
    assert keeper.store(batch(window, padding=4000)) is Outcome.STORED
    assert vitals.outbox == "ready"
    assert len(keeper.after(0, 10_000)) == 2 * (stored + 1)
    keeper.close()


def test_on_a_disk_that_others_filled_it_goes_on_in_the_room_it_has(small_disk: Path) -> None:
    keeper = Keeper(small_disk, Clock(), BrokerVitals(), Complaints(logging.getLogger("test")))

    def take_and_send(window: int) -> None:
        assert keeper.store(batch(window, padding=500)) is Outcome.STORED
        assert keeper.forget([row.sequence for row in keeper.after(0, 100)])

    for window in range(20):
        take_and_send(window)
    # The log folded by hand: as short as it is now, it must do.
    keeper._opened().fold()
    fill(small_disk)
    for window in range(20, 60):
        take_and_send(window)
    keeper.close()
