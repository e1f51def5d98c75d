"""Whether bytes are a JPEG and nothing else: no second picture, no text, no metadata has a place in it.

Markers of ITU-T T.81 (1992), table B.1. Only what OpenCV's encoder writes is let through: a baseline picture with its
tables, and the JFIF header without a thumbnail.
"""

import re
import struct
from typing import Final

_START, _END = b"\xff\xd8", b"\xff\xd9"
_JFIF, _FRAME, _SCAN = 0xE0, 0xC0, 0xDA
_TABLES: Final = frozenset({0xDB, 0xC4, 0xDD})
_JFIF_BYTES: Final = 16
# Within a scan, a marker that is neither a stuffed byte nor a restart ends it.
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7]")


class JpegError(ValueError):
    """These bytes are no such JPEG; the text says how, and quotes none of them."""


def jpeg_size(data: bytes) -> tuple[int, int]:
    """Give the width and height of a JPEG in px; raises JpegError where the bytes are anything else or hold more."""
    if not data.startswith(_START):
        raise JpegError("it does not begin as a JPEG")
    at, size = len(_START), None
    while True:
        marker, content = _segment(data, at)
        at += 4 + len(content)
        if marker == _SCAN:
            break
        if marker == _FRAME:
            size = _size(content, size)
        elif marker not in _TABLES and (marker != _JFIF or not _is_bare_jfif(content)):
            raise JpegError("it holds something beside a picture")
    end = _MARKER.search(data, at)
    if end is None or end.group() != _END:
        raise JpegError("it breaks off")
    if end.end() != len(data):
        raise JpegError("something follows the picture")
    if size is None:
        raise JpegError("it says no size")
    return size


def _segment(data: bytes, at: int) -> tuple[int, bytes]:
    if len(data) < at + 4 or data[at] != 0xFF:  # noqa: PLR2004  what each marker begins with
        raise JpegError("it breaks off, or is damaged")
    (length,) = struct.unpack_from("!H", data, at + 2)
    content = data[at + 4 : at + 2 + length]
    if length < 2 or len(content) != length - 2:  # noqa: PLR2004  the length counts its own two bytes
        raise JpegError("it breaks off, or is damaged")
    return data[at + 1], content


def _size(content: bytes, before: tuple[int, int] | None) -> tuple[int, int]:
    if before is not None or len(content) < 5:  # noqa: PLR2004  precision, height, width
        raise JpegError("it says no size, or two")
    height, width = struct.unpack_from("!HH", content, 1)
    return width, height


def _is_bare_jfif(content: bytes) -> bool:
    return len(content) == _JFIF_BYTES - 2 and content.startswith(b"JFIF\0") and content.endswith(b"\0\0")
