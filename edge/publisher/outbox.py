"""The outbox: every event is on the disk before it is sent, and stays there until the broker has it.

SQLite with a write-ahead log and `synchronous = FULL`: a commit survives the power going away. One
process opens the file and one thread uses it; the lock is exclusive, so a second publisher on the same
folder is refused, and no shared-memory file is needed. See README.md for what is kept how long.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum, unique
from pathlib import Path
from typing import Self

from edge.publisher.events.envelope import Draft
from edge.publisher.outbox_layout import LAYOUT, VERSION
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
# More than there are revisions of a window.
_STAMPS_PER_S = 16
# The log is folded into the file when it is so long.
_LOG_PAGES = 256
# Reason of a dead letter that no broker gave: the row's seal did not hold.
DAMAGED = 1000

_FAILING = {"SQLITE_IOERR", "SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_NOMEM", "SQLITE_BUSY"}


class OutboxFailingError(OSError):
    """The disk does not take or give anything now: read-only or broken. Try again later."""


class OutboxFullError(OutboxFailingError):
    """The disk has no room now."""


class OutboxCorruptError(ValueError):
    """The file is no database any more: set it aside and begin a new one."""


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
class Row:
    """One pending event. `place` is its topic below `ev/` and `last/`; `stamp` orders those of one place."""

    sequence: int
    id: str
    place: str
    stamp: int
    recorded_s: int
    window_s: int
    payload: bytes
    newest: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Tally:
    """What the outbox holds, and what it has lost since it was begun."""

    pending: int
    dead: int
    dropped: int
    damaged: int
    refused: int


class Outbox:
    """Pending events in order, dead letters, and what is remembered to notice repetition."""

    def __init__(self, path: Path, sealer: Sealer, *, first_sequence: int, most_bytes: int = MOST_BYTES) -> None:
        """Open or begin the file; raises OutboxFailingError or OutboxCorruptError."""
        self._sealer = sealer
        self._most_bytes = most_bytes
        with _translated():
            self._base = sqlite3.connect(path, isolation_level=None, check_same_thread=True, timeout=1.0)
        try:
            with _translated():
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

    def after(self, sequence: int, most: int) -> list[Row]:
        """Read up to `most` pending events after a number, in order; damaged ones go to the dead letters."""
        with _translated():
            found = self._base.execute(
                "SELECT sequence, id, place, stamp, recorded, window, payload, seal FROM pending"
                " WHERE sequence > ? ORDER BY sequence LIMIT ?",
                (sequence, most),
            ).fetchall()
        rows = []
        for *values, seal in found:
            if intact(self._sealer, values, seal):
                rows.append(self._row(values))
            else:
                self.bury(int(values[0]), DAMAGED)
        return rows

    def forget(self, sequences: Iterable[int]) -> int:
        """Delete events that the broker has taken; tells how many were still here."""
        with self._transaction():
            delete = "DELETE FROM pending WHERE sequence = ?"
            return self._base.executemany(delete, ((number,) for number in sequences)).rowcount

    def bury(self, sequence: int, reason: int) -> int:
        """Move an event to the dead letters, with the broker's reason code or DAMAGED; tells how many: 1 or 0."""
        with self._transaction():
            self._base.execute(
                "INSERT OR REPLACE INTO dead SELECT sequence, place, payload, ? FROM pending WHERE sequence = ?",
                (reason, sequence),
            )
            gone = self._base.execute("DELETE FROM pending WHERE sequence = ?", (sequence,)).rowcount
            self._count("damaged" if reason == DAMAGED else "refused", gone)
            self._base.execute(
                "DELETE FROM dead WHERE sequence NOT IN (SELECT sequence FROM dead ORDER BY sequence DESC LIMIT ?)",
                (DEAD_MOST,),
            )
        return gone

    def fold(self) -> None:
        """Fold the log into the file, so that it is written from its beginning again: on a full disk, in place."""
        with _translated():
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
        with _translated():
            return self._base.execute("SELECT place, reason FROM dead ORDER BY sequence").fetchall()

    def tally(self) -> Tally:
        """Count what is here and what was lost."""
        with _translated():
            counted = dict(self._base.execute("SELECT name, value FROM tally"))
            return Tally(
                pending=self._number("SELECT count(*) FROM pending"),
                dead=self._number("SELECT count(*) FROM dead"),
                dropped=counted["dropped"],
                damaged=counted["damaged"],
                refused=counted["refused"],
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
        if version not in {0, VERSION}:
            raise OutboxCorruptError(f"the outbox has version {version}, this software writes {VERSION}")
        if version == 0:
            with self._transaction():
                for statement in LAYOUT:
                    self._base.execute(statement)
                self._base.execute("UPDATE tally SET value = ? WHERE name = 'sequence'", (first_sequence,))
        if self._one("PRAGMA quick_check(1)") != "ok":
            raise OutboxCorruptError("the outbox's file is damaged")

    def _insert(self, draft: Draft, recorded_s: int, recorded: str | None) -> None:
        if self._base.execute("INSERT OR IGNORE INTO seen (id) VALUES (?)", (draft.id,)).rowcount == 0:
            return
        sequence = self._next_sequence()
        row = Row(
            sequence=sequence,
            id=draft.id,
            place=f"{draft.kind}/{draft.place}",
            # A later window is newer, and within a window the later revision.
            stamp=draft.window_end_s * _STAMPS_PER_S + draft.revision,
            recorded_s=recorded_s,
            window_s=draft.window_s,
            payload=draft.render(sequence, recorded),
        )
        self._write(row)

    def _write(self, row: Row) -> None:
        values = (row.sequence, row.id, row.place, row.stamp, row.recorded_s, row.window_s, row.payload)
        self._base.execute(
            "INSERT OR IGNORE INTO pending VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (*values, self._sealer.seal(*values))
        )
        # One window of a clock that ran ahead must not be the newest of its place for ever.
        credible = (row.recorded_s + FUTURE_TOLERANCE_S + row.window_s + 1) * _STAMPS_PER_S
        self._base.execute(
            "INSERT INTO newest VALUES (?, ?) ON CONFLICT (place) DO UPDATE"
            " SET stamp = iif(stamp > ?, excluded.stamp, max(stamp, excluded.stamp))",
            (row.place, row.stamp, credible),
        )

    def _row(self, values: Sequence[object]) -> Row:
        sequence, row_id, place, stamp, recorded_s, window_s, payload = values
        newest = self._one("SELECT stamp FROM newest WHERE place = ?", place)
        return Row(  # The seal held: these are the values that were written.
            sequence=sequence,  # type: ignore[arg-type]
            id=row_id,  # type: ignore[arg-type]
            place=place,  # type: ignore[arg-type]
            stamp=stamp,  # type: ignore[arg-type]
            recorded_s=recorded_s,  # type: ignore[arg-type]
            window_s=window_s,  # type: ignore[arg-type]
            payload=payload,  # type: ignore[arg-type]
            newest=stamp == newest,
        )

    def _next_sequence(self) -> int:
        self._base.execute(
            "UPDATE tally SET value = 1 + max(value, (SELECT ifnull(max(sequence), 0) FROM pending))"
            " WHERE name = 'sequence'"
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
        with _translated():
            self._base.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._base.execute("COMMIT")
            finally:
                if self._base.in_transaction:
                    self._base.execute("ROLLBACK")


def _key(batch: Batch) -> tuple[int, int]:
    return batch.window_start_s, batch.revision


def intact(sealer: Sealer, values: Sequence[object], seal: object) -> bool:
    """Tell whether a row is as it was written."""
    # A flipped byte may change a value's type as well.
    if not isinstance(seal, bytes) or not all(isinstance(value, int | str | bytes) for value in values):
        return False
    return sealer.holds(seal, *values)  # type: ignore[arg-type]


@contextmanager
def _translated() -> Iterator[None]:
    """Sort SQLite's errors by what is to be done about them."""
    try:
        yield
    except sqlite3.DatabaseError as fault:
        name = getattr(fault, "sqlite_errorname", "")
        if name == "SQLITE_FULL":
            raise OutboxFullError(name) from fault
        if any(name.startswith(failing) for failing in _FAILING):
            raise OutboxFailingError(name) from fault
        raise OutboxCorruptError(name or "the outbox's file is damaged") from fault
