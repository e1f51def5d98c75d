"""The process that decodes one picture and may die of it: `python -m edge.vision.files.picture_decoder`.

Whatever a file holds, what comes back is one record of numbers and, in memory that is shared, 8-bit BGR pixels
the way up they are shown. Everything it may do it inherits: no network, no file written. It ends with its parent.
"""

import mmap
import os
import resource
import signal
import struct
import sys
from pathlib import Path
from typing import Final, Never, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.confine import memory, process
from edge.vision.files.facts import NONE, Conversion, Facts, Refusal, RefusedError, facts_of
from edge.vision.files.kind import FORMATS, JPEG, Format
from edge.vision.frame import Pixels

RECORD: Final = struct.Struct("<4q")
"""A refusal (0: none), the width and height in px, and the conversions."""
MOST_PIXELS: Final = 120_000_000
"""Of a picture; the largest sensors of telephones have 108 million, and stitched ones are cut first."""
MOST_FILE_BYTES: Final = 1 << 30

# 16-bit samples with alpha, as decoded, and what they are made into: 15 bytes for each pixel, and the file.
_MOST_MEMORY: Final = 3 << 30
_CHANNELS: Final = 3
_GREY, _GREY_ALPHA, _ALPHA = 1, 2, 4
# libjpeg says so and goes on with grey or with garbage.
_DAMAGE: Final = (b"Corrupt JPEG", b"Premature end", b"Invalid SOS", b"Inconsistent progression")
# What browsers show under a picture that one can see through.
_PAPER: Final = 255


def decode(content: bytes, kind: Format) -> tuple[Pixels, Conversion]:
    """Decode to uint8 (H, W, 3) BGR, turned and flattened; raises RefusedError."""
    facts = facts_of(content, kind)
    if facts.size is not None and not 0 < facts.size[0] * facts.size[1] <= MOST_PIXELS:
        raise RefusedError(Refusal.TOO_LARGE if facts.size[0] * facts.size[1] else Refusal.DAMAGED)
    samples = _samples(content, kind)
    if facts.size is not None and sorted(samples.shape[:2]) != sorted(facts.size):
        raise RefusedError(Refusal.DAMAGED)
    return _shown(samples, facts)


def _samples(content: bytes, kind: Format) -> NDArray[np.generic]:
    noise = os.memfd_create("noise")
    before = os.dup(2)
    os.dup2(noise, 2)
    try:
        # From memory: what is cut off is then an error, and not a half grey picture.
        samples = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error as error:
        short = error.code == cv2.Error.StsNoMem
        raise RefusedError(Refusal.TOO_LARGE if short else Refusal.DAMAGED) from None
    finally:
        os.dup2(before, 2)
        told = os.pread(noise, 1 << 16, 0)
        os.close(before)
        os.close(noise)
    if samples is None or samples.size == 0 or (kind is JPEG and any(words in told for words in _DAMAGE)):
        raise RefusedError(Refusal.DAMAGED)
    return cast("NDArray[np.generic]", samples)


def _shown(samples: NDArray[np.generic], facts: Facts) -> tuple[Pixels, Conversion]:
    eight, conversions = _eight_bits(samples)
    coloured, more = _coloured(eight)
    return _turned(coloured, facts.turn), conversions | more | facts.conversions | _turning(facts.turn)


def _eight_bits(samples: NDArray[np.generic]) -> tuple[Pixels, Conversion]:
    if samples.dtype == np.uint8:
        return cast("Pixels", samples), NONE
    if samples.dtype != np.uint16:
        raise RefusedError(Refusal.UNUSUAL_SAMPLES)
    deep = cast("NDArray[np.uint16]", samples)
    return np.asarray(cv2.convertScaleAbs(deep, alpha=255 / 65535), np.uint8).reshape(deep.shape), Conversion.EIGHT_BITS


def _coloured(samples: Pixels) -> tuple[Pixels, Conversion]:
    channels = 1 if samples.ndim == 2 else samples.shape[2]  # noqa: PLR2004  rows and columns
    if channels == _CHANNELS:
        return samples, NONE
    if channels == _GREY:
        return _grey(samples), Conversion.COLOURED
    if channels == _GREY_ALPHA:
        flat = _flattened(_grey(samples[..., 0]), samples[..., 1])
        return flat, Conversion.COLOURED | Conversion.FLATTENED
    if channels != _ALPHA:
        raise RefusedError(Refusal.UNUSUAL_SAMPLES)
    if samples[..., 3].min() == _PAPER:
        return np.ascontiguousarray(samples[..., :3]), NONE
    return _flattened(samples[..., :3], samples[..., 3]), Conversion.FLATTENED


def _grey(samples: Pixels) -> Pixels:
    return np.asarray(cv2.cvtColor(np.ascontiguousarray(samples), cv2.COLOR_GRAY2BGR), np.uint8)


def _flattened(colours: Pixels, alpha: Pixels) -> Pixels:
    """Lay colours on white paper: what alpha hides is gone, not only unseen. In strips, so that it stays small."""
    flat = np.empty(colours.shape, np.uint8)
    for row in range(0, len(flat), 64):
        share = alpha[row : row + 64, :, None].astype(np.uint16)
        mixed = colours[row : row + 64] * share + _PAPER * (_PAPER - share)
        flat[row : row + 64] = (mixed + _PAPER // 2) // _PAPER
    return flat


def _turning(turn: int) -> Conversion:
    return Conversion.TURNED if turn > 1 else NONE


def _turned(pixels: Pixels, turn: int) -> Pixels:
    """Turn and mirror as EXIF's orientation asks; 5 to 8 swap width and height."""
    upright = pixels.transpose(1, 0, 2) if turn > 4 else pixels  # noqa: PLR2004
    # Of the rows and columns as they are then: which run backwards.
    rows = -1 if turn in {3, 4, 7, 8} else 1
    columns = -1 if turn in {2, 3, 6, 7} else 1
    return np.ascontiguousarray(upright[::rows, ::columns])


def confine() -> None:
    """End with the parent and by no signal of a terminal, leave no core, take no more memory than a file needs."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    process.harden()
    # Its parent says so where that is not possible.
    memory.stays_off_the_disk()
    process.end_with_parent()
    resource.setrlimit(resource.RLIMIT_DATA, (_MOST_MEMORY, _MOST_MEMORY))


def _work(path: Path, kind: Format, memory: int) -> bytes:
    try:
        pixels, conversions = decode(_content(path), kind)
    except RefusedError as refused:
        return RECORD.pack(refused.why, 0, 0, 0)
    except MemoryError:
        return RECORD.pack(Refusal.TOO_LARGE, 0, 0, 0)
    os.ftruncate(memory, pixels.nbytes)
    np.frombuffer(mmap.mmap(memory, 0), np.uint8)[:] = pixels.reshape(-1)
    return RECORD.pack(0, pixels.shape[1], pixels.shape[0], conversions)


def _content(path: Path) -> bytes:
    with path.open("rb") as file:
        content = file.read(MOST_FILE_BYTES + 1)
    if len(content) > MOST_FILE_BYTES:
        raise RefusedError(Refusal.TOO_LARGE)
    return content


def main(arguments: list[str]) -> Never:
    """Decode `PATH` of `FORMAT` into the memory file, and tell: `PATH FORMAT MEMORY TELL`."""
    path, kind, memory, tell = Path(arguments[0]), FORMATS[arguments[1]], int(arguments[2]), int(arguments[3])
    confine()
    cv2.setNumThreads(1)
    os.write(tell, _work(path, kind, memory))
    sys.exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
