"""The small protocol behind which every source of pictures stands, and what can go wrong with one."""

from types import TracebackType
from typing import Protocol, Self

from edge.vision.frame import Frame


class CameraError(Exception):
    """A source cannot give pictures; the text says what to mend and never quotes a picture."""


class CameraGoneError(CameraError):
    """A source that worked has stopped; opening it again may help."""


class FootageEndedError(CameraError):
    """A recording is over; opening it again does not help."""


class Camera(Protocol):
    """A source of frames. Opened by `with`; not for more than one thread."""

    def __enter__(self) -> Self:
        """Open the source; raises CameraError where that fails."""
        ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the source and free what it holds."""
        ...

    def read(self, timeout_s: float) -> Frame | None:
        """Wait for the next frame; None when none came in time.

        Raises CameraGoneError when a live source fails, FootageEndedError at the end of a recording.
        """
        ...
