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
from edge.vision.judge.frame import Cut, cut_of
from edge.vision.judge.ground import Floats, Ground
from edge.vision.judge.trail import Trail, Trails, side_px
from edge.vision.judge.yardstick import Yardstick
from edge.vision.track.identity import Ballot, Proof
from edge.vision.track.tracker import Track

# After the light has changed, movement is not believed at once: the background is being learnt.
SETTLE_NS: Final = ns_from_seconds(1.0)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Thing:
    """A track with what the judge knows of it.

    `in_cars` is its size in that of a car by the measured ground, `in_usual_cars` in that of the cars that passed
    before, which may have headed elsewhere, `in_people` in that of people on foot: all by the square root of the area.
    `footprint` are spots (n, 2) px of the ground it covers, no spots while that cannot be told; `foot_m` and
    `velocity_m` are on the ground. All of these are None where unknown. `alone` is whether nobody on foot is in the
    picture.
    """

    track: Track
    trail: Trail
    cut: Cut
    footprint: Floats | None
    in_cars: float | None
    in_usual_cars: float | None
    in_people: float | None
    alone: bool
    foot_m: Point | None
    velocity_m: Point | None

    @property
    def ballot(self) -> Ballot:
        """The votes on it, those on its earlier tracks included."""
        return self.trail.body.ballot

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
        self._size = size
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
        tracks = moment.scene.tracks
        self._yardstick.learn(tracks)
        alone = all(track.kind is not RoadUser.PERSON for track in tracks)
        vehicles = [track for track in tracks if track.kind is not RoadUser.PERSON]
        feet, velocities = self._on_ground(vehicles)
        rows = {track.id: row for row, track in enumerate(vehicles)}
        return tuple(
            self._thing(track, moment.taken_ns, alone=alone, on_ground=_row(feet, velocities, rows.get(track.id)))
            for track in tracks
        )

    def _thing(self, track: Track, now_ns: int, *, alone: bool, on_ground: tuple[Point | None, Point | None]) -> Thing:
        trail = self._trails.of(track, now_ns)
        footprint = None if track.kind is RoadUser.PERSON else self._yardstick.measure(track, trail)
        return Thing(
            track=track,
            trail=trail,
            cut=cut_of(track, self._size),
            footprint=footprint,
            in_cars=_median(trail.body.in_cars),
            in_usual_cars=_median(trail.body.in_usual_cars),
            in_people=self._yardstick.in_people(track),
            alone=alone,
            foot_m=on_ground[0],
            velocity_m=on_ground[1],
        )

    def _on_ground(self, tracks: Sequence[Track]) -> tuple[Floats | None, Floats | None]:
        if self._ground is None or not tracks:
            return None, None
        feet = np.array([track.foot for track in tracks], np.float64)
        velocities = np.array([track.velocity for track in tracks], np.float64)
        return self._ground.to_metres(feet), self._ground.velocity(feet, velocities)


def _median(sizes: deque[float]) -> float | None:
    return median(sizes) if sizes else None


def _row(feet: Floats | None, velocities: Floats | None, row: int | None) -> tuple[Point | None, Point | None]:
    if feet is None or velocities is None or row is None:
        return None, None
    return _known(feet[row]), _known(velocities[row])


def _known(point: Floats) -> Point | None:
    x, y = point.tolist()
    return (x, y) if math.isfinite(x) and math.isfinite(y) else None
