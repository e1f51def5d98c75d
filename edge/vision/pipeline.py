"""The pipeline on one screen: for each frame detect, track, measure, aggregate; when a window is due, close it."""

from dataclasses import replace
from typing import Final, Protocol

import cv2

from edge.config.site import Site
from edge.units import NS_PER_S
from edge.vision.aggregate.tally import Tally
from edge.vision.aggregate.window import LONGEST_GAP_NS, Window
from edge.vision.anonymise.fill import solid
from edge.vision.anonymise.polygon import polygon_cover
from edge.vision.detect.attention import Attention
from edge.vision.detect.motion import Motion, MotionModel, blobs
from edge.vision.detect.region import Region
from edge.vision.frame import NO_BOXES, Detections, Frame, Pixels
from edge.vision.measure.lines import LineCounter
from edge.vision.measure.passes import Ledger
from edge.vision.measure.zones import occupancy
from edge.vision.track.tracker import Scene, Tracker

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


class Pipeline:
    """From frames of one camera to windows; one site, one picture size (width, height) px.

    Nothing here, and no `onlooker`, sees what lies beneath the site's privacy polygons.
    """

    def __init__(
        self,
        site: Site,
        eye: Eye,
        size: tuple[int, int],
        window_ns: int | None = None,
        onlooker: Onlooker | None = None,
    ) -> None:
        # OpenCV's pool costs more in waiting than it gains on pictures this small.
        cv2.setNumThreads(site.detector.threads)
        self._site = site
        self._eye = eye
        self._motion = MotionModel()
        self._attention = Attention(size, site.detector.tiles)
        self._tracker = Tracker(size)
        self._counters = [LineCounter(index=i, line=line) for i, line in enumerate(site.lines)]
        self._ledger = Ledger()
        self._window_ns = window_ns or site.window_s * NS_PER_S
        self._window: Window | None = None
        self._scene = Scene(tracks=(), ended=())
        self._last_ns: int | None = None
        self._onlooker = onlooker
        self._hidden = polygon_cover(size, site.privacy.polygons) if site.privacy.polygons else None

    def learn(self, frame: Frame) -> None:
        """Learn what the place looks like from a frame that is not counted."""
        self._motion.learn(self._burnt(frame))

    def see(self, frame: Frame, at_ns: int) -> tuple[Tally, ...]:
        """Take in a frame of the Unix time `at_ns`; gives the windows that are over by then."""
        closed = self.close_due(at_ns)
        frame = self._burnt(frame)
        motion, regions = self._look(frame)
        found = self._eye.detect(frame.pixels, regions) if regions else None
        self._scene = self._tracker.step(found, regions, motion, frame.taken_ns)
        crossings = [c for counter in self._counters for c in counter.see(self._scene, frame.taken_ns)]
        present = [occupancy(i, zone, self._scene) for i, zone in enumerate(self._site.zones)]
        window = self._open(at_ns)
        window.count(self._ledger.see(crossings, self._scene, frame.taken_ns))
        window.see(present, self._covered_ns(frame.taken_ns))
        if self._onlooker is not None:
            self._onlooker.see(frame, self._scene, motion)
        return closed

    def close_due(self, now_ns: int) -> tuple[Tally, ...]:
        """Close the windows that are over at the Unix time `now_ns`, those in which nothing was seen included."""
        closed = []
        while self._window is not None and now_ns >= self._window.end_ns:
            closed.append(self._close(self._window))
            self._window = self._new_window(self._window.end_ns)
        return tuple(closed)

    def close_now(self) -> tuple[Tally, ...]:
        """Close the window in progress, with the coverage it has."""
        window, self._window = self._window, None
        return () if window is None else (self._close(window),)

    def start(self, now_ns: int) -> None:
        """Begin the first window, so that a camera that never gives a picture is reported as such."""
        self._open(now_ns)

    def _burnt(self, frame: Frame) -> Frame:
        return frame if self._hidden is None else replace(frame, pixels=solid(frame.pixels, self._hidden))

    def _look(self, frame: Frame) -> tuple[Motion | None, tuple[Region, ...]]:
        """Look for movement where it is time to, and choose what to show the detector."""
        if not self._attention.due(self._tracker.pace(), frame.taken_ns):
            return None, ()
        motion = self._motion.see(frame)
        moving = blobs(motion.mask, motion.scale, LEAST_ACTIVE_PX) if motion.trusted else NO_BOXES
        return motion, self._attention.plan(self._tracker.active(moving), frame.taken_ns)

    def _open(self, at_ns: int) -> Window:
        if self._window is None:
            self._window = self._new_window(at_ns - at_ns % self._window_ns)
        return self._window

    def _close(self, window: Window) -> Tally:
        window.count(self._ledger.flush(self._scene))
        return window.tally()

    def _new_window(self, start_ns: int) -> Window:
        return Window(
            start_ns=start_ns,
            length_ns=self._window_ns,
            lines=len(self._site.lines),
            zones=len(self._site.zones),
        )

    def _covered_ns(self, taken_ns: int) -> int:
        """Tell for how much time a frame stands: that since the one before, unless the gap is too long."""
        gap_ns = 0 if self._last_ns is None else taken_ns - self._last_ns
        self._last_ns = taken_ns
        return gap_ns if gap_ns <= LONGEST_GAP_NS else 0
