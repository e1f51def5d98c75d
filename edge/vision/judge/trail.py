"""Where each track has been: its last seconds, how far it came, since when it stands.

In memory, and only while the track lasts.
"""

import math
from collections import deque
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.config.site import Point
from edge.units import ns_from_seconds
from edge.vision.judge.body import Bodies, Body
from edge.vision.track.identity import NO_VOTES, Ballot
from edge.vision.track.tracker import Scene, Track

# Long enough to tell a way from a manoeuvre; five places a second are enough at any frame rate.
MEMORY_NS: Final = ns_from_seconds(8.0)
LEAST_STEP_NS: Final = ns_from_seconds(0.15)
MOST_PLACES: Final = 64
# What stays within so much of its own size has not left its place: boxes breathe as much while nothing moves.
MOST_BREATH: Final = 0.35


@dataclass(frozen=True, slots=True)
class Place:
    """Where a box stood at an instant of the source's clock: its foot, and the lower corners, in px."""

    at_ns: int
    foot: Point
    left: Point
    right: Point


@dataclass(kw_only=True, slots=True, eq=False)
class Trail:
    """The memory of one track; `body` is whose track it is.

    `travelled` is the farthest it was from where it began, in its own sizes; `way_m`, `speed` and `velocity` are its
    way on the ground in the last second, in m and m/s.
    """

    body: Body
    born_ns: int
    first: Point
    anchor: Place
    travelled: float = 0.0
    places: deque[Place] = field(default_factory=lambda: deque(maxlen=MOST_PLACES))
    ballot: Ballot = NO_VOTES
    way_m: float = 0.0
    speed: float | None = None
    velocity: NDArray[np.float64] | None = None

    def add(self, track: Track, now_ns: int) -> None:
        """Note where it was seen."""
        place, size_px = place_of(track, now_ns), side_px(track)
        if not self.places or now_ns - self.places[-1].at_ns >= LEAST_STEP_NS:
            self.places.append(place)
        while now_ns - self.places[0].at_ns > MEMORY_NS:
            self.places.popleft()
        self.travelled = max(self.travelled, math.dist(self.first, track.foot) / size_px)
        if math.dist(self.anchor.foot, track.foot) > MOST_BREATH * size_px:
            self.anchor = place
        self.body.vote(self.ballot, track.ballot)
        self.ballot = track.ballot
        self.body.box, self.body.seen_ns = track.box, now_ns
        self.body.sizes.append(size_px)

    def stood_s(self, now_ns: int) -> float:
        """Tell for how long it has stood where it is."""
        return (now_ns - self.anchor.at_ns) / 1e9

    @property
    def lasted_s(self) -> float:
        """For how long it was seen."""
        return (self.places[-1].at_ns - self.born_ns) / 1e9 if self.places else 0.0

    def age_s(self, now_ns: int) -> float:
        """Tell how long ago it began."""
        return (now_ns - self.born_ns) / 1e9


class Trails:
    """The trails of all tracks there are."""

    def __init__(self) -> None:
        self._trails: dict[int, Trail] = {}
        self._bodies = Bodies()

    def see(self, scene: Scene, now_ns: int) -> None:
        """Take in a frame of the source's time `now_ns`."""
        for track in scene.ended:
            self._trails.pop(track.id, None)
        # Those that are known first: a newcomer is none of them.
        for track in sorted(scene.tracks, key=lambda track: track.id not in self._trails):
            trail = self.of(track, now_ns)
            if track.seen:
                trail.add(track, now_ns)
        self._bodies.forget(now_ns)

    def of(self, track: Track, now_ns: int) -> Trail:
        """Give the trail of a track, a new one where it has none."""
        trail = self._trails.get(track.id)
        if trail is None:
            trail = Trail(
                body=self._bodies.of(track, now_ns),
                born_ns=now_ns,
                first=track.foot,
                anchor=place_of(track, now_ns),
            )
            self._trails[track.id] = trail
        return trail


def place_of(track: Track, now_ns: int) -> Place:
    """Give the place of a track."""
    x0, _, x1, y1 = track.box
    return Place(now_ns, track.foot, (x0, y1), (x1, y1))


def side_px(track: Track) -> float:
    """Compute the square root of a track's area, at least 1 px."""
    x0, y0, x1, y1 = track.box
    return math.sqrt(max((x1 - x0) * (y1 - y0), 1.0))
