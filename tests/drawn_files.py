"""Picture files drawn by the tests themselves: ordinary ones, and the sorts that anonymisers stumble over."""

import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.uint8] | NDArray[np.uint16] | NDArray[np.float32]
SECRET = b"48.8584N 2.2945E, taken by Jeanne"


def drawn(width: int = 96, height: int = 64, seed: int = 1) -> NDArray[np.uint8]:
    """A picture of soft blobs, no two of its corners alike; uint8 (height, width, 3)."""
    small = np.random.default_rng(seed).integers(0, 256, (4, 6, 3), np.uint8)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)


def encoded(ending: str, pixels: Samples) -> bytes:
    good, content = cv2.imencode(ending, pixels)
    assert good
    return bytes(content)


def read(path: Path) -> NDArray[np.uint8]:
    pixels = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_UNCHANGED)
    assert pixels is not None
    return np.asarray(pixels)


# -- metadata ---------------------------------------------------------------------------------------------------------


def exif(turn: int = 1, order: str = "<") -> bytes:
    """A TIFF stream that says how the picture is turned, and holds a secret in its description."""
    after = 8 + 2 + 2 * 12 + 4
    entries = struct.pack(f"{order}HHII", 270, 2, len(SECRET), after)
    entries += struct.pack(f"{order}HHIHH", 274, 3, 1, turn, 0)
    header = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}I", 8)
    return header + struct.pack(f"{order}H", 2) + entries + bytes(4) + SECRET


def segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body


def jpeg_with(pixels: Samples, *segments: bytes) -> bytes:
    """A JPEG with these segments right behind its beginning."""
    content = encoded(".jpg", pixels)
    return content[:2] + b"".join(segments) + content[2:]


def exif_segment(turn: int = 1, order: str = "<") -> bytes:
    return segment(0xE1, b"Exif\0\0" + exif(turn, order))


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png_with(pixels: Samples, *chunks: bytes) -> bytes:
    """A PNG with these chunks right behind its header."""
    content = encoded(".png", pixels)
    return content[:33] + b"".join(chunks) + content[33:]


def webp_with(pixels: Samples, flags: int, *chunks: bytes) -> bytes:
    """An extended WebP with these flags and chunks behind its picture."""
    picture = encoded(".webp", pixels)[12:]
    height, width = pixels.shape[:2]
    canvas = bytes((flags, 0, 0, 0)) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBP" + riff(b"VP8X", canvas) + picture + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def riff(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)


# -- unusual pictures -------------------------------------------------------------------------------------------------


def cmyk_jpeg(planes: tuple[NDArray[np.uint8], ...]) -> bytes:
    """A JPEG of four components, each in a scan of its own: the scans of four grey ones."""
    grey = [_jpeg_parts(encoded(".jpg", plane)) for plane in planes]
    tables, frame, _ = grey[0]
    components = b"".join(bytes((number, 0x11, 0)) for number in range(1, 5))
    scans = [segment(0xDA, bytes((1, number, 0, 0, 63, 0))) + scan for number, (_, _, scan) in enumerate(grey, 1)]
    return b"\xff\xd8" + tables + segment(0xC0, frame[:5] + b"\4" + components) + b"".join(scans) + b"\xff\xd9"


def _jpeg_parts(content: bytes) -> tuple[bytes, bytes, bytes]:
    tables, frame, at = b"", b"", 2
    while True:
        marker, (length,) = content[at + 1], struct.unpack_from(">H", content, at + 2)
        body = content[at + 4 : at + 2 + length]
        at += 2 + length
        if marker in {0xDB, 0xC4}:
            tables += segment(marker, body)
        elif marker == 0xC0:
            frame = body
        elif marker == 0xDA:
            return tables, frame, content[at:-2]


def tiff(pixels: NDArray[np.uint8], *, pages: int = 1, extra: dict[int, int] | None = None) -> bytes:
    """An uncompressed TIFF of (H, W, samples) in the file's own order, as often as asked, with extra short tags."""
    height, width, samples = pixels.shape
    content = b"II*\0"
    pointer, body = 8, b""
    for page in range(pages):
        data = pixels.tobytes()
        bits = struct.pack(f"<{samples}H", *(8,) * samples)
        tags = {256: width, 257: height, 259: 1, 262: 2, 277: samples, 278: height, 284: 1, **(extra or {})}
        number = len(tags) + 3
        after = pointer + 2 + 12 * number + 4
        longs = {273: after + len(bits), 279: len(data)}
        entries = [(tag, struct.pack("<HHIHH", tag, 3, 1, value, 0)) for tag, value in tags.items()]
        entries += [(tag, struct.pack("<HHII", tag, 4, 1, value)) for tag, value in longs.items()]
        entries.append((258, struct.pack("<HHII", 258, 3, samples, after)))
        end = after + len(bits) + len(data)
        end += end % 2
        body += struct.pack("<H", number) + b"".join(entry for _, entry in sorted(entries))
        body += struct.pack("<I", 0 if page == pages - 1 else end) + bits + data
        body += bytes(end - pointer - (after + len(bits) + len(data) - pointer))
        pointer = end
    return content + struct.pack("<I", 8) + body


def mpf(kinds: tuple[int, ...]) -> bytes:
    """The index of the pictures in a JPEG, by their type (CIPA DC-007)."""
    entries = b"".join(struct.pack("<IIIHH", kind, 1000, 0, 0, 0) for kind in kinds)
    directory = struct.pack("<HHHII", 1, 0xB002, 7, len(entries), 26) + bytes(4)
    return segment(0xE2, b"MPF\0II*\0" + struct.pack("<I", 8) + directory + entries)
