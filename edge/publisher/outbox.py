"""The outbox: every event is on the disk before it is sent, and stays there until the broker has it.

SQLite with a write-ahead log and `synchronous = FULL`: a commit survives the power going away. One
process opens the file and one thread uses it; the lock is exclusive, so a second publisher on the same
folder is refused, and no shared-memory file is needed. See README.md for what is kept how long.
"""

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import Enum, unique
from pathlib import Path
from typing import Self

from edge.publisher import outbox_alerts
from edge.publisher.events.alert import AlertDraft
from edge.publisher.events.envelope import Draft
from edge.publisher.outbox_alerts import Due
from edge.publisher.outbox_faults import OutboxCorruptError, OutboxFailingError, OutboxFullError, translated
from edge.publisher.outbox_layout import LAYOUT, MIGRATIONS, VERSION
from edge.publisher.row import COLUMNS, STAMPS_PER_S, Row, row_of
from edge.publisher.seal import Sealer

# What the pending events may take on the disk, in bytes; then the oldest are dropped, and counted.
MOST_BYTES = 256 * 1024 * 1024
# Ids remembered after their events are gone, so that a re-send is known.
SEEN_MOST = 100_000
# Events that the broker refused or that were damaged, kept for whoever mends the cause.
DEAD_MOST = 1_000
# Reports remembered: longer ago than this, a report waits, or it could be repeated unnoticed.
REMEMBERED_S = 31 * 24 * 3600
# The two processes share a clock; a window may begin so much after now only because it was set meanwhile.
FUTURE_TOLERANCE_S = 300
_DROPPED_AT_ONCE = 64
_TENTHS_PER_S = 10
# The log is folded into the file when it is so long.
_LOG_PAGES = 256
# Reason of a dead letter that no broker gave: the row's seal did not hold.
DAMAGED = 1000


@unique
class Outcome(Enum):
    """What became of a batch."""

    STORED = "stored"
    REPEATED = "repeated"
    CONFLICT = "conflict"


@dataclass(frozen=True, kw_only=True, slots=True)
class Batch:
    """The events of one report, stored together or not at all."""

    window_start_s: int
    revision: int
    # Of the whole report but its number: another one for the same window and revision is a conflict.
    digest: bytes
    drafts: Sequence[Draft] = field(default=())


@dataclass(frozen=True, kw_only=True, slots=True)
class Tally:
    """What the outbox holds, and what it has lost since it was begun."""

    pending: int
    dead: int
    dropped: int
    damaged: int
    refused: int
    # Alerts whose time was over before the broker had them.
    expired: int = 0


