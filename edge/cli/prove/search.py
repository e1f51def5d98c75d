"""The search for marks in bytes: as text, as pictures, as raw pixels and as bits, under the usual wrappings."""

import base64
import binascii
import re
import zlib
from collections.abc import Iterator
from typing import Any, Final

import cv2
import numpy as np

from edge.cli.prove.marks import DOT_PX, Marks, Picture, dots_picture
from edge.cli.prove.optical import plates_in, resembles

_DEPTH: Final = 3
_LEAST_TEXT: Final = 24
_MOST_PIECES: Final = 400
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{24,}={0,2}")
_HEX = re.compile(rb"(?:[0-9A-Fa-f]{2}){16,}")
# Overlapping, so that letters before a plate do not hide it.
_PLATE = re.compile(rb"(?=([A-Z]{2})[-_ .]?([0-9]{3})[-_ .]?([A-Z]{2}))")
_BITS = re.compile(rb"[01]{64,}")
_DEFLATED = re.compile(rb"\x78[\x01\x5e\x9c\xda]|\x1f\x8b\x08")
_MAGICS: Final = {
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"RIFF": "WebP or AVI",
    b"GIF8": "GIF",
    b"BM": "BMP",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"\0\0\0\x0cjP": "JPEG 2000",
    b"P5": "PGM",
    b"P6": "PPM",
    b"P4": "PBM",
}
# Alone these say little: a picture must decode after them.
_SHORT: Final = frozenset({b"BM", b"P4", b"P5", b"P6", b"RIFF", b"GIF8", b"II*\0", b"MM\0*"})
# Of a row of random dots, by chance: 5 standard deviations of a correlation over so many samples.
_LEAST_SAMPLES: Final = 80
_DEVIATIONS: Final = 5.5
_WORD_BYTES: Final = 6
# Whoever takes a picture along takes these rows of it too.
_ROWS: Final = slice(None, None, 8)


def search(blob: bytes, marks: Marks) -> set[str]:
    """Name the kinds of marks that are in these bytes, in whatever wrapping; empty where there are none."""
    found: set[str] = set()
    for piece in _unwrapped(blob, _DEPTH):
        found |= _words(piece, marks) | _pictures(piece, marks) | _pixels(piece, marks) | _bits(piece, marks)
    return found


def _unwrapped(blob: bytes, depth: int) -> Iterator[bytes]:
    """Yield the bytes, and what base64, hexadecimal and deflate in them hold."""
    yield blob
    if depth == 0:
        return
    inner = [*_deflated(blob), *_encoded(blob)]
    for piece in inner[:_MOST_PIECES]:
        yield from _unwrapped(piece, depth - 1)


def _deflated(blob: bytes) -> Iterator[bytes]:
    for match in _DEFLATED.finditer(blob):
        try:
            piece = zlib.decompressobj(wbits=47).decompress(blob[match.start() :], 1 << 22)
        except zlib.error:
            continue
        if len(piece) >= _LEAST_TEXT:
            yield piece


def _encoded(blob: bytes) -> Iterator[bytes]:
    for match in _BASE64.finditer(blob):
        run = match.group().rstrip(b"=").replace(b"-", b"+").replace(b"_", b"/")
        for shift in range(4):
            part = run[shift:]
            if len(part) % 4 == 1:
                part = part[:-1]
            yield base64.b64decode(part + b"=" * (-len(part) % 4))
    for match in _HEX.finditer(blob):
        yield binascii.unhexlify(match.group())


def _words(piece: bytes, marks: Marks) -> set[str]:
    """Look for the texts of plates and codes: plain, without hyphens, backwards, in UTF-16."""
    plates = {plate.replace("-", "").encode() for plate in marks.plates}
    codes = [code.encode() for code in marks.codes]
    for view in (piece.upper(), piece.upper().replace(b"\0", b"")):
        for text in (view, view[::-1]):
            if any(b"".join(match.groups()) in plates for match in _PLATE.finditer(text)):
                return {"a plate's text"}
            if any(code in text for code in codes):
                return {"a code's text"}
    return set()


def _pictures(piece: bytes, marks: Marks) -> set[str]:
    """Look for picture files at any place, decode them and look for marks in what they show."""
    found = set()
    for magic, name in _MAGICS.items():
        places = [match.start() for match in re.finditer(re.escape(magic), piece)][:64]
        for place in places:
            picture = _decoded(piece[place:])
            if picture is not None:
                found |= {f"a picture ({name})", *seen_in(picture, marks)}
            elif magic not in _SHORT:
                found.add(f"a picture's beginning ({name})")
    return found


def _decoded(data: bytes) -> Picture | None:
    # Most of what looks like a beginning is none, and OpenCV would say so each time.
    cv2.setLogLevel(0)
    try:
        picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
    except cv2.error:
        return None
    return None if picture is None or min(picture.shape) < 4 else np.asarray(picture, np.uint8)  # noqa: PLR2004  a chance hit


