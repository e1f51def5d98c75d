"""Advice to a bollard's controller: whether somebody stands where it rises, and when the vehicle is there.

Never a command. In doubt it says `inhibit`: whatever stands in the footprint, named or not, unsteady light, a camera
that shows nothing. A controller that hears nothing valid must take it for `inhibit`.
"""

import math
from collections.abc import Iterable
from typing import Final

import numpy as np

from edge.config.polygon import overlap
from edge.config.site import Bollard, Point
from edge.units import ns_from_seconds
from edge.vision.judge.alarm import BollardAdvice
from edge.vision.judge.ground import Ground
from edge.vision.judge.presence import nearest, segment_distance
from edge.vision.judge.view import Thing, View
from edge.vision.measure.zones import contains
from edge.vision.track.tracker import Track

VALID_S: Final = 1.0
# Who was there a moment ago may be there still: a detector blinks.
RELEASE_NS: Final = ns_from_seconds(0.8)
# Nobody knows of a footprint that the detector was not shown for so long: who stands there does not move.
LOOKED_NS: Final = ns_from_seconds(2.5)
# Feet this near the footprint, as a share of the box's height, are in it: a step takes half a second.
REACH_HEIGHTS: Final = 0.15
# Slower than this towards a line, in m/s, is not on the way to it.
LEAST_CLOSING_MPS: Final = 0.3
MOST_ARRIVAL_S: Final = 60.0


class Bollards:
    """The bollards of a site, in its order; `hidden` are polygons of the picture that nobody looks at."""

    def __init__(
        self, bollards: tuple[Bollard, ...], ground: Ground | None, hidden: tuple[tuple[Point, ...], ...] = ()
    ) -> None:
        self._bollards = bollards
        self._unseen = [any(overlap(bollard.footprint, polygon) for polygon in hidden) for bollard in bollards]
        self._looked_ns: list[int | None] = [None] * len(bollards)
        self._lines = [None if ground is None else _on_ground(ground, bollard.line) for bollard in bollards]
        self._occupied_ns: list[int | None] = [None] * len(bollards)
        self._inhibit = (True,) * len(bollards)

    @property
    def measured(self) -> bool:
        """Whether it can be told when a vehicle is at each of their lines."""
        return all(line is not None for line in self._lines)

    def see(self, view: View) -> None:
        """Look who stands where, in one frame; tracks that are not confirmed are somebody, too."""
        for i, bollard in enumerate(self._bollards):
            if any(_stands_in(bollard.footprint, track) for track in view.moment.scene.tracks):
                self._occupied_ns[i] = view.now_ns
            if any(_holds(part, bollard.footprint) for part in view.moment.looked):
                self._looked_ns[i] = view.now_ns
        self._inhibit = tuple(self._in_doubt(i, view) for i in range(len(self._bollards)))

    def _in_doubt(self, i: int, view: View) -> bool:
        """Tell whether somebody stands there, was there a moment ago, or may be there unseen."""
        looked_ns, occupied_ns = self._looked_ns[i], self._occupied_ns[i]
        if self._unseen[i] or not view.settled or looked_ns is None:
            return True
        occupied = occupied_ns is not None and view.now_ns - occupied_ns <= RELEASE_NS
        return occupied or view.now_ns - looked_ns > LOOKED_NS

    def rest(self) -> None:
        """Note that nothing is seen."""
        self._inhibit = (True,) * len(self._bollards)

    def advise(self, things: Iterable[Thing]) -> tuple[BollardAdvice, ...]:
        """Give the advice of each about vehicles."""
        known = list(things)
        return tuple(
            BollardAdvice(bollard=i, inhibit=inhibit, valid_s=VALID_S, arrival_s=_arrival_s(line, known))
            for i, (inhibit, line) in enumerate(zip(self._inhibit, self._lines, strict=True))
        )


def _holds(part: tuple[int, int, int, int], footprint: tuple[Point, ...]) -> bool:
    x0, y0, x1, y1 = part
    return all(x0 <= x <= x1 and y0 <= y <= y1 for x, y in footprint)


def _stands_in(footprint: tuple[Point, ...], track: Track) -> bool:
    x0, y0, x1, y1 = track.box
    reach = REACH_HEIGHTS * (y1 - y0)
    feet = [(x0 + share * (x1 - x0), y1) for share in (0.0, 0.25, 0.5, 0.75, 1.0)]
    if any(contains(footprint, foot) for foot in feet):
        return True
    corners = zip(footprint, (*footprint[1:], footprint[0]), strict=True)
    near = any(segment_distance(track.foot, start, end) <= reach for start, end in corners)
    # Who hides the footprint hides who stands on it.
    middle = (sum(x for x, _ in footprint) / len(footprint), sum(y for _, y in footprint) / len(footprint))
    return near or (x0 <= middle[0] <= x1 and y0 <= middle[1] <= y1)


def _on_ground(ground: Ground, line: tuple[Point, Point]) -> tuple[Point, Point] | None:
    (x0, y0), (x1, y1) = ground.to_metres(np.array(line, np.float64)).tolist()
    return ((x0, y0), (x1, y1)) if all(map(math.isfinite, (x0, y0, x1, y1))) else None


def _arrival_s(line: tuple[Point, Point] | None, things: list[Thing]) -> float | None:
    """Estimate when the first of some vehicles is at a line: the way to its nearest point over the speed towards it."""
    if line is None:
        return None
    times = [time for thing in things if (time := _time_to(line, thing)) is not None]
    return min(times, default=None)


def _time_to(line: tuple[Point, Point], thing: Thing) -> float | None:
    if thing.foot_m is None or thing.velocity_m is None:
        return None
    (x, y), (u, v) = thing.foot_m, thing.velocity_m
    to_x, to_y = nearest(thing.foot_m, *line)
    way = math.dist((x, y), (to_x, to_y))
    if not way:
        return 0.0
    closing = ((to_x - x) * u + (to_y - y) * v) / way
    return None if closing < LEAST_CLOSING_MPS else min(way / closing, MOST_ARRIVAL_S)
