"""What a file is by its first bytes, whatever it is called: a picture, a film, or nothing of interest.

Signatures from the formats' own specifications: ITU-T T.81, PNG (W3C), WebP container (RFC 9649), TIFF 6.0, ISO/IEC
14496-12 with the brands registered at mp4ra.org, RFC 9559 (Matroska), AVI RIFF (Microsoft), ISO/IEC 13818-1.
"""

from dataclasses import dataclass
from enum import Enum, unique
from pathlib import PurePath
from typing import Final

HEAD_BYTES: Final = 4096
"""So many bytes of a file are enough to tell."""
_TS_PACKET: Final = 188


@unique
class Kind(Enum):
    """How a file is worked on."""

    PICTURE = "picture"
    FILM = "film"


@dataclass(frozen=True, kw_only=True, slots=True)
class Format:
    """A file format. `ending` is what an encoder knows it by, with its dot; empty where it cannot be written."""

    name: str
    kind: Kind
    ending: str = ""


JPEG: Final = Format(name="JPEG", kind=Kind.PICTURE, ending=".jpg")
PNG: Final = Format(name="PNG", kind=Kind.PICTURE, ending=".png")
WEBP: Final = Format(name="WebP", kind=Kind.PICTURE, ending=".webp")
TIFF: Final = Format(name="TIFF", kind=Kind.PICTURE, ending=".tif")
BMP: Final = Format(name="BMP", kind=Kind.PICTURE, ending=".bmp")
AVI: Final = Format(name="AVI", kind=Kind.FILM, ending=".avi")
MP4: Final = Format(name="MP4", kind=Kind.FILM, ending=".mp4")
MOV: Final = Format(name="MOV", kind=Kind.FILM, ending=".mov")
THREEGP: Final = Format(name="3GP", kind=Kind.FILM, ending=".3gp")
MKV: Final = Format(name="MKV", kind=Kind.FILM, ending=".mkv")
WEBM: Final = Format(name="WebM", kind=Kind.FILM, ending=".webm")
FORMATS: Final = {one.name: one for one in (JPEG, PNG, WEBP, TIFF, BMP, AVI, MP4, MOV, THREEGP, MKV, WEBM)}
"""Those that can be written, by name."""

_GIF = Format(name="GIF", kind=Kind.PICTURE)
_HEIF = Format(name="HEIF or AVIF", kind=Kind.PICTURE)
_RAW = Format(name="a camera's raw format", kind=Kind.PICTURE)
_OTHER_PICTURE = Format(name="an unknown format", kind=Kind.PICTURE)
_OTHER_FILM = Format(name="an unknown format", kind=Kind.FILM)

