"""What a decoder process and its reader say to each other: fixed-size records over two pipes, never a picture.

The pictures themselves lie in shared memory, in slots; a record says which slot is whose. Every record is
`RECORD.size` bytes, less than PIPE_BUF, so that it arrives whole or not at all.
"""

import struct
from dataclasses import astuple, dataclass
from enum import IntEnum, unique

RECORD = struct.Struct("<B7x4q")
SLOTS = 4
"""One picture on loan to the reader, the others decoded ahead."""
CHANNELS = 3


@unique
class Ending(IntEnum):
    """Why a decoder gives no more pictures."""

    OVER = 0
    NOT_A_VIDEO = 1
    NO_PICTURE = 2
    SIZE_CHANGED = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Opened:
    """The recording could be opened; its first picture was decoded. 0 is unknown."""

    width: int
    height: int
    fps_milli: int
    length_ns: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Start:
    """The reader's order: pictures of this size, this far apart at least (0: all)."""

    width: int
    height: int
    period_ns: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Pictured:
    """A slot holds a picture; it is the reader's until it gives it back.

    `complaints` is how many lines the library wrote about it and about what was left out before it, `is_key` whether
    it was decoded without any other (0 or 1).
    """

    slot: int
    taken_ns: int
    complaints: int
    is_key: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Returned:
    """The reader gives a slot back."""

    slot: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Ended:
    """There are no more pictures; `at_ns` is where the last one was over in media time."""

    why: int
    at_ns: int


Token = Opened | Start | Pictured | Returned | Ended
_KINDS: tuple[type[Token], ...] = (Opened, Start, Pictured, Returned, Ended)
_FIELDS = 4


def pack(token: Token) -> bytes:
    """Write a token as one record."""
    values = astuple(token)
    return RECORD.pack(_KINDS.index(type(token)), *values, *(0,) * (_FIELDS - len(values)))


def unpack(record: bytes) -> Token:
    """Read one record; raises ValueError where it is none."""
    if len(record) != RECORD.size:
        raise ValueError(f"a record has {RECORD.size} bytes, not {len(record)}")
    kind, *values = RECORD.unpack(record)
    if kind >= len(_KINDS):
        raise ValueError(f"no record is of kind {kind}")
    names = _KINDS[kind].__slots__
    return _KINDS[kind](**dict(zip(names, values, strict=False)))


def ring_bytes(width: int, height: int) -> int:
    """Compute how large the shared memory of all slots is."""
    return SLOTS * width * height * CHANNELS
