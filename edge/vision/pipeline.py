"""The pipeline on one screen: for each frame detect, then reckon: track, measure, judge, aggregate."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Protocol

import cv2

from edge.config.site import Site
from edge.contract.report import CameraState
from edge.vision.aggregate.tally import Tally
from edge.vision.anonymise.fill import solid
from edge.vision.anonymise.polygon import polygon_cover
from edge.vision.camera.light import Light
from edge.vision.crowd.counter import CrowdCounter
from edge.vision.crowd.density import Crowds
from edge.vision.detect.attention import Attention
from edge.vision.detect.motion import Motion, MotionModel, blobs
from edge.vision.detect.region import Region
from edge.vision.frame import NO_BOXES, Detections, Frame, Pixels
from edge.vision.judge.alarm import Alarm
from edge.vision.measure.ground import GroundView, footprints, standing_places
from edge.vision.reckoning import Bench, Look, Reckoning
from edge.vision.track.tracker import Scene

# Movement smaller than this, in px², does not call the detector.
LEAST_ACTIVE_PX: Final = 40.0


class Eye(Protocol):
    """What names things in parts of a picture."""

    def detect(self, pixels: Pixels, regions: tuple[Region, ...]) -> Detections:
        """Find road users in the given parts of a picture."""
        ...


class Onlooker(Protocol):
    """What sees each frame beside the counting: the stills."""

    def see(self, frame: Frame, scene: Scene, motion: Motion | None) -> None:
        """Look at a frame, its privacy polygons burnt in, and at what was made of it; `motion` is None if not told."""
        ...


def _nobody(_site: Site, _size: tuple[int, int]) -> Bench | None:
    return None


@dataclass(frozen=True, kw_only=True, slots=True)
class Crew:
    """Who works on pictures: the eye; who looks on; who judges those of a site and a size (w, h) px, if anybody.

    `crowds` counts the zones that ask for it, where somebody does.
    """

    eye: Eye
    onlooker: Onlooker | None = None
    bench: Callable[[Site, tuple[int, int]], Bench | None] = _nobody
    crowds: Crowds | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """What one frame brought: windows that were over by it, and news of alarms."""

    closed: tuple[Tally, ...]
    alarms: tuple[Alarm, ...]


class Pipeline:
    """From frames of one camera to windows and alarms; one site, one picture size (width, height) px.

    Nothing here, and no `onlooker`, sees what lies beneath the site's privacy polygons.
    """

    def __init__(self, site: Site, crew: Crew, size: tuple[int, int], window_ns: int | None = None) -> None:
        # OpenCV's pool costs more in waiting than it gains on pictures this small.
        cv2.setNumThreads(site.detector.threads)
        self._eye = crew.eye
        self._light = Light()
        self._motion = MotionModel()
        ground = GroundView.of(site, size)
        self._attention = Attention(size, site.detector.tiles, standing_places(ground, site), footprints(ground, site))
        self._crowds = CrowdCounter(site, size, ground, crew.crowds)
        self._reckoning = Reckoning(site, size, window_ns, crew.bench(site, size))
        self._onlooker = crew.onlooker
        self._hidden = polygon_cover(size, site.privacy.polygons) if site.privacy.polygons else None

    def learn(self, frame: Frame) -> None:
        """Learn what the place looks like from a frame that is not counted."""
        frame = self._burnt(frame)
        self._motion.learn(frame)
        self._crowds.learn(frame)

    def see(self, frame: Frame, at_ns: int) -> Seen:
        """Take in a frame of the Unix time `at_ns`."""
        closed = self._reckoning.close_due(at_ns)
        frame = self._burnt(frame)
        look = self._look(frame)
        counts = self._crowds.see(frame, look.motion, self._reckoning.scene)
        look = replace(look, counts=counts, steady=self._light.see(frame))
        alarms = self._reckoning.see(look, frame.taken_ns, at_ns)
        if self._onlooker is not None:
            self._onlooker.see(frame, self._reckoning.scene, look.motion)
        return Seen(closed=closed, alarms=alarms)

    def show(self, frame: Frame) -> None:
        """Let a frame be looked at that is not measured: the view is not the one that lines and zones are drawn for.

        Who aims a camera moves it, and must see what it sees. Where the site has privacy polygons, nobody looks: they
        no longer lie where they should.
        """
        if self._onlooker is None or self._hidden is not None:
            return
        look = self._look(frame)
        scene = self._reckoning.follow(look, frame.taken_ns)
        self._onlooker.see(frame, scene, look.motion)

    def lose(self, state: CameraState, at_ns: int) -> tuple[Alarm, ...]:
        """Note that the camera shows nothing worth looking at, at this Unix time, and why; gives news of alarms."""
        return self._reckoning.lose(state, at_ns)

    def close_due(self, now_ns: int) -> tuple[Tally, ...]:
        """Close the windows that are over at the Unix time `now_ns`, those in which nothing was seen included."""
        return self._reckoning.close_due(now_ns)

    def close_now(self) -> tuple[Tally, ...]:
        """Close the window in progress, with the coverage it has."""
        return self._reckoning.close_now()

    def start(self, now_ns: int) -> None:
        """Begin the first window, so that a camera that never gives a picture is reported as such."""
        self._reckoning.start(now_ns)

    def _burnt(self, frame: Frame) -> Frame:
        return frame if self._hidden is None else replace(frame, pixels=solid(frame.pixels, self._hidden))

    def _look(self, frame: Frame) -> Look:
        """Look for movement where it is time to, and show the detector what is worth it."""
        tracker = self._reckoning.tracker
        if not self._attention.due(tracker.pace(), frame.taken_ns):
            return Look(found=None)
        motion = self._motion.see(frame)
        moving = blobs(motion.mask, motion.scale, LEAST_ACTIVE_PX) if motion.trusted else NO_BOXES
        regions = self._attention.plan(tracker.active(moving), frame.taken_ns)
        found = self._eye.detect(frame.pixels, regions) if regions else None
        return Look(found=found, looked=regions, motion=motion)
