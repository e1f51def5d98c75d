"""The pipeline over a whole recording, as fast as it goes: exact counts for the one whose recording it is."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, cast

from edge.config.site import CameraSite, Site
from edge.contract.report import CameraState
from edge.units import NS_PER_S, seconds_from_ns
from edge.vision.aggregate.tally import Tally
from edge.vision.aggregate.window import LONGEST_GAP_NS
from edge.vision.bench import judge_of
from edge.vision.camera import open_camera
from edge.vision.camera.source import CameraError, CameraGoneError, FootageEndedError, Recording
from edge.vision.camera.watch import PictureWatch
from edge.vision.crowd.eyes import crowd_eyes_for
from edge.vision.detect.detector import Detector
from edge.vision.frame import Frame
from edge.vision.judge.alarm import Alarm
from edge.vision.lens import Lens
from edge.vision.pipeline import Crew, Pipeline

# The decoder itself says when it is stuck; this only lets the progress be told meanwhile.
PATIENCE_S: Final = 1.0

# A recording is looked into for so long, at so many frames a second, to learn the place before anything is counted:
# short ones are over before a background could be learnt from what has already passed.
PREVIEW_S: Final = 8.0
PREVIEW_FPS: Final = 5.0
_ONE_WINDOW_NS: Final = 10**11 * NS_PER_S

Progress = Callable[[float, float | None], None]
"""Told after each frame: seconds done, and seconds in all where the recording says it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Analysis:
    """What a recording holds.

    `tally` spans the recording; `alarms` is all that was said about alarms, in its order, in Unix time as if the
    recording had begun at `start_ns`; `frames` were processed; `length_s` is the recording's time, `broken` where it
    broke off, if it did.
    """

    tally: Tally
    alarms: tuple[Alarm, ...]
    start_ns: int
    frames: int
    length_s: float
    broken: str | None


def analyse(
    site: Site, camera: CameraSite, detector: Detector, progress: Progress, start_ns: int | None = None
) -> Analysis:
    """Run the pipeline over a recording, as if it had begun at the Unix time `start_ns`.

    By default it begins with the time for which the site's legal basis holds, so that alarms may be raised.

    Raises CameraError where not one frame can be read, SiteError where a line or zone lies outside the pictures. A
    recording that breaks off later is counted as far as it goes, and says so.
    """
    camera = replace(camera, loop=False)
    with open_camera(camera) as opened:
        recording = cast("Recording", opened)  # a clip or a scene: both are recordings
        start = site.legal.start_s * NS_PER_S if start_ns is None else start_ns
        run = _Run(site=site, detector=detector, camera=camera, start_ns=start)
        try:
            while True:
                frame = recording.read(PATIENCE_S)
                if frame is not None:
                    run.see(frame)
                    progress(seconds_from_ns(frame.taken_ns), recording.length_s)
        except (FootageEndedError, CameraGoneError) as end:
            return run.finish(recording, end)


def preview(camera: CameraSite, pipeline: Pipeline, lens: Lens | None = None) -> None:
    """Show a pipeline the beginning of a recording, so that it knows the place from the first frame on.

    What can't be read here is left for the run itself to say.
    """
    fps = min(PREVIEW_FPS, camera.fps or PREVIEW_FPS)
    try:
        with open_camera(replace(camera, fps=fps, loop=False)) as recording:
            while True:
                frame = recording.read(PATIENCE_S)
                if frame is not None:
                    if seconds_from_ns(frame.taken_ns) > PREVIEW_S:
                        return
                    pipeline.learn(frame if lens is None else lens.through(frame))
    except CameraError:
        return


class _Run:
    def __init__(self, *, site: Site, detector: Detector, camera: CameraSite, start_ns: int) -> None:
        self._lens = Lens(site)
        self._camera = camera
        self._crew = Crew(eye=detector, bench=judge_of, crowds=crowd_eyes_for(site))
        self._start_ns = start_ns
        self._alarms: list[Alarm] = []
        self._pipeline: Pipeline | None = None
        self._watch = PictureWatch(camera.kind)
        self._frames = 0
        self._last_ns = 0
        self._before_ns = 0

    def see(self, frame: Frame) -> None:
        frame = self._lens.through(frame)
        if self._pipeline is None:
            # One window, from 1970 to long after any recording.
            self._pipeline = Pipeline(self._lens.site, self._crew, frame.size, window_ns=_ONE_WINDOW_NS)
            preview(self._camera, self._pipeline, self._lens)
        self._before_ns, self._last_ns = self._last_ns, frame.taken_ns
        self._frames += 1
        # A black picture shows nobody, which is not the same as that nobody is there.
        at_ns = self._start_ns + frame.taken_ns
        state = self._watch.see(frame)
        if state is CameraState.STREAMING:
            self._alarms += self._pipeline.see(frame, at_ns).alarms
        else:
            self._alarms += self._pipeline.lose(state, at_ns)

    def finish(self, recording: Recording, end: CameraError) -> Analysis:
        if self._pipeline is None:
            raise CameraError(str(end)) from end
        (tally,) = self._pipeline.close_now()
        # The last frame is shown for as long as the one before it.
        last_shown_ns = min(self._last_ns - self._before_ns, LONGEST_GAP_NS) if self._frames > 1 else 0
        seen_ns = self._last_ns + last_shown_ns
        length_ns = max(seen_ns, round((recording.length_s or 0.0) * NS_PER_S)) if recording.broken else seen_ns
        observed_ns = min(length_ns, tally.observed_ns + last_shown_ns)
        return Analysis(
            tally=replace(tally, length_ns=length_ns, observed_ns=observed_ns),
            alarms=tuple(self._alarms),
            start_ns=self._start_ns,
            frames=self._frames,
            length_s=seconds_from_ns(length_ns),
            broken=recording.broken,
        )
