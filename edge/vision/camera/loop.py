"""A recording that starts again at its end, with a clock that doesn't."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from types import TracebackType
from typing import Self

from edge.vision.camera.rate import NS_PER_S
from edge.vision.camera.source import Camera, CameraError, FootageEndedError
from edge.vision.frame import Frame

# Between the last picture and the first of the next lap there is a cut, not a moment.
_CUT_NS = NS_PER_S


class LoopedCamera:
    """Plays a recording over and over; media time and the frames' numbers go on from lap to lap."""

    def __init__(self, make: Callable[[], Camera]) -> None:
        self._make = make
        self._stack = ExitStack()
        self._camera: Camera | None = None
        self._offset_ns = 0
        self._last_ns = 0
        self._index = 0
        self._lap_frames = 0

    def __enter__(self) -> Self:
        """Open the recording for the first time; raises CameraError."""
        self._camera = self._stack.enter_context(self._make())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the recording."""
        self._camera = None
        self._stack.close()

    def read(self, timeout_s: float) -> Frame | None:
        """Wait for the next frame; None when none came in time, or between two laps.

        Raises CameraGoneError as the recording does, and FootageEndedError only where a lap had no frame.
        """
        if self._camera is None:
            raise CameraError("not open")
        try:
            frame = self._camera.read(timeout_s)
        except FootageEndedError:
            if self._lap_frames == 0:
                raise
            self._start_again()
            return None
        return None if frame is None else self._shifted(frame)

    def _start_again(self) -> None:
        self._stack.close()
        self._offset_ns = self._last_ns + _CUT_NS
        self._lap_frames = 0
        self._camera = self._stack.enter_context(self._make())

    def _shifted(self, frame: Frame) -> Frame:
        self._last_ns = self._offset_ns + frame.taken_ns
        shifted = replace(frame, taken_ns=self._last_ns, index=self._index)
        self._index += 1
        self._lap_frames += 1
        return shifted
