"""What a picture's file says of itself beside its pixels, read before any library decodes it.

Whether it is whole, how large, which way up, and whether it holds more than one picture: what libraries pass over in
silence. The bytes may be anybody's: whatever is wrong with them is a Refusal.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import IntEnum, IntFlag, unique
from typing import Final

from edge.vision.files import tags
from edge.vision.files.kind import BMP, JPEG, PNG, TIFF, WEBP, Format

_SOF: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_MARK, _SOS, _EOI, _APP1, _APP2 = 0xFF, 0xDA, 0xD9, 0xE1, 0xE2
_RESTARTS_AND_STUFFING: Final = frozenset((0x00, _MARK, *range(0xD0, 0xD8)))
_COMPONENTS_CMYK: Final = 4
_MP_ENTRY: Final = 0xB002
_MP_ENTRY_BYTES: Final = 16
# "Multi-frame image" of CIPA DC-007: stereo, panorama, several angles. Previews and gain maps have other types.
_MP_MULTI_FRAME: Final = 0x02
_WEBP_ANIMATED: Final = 0x02
_REDUCED: Final = 1


@unique
class Refusal(IntEnum):
    """Why a picture is not decoded."""

    NOT_A_PICTURE = 1
    DAMAGED = 2
    TOO_LARGE = 3
    ANIMATED = 4
    SEVERAL_PAGES = 5
    LAYERED = 6
    UNUSUAL_SAMPLES = 7
    STUCK = 8


class Conversion(IntFlag):
    """What is not as it was, besides the masks."""

    TURNED = 1
    EIGHT_BITS = 2
    COLOURED = 4
    FLATTENED = 8
    FROM_CMYK = 16
    OTHERS_LEFT_OUT = 32


NONE: Final = Conversion(0)


class RefusedError(Exception):
    """A picture is not decoded, for one of the reasons there are."""

    def __init__(self, why: Refusal) -> None:
        super().__init__(why.name)
        self.why = why


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """(width, height) in px as stored, None where only the decoder can tell; `turn` is EXIF's orientation, 1 to 8."""

    size: tuple[int, int] | None
    turn: int = 1
    conversions: Conversion = NONE


def facts_of(content: bytes, kind: Format) -> Facts:
    """Read a picture's facts; raises RefusedError where it is damaged or holds several."""
    readers = {JPEG: _jpeg, PNG: _png, WEBP: _webp, TIFF: _tiff, BMP: _bmp}
    try:
        return readers[kind](content)
    except (struct.error, IndexError, tags.DirectoryError):
        raise RefusedError(Refusal.DAMAGED) from None


def _jpeg(content: bytes) -> Facts:
    facts = Facts(size=None)
    for marker, body in _jpeg_segments(content):
        if marker in _SOF:
            height, width, components = struct.unpack_from(">HHB", body, 1)
            extra = Conversion.FROM_CMYK if components == _COMPONENTS_CMYK else NONE
            facts = replace(facts, size=(width, height), conversions=facts.conversions | extra)
        elif marker == _APP1 and body.startswith(b"Exif\0\0"):
            facts = replace(facts, turn=tags.orientation(body[6:]))
        elif marker == _APP2 and body.startswith(b"MPF\0"):
            facts = replace(facts, conversions=facts.conversions | _further(body[4:]))
    return facts


