"""Film files drawn by the tests themselves, sound and damaged: each frame carries its own number."""

import struct
from collections.abc import Iterable, Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.drawn_files import drawn, encoded

SIZE = (160, 120)
STILL = drawn(*SIZE, seed=9)
_BITS = 8


def numbered(number: int) -> NDArray[np.uint8]:
    """Draw a number as eight bars along the lower edge of the still."""
    pixels = STILL.copy()
    for bit in range(_BITS):
        pixels[100:, bit * 20 : bit * 20 + 20] = 235 if number >> bit & 1 else 20
    return pixels


def number_of(pixels: NDArray[np.uint8]) -> int:
    bars = pixels[110].reshape(_BITS, 20, 3).mean(axis=(1, 2))
    return sum(int(bar > 128) << bit for bit, bar in enumerate(bars))


def write_film(
    path: Path, *, frames: int = 30, codec: str = "MJPG", fps: float = 10.0, size: tuple[int, int] = SIZE
) -> Path:
    writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*codec), fps, size)
    assert writer.isOpened()
    for number in range(frames):
        writer.write(cv2.resize(numbered(number), size))
    writer.release()
    return path


def read_film(path: Path) -> tuple[float, list[NDArray[np.uint8]]]:
    capture = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
    frames = []
    while True:
        good, pixels = capture.read()
        if not good:
            return capture.get(cv2.CAP_PROP_FPS), frames
        frames.append(np.asarray(pixels, np.uint8))


def packets(content: bytes) -> Iterator[tuple[int, int]]:
    """Find the pictures in an AVI: where each begins and how long it is."""
    at = content.index(b"movi") + 4
    while bytes(content[at : at + 4]) in {b"00dc", b"JUNK", b"00db"}:
        name, length = struct.unpack_from("<4sI", content, at)
        if name != b"JUNK":
            yield at + 8, length
        at += 8 + length + length % 2


def damage(path: Path, numbers: Iterable[int], *, share: float = 0.0) -> None:
    """Overwrite pictures of an AVI with zeros, from this share of each on."""
    content = bytearray(path.read_bytes())
    places = list(packets(content))
    for number in numbers:
        start, length = places[number]
        cut = start + int(length * share)
        content[cut : start + length] = bytes(start + length - cut)
    path.write_bytes(content)


def change_size(path: Path, first: int) -> None:
    """Put smaller pictures into an AVI of JPEGs, from this number on."""
    content = bytearray(path.read_bytes())
    small = encoded(".jpg", np.zeros((40, 60, 3), np.uint8))
    for start, length in list(packets(content))[first:]:
        assert len(small) <= length
        content[start : start + length] = small.ljust(length, b"\0")
    path.write_bytes(content)


def with_words(path: Path, words: bytes) -> None:
    """Add a list of metadata to the end of an AVI."""
    content = path.read_bytes()
    words += bytes(len(words) % 2)
    added = b"LIST" + struct.pack("<I", 12 + len(words)) + b"INFOICMT" + struct.pack("<I", len(words)) + words
    size = struct.pack("<I", len(content) + len(added) - 8)
    path.write_bytes(content[:4] + size + content[8:] + added)
