"""The directories of TIFF files, which EXIF data and the index of further pictures in a JPEG are too.

After Adobe's TIFF 6.0, section 2. Nothing but numbers is read, and from any bytes: the only error is DirectoryError.
"""

import struct
from dataclasses import dataclass
from typing import Final

IMAGE_WIDTH: Final = 256
IMAGE_LENGTH: Final = 257
NEW_SUBFILE_TYPE: Final = 254
BITS_PER_SAMPLE: Final = 258
PHOTOMETRIC: Final = 262
ORIENTATION: Final = 274
SUB_IFDS: Final = 330
SAMPLE_FORMAT: Final = 339
PHOTOMETRIC_CMYK: Final = 5
SAMPLE_FORMAT_UNSIGNED: Final = 1

# Bytes of each field type, and how the whole numbers among them are read.
_WIDTHS: Final = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_WHOLE: Final = {1: "B", 3: "H", 4: "I", 13: "I"}
_ENTRY_BYTES: Final = 12
_INLINE_BYTES: Final = 4
_MOST_DIRECTORIES: Final = 1000


class DirectoryError(ValueError):
    """The bytes are no TIFF directory."""


@dataclass(frozen=True, slots=True)
class Field:
    """One entry: `value` is its first number (0 where it holds no whole numbers), `content` its bytes."""

    value: int
    content: bytes


Directory = dict[int, Field]


def read_directories(data: bytes) -> list[Directory]:
    """Read the chain of directories of a TIFF stream, the first one first; raises DirectoryError."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(data[:4])
    if order is None:
        raise DirectoryError("no TIFF header")
    found: list[Directory] = []
    seen = set()
    (at,) = _unpack(f"{order}I", data, 4)
    while at:
        if at in seen or len(found) >= _MOST_DIRECTORIES:
            raise DirectoryError("the directories go in a circle")
        seen.add(at)
        directory, at = _read_directory(data, at, order)
        found.append(directory)
    return found


def orientation(data: bytes) -> int:
    """Tell how a picture is turned by its TIFF stream, 1 to 8; 1 where nothing says so."""
    try:
        (first, *_) = read_directories(data)
    except ValueError:
        return 1
    field = first.get(ORIENTATION)
    return field.value if field is not None and field.value in range(1, 9) else 1


def _read_directory(data: bytes, at: int, order: str) -> tuple[Directory, int]:
    (number,) = _unpack(f"{order}H", data, at)
    entries = [_read_entry(data, at + 2 + k * _ENTRY_BYTES, order) for k in range(number)]
    (after,) = _unpack(f"{order}I", data, at + 2 + number * _ENTRY_BYTES)
    return dict(entries), after


def _read_entry(data: bytes, at: int, order: str) -> tuple[int, Field]:
    tag, kind, count, offset = _unpack(f"{order}HHII", data, at)
    length = count * _WIDTHS.get(kind, 1)
    start = at + 8 if length <= _INLINE_BYTES else offset
    content = data[start : start + length]
    letter = _WHOLE.get(kind, "")
    value = _unpack(order + letter, content, 0)[0] if letter and count else 0
    return tag, Field(value=value, content=content)


def _unpack(form: str, data: bytes, at: int) -> tuple[int, ...]:
    try:
        return struct.unpack_from(form, data, at)
    except struct.error as error:
        raise DirectoryError("cut off") from error
