"""What a site comes to once things are found in its pictures: tracks, passes, presence, windows, alarms. No pixel here.

The pipeline drives it with what it sees; a world without pixels can drive it as well.
"""

from dataclasses import dataclass, field
from typing import Final, Protocol

from edge.config.site import Site
from edge.contract.report import CameraState
from edge.units import NS_PER_S
from edge.vision.aggregate.tally import Tally
from edge.vision.aggregate.window import LONGEST_GAP_NS, Window
from edge.vision.detect.motion import Motion
from edge.vision.detect.region import Region
from edge.vision.frame import Detections
from edge.vision.judge.alarm import Alarm, Moment
from edge.vision.measure.crowd import Headcount
from edge.vision.measure.ground import GroundView
from edge.vision.measure.measures import Measures
from edge.vision.track.tracker import Scene, Tracker

_NO_SCENE: Final = Scene(tracks=(), ended=())


class Bench(Protocol):
    """What judges scenes: the judge, where the site may raise alarms."""

    def see(self, moment: Moment) -> tuple[Alarm, ...]:
        """Take in one frame; gives what is to be said about alarms."""
        ...

    def rest(self, at_ns: int) -> tuple[Alarm, ...]:
        """Note that nothing is seen at this Unix time."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Look:
    """What was found in one frame.

    `found` is None where the detector did not run; `looked` are the parts of the picture that it saw; `motion` is None
    where nobody looked for movement. `steady` is false while the light changes. `counts` has an entry for each zone
    where a crowd estimator ran.
    """

    found: Detections | None
    looked: tuple[Region, ...] = ()
    motion: Motion | None = None
    steady: bool = True
    counts: tuple[Headcount | None, ...] = field(default=())


class Reckoning:
    """From what is found in the frames of one camera to windows and alarms; one site, one picture size (w, h) px."""

    def __init__(
        self,
        site: Site,
        size: tuple[int, int],
        window_ns: int | None = None,
        judge: Bench | None = None,
        ground: GroundView | None = None,
    ) -> None:
        """Begin; `ground` is the site's own unless it is given, measured already."""
        self.tracker = Tracker(size)
        self.scene = _NO_SCENE
        self._site = site
        self._judge = judge
        self._measures = Measures(site, ground or GroundView.of(site, size))
        self._window_ns = window_ns or site.window_s * NS_PER_S
        self._window: Window | None = None
        self._last_ns: int | None = None
        self._told_ns: int | None = None

    def see(self, look: Look, taken_ns: int, at_ns: int) -> tuple[Alarm, ...]:
        """Take in a frame taken at `taken_ns` of the source's clock, `at_ns` of Unix time; gives alarms' news."""
        self.follow(look, taken_ns)
        covered_ns = self._covered_ns(taken_ns)
        measured = self._measures.see(self.scene, taken_ns, covered_ns, look.counts)
        self._open(at_ns).take(measured, covered_ns)
        self._told_ns = at_ns
        if self._judge is None:
            return ()
        trusted = look.motion is None or look.motion.trusted
        moment = Moment(
            scene=self.scene,
            taken_ns=taken_ns,
            at_ns=at_ns,
            steady=look.steady and trusted,
            crowds=measured.crowds,
            looked=() if look.found is None else tuple((r.x0, r.y0, r.x1, r.y1) for r in look.looked),
        )
        return self._judge.see(moment)

    def follow(self, look: Look, taken_ns: int) -> Scene:
        """Follow what is seen in a frame that is not measured."""
        self.scene = self.tracker.step(look.found, look.looked, look.motion, taken_ns)
        return self.scene

    def lose(self, state: CameraState, at_ns: int) -> tuple[Alarm, ...]:
        """Note that the camera shows nothing worth looking at, at this Unix time, and why; gives alarms' news."""
        lost_ns = 0 if self._told_ns is None else at_ns - self._told_ns
        self._told_ns = at_ns
        if 0 < lost_ns <= LONGEST_GAP_NS:
            self._open(at_ns).lose(state, lost_ns)
        return () if self._judge is None else self._judge.rest(at_ns)

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

    def _open(self, at_ns: int) -> Window:
        if self._window is None:
            self._window = self._new_window(at_ns - at_ns % self._window_ns)
        return self._window

    def _close(self, window: Window) -> Tally:
        window.settle(self._measures.flush(self.scene))
        return window.tally()

    def _new_window(self, start_ns: int) -> Window:
        return Window(
            start_ns=start_ns,
            length_ns=self._window_ns,
            lines=len(self._site.lines),
            zones=len(self._site.zones),
            metres=self._measures.metres,
        )

    def _covered_ns(self, taken_ns: int) -> int:
        """Tell for how much time a frame stands: that since the one before, unless the gap is too long."""
        gap_ns = 0 if self._last_ns is None else taken_ns - self._last_ns
        self._last_ns = taken_ns
        return gap_ns if gap_ns <= LONGEST_GAP_NS else 0
