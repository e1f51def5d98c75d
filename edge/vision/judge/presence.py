"""Who stands in a zone: by the foot point, and for what is wide, by the bottom edge of its box."""

import math
from collections.abc import Sequence
from typing import Final

from edge.config.site import Point, Zone
from edge.vision.judge.view import Thing
from edge.vision.measure.zones import contains
from edge.vision.track.tracker import Track

# Where the bottom edge of a box is looked at, as shares of its width, and how many of these must be inside.
SAMPLES: Final = (0.1, 0.3, 0.5, 0.7, 0.9)
LEAST_INSIDE: Final = 2
# A foot is inside once it is so far from the border, in box heights: boxes breathe.
MARGIN_HEIGHTS: Final = 0.04
LEAST_MARGIN_PX: Final = 1.0
# Two of which so much of the smaller lies in the other are one: a cab and its trailer, a car and its lamps.
MOST_SHARED: Final = 0.5


class Area:
    """A zone as a place to stand in."""

    def __init__(self, zone: Zone) -> None:
        self.zone = zone
        xs, ys = zip(*zone.polygon, strict=True)
        self._low, self._high = (min(xs), min(ys)), (max(xs), max(ys))

    def holds_foot(self, track: Track) -> bool:
        """Tell whether the foot stands inside, clear of the border."""
        return self._near(track) and self._clear(track, track.foot)

    def holds_edge(self, track: Track) -> bool:
        """Tell whether enough of the bottom edge stands inside: a lorry half on the pavement is on the pavement."""
        return self._near(track) and sum(self._clear(track, point) for point in _edge(track)) >= LEAST_INSIDE

    def touches(self, track: Track) -> bool:
        """Tell whether any of the bottom edge is inside."""
        return self._near(track) and any(contains(self.zone.polygon, point) for point in _edge(track))

    def _near(self, track: Track) -> bool:
        x0, _, x1, y1 = track.box
        return x1 >= self._low[0] and x0 <= self._high[0] and self._low[1] <= y1 <= self._high[1]

    def _clear(self, track: Track, point: Point) -> bool:
        polygon = self.zone.polygon
        if not contains(polygon, point):
            return False
        margin = max(LEAST_MARGIN_PX, MARGIN_HEIGHTS * (track.box[3] - track.box[1]))
        return border_px(polygon, point) >= margin


def border_px(polygon: Sequence[Point], point: Point) -> float:
    """Compute the distance of a point from a polygon's border, in px."""
    return min(
        segment_distance(point, start, end) for start, end in zip(polygon, (*polygon[1:], polygon[0]), strict=True)
    )


def segment_distance(point: Point, start: Point, end: Point) -> float:
    """Compute the distance of a point from a segment."""
    return math.dist(point, nearest(point, start, end))


def nearest(point: Point, start: Point, end: Point) -> Point:
    """Find the point of a segment that is nearest to a point."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    length2 = dx * dx + dy * dy
    share = 0.0 if not length2 else ((point[0] - start[0]) * dx + (point[1] - start[1]) * dy) / length2
    share = min(1.0, max(0.0, share))
    return start[0] + share * dx, start[1] + share * dy


def distinct(things: Sequence[Thing]) -> tuple[Thing, ...]:
    """Leave out those that lie in another: one thing, tracked twice."""
    kept: list[Thing] = []
    for thing in sorted(things, key=lambda one: -one.size_px):
        if all(shared(thing.track, other.track) <= MOST_SHARED for other in kept):
            kept.append(thing)
    return tuple(kept)


def shared(small: Track, large: Track) -> float:
    """Compute how much of one box lies in another, 0..1."""
    width = min(small.box[2], large.box[2]) - max(small.box[0], large.box[0])
    height = min(small.box[3], large.box[3]) - max(small.box[1], large.box[1])
    area = (small.box[2] - small.box[0]) * (small.box[3] - small.box[1])
    return max(0.0, width) * max(0.0, height) / max(area, 1.0)


def _edge(track: Track) -> list[Point]:
    x0, _, x1, y1 = track.box
    return [(x0 + share * (x1 - x0), y1) for share in SAMPLES]
