"""Writes masked frames to a film, in a thread of its own: encoding goes on while the next frame is masked."""

import contextlib
import errno
import os
import queue
import threading
from pathlib import Path
from typing import Final, Self

import cv2

from edge.vision.files.fault import FileError
from edge.vision.files.kind import AVI, MKV, MOV, MP4, THREEGP, WEBM, Format
from edge.vision.files.reel import Reel
from edge.vision.frame import Pixels

# MPEG-4 part 2 is what OpenCV's own encoder can write without a licence, and what common players open.
_CODECS: Final = {AVI: "XVID", MP4: "mp4v", MOV: "mp4v", THREEGP: "mp4v", MKV: "mp4v", WEBM: "VP80"}
_AHEAD: Final = 4
_LEAST_FREE_BYTES: Final = 1 << 16


def check_size(size: tuple[int, int]) -> None:
    """Raise FileError where no film can be written of pictures of `size` (width, height): a row would be lost."""
    if size[0] % 2 or size[1] % 2:
        even = f"{size[0] // 2 * 2}x{size[1] // 2 * 2}"
        raise FileError(f"has pictures of {size[0]}x{size[1]}; films need even sides", f"scale it to {even} first")


class FilmWriter:
    """A film that is being written to a new file. Used with `with`; `finish` says whether it is whole.

    `size` is (width, height) px, both even.
    """

    def __init__(self, path: Path, kind: Format, *, fps: float, size: tuple[int, int]) -> None:
        self._path = path
        self._size = size
        self._number = 0
        codec = cv2.VideoWriter.fourcc(*_CODECS[kind])
        self._writer = cv2.VideoWriter(os.fspath(path), cv2.CAP_FFMPEG, codec, fps, size)
        if not self._writer.isOpened():
            rate = f"{kind.name} at {fps:.3f} frames a second"
            raise FileError(*(_full_disk(path) or (f"cannot be written as {rate}", "name an output that ends in .avi")))
        self._queue: queue.Queue[Pixels | None] = queue.Queue(_AHEAD)
        self._thread = threading.Thread(target=self._write, name="encoder", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        """End the encoder; what it wrote is whole only where `finish` was called."""
        self._end()

    def write(self, pixels: Pixels) -> None:
        """Hand over the next frame, uint8 (H, W, 3), which must not change any more."""
        if (pixels.shape[1], pixels.shape[0]) != self._size:
            raise ValueError("a frame of another size")
        self._queue.put(pixels)
        self._number += 1

    def finish(self) -> int:
        """End the film, bring it to the disk and read it back; gives its frames' number.

               Raises FileError where it is not what was written.
        The encoder says nothing of a full disk.
        """
        self._end()
        try:
            with self._path.open("rb") as file:
                os.fsync(file.fileno())
        except OSError as error:
            raise FileError(*_unwritten(error, self._path)) from None
        found = self._count()
        if found != self._number:
            cause = f"{found} of the {self._number} frames written can be read back"
            raise FileError(*(_full_disk(self._path) or (cause, "try another ending, as .avi")))
        return found

    def _write(self) -> None:
        while (pixels := self._queue.get()) is not None:
            # What is not encoded is missing when the film is read back; a queue that nobody empties would stop all.
            with contextlib.suppress(cv2.error):
                self._writer.write(pixels)
        self._writer.release()

    def _end(self) -> None:
        if self._thread.is_alive():
            self._queue.put(None)
            self._thread.join()

    def _count(self) -> int:
        try:
            with Reel(self._path) as reel:
                if reel.size != self._size:
                    return 0
                return sum(not shot.damaged for shot in reel.shots())
        except FileError:
            return 0


def write_whole(path: Path, content: bytes) -> None:
    """Write a new file and bring it to the disk; raises FileError."""
    try:
        with path.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise FileError(*_unwritten(error, path)) from None


def _unwritten(error: OSError, path: Path) -> tuple[str, str]:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        # Two folders above are the stage's own.
        return "the disk is full", f"free some space (df -h {path.parents[2]})"
    return f"cannot be written ({error.strerror})", "check the output's disk"


def _full_disk(path: Path) -> tuple[str, str] | None:
    """Tell whether it is the disk that has no room."""
    free = os.statvfs(path.parent)
    if free.f_bavail * free.f_frsize >= _LEAST_FREE_BYTES:
        return None
    return _unwritten(OSError(errno.ENOSPC, ""), path)
