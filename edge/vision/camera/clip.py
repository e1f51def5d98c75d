"""Recordings: `clip:FILE`, decoded in a process of its own that may die."""

import os
import stat
from pathlib import Path
from types import TracebackType
from typing import Never, Self

from edge.vision.camera.child import DecoderDiedError, DecoderProcess
from edge.vision.camera.rate import NS_PER_S, period_ns
from edge.vision.camera.shape import fitted
from edge.vision.camera.source import CameraError, CameraGoneError, FootageEndedError
from edge.vision.camera.tokens import Ended, Ending, Opened, Pictured, Token
from edge.vision.frame import Frame, Pixels

_PATIENCE_S = 60.0
# Containers round, and sound may be longer than pictures: less than this missing at the end is nothing.
_LEAST_MISSING_S = 0.5
_LEAST_MISSING_SHARE = 0.02


class ClipCamera:
    """A recording, as fast as it is asked for. Frames carry media time and are on loan until the next `read`.

    `size` is (width, height) in px to scale to, `fps` the most frames a second of media time. `patience_s` is how
    long a decoder may say nothing while it is asked, before it counts as stuck.
    """

    def __init__(
        self,
        path: Path,
        *,
        size: tuple[int, int] | None = None,
        fps: float | None = None,
        patience_s: float = _PATIENCE_S,
    ) -> None:
        self._path = path
        self._wanted = size
        self._limit = fps
        self._patience_s = patience_s
        self._decoder: DecoderProcess | None = None
        self._slots: list[Pixels] = []
        self._lent: int | None = None
        self._index = 0
        self._silence_s = 0.0
        self._last_ns = 0
        self._final: CameraError | None = None
        self.size: tuple[int, int] | None = None
        """(width, height) of the frames in px, once opened."""
        self.fps: float | None = None
        """The recording's own frames a second as its header says, once opened; None where it doesn't."""
        self.length_s: float | None = None
        """How long the recording says it is, once opened; None where it doesn't."""
        self.broken: str | None = None
        """Where the recording breaks off, as a sentence's end; None while it is whole."""
        self.warnings = 0
        """How many lines the decoder library complained in; damaged pictures are among its reasons."""
        self.complaints = 0
        """How many of these lines are about the frame last read, or about what could not be read before it."""
        self.is_key = False
        """Whether the frame last read was decoded without any other."""

    def __enter__(self) -> Self:
        """Start the decoder and wait until the first picture is decoded; raises CameraError."""
        _check_file(self._path)
        self._decoder = DecoderProcess(self._path)
        try:
            self._open(self._decoder)
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the decoder."""
        self._end()

    @property
    def decoder_pid(self) -> int | None:
        """The id of the decoder process; None while there is none."""
        return None if self._decoder is None else self._decoder.pid

    def read(self, timeout_s: float) -> Frame | None:
        """Wait for the next frame; None when none came in time.

        Raises FootageEndedError at the end, whole or early (`broken` says which), CameraGoneError where the decoder
        died or is stuck; both again at every later call.
        """
        if self._final is not None:
            raise self._final
        if self._decoder is None:
            raise CameraError(f"{self._path}: not open")
        self._give_back(self._decoder)
        waits_s = min(timeout_s, self._patience_s - self._silence_s)
        try:
            token = self._decoder.listen(waits_s)
        except DecoderDiedError as died:
            self._break_off(CameraGoneError, f"{died}, at {_seconds(self._last_ns)}")
        self.warnings = self._decoder.warnings
        if token is None:
            self._note_silence(waits_s)
            return None
        return self._frame(token)

    def _open(self, decoder: DecoderProcess) -> None:
        try:
            token = decoder.listen(self._patience_s)
        except DecoderDiedError as died:
            raise CameraError(f"{self._path}: {died} while opening it; the file is damaged, copy it again") from died
        if token is None:
            raise CameraError(f"{self._path}: nothing could be decoded within {self._patience_s:.0f} s")
        if not isinstance(token, Opened):
            raise CameraError(f"{self._path}: {_unopened(token)}")
        self.fps = token.fps_milli / 1000 or None
        self.length_s = token.length_ns / NS_PER_S or None
        self.size = fitted(os.fspath(self._path), (token.width, token.height), self._wanted)
        self._slots = decoder.start(self.size, period_ns(self._limit))

    def _frame(self, token: Token) -> Frame:
        if not isinstance(token, Pictured):
            self._over(token)
        self._silence_s = 0.0
        self._lent = token.slot
        self._last_ns = token.taken_ns
        self.complaints, self.is_key = token.complaints, bool(token.is_key)
        frame = Frame(pixels=self._slots[token.slot], taken_ns=token.taken_ns, index=self._index)
        self._index += 1
        return frame

    def _give_back(self, decoder: DecoderProcess) -> None:
        if self._lent is not None:
            decoder.give_back(self._lent)
            self._lent = None

    def _note_silence(self, waited_s: float) -> None:
        self._silence_s += waited_s
        if self._silence_s >= self._patience_s:
            at = _seconds(self._last_ns)
            self._break_off(CameraGoneError, f"its decoder has been stuck for {self._silence_s:.1f} s, at {at}")

    def _over(self, token: Token) -> Never:
        if not isinstance(token, Ended):
            raise TypeError(f"a decoder doesn't say {type(token).__name__} now")
        if token.why == Ending.SIZE_CHANGED:
            self._break_off(FootageEndedError, f"its picture changes size at {_seconds(token.at_ns)}")
        self._last_ns = max(self._last_ns, token.at_ns)
        if self._is_early():
            self._break_off(FootageEndedError, f"it ends at {_seconds(self._last_ns)} of {self.length_s:.1f} s")
        self._finish(FootageEndedError(f"{self._path} is over after {_seconds(self._last_ns)}"))

    def _is_early(self) -> bool:
        if self.length_s is None:
            return False
        missing_s = self.length_s - self._last_ns / NS_PER_S
        return missing_s > max(_LEAST_MISSING_S, _LEAST_MISSING_SHARE * self.length_s)

    def _break_off(self, kind: type[CameraError], where: str) -> Never:
        self.broken = where
        self._finish(kind(f"{self._path} breaks off: {where}; copy it again from where it was recorded"))

    def _finish(self, error: CameraError) -> Never:
        self._final = error
        self._end()
        raise error

    def _end(self) -> None:
        # The pictures stay mapped for as long as somebody holds one.
        self._slots = []
        if self._decoder is not None:
            self._decoder.end()
            self.warnings = self._decoder.warnings
            self._decoder = None


def _seconds(instant_ns: int) -> str:
    return f"{instant_ns / NS_PER_S:.1f} s"


def _unopened(token: Token) -> str:
    if isinstance(token, Ended) and token.why == Ending.NO_PICTURE:
        return "there is no picture in it that can be decoded; record it again"
    return "not a video, or a damaged one; AVI, MP4, MKV and WebM files can be read"


def _check_file(path: Path) -> None:
    """Say what is wrong with the file before a decoder is asked, whose words are its own."""
    mend = "camera.source must name a recording, as in clip:street.mp4"
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise CameraError(f"{path}: {'a folder' if stat.S_ISDIR(found.st_mode) else 'not a file'}; {mend}")
        with path.open("rb"):
            pass
    except FileNotFoundError:
        raise CameraError(f"{path}: there is no such file; {mend}") from None
    except PermissionError:
        raise CameraError(f"{path}: may not be read; let the user who runs this read it (chmod, chown)") from None
    except OSError as error:
        raise CameraError(f"{path}: cannot be read ({error.strerror}); {mend}") from error
    if found.st_size == 0:
        raise CameraError(f"{path}: the file is empty; copy it again from where it was recorded")
