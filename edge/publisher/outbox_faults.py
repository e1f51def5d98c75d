"""What can be wrong with the outbox's disk and file, sorted by what is to be done about it."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_FAILING: Final = {"SQLITE_IOERR", "SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_NOMEM", "SQLITE_BUSY"}


class OutboxFailingError(OSError):
    """The disk does not take or give anything now: read-only or broken. Try again later."""


class OutboxFullError(OutboxFailingError):
    """The disk has no room now."""


class OutboxCorruptError(ValueError):
    """The file is no database any more: set it aside and begin a new one."""


@contextmanager
def translated() -> Iterator[None]:
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