class Outbox:
    """Pending events in order, dead letters, and what is remembered to notice repetition."""

    def __init__(self, path: Path, sealer: Sealer, *, first_sequence: int, most_bytes: int = MOST_BYTES) -> None:
        """Open or begin the file; raises OutboxFailingError or OutboxCorruptError."""
        self._sealer = sealer
        self._most_bytes = most_bytes
        with translated():
            self._base = sqlite3.connect(path, isolation_level=None, check_same_thread=True, timeout=1.0)
        try:
            with translated():
                self._prepare(first_sequence)
        except (OutboxFailingError, OutboxCorruptError):
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; what was committed is there at the next opening."""
        try:
            self._base.close()
        except sqlite3.Error:
            # A broken file cannot be tidied; the next opening finds out.
            return

    def store(self, batch: Batch, *, recorded_s: int, recorded: str | None) -> Outcome:
        """Commit the events of a report, each with the next number; raises as the constructor does."""
        with self._transaction():
            known = self._one("SELECT digest FROM report WHERE start = ? AND revision = ?", *_key(batch))
            if known is not None:
                return Outcome.REPEATED if known == batch.digest else Outcome.CONFLICT
            self._base.execute("INSERT INTO report VALUES (?, ?, ?)", (*_key(batch), batch.digest))
            for draft in batch.drafts:
                self._insert(draft, recorded_s, recorded)
            self._prune(min(batch.window_start_s, recorded_s) - REMEMBERED_S)
            self._keep_under_cap()
        return Outcome.STORED

    def store_alert(self, alert: AlertDraft, *, recorded_s: int, recorded: str | None) -> Outcome:
        """Commit an alert with the next number; raises as the constructor does."""
        with self._transaction():
            known = outbox_alerts.known(self._base, alert)
            if known is not None:
                return Outcome.REPEATED if known == alert.digest else Outcome.CONFLICT
            sequence = self._next_sequence()
            outbox_alerts.note(self._base, alert, sequence)
            self._write(outbox_alerts.row_of_draft(alert, sequence, recorded_s, recorded))
        return Outcome.STORED

    def after(self, sequence: int, most: int) -> list[Row]:
        """Read up to `most` pending events after a number, in order; damaged ones go to the dead letters."""
        return self._read("pending", sequence, most)

    def alerts(self, sequence: int, most: int, now_s: float, site: str | None) -> list[Row]:
        """Read up to `most` alerts after a number that still hold at a time, in order; others are dropped and counted.

        `site` is the hash of the site file under which alerts may be told now, None where none may: what was made under
        another one is dropped. One that was recorded after that time is of a clock that was set back since: nobody
        knows how old it is. Where the disk has no room to drop any, they are left out all the same.
        """
        due = Due(now_tenths=int(now_s * _TENTHS_PER_S), most_recorded_s=int(now_s) + FUTURE_TOLERANCE_S, site=site)
        with contextlib.suppress(OutboxFullError):
            self._drop_over(due)
        return self._read("alert", sequence, most, outbox_alerts.HOLDS, due.values)

    def _drop_over(self, due: Due) -> None:
        with translated():
            if not outbox_alerts.any_over(self._base, due):
                return
        with self._transaction():
            self._count("expired", outbox_alerts.drop_over(self._base, due))

    def _read(
        self, table: str, sequence: int, most: int, which: str = "TRUE", values: tuple[object, ...] = ()
    ) -> list[Row]:
        with translated():
            found = self._base.execute(
                f"SELECT {COLUMNS[table]} FROM {table} WHERE sequence > ? AND {which} ORDER BY sequence LIMIT ?",  # noqa: S608  our own words
                (sequence, *values, most),
            ).fetchall()
        rows = []
        for read in found:
            row = row_of(table, read, self._sealer)
            if row is not None:
                rows.append(replace(row, newest=row.stamp == self._newest(row.place)))
            else:
                self.bury(int(read[0]), DAMAGED)
        return rows

    def _newest(self, place: str) -> object:
        return self._one("SELECT stamp FROM newest WHERE place = ?", place)

    def forget(self, sequences: Iterable[int]) -> int:
        """Delete events that the broker has taken; tells how many were still here."""
        numbers = [(number,) for number in sequences]
        with self._transaction():
            outbox_alerts.heard(self._base, numbers)
            return sum(
                self._base.executemany(f"DELETE FROM {table} WHERE sequence = ?", numbers).rowcount  # noqa: S608  one of our own two
                for table in COLUMNS
            )

    def bury(self, sequence: int, reason: int) -> int:
        """Move an event to the dead letters, with the broker's reason code or DAMAGED; tells how many: 1 or 0."""
        with self._transaction():
            gone = sum(self._bury(table, sequence, reason) for table in COLUMNS)
            self._count("damaged" if reason == DAMAGED else "refused", gone)
            self._base.execute(
                "DELETE FROM dead WHERE sequence NOT IN (SELECT sequence FROM dead ORDER BY sequence DESC LIMIT ?)",
                (DEAD_MOST,),
            )
        return gone

    def _bury(self, table: str, sequence: int, reason: int) -> int:
        insert = f"INSERT OR REPLACE INTO dead SELECT sequence, place, payload, ? FROM {table} WHERE sequence = ?"  # noqa: S608  one of our own two
        self._base.execute(insert, (reason, sequence))
        return self._base.execute(f"DELETE FROM {table} WHERE sequence = ?", (sequence,)).rowcount  # noqa: S608  one of our own two

    def fold(self) -> None:
        """Fold the log into the file, so that it is written from its beginning again: on a full disk, in place."""
        with translated():
            self._base.execute("PRAGMA wal_checkpoint(RESTART)").fetchall()

    def adopt(self, rows: Iterable[Row]) -> int:
        """Take over events saved from a broken file, under their own numbers; tells how many."""
        count = 0
        with self._transaction():
            for row in rows:
                self._write(row)
                count += 1
        return count

    def dead_letters(self) -> list[tuple[str, int]]:
        """List the dead letters: place and reason, oldest first."""
        with translated():
            return self._base.execute("SELECT place, reason FROM dead ORDER BY sequence").fetchall()

    def tally(self) -> Tally:
        """Count what is here and what was lost."""
        with translated():
            counted = dict(self._base.execute("SELECT name, value FROM tally"))
            return Tally(
                pending=sum(self._number(f"SELECT count(*) FROM {table}") for table in COLUMNS),  # noqa: S608  one of our own two
                dead=self._number("SELECT count(*) FROM dead"),
                dropped=counted["dropped"],
                damaged=counted["damaged"],
                refused=counted["refused"],
                expired=counted["expired"],
            )

    def _prepare(self, first_sequence: int) -> None:
        self._base.execute("PRAGMA locking_mode = EXCLUSIVE")
        self._base.execute("PRAGMA journal_mode = WAL")
        self._base.execute("PRAGMA synchronous = FULL")
        self._base.execute(f"PRAGMA wal_autocheckpoint = {_LOG_PAGES}")
        self._base.execute(f"PRAGMA journal_size_limit = {_LOG_PAGES * 4096}")
        # Nothing is ever written outside the state folder: the confined process could not.
        self._base.execute("PRAGMA temp_store = MEMORY")
        version = self._number("PRAGMA user_version")
        if version not in {0, VERSION, *MIGRATIONS}:
            raise OutboxCorruptError(f"the outbox has version {version}, this software writes {VERSION}")
        if version == 0:
            with self._transaction():
                self._run(LAYOUT)
                self._base.execute("UPDATE tally SET value = ? WHERE name = 'sequence'", (first_sequence,))
        if self._one("PRAGMA quick_check(1)") != "ok":
            raise OutboxCorruptError("the outbox's file is damaged")
        if version in MIGRATIONS:
            with self._transaction():
                self._run(MIGRATIONS[version])

    def _run(self, statements: Iterable[str]) -> None:
        for statement in statements:
            self._base.execute(statement)

    def _insert(self, draft: Draft, recorded_s: int, recorded: str | None) -> None:
        if not self._is_new(draft.id):
            return
        sequence = self._next_sequence()
        row = Row(
            sequence=sequence,
            id=draft.id,
            place=f"{draft.kind}/{draft.place}",
            # A later window is newer, and within a window the later revision.
            stamp=draft.window_end_s * STAMPS_PER_S + draft.revision,
            recorded_s=recorded_s,
            window_s=draft.window_s,
            payload=draft.render(sequence, recorded),
        )
        self._write(row)

    def _is_new(self, event_id: str) -> bool:
        return self._base.execute("INSERT OR IGNORE INTO seen (id) VALUES (?)", (event_id,)).rowcount > 0

    def _write(self, row: Row) -> None:
        values = (*row.values, row.seal(self._sealer))
        places = ", ".join("?" * len(values))
        insert = f"INSERT OR IGNORE INTO {row.table} VALUES ({places})"  # noqa: S608  one of our own two
        self._base.execute(insert, values)
        # One window of a clock that ran ahead must not be the newest of its place for ever.
        credible = (row.recorded_s + FUTURE_TOLERANCE_S + row.window_s + 1) * STAMPS_PER_S
        self._base.execute(
            "INSERT INTO newest VALUES (?, ?) ON CONFLICT (place) DO UPDATE"
            " SET stamp = iif(stamp > ?, excluded.stamp, max(stamp, excluded.stamp))",
            (row.place, row.stamp, credible),
        )

    def _next_sequence(self) -> int:
        self._base.execute(
            "UPDATE tally SET value = 1 + max(value, (SELECT ifnull(max(sequence), 0) FROM pending),"
            " (SELECT ifnull(max(sequence), 0) FROM alert)) WHERE name = 'sequence'"
        )
        return self._number("SELECT value FROM tally WHERE name = 'sequence'")

    def _prune(self, oldest_start_s: int) -> None:
        self._base.execute("DELETE FROM report WHERE start < ?", (oldest_start_s,))
        self._base.execute("DELETE FROM seen WHERE number <= (SELECT max(number) FROM seen) - ?", (SEEN_MOST,))

    def _keep_under_cap(self) -> None:
        while self._used_bytes() > self._most_bytes:
            dropped = self._base.execute(
                "DELETE FROM pending WHERE sequence IN (SELECT sequence FROM pending ORDER BY sequence LIMIT ?)",
                (_DROPPED_AT_ONCE,),
            ).rowcount
            if dropped == 0:
                return
            self._count("dropped", dropped)

    def _used_bytes(self) -> int:
        pages = self._number("PRAGMA page_count") - self._number("PRAGMA freelist_count")
        return pages * self._number("PRAGMA page_size")

    def _count(self, name: str, more: int) -> None:
        self._base.execute("UPDATE tally SET value = value + ? WHERE name = ?", (more, name))

    def _one(self, query: str, *values: object) -> object:
        found = self._base.execute(query, values).fetchone()
        return None if found is None else found[0]

    def _number(self, query: str) -> int:
        found = self._one(query)
        if not isinstance(found, int):
            raise OutboxCorruptError("the outbox's file is damaged")
        return found

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with translated():
            self._base.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._base.execute("COMMIT")
            finally:
                if self._base.in_transaction:
                    self._base.execute("ROLLBACK")


def _key(batch: Batch) -> tuple[int, int]:
    return batch.window_start_s, batch.revision
