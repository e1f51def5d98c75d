"""A film as it comes out of its decoder: frame by frame, and which of them can be trusted."""

import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from edge.vision.camera.clip import ClipCamera
from edge.vision.camera.source import CameraError, FootageEndedError
from edge.vision.files.fault import FileError
from edge.vision.files.film_survey import RECORD
from edge.vision.files.servant import record_of
from edge.vision.frame import Frame

_SURVEY: Final = "edge.vision.files.film_survey"
_SURVEY_S: Final = 1800.0
_CUT: Final = "cut it there, and anonymise the parts"
_PATIENCE_S: Final = 60.0
_WAIT_S: Final = 1.0
# Every so many rows are enough to tell one picture from another.
_ROWS: Final = 16


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class Shot:
    """A frame, on loan until the next; `damaged` where it was decoded from damaged data, or rests on such a frame."""

    frame: Frame
    damaged: bool

    @property
    def print(self) -> int:
        """A number by which the frame is known again when the film is decoded once more."""
        return zlib.crc32(self.frame.pixels[::_ROWS].tobytes())


def check_one_size(path: Path) -> None:
    """Raise FileError where a film's pictures change their size; what cannot be read is told when it is decoded."""
    # Since it was found it may have become a pipe, on which the survey would wait till its patience ends.
    if not path.is_file():
        raise FileError("is no file any more", "start again once nobody moves files there")
    with os.fdopen(os.memfd_create("nothing", os.MFD_CLOEXEC)) as nothing:
        arguments = (os.fspath(path.absolute()),)
        memory = nothing.fileno()
        record = record_of(_SURVEY, arguments, RECORD.size, memory=memory, patience_s=_SURVEY_S)
    if record is None:
        raise FileError(f"could not be read through within {_SURVEY_S:.0f} s", "cut it into parts first")
    (at,) = RECORD.unpack(record or RECORD.pack(-1))
    if at >= 0:
        raise FileError(f"its pictures change their size at frame {at}", _CUT)


class Reel:
    """A film that is decoded once, from its first frame to its last. Used with `with`."""

    def __init__(self, path: Path) -> None:
        self._camera = ClipCamera(path, patience_s=_PATIENCE_S)
        self._path = path

    def __enter__(self) -> Self:
        """Open the film; raises FileError."""
        try:
            self._camera.__enter__()
        except CameraError as error:
            raise FileError(*self._parted(error)) from None
        return self

    def __exit__(self, *exc: object) -> None:
        """End the decoder."""
        self._camera.__exit__(None, None, None)

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of its pictures in px."""
        if self._camera.size is None:
            raise ValueError("not open")
        return self._camera.size

    @property
    def fps(self) -> float | None:
        """The rate its header tells, if it does."""
        return self._camera.fps

    @property
    def declared(self) -> int | None:
        """How many frames its header tells, if it does."""
        length_s, fps = self._camera.length_s, self._camera.fps
        return round(length_s * fps) if length_s and fps else None

    @property
    def broken(self) -> str | None:
        """Where it breaks off, as a sentence's end; known at its end."""
        return self._camera.broken

    @property
    def warnings(self) -> int:
        """How many lines the decoder complained in."""
        return self._camera.warnings

    def shots(self) -> Iterator[Shot]:
        """Give every frame in order; raises FileError where the decoder dies, or the pictures change their size.

        A film that ends early is over where it ends.
        """
        damaged = False
        while True:
            try:
                frame = self._camera.read(_WAIT_S)
            except FootageEndedError as end:
                if self.broken and "changes size" in self.broken:
                    raise FileError(self.broken, _CUT) from end
                return
            except CameraError as error:
                raise FileError(*self._parted(error)) from None
            if frame is not None:
                damaged = self._camera.complaints > 0 or (damaged and not self._camera.is_key)
                yield Shot(frame=frame, damaged=damaged)

    def _parted(self, error: CameraError) -> tuple[str, str]:
        """Take a camera's sentence apart: what is wrong, and what mends it."""
        text = str(error).removeprefix(f"{self._path}").lstrip(": ")
        cause, _, mend = text.partition("; ")
        return cause, mend or "copy it again from where it was recorded"
