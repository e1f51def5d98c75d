"""The loop of vision: a frame, its time, the pipeline; windows go to the courier when they are over."""

import logging
import time
from collections.abc import Callable
from typing import Final, Protocol

from edge.clock import Clock, ReplayClock
from edge.contract.report import CameraState
from edge.vision.aggregate.tally import Tally
from edge.vision.camera.source import FootageEndedError
from edge.vision.camera.steady import SteadyCamera
from edge.vision.frame import Frame
from edge.vision.judge.alarm import Alarm
from edge.vision.lens import Lens
from edge.vision.pipeline import Crew, Pipeline, Seen
from edge.vision.pulse import Pulse

_log = logging.getLogger(__name__)

# How long a stop, or the end of a window without frames, waits at most.
_TICK_S: Final = 0.2
# Whoever aims or focuses the camera has it in one of these, and wants to see.
_BEING_AIMED: Final = frozenset({CameraState.MOVED, CameraState.BLURRED})
# Only until the first frame tells: a window without frames has no geometry.
_ASSUMED_SIZE: Final = (640, 360)


class Outlet(Protocol):
    """Where windows go."""

    def over(self, tally: Tally) -> None:
        """Take a window that is over."""
        ...

    def cut(self, tally: Tally) -> None:
        """Take a window of which something was seen, and that goes on without us."""
        ...

    def alarm(self, alarm: Alarm) -> None:
        """Take news of an alarm; it is told at once."""
        ...


class Lookout:
    """Looks at one site until it is told to stop or the recording ends."""

    def __init__(self, lens: Lens, crew: Crew, clock: Clock, outlet: Outlet, pulse: Pulse) -> None:
        self._lens = lens
        self._camera = lens.site.camera
        self._crew = crew
        self._clock = clock
        self._outlet = outlet
        self._pulse = pulse
        # Of the pictures as they are taken, and as they come through the lens.
        self._taken_size = self._size = lens.site.camera.size or _ASSUMED_SIZE
        self._pipeline: Pipeline | None = None
        self._is_unset = False

    def run(self, stop: Callable[[], bool]) -> None:
        """Look until `stop` answers yes; the window in progress is handed over with what was seen of it.

        Raises CameraError where a recording cannot be opened, SiteError where a line or zone lies outside the pictures.
        """
        with SteadyCamera(self._camera) as camera:
            try:
                while not stop():
                    self._step(camera, camera.read(_TICK_S), stop)
            except FootageEndedError as end:
                _log.info("%s", end)
                self._pulse.camera = camera.state
        self._cut()

    def _step(self, camera: SteadyCamera, frame: Frame | None, stop: Callable[[], bool]) -> None:
        self._pulse.camera, self._pulse.dropped = camera.state, camera.dropped
        if self._clock.stepped():
            _log.warning("the clock was set: the window in progress ends here, and windows follow the new time")
            self._cut()
        if frame is not None:
            self._pulse.taken += 1
            self._wait_until_due(frame, stop)
        now_ns = self._clock.now_ns() if frame is None else self._clock.at_ns(frame.taken_ns)
        self._say_clock(is_unset=now_ns is None)
        if now_ns is None:
            return
        self._close_due(now_ns)
        # A frozen or black picture shows nobody, which is not the same as that nobody is there.
        if frame is not None and camera.state is CameraState.STREAMING:
            self._see(frame, now_ns)
        elif camera.state is not CameraState.STREAMING:
            self._lose(camera.state, now_ns)
            if frame is not None and camera.state in _BEING_AIMED:
                self._show(frame)

    def _wait_until_due(self, frame: Frame, stop: Callable[[], bool]) -> None:
        if isinstance(self._clock, ReplayClock):
            while (early_s := self._clock.early_s(frame.taken_ns)) > 0 and not stop():
                time.sleep(min(early_s, _TICK_S))

    def _say_clock(self, *, is_unset: bool) -> None:
        if is_unset != self._is_unset:
            self._is_unset = is_unset
            _log.warning("the clock is not set: no window starts until it is" if is_unset else "the clock is set")

    def _close_due(self, now_ns: int) -> None:
        if self._pipeline is None:
            self._pipeline = Pipeline(self._lens.site, self._crew, self._size)
            self._pipeline.start(now_ns)
        for tally in self._pipeline.close_due(now_ns):
            self._outlet.over(tally)

    def _see(self, frame: Frame, now_ns: int) -> None:
        if frame.size != self._taken_size:
            self._cut()
            self._taken_size = frame.size
        frame = self._lens.through(frame)
        if frame.size != self._size:
            self._cut()
            self._size = frame.size
        self._close_due(now_ns)
        if self._pipeline is not None:
            seen = self._pipeline.see(frame, now_ns)
            self._pulse.frames += 1
            self._tell(seen)

    def _show(self, frame: Frame) -> None:
        if self._pipeline is not None and frame.size == self._taken_size:
            self._pipeline.show(self._lens.through(frame))

    def _lose(self, state: CameraState, now_ns: int) -> None:
        for alarm in self._pipeline.lose(state, now_ns) if self._pipeline is not None else ():
            self._outlet.alarm(alarm)

    def _tell(self, seen: Seen) -> None:
        for tally in seen.closed:
            self._outlet.over(tally)
        for alarm in seen.alarms:
            self._outlet.alarm(alarm)

    def _cut(self) -> None:
        pipeline, self._pipeline = self._pipeline, None
        for tally in pipeline.close_now() if pipeline is not None else ():
            if tally.observed_ns:
                self._outlet.cut(tally)
