"""`wrong-way`: vehicles that pass a one-way line backwards, or drive against a carriageway's arrow.

Lengths are in steps of a car's width and a half: 3 m where there are metres, else the thing's own size, which for a car
is about as much. Who reverses into a parking space goes less than two lengths and slowly.
"""

import math
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np

from edge.config.site import Line, Point, Zone
from edge.contract.report import RoadUser, Severity
from edge.vision.judge.frame import lowest
from edge.vision.judge.ground import Ground
from edge.vision.judge.presence import Area
from edge.vision.judge.sign import NOTHING, Sign
from edge.vision.judge.view import Thing, View
from edge.vision.judge.weight import is_vehicle
from edge.vision.measure.lines import Direction, LineCounter

STEP_M: Final = 3.0
# The way against that is wrong: at a driver's speed, and at a parker's. In steps and steps per second.
LEAST_WAY: Final = 1.2
SLOW_WAY: Final = 4.0
DRIVING: Final = 0.8
# Against is more than this much of the way: 1 is straight against, 0 across.
LEAST_AGAINST: Final = 0.6
# A single leap of the track is a mix-up of two things.
LEAST_STEPS: Final = 3
MOST_LEAP: Final = 0.6


class Stop(NamedTuple):
    """Where something was at an instant of the source's clock, in px or m."""

    at_ns: int
    at: Point


class WrongWayLine:
    """A line that vehicles may pass one way only. Bicycles may do as they do."""

    def __init__(self, index: int, line: Line) -> None:
        self._counter = LineCounter(index=index, line=line)
        forward = _normal(line)
        self._refused = Direction.BACKWARD if line.one_way else Direction.FORWARD
        self._allowed = forward if line.one_way else (-forward[0], -forward[1])
        self._passed: set[int] = set()

    def see(self, view: View, things: tuple[Thing, ...]) -> Sign:
        """Take in a frame."""
        scene = view.moment.scene
        for crossing in self._counter.see(scene, view.moment.taken_ns):
            if crossing.direction is self._refused:
                self._passed.add(crossing.track)
            else:
                self._passed.discard(crossing.track)
        self._passed -= {track.id for track in scene.ended}
        now_ns = view.moment.taken_ns
        driving = [
            thing
            for thing in things
            if thing.track.id in self._passed
            and thing.track.kind is not RoadUser.BICYCLE
            and is_vehicle(thing, now_ns, settled=view.settled)
        ]
        return _sign([(thing, _against_px(thing, self._allowed)) for thing in driving])


class WrongWayZone:
    """A carriageway with an arrow."""

    def __init__(self, zone: Zone, ground: Ground | None) -> None:
        self._area = Area(zone)
        self._ground = ground
        start, end = zone.direction or ((0.0, 0.0), (1.0, 0.0))
        self._px = _unit(start, end)
        self._m = None if ground is None else _on_ground(ground, start, end)

    def see(self, view: View, things: tuple[Thing, ...]) -> Sign:
        """Take in a frame."""
        now_ns = view.moment.taken_ns
        inside = [
            thing
            for thing in things
            if thing.track.kind not in {RoadUser.PERSON, RoadUser.BICYCLE}
            and self._area.holds_foot(thing.track)
            and is_vehicle(thing, now_ns, settled=view.settled)
        ]
        return _sign([(thing, self._against(thing)) for thing in inside])

    def _against(self, thing: Thing) -> "Drive | None":
        if self._ground is None or self._m is None or thing.foot_m is None:
            return _against_px(thing, self._px)
        places = list(thing.trail.places)
        feet = self._ground.to_metres(
            np.array([lowest(place, thing.cut) for place in places], np.float64).reshape(-1, 2)
        )
        known = [
            Stop(place.at_ns, (x, y))
            for place, (x, y) in zip(places, feet.tolist(), strict=True)
            if math.isfinite(x) and math.isfinite(y)
        ]
        return _drive(known, self._m, STEP_M)


class Drive:
    """How far something has driven against the allowed way without turning: in steps, and for how long."""

    __slots__ = ("held_s", "way")

    def __init__(self, way: float, held_s: float) -> None:
        self.way = way
        self.held_s = held_s

    @property
    def wrong(self) -> bool:
        """Whether it is a drive, and no manoeuvre."""
        least = LEAST_WAY if self.way >= DRIVING * self.held_s else SLOW_WAY
        return self.way >= least


def _sign(drives: list[tuple[Thing, Drive | None]]) -> Sign:
    wrong = [(thing, drive) for thing, drive in drives if drive is not None and drive.wrong]
    if not wrong:
        return NOTHING
    return Sign(
        on=any(thing.track.seen for thing, _ in wrong),
        kept=True,
        severity=Severity.HIGH,
        held_s=max(drive.held_s for _, drive in wrong),
        things=tuple(thing for thing, _ in wrong),
        certain=any(thing.certain for thing, _ in wrong),
    )


def _against_px(thing: Thing, allowed: Point) -> Drive | None:
    stops = [Stop(place.at_ns, lowest(place, thing.cut)) for place in thing.trail.places]
    return _drive(stops, allowed, thing.size_px)


def _drive(places: list[Stop], allowed: Point, step: float) -> Drive | None:
    """Measure the newest stretch that runs against the allowed direction; None where there is none."""
    stretch = _stretch(places, allowed, step)
    if len(stretch) <= LEAST_STEPS:
        return None
    first, last = stretch[0], stretch[-1]
    dx, dy = last.at[0] - first.at[0], last.at[1] - first.at[1]
    against = -(dx * allowed[0] + dy * allowed[1])
    if against < LEAST_AGAINST * math.hypot(dx, dy) or against <= 0.0:
        return None
    leaps = [-_along(a, b, allowed) for a, b in pairwise(stretch)]
    if max(leaps) > MOST_LEAP * against:
        return None
    return Drive(way=against / step, held_s=(last.at_ns - first.at_ns) / 1e9)


def _stretch(places: list[Stop], allowed: Point, step: float) -> list[Stop]:
    """Take the places back to where it last went the allowed way by more than a box breathes."""
    stretch: list[Stop] = []
    for place in reversed(places):
        if stretch and _along(place, stretch[-1], allowed) > 0.1 * step:
            break
        stretch.append(place)
    return stretch[::-1]


def _along(a: Stop, b: Stop, allowed: Point) -> float:
    return (b.at[0] - a.at[0]) * allowed[0] + (b.at[1] - a.at[1]) * allowed[1]


def _normal(line: Line) -> Point:
    """Give the unit vector of a line's forward side, y down."""
    (x0, y0), (x1, y1) = line.start, line.end
    length = math.dist(line.start, line.end)
    return -(y1 - y0) / length, (x1 - x0) / length


def _unit(start: Point, end: Point) -> Point:
    length = math.dist(start, end) or 1.0
    return (end[0] - start[0]) / length, (end[1] - start[1]) / length


def _on_ground(ground: Ground, start: Point, end: Point) -> Point | None:
    (x0, y0), (x1, y1) = ground.to_metres(np.array((start, end), np.float64)).tolist()
    return _unit((x0, y0), (x1, y1)) if all(map(math.isfinite, (x0, y0, x1, y1))) else None
