"""The check of what was written: known files only, each with a content that an honest run gives it."""

import re
import sqlite3
import struct
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

from edge.cli.prove.capture import Capture
from edge.cli.prove.finding import Channel, Finding
from edge.cli.prove.reference import Expected, drafts
from edge.config.site import Site
from edge.publisher.inbox import digest
from edge.publisher.outbox_layout import LAYOUT
from edge.vision.durable import DamagedError, read_durable

_KEY_BYTES: Final = 32
_BOOK = re.compile(r"vision/register(\.draft)?$")
_REPORT = re.compile(r"vision/reports/\d{10}\.report(\.draft)?$")
_GONE: Final = " (deleted)"
_PAGE_BYTES: Final = 4096
# SQLite's file formats: the first 16 bytes, the log's magic in either byte order, and the lengths of its headers.
_DATABASE, _LOG_MAGIC = b"SQLite format 3\0", 0x377F0682
_LOG_HEADER, _FRAME_HEADER = 32, 24
# A database of so few windows is no larger; the journal is there only while it is begun.
_MOST_DATABASE: Final = 1 << 20
_MOST_LOG: Final = 4 << 20
_TABLES: Final = frozenset(re.findall(r"CREATE TABLE (\w+)", " ".join(LAYOUT)))


def check_files(capture: Capture, expected: Expected, site: Site) -> list[Finding]:
    """Check every file that is left, and every one that was closed after writing, removed ones too."""
    seen = [(name, content) for name, content in capture.files.items() if content or name != "publisher/channel"]
    for name, content in capture.seen:
        seen.append((name.removesuffix(_GONE).partition("/state/")[2], content))
    faults = {text for name, content in seen for text in _faults(name, content, expected)}
    faults |= set(_database_faults(capture.files.get("publisher/outbox.db", b""), expected, site))
    return [Finding(channel=Channel.FILES, text=text) for text in sorted(faults)]


def _faults(name: str, content: bytes, expected: Expected) -> Iterator[str]:
    if _BOOK.match(name):
        if content and content not in expected.books:
            yield "vision/register: not the book that follows from the film"
    elif _REPORT.match(name):
        if content and _inside(content) not in expected.kept:
            yield "vision/reports: a report that does not follow from the film"
    elif name == "vision/lock":
        if content:
            yield "vision/lock: not empty"
    elif not _is_outbox(name, content):
        yield f"a file that is not known, {len(content)} bytes: {_told(name)}"


def _told(name: str) -> str:
    """Name a file without quoting what its name may carry."""
    return f"{name.partition('/')[0][:9]}/… ({len(name)} letters)"


def _inside(content: bytes) -> bytes:
    with tempfile.TemporaryDirectory(prefix="passant-") as folder:
        path = Path(folder, "report")
        path.write_bytes(content)
        try:
            return read_durable(path)
        except DamagedError:
            return b""


def _is_outbox(name: str, content: bytes) -> bool:
    """Tell whether a file of the publisher's has the form and size it must have."""
    if name in {"publisher/outbox.key", "publisher/outbox.key.new"}:
        return len(content) in {0, _KEY_BYTES}
    if name == "publisher/outbox.db":
        return not content or (content.startswith(_DATABASE) and len(content) <= _MOST_DATABASE)
    if name == "publisher/outbox.db-journal":
        return len(content) <= _PAGE_BYTES
    return name == "publisher/outbox.db-wal" and _is_log(content)


def _is_log(content: bytes) -> bool:
    if not content:
        return True
    frames = len(content) - _LOG_HEADER
    (magic,) = struct.unpack_from(">I", content)
    return magic | 1 == _LOG_MAGIC | 1 and frames % (_FRAME_HEADER + _PAGE_BYTES) == 0 and frames <= _MOST_LOG


def _database_faults(content: bytes, expected: Expected, site: Site) -> Iterator[str]:
    """Read the outbox as it is left: nothing waits, and what it remembers are the events that were due."""
    with tempfile.TemporaryDirectory(prefix="passant-") as folder:
        path = Path(folder, "outbox.db")
        path.write_bytes(content)
        try:
            with closing(sqlite3.connect(path)) as base:
                yield from _row_faults(base, expected, site)
        except sqlite3.Error:
            yield "publisher/outbox.db: not a database that can be read"


def _row_faults(base: sqlite3.Connection, expected: Expected, site: Site) -> Iterator[str]:
    due = list(drafts(site, expected.reports))
    names = {name for (name,) in base.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    if names != _TABLES:
        yield "publisher/outbox.db: other tables"
        return
    good = {
        "pending": base.execute("SELECT count(*) FROM pending").fetchone() == (0,),
        "alert": base.execute("SELECT count(*) FROM alert").fetchone() == (0,),
        "dead": base.execute("SELECT count(*) FROM dead").fetchone() == (0,),
        "seen": {one for (one,) in base.execute("SELECT id FROM seen")} == {draft.id for draft in due},
        "report": {tuple(row) for row in base.execute("SELECT start, revision, digest FROM report")}
        == {(one.window_start_s, one.revision, digest(one)) for one in expected.reports},
        "newest": {one for (one,) in base.execute("SELECT place FROM newest")}
        == {f"{draft.kind}/{draft.place}" for draft in due},
    }
    yield from (f"publisher/outbox.db: other rows in {name}" for name, holds in good.items() if not holds)
