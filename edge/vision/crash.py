"""What is said when vision breaks: the kind of error and its place, never what it was looking at."""

import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from traceback import walk_tb
from types import TracebackType

_log = logging.getLogger(__name__)


def tell(error: BaseException) -> None:
    """Log the kind of an error and the lines of ours it came through."""
    _tell(type(error), error, error.__traceback__)


def words(error: BaseException) -> str:
    """Say the kind of an error and where it came from, on one line."""
    return _words(type(error), error.__traceback__)


@contextmanager
def quiet_hooks() -> Iterator[None]:
    """Have errors that nobody catches told in the same way, those of threads too."""
    before = sys.excepthook, threading.excepthook
    sys.excepthook = _tell
    threading.excepthook = lambda caught: _tell(caught.exc_type, caught.exc_value, caught.exc_traceback)
    try:
        yield
    finally:
        sys.excepthook, threading.excepthook = before


def _tell(kind: type[BaseException], _error: BaseException | None, trace: TracebackType | None) -> None:
    _log.critical("vision broke off: %s", _words(kind, trace))


def _words(kind: type[BaseException], trace: TracebackType | None) -> str:
    places = [f"{Path(frame.f_code.co_filename).name}:{line}" for frame, line in walk_tb(trace)]
    return f"{kind.__name__} at {' < '.join(reversed(places)) or 'an unknown place'}"
