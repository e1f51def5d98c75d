"""Films made by the tests themselves: every picture carries its own number, so that none can be mistaken."""

import os
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
import pytest

from edge.vision.camera.clip import ClipCamera
from edge.vision.camera.source import CameraError
from edge.vision.frame import Pixels

_BITS = 8
_NOBODY = 65534


class MakeFilm(Protocol):
    def __call__(self, name: str, *, fourcc: str = ..., frames: int = ..., fps: float = ...) -> Path: ...


BoxEdit = Callable[[bytes, bytes], bytes]


def _numbered(number: int, width: int, height: int) -> Pixels:
    """Draw the number in eight black or white bars over the lower half, and a red mark in the top left corner."""
    picture = np.full((height, width, 3), 90, np.uint8)
    bar = width // _BITS
    for bit in range(_BITS):
        picture[height // 2 :, bit * bar : (bit + 1) * bar] = 255 if number >> bit & 1 else 0
    picture[: height // 4, : width // 4] = (0, 0, 255)
    return picture


@pytest.fixture
def make_film(tmp_path: Path) -> MakeFilm:
    def make(name: str, *, fourcc: str = "MJPG", frames: int = 30, fps: float = 10.0) -> Path:
        path = tmp_path / name
        writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*fourcc), fps, (160, 120))
        assert writer.isOpened()
        for number in range(frames):
            writer.write(_numbered(number, 160, 120))
        writer.release()
        return path

    return make


@pytest.fixture
def number_of() -> Callable[[Pixels], int]:
    """Read the number a picture carries, whatever its size."""

    def read(pixels: Pixels) -> int:
        height, width = pixels.shape[:2]
        bar = width // _BITS
        row = pixels[height * 3 // 4]
        return sum((int(row[bit * bar + bar // 2].mean()) > 128) << bit for bit in range(_BITS))

    return read


@pytest.fixture
def edit_mp4() -> Callable[[Path, BoxEdit], None]:
    """Rewrite the boxes of an MP4 whose index stands behind its pictures, as OpenCV writes it."""
    containers = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts"}

    def rebuilt(data: bytes, edit: BoxEdit) -> bytes:
        out, at = b"", 0
        while at < len(data):
            size, kind = struct.unpack_from(">I4s", data, at)
            body = data[at + 8 : at + size]
            body = rebuilt(body, edit) if kind in containers else edit(kind, body)
            out += struct.pack(">I4s", 8 + len(body), kind) + body
            at += size
        return out

    def edited(path: Path, edit: BoxEdit) -> None:
        path.write_bytes(rebuilt(path.read_bytes(), edit))

    return edited


@pytest.fixture
def outcome() -> Callable[[ClipCamera], tuple[list[int], CameraError]]:
    """Read a camera to its end: the instants of its frames in ns, and the error it ended with."""

    def run(camera: ClipCamera) -> tuple[list[int], CameraError]:
        instants: list[int] = []
        while True:
            try:
                frame = camera.read(10.0)
            except CameraError as error:
                return instants, error
            assert frame is not None
            instants.append(frame.taken_ns)

    return run


@pytest.fixture
def as_ordinary_user() -> Callable[[], object]:
    """Give up root for a while: it may read everything."""

    @contextmanager
    def ordinary() -> Iterator[None]:
        before = os.geteuid()
        if before == 0:
            os.seteuid(_NOBODY)
        try:
            yield
        finally:
            os.seteuid(before)

    return ordinary


@pytest.fixture
def real_videos() -> Path:
    folder = Path(os.environ.get("PASSANT_DATA", "../shared/data")) / "videos"
    if not folder.is_dir():
        pytest.skip("no real footage: PASSANT_DATA names no folder with videos in it")
    return folder
