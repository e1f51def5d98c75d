"""Counting lines: when a track's foot point passes through a segment, once a pass."""

import math
from dataclasses import dataclass, field
from enum import Enum, unique
from typing import Final

from edge.config.site import Line, Point
from edge.vision.measure.speed import Speed
from edge.vision.track.identity import Proof
from edge.vision.track.tracker import Scene, Track

# A pass is made when the foot is this far beyond the line, in box heights and at least in px: jitter is less.
MARGIN_HEIGHTS: Final = 0.1
LEAST_MARGIN_PX: Final = 1.5


@unique
class Direction(Enum):
    """Forward is from the left hand to the right hand of someone walking along the line from start to end."""

    FORWARD = "forward"
    BACKWARD = "backward"


@dataclass(frozen=True, kw_only=True, slots=True)
class Crossing:
    """A track's pass through a line, by the line's index in the site file.

    `foot` is where, in px; `size_px` the square root of the box's area; `proof` what was known of the track then;
    `speed` how fast it went over the ground, None where that is not known.
    """

    line: int
    direction: Direction
    track: int
    at_ns: int
    foot: Point
    size_px: float
    proof: Proof
    speed: Speed | None = None


@dataclass(kw_only=True, slots=True, eq=False)
class _Side:
    """On which side of a line a track was last settled, and where on the line it last changed sides."""

    settled: int
    foot: Point
    through: bool = False


@dataclass(kw_only=True, slots=True, eq=False)
class LineCounter:
    """The memory of one line."""

    index: int
    line: Line
    _sides: dict[int, _Side] = field(default_factory=dict)

    def see(self, scene: Scene, now_ns: int) -> list[Crossing]:
        """Take in the tracks of one frame; gives the passes made in it."""
        # What is only predicted passes nothing; what was hidden passes when it is seen again.
        crossings = [crossing for track in scene.tracks if track.seen and (crossing := self._follow(track, now_ns))]
        for track in scene.ended:
            self._sides.pop(track.id, None)
        return crossings

    def _follow(self, track: Track, now_ns: int) -> Crossing | None:
        distance = signed_distance(self.line, track.foot)
        margin = max(LEAST_MARGIN_PX, MARGIN_HEIGHTS * (track.box[3] - track.box[1]))
        side = self._sides.get(track.id)
        if side is None:
            self._sides[track.id] = _Side(settled=_sign(distance, margin), foot=track.foot)
            return None
        before = signed_distance(self.line, side.foot)
        if (before < 0) != (distance < 0):
            side.through = _passes_segment(self.line, side.foot, track.foot, before, distance)
        side.foot = track.foot
        now = _sign(distance, margin)
        if now in {0, side.settled}:
            return None
        was, side.settled = side.settled, now
        if was == 0 or not side.through:
            return None
        direction = Direction.FORWARD if now > 0 else Direction.BACKWARD
        x0, y0, x1, y1 = track.box
        return Crossing(
            line=self.index,
            direction=direction,
            track=track.id,
            at_ns=now_ns,
            foot=track.foot,
            size_px=math.sqrt((x1 - x0) * (y1 - y0)),
            proof=track.proof,
        )


def signed_distance(line: Line, point: Point) -> float:
    """Compute the distance of a point from the line's axis in px, positive on the forward side.

    It is the cross product (end - start) x (point - start) over the line's length, y down.
    """
    (x0, y0), (x1, y1) = line.start, line.end
    cross = (x1 - x0) * (point[1] - y0) - (y1 - y0) * (point[0] - x0)
    return cross / math.dist(line.start, line.end)


def _sign(distance: float, margin: float) -> int:
    return 0 if abs(distance) <= margin else (1 if distance > 0 else -1)


def _passes_segment(line: Line, old: Point, new: Point, before: float, after: float) -> bool:
    """Tell whether the way from old to new, on both sides of the axis, meets it between the line's ends."""
    share = before / (before - after)
    x, y = old[0] + share * (new[0] - old[0]), old[1] + share * (new[1] - old[1])
    (x0, y0), (x1, y1) = line.start, line.end
    along = ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / math.dist(line.start, line.end) ** 2
    return 0.0 <= along <= 1.0