def _jpeg_segments(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Walk the segments of the first picture to its end; one without an end was cut off."""
    at = 2
    while True:
        while content[at] == content[at + 1] == _MARK:
            at += 1
        marker = content[at + 1]
        if content[at] != _MARK:
            raise RefusedError(Refusal.DAMAGED)
        if marker == _EOI:
            return
        (length,) = struct.unpack_from(">H", content, at + 2)
        yield marker, content[at + 4 : at + 2 + length]
        at += 2 + length
        if marker == _SOS:
            at = _after_scan(content, at)


def _after_scan(content: bytes, at: int) -> int:
    """Find the marker that ends a scan: the first that is no restart and no stuffed byte."""
    while True:
        at = content.find(b"\xff", at)
        if at < 0:
            raise RefusedError(Refusal.DAMAGED)
        if content[at + 1] not in _RESTARTS_AND_STUFFING:
            return at
        at += 1 if content[at + 1] == _MARK else 2


def _further(index: bytes) -> Conversion:
    """Judge the index of further pictures: previews are left out, other views of the scene are not passed over."""
    (directory, *_) = tags.read_directories(index)
    entries = directory[_MP_ENTRY].content if _MP_ENTRY in directory else b""
    order = "<" if index[:2] == b"II" else ">"
    starts = range(0, len(entries) - _MP_ENTRY_BYTES + 1, _MP_ENTRY_BYTES)
    kinds = [struct.unpack_from(f"{order}I", entries, start)[0] >> 16 & 0xFF for start in starts]
    if _MP_MULTI_FRAME in kinds:
        raise RefusedError(Refusal.SEVERAL_PAGES)
    return Conversion.OTHERS_LEFT_OUT if len(kinds) > 1 else NONE


def _png(content: bytes) -> Facts:
    facts = Facts(size=None)
    for name, body in _png_chunks(content):
        if name == b"IHDR":
            facts = replace(facts, size=struct.unpack_from(">II", body))
        elif name in {b"acTL", b"fdAT"}:
            raise RefusedError(Refusal.ANIMATED)
        elif name == b"eXIf":
            facts = replace(facts, turn=tags.orientation(body))
    return facts


def _png_chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Walk the chunks to the last, each with the right check sum."""
    at, name = 8, b""
    while name != b"IEND":
        length, name = struct.unpack_from(">I4s", content, at)
        body = content[at + 8 : at + 8 + length]
        (check,) = struct.unpack_from(">I", content, at + 8 + length)
        if zlib.crc32(body, zlib.crc32(name)) != check:
            raise RefusedError(Refusal.DAMAGED)
        yield name, body
        at += 12 + length


def _webp(content: bytes) -> Facts:
    (declared,) = struct.unpack_from("<I", content, 4)
    if declared + 8 > len(content):
        raise RefusedError(Refusal.DAMAGED)
    facts = Facts(size=None)
    at = 12
    while at + 8 <= declared + 8:
        name, length = struct.unpack_from("<4sI", content, at)
        body = content[at + 8 : at + 8 + length]
        if name == b"VP8X":
            facts = replace(facts, size=_webp_canvas(body))
        if name in {b"ANIM", b"ANMF"} or (name == b"VP8X" and body[0] & _WEBP_ANIMATED):
            raise RefusedError(Refusal.ANIMATED)
        if name == b"EXIF":
            facts = replace(facts, turn=tags.orientation(body.removeprefix(b"Exif\0\0")))
        at += 8 + length + length % 2
    return facts


def _webp_canvas(body: bytes) -> tuple[int, int]:
    return int.from_bytes(body[4:7], "little") + 1, int.from_bytes(body[7:10], "little") + 1


def _tiff(content: bytes) -> Facts:
    first, *others = tags.read_directories(content)
    if tags.SUB_IFDS in first or _value(first, tags.NEW_SUBFILE_TYPE) & _REDUCED:
        raise RefusedError(Refusal.LAYERED)
    if any(not _value(one, tags.NEW_SUBFILE_TYPE) & _REDUCED for one in others):
        raise RefusedError(Refusal.SEVERAL_PAGES)
    if _value(first, tags.SAMPLE_FORMAT, 1) != tags.SAMPLE_FORMAT_UNSIGNED:
        raise RefusedError(Refusal.UNUSUAL_SAMPLES)
    conversions = Conversion.OTHERS_LEFT_OUT if others else NONE
    if _value(first, tags.PHOTOMETRIC) == tags.PHOTOMETRIC_CMYK:
        conversions |= Conversion.FROM_CMYK
    # The decoder turns it by itself.
    if _value(first, tags.ORIENTATION, 1) > 1:
        conversions |= Conversion.TURNED
    return Facts(size=(_value(first, tags.IMAGE_WIDTH), _value(first, tags.IMAGE_LENGTH)), conversions=conversions)


def _value(directory: tags.Directory, tag: int, default: int = 0) -> int:
    return directory[tag].value if tag in directory else default


def _bmp(content: bytes) -> Facts:
    if len(content) < struct.unpack_from("<I", content, 10)[0]:
        raise RefusedError(Refusal.DAMAGED)
    (header,) = struct.unpack_from("<I", content, 14)
    width, height = struct.unpack_from("<HH" if header == 12 else "<ii", content, 18)  # noqa: PLR2004  OS/2's
    return Facts(size=(abs(width), abs(height)))