def seen_in(picture: Picture, marks: Marks) -> set[str]:
    """Look for marks in a grey picture: codes that decode, plates and dots that resemble."""
    found = set()
    for times in (1, 2, 4):
        large = cv2.resize(picture, None, fx=times, fy=times, interpolation=cv2.INTER_NEAREST)
        if any(text in marks.codes for text in _codes(large)):
            found.add("a QR code that reads")
    if resembles(picture, dots_picture(marks)):
        found.add("the field of dots")
    if plates_in(picture, marks):
        found.add("a drawn plate")
    return found


def _codes(picture: Any) -> tuple[str, ...]:  # noqa: ANN401  as OpenCV has it
    try:
        good, texts, *_ = cv2.QRCodeDetector().detectAndDecodeMulti(picture)
    except cv2.error:
        return ()
    return tuple(texts) if good else ()


def _pixels(piece: bytes, marks: Marks) -> set[str]:
    """Look for rows of the field of dots in the bytes, taken as samples with one to four bytes each."""
    rows = dots_picture(marks)[::DOT_PX][_ROWS].astype(np.float32)
    data = np.frombuffer(piece, np.uint8).astype(np.float32)
    for shrink in (1, 2):
        wanted = rows if shrink == 1 else rows[:, ::2]
        for stride in (1, 2, 3, 4):
            samples = data[::stride]
            if len(samples) >= wanted.shape[1] and _correlates(samples, wanted):
                return {"pixels of the field of dots"}
    return set()


def _bits(piece: bytes, marks: Marks) -> set[str]:
    """Look for the dots as bits: packed from either end, as the lowest bits of bytes, written as zeros and ones."""
    if _packed(piece, marks):
        return {"bits of the field of dots"}
    rows = marks.dots[_ROWS].astype(np.float32)
    data = np.frombuffer(piece, np.uint8)
    for bits in (data & 1, *(np.frombuffer(match.group(), np.uint8) & 1 for match in _BITS.finditer(piece))):
        if len(bits) >= rows.shape[1] and _correlates(bits.astype(np.float32), rows):
            return {"bits of the field of dots"}
    return set()


def _packed(piece: bytes, marks: Marks) -> bool:
    """Tell whether some 48 dots of a row lie side by side in the bytes, at any place, in either order, inverted too."""
    if len(piece) < _WORD_BYTES:
        return False
    data = np.frombuffer(piece, np.uint8).astype(np.uint64)
    count = len(data) - _WORD_BYTES + 1
    windows = sum((data[i : i + count] << np.uint64(8 * i) for i in range(_WORD_BYTES)), np.zeros(count, np.uint64))
    return bool(np.isin(windows, _patterns(marks)).any())


def _patterns(marks: Marks) -> "np.ndarray[Any, np.dtype[np.uint64]]":
    """List 48 bits from each of the first eight dots of every row: one of them begins where a byte does."""
    bits = 8 * _WORD_BYTES
    pieces = np.stack([marks.dots[:, start : start + bits] for start in range(8)]).reshape(-1, bits)
    both = np.concatenate([pieces, ~pieces])
    weights = np.uint64(1) << (8 * np.arange(_WORD_BYTES, dtype=np.uint64))
    orders = [np.packbits(both, axis=1, bitorder=order).astype(np.uint64) for order in ("big", "little")]
    return np.concatenate([(order * weights).sum(axis=1, dtype=np.uint64) for order in orders])


def _correlates(
    samples: "np.ndarray[Any, np.dtype[np.float32]]", rows: "np.ndarray[Any, np.dtype[np.float32]]"
) -> bool:
    """Tell whether any row lies somewhere in the samples: normalised correlation, far above what chance gives."""
    length = rows.shape[1]
    if length < _LEAST_SAMPLES:
        return False
    sums = np.cumsum(np.concatenate(([0.0], samples), dtype=np.float64))
    squares = np.cumsum(np.concatenate(([0.0], samples**2), dtype=np.float64))
    mean = (sums[length:] - sums[:-length]) / length
    power = np.maximum((squares[length:] - squares[:-length]) / length - mean**2, 0)
    deviation = np.sqrt(power)
    bound = _bound(length, len(mean) * len(rows))
    size = 1 << (len(samples) + length - 1).bit_length()
    spectrum = np.fft.rfft(samples, size)
    for row in rows:
        wanted = (row - row.mean()) / (row.std() * length + 1e-9)
        dots = np.fft.irfft(spectrum * np.conj(np.fft.rfft(wanted, size)), size)[: len(mean)]
        if bool(np.any(dots > bound * deviation + 1e-3)):
            return True
    return False


def _bound(length: int, places: int) -> float:
    """Compute the correlation that chance reaches nowhere among so many places: Gaussian, with room."""
    likely = float(np.sqrt(2 * np.log(max(places, 2)))) + 1.5
    return min(0.95, max(likely, _DEVIATIONS) / float(np.sqrt(length)))
