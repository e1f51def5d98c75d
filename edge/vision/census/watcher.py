"""Watches one zone with the stages of the pipeline, and answers with the features of the moment that is asked for."""

import os
import select
import time
from typing import BinaryIO, Final

from edge.config import SiteError
from edge.config.site import Site, Zone
from edge.contract.report import CameraState
from edge.units import NS_PER_S, seconds_from_ns
from edge.vision.camera.source import CameraError
from edge.vision.camera.steady import SteadyCamera
from edge.vision.census.words import Ask, Moment, Ready, Unable, Unready, Word, pack, unpack
from edge.vision.crowd.watch import CrowdWatch
from edge.vision.detect.detector import Detector, load_detector
from edge.vision.detect.manifest import ModelError
from edge.vision.detect.motion import Motion
from edge.vision.frame import Frame
from edge.vision.lens import Lens
from edge.vision.measure.ground import GroundView
from edge.vision.pipeline import Crew, Pipeline
from edge.vision.track.tracker import Scene

_CANNOT: Final = 1
# How long a frame is waited for before it is looked whether anybody asked.
_TICK_S: Final = 0.2
_STDIN: Final = 0
_MOST_BYTES: Final = 65_536
# One window that never closes: nothing is counted here.
_ENDLESS_NS: Final = 10**9 * NS_PER_S


def watch(site: Site, zone: str, answers: BinaryIO, *, isolated: bool) -> int:
    """Watch a zone until nobody asks any more or the recording ends; gives the exit code."""

    def say(word: Word) -> None:
        answers.write(pack(word))
        answers.flush()

    try:
        watcher = _Watcher(site, next(one for one in site.zones if one.id == zone), load_detector(site.detector))
        say(Ready(isolated=isolated))
        with SteadyCamera(site.camera) as camera:
            while True:
                word = watcher.step(camera, _asked() if watcher.waiting is None else None)
                if word is not None:
                    say(word)
    except (CameraError, ModelError, SiteError) as error:
        say(Unable(why=str(error)))
        return _CANNOT
    except (BrokenPipeError, EOFError):
        return 0


def _asked() -> Ask | None:
    """Give what is asked now, if anything is; raises EOFError once nobody can ask any more."""
    if not select.select([_STDIN], [], [], 0)[0]:
        return None
    # One question is asked at a time, and answered before the next.
    data = os.read(_STDIN, _MOST_BYTES)
    if not data:
        raise EOFError
    word = unpack(data)
    if not isinstance(word, Ask):
        raise TypeError("an Ask must follow")
    return word


class _Watcher:
    def __init__(self, site: Site, zone: Zone, detector: Detector) -> None:
        self._index = site.zones.index(zone)
        self._site = site
        self._lens = Lens(site)
        self._detector = detector
        self._size: tuple[int, int] | None = None
        self._pipeline: Pipeline | None = None
        self._crowd: CrowdWatch | None = None
        self._first_ns: int | None = None
        self._at_s = 0.0
        self._began_s = time.monotonic()
        self.waiting: Ask | None = None
        """What is asked and not answered yet."""

    def see(self, frame: Frame, scene: Scene, motion: Motion | None) -> None:  # noqa: ARG002 - a crowd may stand still
        """Look on while the pipeline works, its privacy polygons burnt in."""
        if self._crowd is not None:
            self._crowd.see(frame, scene)

    def step(self, camera: SteadyCamera, asked: Ask | None) -> Word | None:
        """Take in one frame, if one comes in time; gives the answer once there is one."""
        self.waiting = self.waiting or asked
        frame = camera.read(_TICK_S)
        if frame is not None:
            self._first_ns = frame.taken_ns if self._first_ns is None else self._first_ns
            self._at_s = seconds_from_ns(frame.taken_ns - self._first_ns)
            if camera.state is CameraState.STREAMING:
                self._take(self._lens.through(frame))
        if self.waiting is None or (self.waiting.at_s or 0.0) > self._at_s:
            self._keep_pace()
            return None
        self.waiting = None
        return self._answer(camera.state)

    def _take(self, frame: Frame) -> None:
        if self._pipeline is None or frame.size != self._size:
            site, self._size = self._lens.site, frame.size
            self._pipeline = Pipeline(site, Crew(eye=self._detector, onlooker=self), frame.size, _ENDLESS_NS)
            self._crowd = CrowdWatch((site.zones[self._index],), frame.size, GroundView.of(site, frame.size))
        self._pipeline.see(frame, frame.taken_ns)

    def _keep_pace(self) -> None:
        """Let a recording run no faster than it was taken, unless a later moment of it is asked for."""
        camera = self._site.camera
        if not camera.replay:
            return
        if self.waiting is not None:
            self._began_s = time.monotonic() - self._at_s / camera.pace
            return
        early_s = self._began_s + self._at_s / camera.pace - time.monotonic()
        time.sleep(min(max(early_s, 0.0), _TICK_S))

    def _answer(self, state: CameraState) -> Word:
        if state is not CameraState.STREAMING:
            return Unready(why=f"the camera's picture is {state.name.lower()}: nobody can be counted in it now")
        features = None if self._crowd is None else self._crowd.features()
        if features is None:
            return Unready(why="the place is not known yet: count again in some seconds")
        return Moment(at_s=round(self._at_s, 3), features=tuple(float(one) for one in features[0]))
