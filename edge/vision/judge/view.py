"""What the triggers are shown of one frame: each thing with its way, its size and its place on the ground."""

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

import numpy as np

from edge.config.site import Point
from edge.contract.report import RoadUser
from edge.units import ns_from_seconds
from edge.vision.judge.alarm import Moment
from edge.vision.judge.ground import Floats, Ground
from edge.vision.judge.trail import Trail, Trails, side_px
from edge.vision.judge.yardstick import Yardstick
from edge.vision.track.identity import Proof
from edge.vision.track.tracker import Track

# After the light has changed, movement is not believed at once: the background is being learnt.
SETTLE_NS: Final = ns_from_seconds(1.0)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Thing:
    """A track with what the judge knows of it.

    `in_cars` is its size in that of a car by the measured ground, `in_usual_cars` in that of the cars that passed
    before, which may have headed elsewhere, `in_people` in that of people on foot: all by the square root of the area.
    `foot_m` and `velocity_m` are on the ground. All are None where unknown.
    """

    track: Track
    trail: Trail
    in_cars: float | None
    in_usual_cars: float | None
    in_people: float | None
    # Whether nobody on foot is in the picture.
    alone: bool
    foot_m: Point | None
    velocity_m: Point | None

    @property
    def size_px(self) -> float:
        """The square root of its area."""
        return side_px(self.track)

    @property
    def speed(self) -> float | None:
        """Its speed in m/s."""
        return None if self.velocity_m is None else math.hypot(*self.velocity_m)

    @property
    def pace(self) -> float:
        """Its speed in its own sizes per second."""
        return math.hypot(*self.track.velocity) / self.size_px

    @property
    def certain(self) -> bool:
        """Whether the detector named it and it has left its place: no bush does both."""
        return self.track.proof is Proof.NAMED and self.trail.travelled >= 1.0


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class View:
    """One frame; `now_ns` runs on where Unix time is set back; `settled` is whether movement alone is believed."""

    moment: Moment
    now_ns: int
    settled: bool
    things: tuple[Thing, ...]


class Lookout:
    """Makes views: keeps the trails and the yardsticks of one camera, for pictures of a size (w, h) px."""

    def __init__(self, size: tuple[int, int], ground: Ground | None) -> None:
        self._trails = Trails()
        self._yardstick = Yardstick(size, ground)
        self._ground = ground
        self._unsteady_ns: int | None = None

    def see(self, moment: Moment, now_ns: int) -> View:
        """Take in a frame."""
        self._trails.see(moment.scene, moment.taken_ns)
        if not moment.steady:
            self._unsteady_ns = moment.taken_ns
        since = self._unsteady_ns
        settled = since is None or moment.taken_ns - since > SETTLE_NS
        return View(moment=moment, now_ns=now_ns, settled=settled, things=self._things(moment))

    def _things(self, moment: Moment) -> tuple[Thing, ...]:
        tracks = [track for track in moment.scene.tracks if track.confirmed]
        trails = [self._trails.of(track, moment.taken_ns) for track in tracks]
        self._yardstick.learn(tracks)
        alone = all(track.kind is not RoadUser.PERSON for track in tracks)
        vehicles = [i for i, track in enumerate(tracks) if track.kind is not RoadUser.PERSON]
        feet, velocities = self._on_ground([tracks[i] for i in vehicles])
        self._yardstick.measure([(tracks[i], trails[i]) for i in vehicles])
        at = dict(zip(vehicles, range(len(vehicles)), strict=True))
        return tuple(
            Thing(
                track=track,
                trail=trail,
                in_cars=_median(trail.in_cars),
                in_usual_cars=_median(trail.in_usual_cars),
                in_people=self._yardstick.in_people(track),
                alone=alone,
                foot_m=_known(feet, at.get(i)),
                velocity_m=_known(velocities, at.get(i)),
            )
            for i, (track, trail) in enumerate(zip(tracks, trails, strict=True))
        )

    def _on_ground(self, tracks: Sequence[Track]) -> tuple[Floats | None, Floats | None]:
        if self._ground is None or not tracks:
            return None, None
        feet = np.array([track.foot for track in tracks], np.float64)
        velocities = np.array([track.velocity for track in tracks], np.float64)
        return self._ground.to_metres(feet), self._ground.velocity(feet, velocities)


def _median(sizes: deque[float]) -> float | None:
    return median(sizes) if sizes else None


def _known(points: Floats | None, row: int | None) -> Point | None:
    if points is None or row is None or not np.isfinite(points[row]).all():
        return None
    x, y = points[row].tolist()
    return x, y