_BY_ENDING: Final = {
    **{one.ending: one for one in FORMATS.values()},
    **dict.fromkeys((".jpeg", ".jpe", ".jfif"), JPEG),
    ".tiff": TIFF,
    ".m4v": MP4,
    ".qt": MOV,
}
_PICTURE_ENDINGS: Final = frozenset(
    (
        *(".gif", ".apng", ".mpo", ".heic", ".heif", ".avif", ".jxl", ".jp2", ".j2k", ".psd", ".pnm", ".ppm", ".pgm"),
        *(".exr", ".hdr", ".dng", ".cr2", ".cr3", ".nef", ".arw", ".raf", ".orf", ".rw2", ".tga"),
    )
)
_FILM_ENDINGS: Final = frozenset(
    (
        *(".mpg", ".mpeg", ".vob", ".ts", ".mts", ".m2ts", ".flv", ".f4v", ".wmv", ".asf", ".ogv", ".mxf", ".dv"),
        *(".h264", ".h265", ".264", ".265", ".hevc", ".mjpeg", ".mjpg", ".3g2", ".y4m", ".divx", ".rm"),
    )
)
# Where a signature begins with the file; the longer ones stand first.
_SIGNATURES: Final = (
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"GIF87a", _GIF),
    (b"GIF89a", _GIF),
    (b"II*\0", TIFF),
    (b"MM\0*", TIFF),
    (b"II+\0", Format(name="BigTIFF", kind=Kind.PICTURE)),
    (b"MM\0+", Format(name="BigTIFF", kind=Kind.PICTURE)),
    (b"\0\0\0\x0cJXL ", Format(name="JPEG XL", kind=Kind.PICTURE)),
    (b"\xff\x0a", Format(name="JPEG XL", kind=Kind.PICTURE)),
    (b"\0\0\0\x0cjP  ", Format(name="JPEG 2000", kind=Kind.PICTURE)),
    (b"\xff\x4f\xff\x51", Format(name="JPEG 2000", kind=Kind.PICTURE)),
    (b"8BPS", Format(name="PSD", kind=Kind.PICTURE)),
    (b"v/1\x01", Format(name="OpenEXR", kind=Kind.PICTURE)),
    (b"#?RADIANCE", Format(name="Radiance HDR", kind=Kind.PICTURE)),
    (b"FUJIFILMCCD-RAW", _RAW),
    (b"\0\0\x01\xba", Format(name="MPEG", kind=Kind.FILM)),
    (b"\0\0\x01\xb3", Format(name="MPEG", kind=Kind.FILM)),
    (b"FLV\x01", Format(name="FLV", kind=Kind.FILM)),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", Format(name="ASF or WMV", kind=Kind.FILM)),
)
# What a Mac leaves beside a picture, under its name, on disks of others: RFC 1740.
_APPLE_DOUBLE: Final = b"\0\5\x16\7"
_HEIF_BRANDS: Final = frozenset(
    (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"hevm", b"hevs", b"mif1", b"msf1", b"avif", b"avis")
)
_SOUND_BRANDS: Final = frozenset((b"M4A ", b"M4B ", b"M4P "))
_ATOMS: Final = frozenset((b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"))


def format_of(head: bytes, name: str) -> Format | None:
    """Tell a file's format by its first HEAD_BYTES; by its name only where they say nothing.

    None is neither picture nor film. A name that promises one, with something else inside, is
    a format that cannot be written: it must not pass as "something else".
    """
    ending = PurePath(name).suffix.lower()
    if head.startswith(_APPLE_DOUBLE):
        return None
    by_content = _by_signature(head) or _by_riff(head) or _by_box(head) or _by_matroska(head, ending)
    if by_content is not None:
        return None if _is_sound(head) else by_content
    if _is_transport_stream(head):
        return Format(name="MPEG", kind=Kind.FILM)
    if head[:4] == b"OggS" and (b"theora" in head or ending == ".ogv"):
        return Format(name="Ogg", kind=Kind.FILM)
    return _promised(ending)


def by_ending(name: str) -> Format | None:
    """Tell the format that a name asks for; None where its ending is none that can be written."""
    return _BY_ENDING.get(PurePath(name).suffix.lower())


def same_ending(one: str, other: str) -> bool:
    """Tell whether two names end alike."""
    return PurePath(one).suffix.lower() == PurePath(other).suffix.lower()


def _by_signature(head: bytes) -> Format | None:
    for signature, found in _SIGNATURES:
        if head.startswith(signature):
            return found
    # Two letters are no proof; the four bytes after the size are zero in every bitmap.
    return BMP if head[:2] == b"BM" and head[6:10] == bytes(4) else None


def _by_riff(head: bytes) -> Format | None:
    return {b"AVI ": AVI, b"AVIX": AVI, b"WEBP": WEBP}.get(head[8:12]) if head[:4] == b"RIFF" else None


def _by_box(head: bytes) -> Format | None:
    """Tell a file of ISO boxes or QuickTime atoms by its brand."""
    box, brand = head[4:8], head[8:12]
    if box in _ATOMS:
        return MOV
    if box != b"ftyp":
        return None
    if brand in _HEIF_BRANDS:
        return _HEIF
    if brand == b"crx ":
        return _RAW
    if brand == b"qt  ":
        return MOV
    return THREEGP if brand[:2] == b"3g" else MP4


def _is_sound(head: bytes) -> bool:
    return head[4:8] == b"ftyp" and head[8:12] in _SOUND_BRANDS


def _by_matroska(head: bytes, ending: str) -> Format | None:
    if not head.startswith(b"\x1aE\xdf\xa3") or ending == ".mka":
        return None
    return WEBM if b"webm" in head[:64] else MKV


def _is_transport_stream(head: bytes) -> bool:
    # With a time stamp of four bytes before each packet, as discs and camcorders write it, and without.
    return any(
        all(head[at : at + 1] == b"G" for at in range(start, start + 3 * step, step))
        for start, step in ((0, _TS_PACKET), (4, _TS_PACKET + 4))
    )


def _promised(ending: str) -> Format | None:
    if ending in _PICTURE_ENDINGS:
        return _OTHER_PICTURE
    if ending in _FILM_ENDINGS:
        return _OTHER_FILM
    known = _BY_ENDING.get(ending)
    if known is None:
        return None
    return _OTHER_PICTURE if known.kind is Kind.PICTURE else _OTHER_FILM
