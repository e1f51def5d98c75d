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


class Recording(Camera, Protocol):
    """A source whose frames carry media time, with an end; what it says of itself is true once it is open."""

    length_s: float | None
    """How long it says it is; None where it doesn't."""
    broken: str | None
    """Where it broke off, as a sentence's end: "it ends at 12.3 s of 79.5 s"; None while it is whole."""
