"""Opening the outbox whatever state its file is in: a broken one is set aside and its good rows are saved."""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from edge.publisher.clock import Clock
from edge.publisher.outbox import Outbox
from edge.publisher.outbox_faults import OutboxCorruptError
from edge.publisher.row import COLUMNS, Row, row_of
from edge.publisher.seal import Sealer, open_sealer

FILE = "outbox.db"
KEY_FILE = "outbox.key"
# The newest broken file is kept for whoever wants to know why; an older one makes room for it.
ASIDE_FILE = "outbox.corrupt.db"
_COMPANIONS = ("", "-wal", "-journal")
# A new file's numbers begin above every number of an older one: at its second of birth, times this.
_NUMBERS_PER_S = 2**20

_log = logging.getLogger(__name__)


def open_outbox(folder: Path, clock: Clock, *, distrust: bool = False) -> Outbox:
    """Open the outbox in a folder, or begin one; raises OutboxFailingError or OSError.

    A corrupt file, or one that is to be distrusted because it failed in use, is renamed to `outbox.corrupt.db`;
    every row of it whose seal holds goes into the new one.
    """
    sealer = open_sealer(folder / KEY_FILE)
    first_sequence = int(clock.now()) * _NUMBERS_PER_S
    if not distrust:
        try:
            return Outbox(folder / FILE, sealer, first_sequence=first_sequence)
        except OutboxCorruptError as fault:
            _log.warning("the outbox cannot be used: %s", fault)
    aside = _set_aside(folder)
    outbox = Outbox(folder / FILE, sealer, first_sequence=first_sequence)
    saved = outbox.adopt(_good_rows(aside, sealer))
    _log.error("the outbox was damaged: set aside as %s, %d waiting events saved, begun anew", aside, saved)
    return outbox


def _set_aside(folder: Path) -> Path:
    name = ASIDE_FILE
    # Somebody's folder is no older broken file: it stays.
    while any((folder / (name + companion)).is_dir() for companion in _COMPANIONS):
        name = f"{name}.new"
    for companion in _COMPANIONS:
        broken, aside = folder / (FILE + companion), folder / (name + companion)
        aside.unlink(missing_ok=True)
        if broken.exists():
            broken.rename(aside)
    return folder / name


def _good_rows(path: Path, sealer: Sealer) -> Iterator[Row]:
    """Read a broken file from both ends, as far as each goes; a row may come twice."""
    for table in COLUMNS:
        for order in ("ASC", "DESC"):
            try:
                with closing(sqlite3.connect(path)) as base:
                    # Lets SQLite read a file that is shorter than it ought to be.
                    base.execute("PRAGMA writable_schema = ON")
                    yield from _rows(base, sealer, table, order)
            except sqlite3.Error:
                continue


def _rows(base: sqlite3.Connection, sealer: Sealer, table: str, order: str) -> Iterator[Row]:
    query = f"SELECT {COLUMNS[table]} FROM {table} ORDER BY sequence {order}"  # noqa: S608  our own words
    for values in base.execute(query):
        row = row_of(table, values, sealer)
        if row is not None:
            yield row
