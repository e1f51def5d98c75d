"""The file in which what was learnt outlives a restart: numbers of the device's own events, sealed.

Its layout: a first line, how many bytes of numbers a series has, then for each series 16 bytes of what it is of and its
numbers as 32-bit floats, and 16 bytes of seal over all before. Written whole to a draft, synced and renamed.
"""

import logging
import os
from array import array
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from edge.publisher.complaint import Complaints
from edge.publisher.forecast.series import Series
from edge.publisher.seal import Sealer, open_sealer

FILE: Final = "forecast.state"
KEY_FILE: Final = "forecast.key"
ASIDE_FILE: Final = "forecast.corrupt"
_FIRST_LINE: Final = b"passant forecast 1\n"
_SEAL_BYTES: Final = 16
MARK_BYTES: Final = 16
"""The length of what tells series apart."""
# A site has at most 16 lines and 16 zones, two series each: less than 64 KB a series.
_MOST_BYTES: Final = 4 << 20
_FLOAT_BYTES: Final = 4
_COUNT_BYTES: Final = 4

_log = logging.getLogger(__name__)


class _DamagedError(ValueError):
    """The file is not what was written."""


class Archive:
    """The file in one folder; what the disk refuses is said in the log and tried again the next time."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._complaints = Complaints(_log)
        self._sealer: Sealer | None = None

    def load(self, series: Mapping[bytes, Series]) -> None:
        """Fill series, by their marks, with what they had learnt; a damaged file is set aside, and they begin anew."""
        try:
            content = self._read()
            if content is not None:
                _fill(series, content, self._opened())
        except OSError as fault:
            self._say(fault)
        except _DamagedError:
            self._set_aside()

    def save(self, series: Mapping[bytes, Series]) -> None:
        """Write all that was learnt."""
        try:
            body = _written(series)
            _write(self._path, body + self._opened().seal(body))
        except OSError as fault:
            self._say(fault)

    def _read(self) -> bytes | None:
        if not self._path.exists():
            return None
        if self._path.stat().st_size > _MOST_BYTES:
            raise _DamagedError
        return self._path.read_bytes()

    def _opened(self) -> Sealer:
        # A key of its own: another thread may be making the outbox's at this moment.
        self._sealer = self._sealer or open_sealer(self._path.with_name(KEY_FILE))
        return self._sealer

    def _set_aside(self) -> None:
        aside = self._path.with_name(ASIDE_FILE)
        _log.error("what forecasts had learnt was damaged: set aside as %s, begun anew", aside)
        try:
            self._path.replace(aside)
        except OSError as fault:
            self._say(fault)

    def _say(self, fault: OSError) -> None:
        words = fault.strerror or type(fault).__name__
        self._complaints.say(
            f"what forecasts learn is not kept ({words}: {self._path}): look at the disk and the folder"
        )


def _written(series: Mapping[bytes, Series]) -> bytes:
    numbers = {mark: b"".join(array("f", part).tobytes() for part in one.memory()) for mark, one in series.items()}
    length = max(map(len, numbers.values()), default=0)
    head = _FIRST_LINE + length.to_bytes(_COUNT_BYTES, "big")
    return head + b"".join(mark + body for mark, body in numbers.items())


def _fill(series: Mapping[bytes, Series], content: bytes, sealer: Sealer) -> None:
    """Fill the series that the content holds; one of another place or length of windows is left out."""
    body, seal = content[:-_SEAL_BYTES], content[-_SEAL_BYTES:]
    start = len(_FIRST_LINE) + _COUNT_BYTES
    if not sealer.holds(seal, body) or not body.startswith(_FIRST_LINE) or len(body) < start:
        raise _DamagedError
    step = MARK_BYTES + int.from_bytes(body[len(_FIRST_LINE) : start], "big")
    if (len(body) - start) % step:
        raise _DamagedError
    for at in range(start, len(body), step):
        one = series.get(body[at : at + MARK_BYTES])
        if one is not None:
            _remember(one, body[at + MARK_BYTES : at + step])


def _remember(one: Series, numbers: bytes) -> None:
    memory = one.memory()
    if sum(map(len, memory)) * _FLOAT_BYTES != len(numbers):
        return
    values, at = array("f", numbers), 0
    for part in memory:
        part[:] = array("d", values[at : at + len(part)])
        at += len(part)


def _write(path: Path, content: bytes) -> None:
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
