"""A source that is opened again when it goes away, with frames whose time never runs backwards."""

import logging
import random
import time
from dataclasses import replace
from types import TracebackType
from typing import Final, Self

from edge.config.site import CameraSite, SourceKind
from edge.contract.report import CameraState
from edge.vision.camera import open_camera
from edge.vision.camera.source import Camera, CameraError, FootageEndedError
from edge.vision.camera.watch import PictureWatch
from edge.vision.frame import Frame

_log = logging.getLogger(__name__)

_SHORTEST_PAUSE_S: Final = 1.0
_LONGEST_PAUSE_S: Final = 30.0


class SteadyCamera:
    """The source of a site, opened at the first `read` and again, with back-off, whenever it fails.

    A recording is different: one that cannot be opened is a mistake to mend, and one that breaks off is over.
    """

    def __init__(self, site: CameraSite) -> None:
        self.dropped = 0
        """How many frames the source made that were never read."""
        self._site = site
        self._watch = PictureWatch(site.kind)
        self._camera: Camera | None = None
        self._pause_s = _SHORTEST_PAUSE_S
        self._next_try_s = 0.0
        self._last: tuple[int, int] | None = None
        self._left_ns: int | None = None
        self._shift_ns = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the source, if it is open."""
        self._close()

    @property
    def state(self) -> CameraState:
        """What the source's pictures are worth now."""
        return self._watch.state

    def read(self, timeout_s: float) -> Frame | None:
        """Wait for the next frame; None when none came in time, or while the source is away.

        Raises FootageEndedError at the end of a recording, CameraError where a recording cannot be opened.
        """
        camera = self._camera or self._open(timeout_s)
        if camera is None:
            return None
        try:
            frame = camera.read(timeout_s)
        except FootageEndedError:
            self._watch.end()
            raise
        except CameraError as error:
            self._lose(error)
            return None
        if frame is None:
            self._watch.miss(time.monotonic_ns())
            return None
        frame = self._follow(frame)
        self._watch.see(frame)
        return frame

    def _open(self, timeout_s: float) -> Camera | None:
        wait_s = self._next_try_s - time.monotonic()
        if wait_s > 0:
            time.sleep(min(wait_s, timeout_s))
            return None
        camera = open_camera(self._site)
        try:
            self._camera = camera.__enter__()
        except CameraError as error:
            if self._site.replay and self._last is None:
                raise
            self._lose(error)
        return self._camera

    def _lose(self, error: CameraError) -> None:
        self._close()
        if self._site.kind is SourceKind.CLIP:
            self._watch.end()
            raise FootageEndedError(str(error)) from error
        if self._watch.state is not CameraState.ABSENT:
            _log.warning("the camera is away: %s", error)
        self._watch.lose()
        self._left_ns = self._left_ns or time.monotonic_ns()
        self._next_try_s = time.monotonic() + self._pause_s * random.uniform(0.5, 1.0)  # noqa: S311  spreads load only
        self._pause_s = min(2 * self._pause_s, _LONGEST_PAUSE_S)

    def _follow(self, frame: Frame) -> Frame:
        """Count what was dropped, and let the time of a drawn street that begins anew go on."""
        if self._left_ns is not None:
            self._come_back(frame)
        if self._last is not None:
            self.dropped += max(0, frame.index - self._last[0] - 1)
        taken_ns = frame.taken_ns + self._shift_ns
        self._last = (frame.index, taken_ns)
        return replace(frame, taken_ns=taken_ns) if self._shift_ns else frame

    def _come_back(self, frame: Frame) -> None:
        if self._last is not None and self._site.replay:
            away_s = (time.monotonic_ns() - (self._left_ns or 0)) * self._site.pace
            self._shift_ns = self._last[1] + round(away_s) - frame.taken_ns
        _log.info("the camera is back")
        self._last = None
        self._left_ns = None
        self._pause_s = _SHORTEST_PAUSE_S

    def _close(self) -> None:
        camera, self._camera = self._camera, None
        if camera is not None:
            camera.__exit__(None, None, None)
