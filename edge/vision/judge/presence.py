"""Who stands in a zone: by the footprint on the ground, else by the bottom edge of the box."""

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from edge.config.site import Point, Zone
from edge.vision.judge.body import MOST_GAP_NS
from edge.vision.judge.view import Thing
from edge.vision.measure.zones import contains
from edge.vision.track.tracker import Track

# Where the bottom edge of a box is looked at where there is no footprint, as shares of its width.
SAMPLES: Final = (0.1, 0.3, 0.5, 0.7, 0.9)
# Boxes tremble by a metre: who drives along a zone's border is not in it for that. Either most of a footprint must have
# been inside for a moment, or some of it for longer: a lorry with two wheels on the pavement is on the pavement.
MOMENT_S: Final = 0.3
MOST_INSIDE: Final = 0.5
WHILE_S: Final = 1.5
LEAST_INSIDE: Final = 0.35
LEAST_KEPT: Final = 0.1
# A foot is inside once it is so far from the border, in box heights, and at least in px.
MARGIN_HEIGHTS: Final = 0.04
LEAST_MARGIN_PX: Final = 1.0
# Two of which so much of the smaller lies in the other are one: a cab and its trailer, a car and its lamps.
MOST_SHARED: Final = 0.5


class Share(NamedTuple):
    """How much of a thing is inside, 0..1: on average over a moment, and over a while before which it was not."""

    at_ns: int
    moment: float
    longer: float

    def mixed(self, share: float, now_ns: int) -> "Share":
        """Give the averages with a new share in them."""
        elapsed_s = (now_ns - self.at_ns) / 1e9
        kept, long_kept = math.exp(-elapsed_s / MOMENT_S), math.exp(-elapsed_s / WHILE_S)
        return Share(
            now_ns,
            kept * self.moment + (1.0 - kept) * share,
            long_kept * self.longer + (1.0 - long_kept) * share,
        )


NOWHERE: Final = Share(0, 0.0, 0.0)


class Area:
    """A zone as a place to stand in, and who stood there of late."""

    def __init__(self, zone: Zone) -> None:
        self.zone = zone
        self._corners = np.array(zone.polygon, np.float64)
        self._low, self._high = self._corners.min(axis=0), self._corners.max(axis=0)
        self._shares: dict[int, Share] = {}

    def see(self, things: Sequence[Thing], now_ns: int) -> None:
        """Take in a frame: how much of each thing is inside."""
        for thing in things:
            number, share = thing.trail.body.number, self._share(thing)
            old = self._shares.get(number)
            if share is not None:
                self._shares[number] = Share(now_ns, share, 0.0) if old is None else old.mixed(share, now_ns)
        self._shares = {key: share for key, share in self._shares.items() if now_ns - share.at_ns <= MOST_GAP_NS}

    def holds(self, thing: Thing) -> bool:
        """Tell whether enough of a thing is inside."""
        share = self._shares.get(thing.trail.body.number, NOWHERE)
        return share.moment >= MOST_INSIDE or share.longer >= LEAST_INSIDE

    def touches(self, thing: Thing) -> bool:
        """Tell whether anything of a thing is inside."""
        return self._shares.get(thing.trail.body.number, NOWHERE).moment >= LEAST_KEPT

    def holds_foot(self, track: Track) -> bool:
        """Tell whether the foot stands inside, clear of the border."""
        polygon = self.zone.polygon
        if not contains(polygon, track.foot):
            return False
        margin = max(LEAST_MARGIN_PX, MARGIN_HEIGHTS * (track.box[3] - track.box[1]))
        return border_px(polygon, track.foot) >= margin

    def _share(self, thing: Thing) -> float | None:
        """Give how much of a thing is inside now; None where it cannot be told."""
        spots = thing.footprint
        if spots is not None and not len(spots):
            return None
        if spots is None:
            # Of what goes on below the picture nobody knows where it stands but that it is no farther than there.
            x0, _, x1, y1 = thing.track.box
            y = min(y1, thing.cut.floor) if thing.cut.bottom else y1
            spots = np.array([(x0 + share * (x1 - x0), y) for share in SAMPLES])
        if (spots.max(axis=0) < self._low).any() or (spots.min(axis=0) > self._high).any():
            return 0.0
        return float(inside(self._corners, spots).mean())


def inside(corners: NDArray[np.float64], spots: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell which spots (n, 2) lie in a polygon (k, 2), by the even-odd rule: (n,)."""
    x, y = spots[:, None, 0], spots[:, None, 1]
    (x0, y0), (x1, y1) = corners.T, np.roll(corners, -1, axis=0).T
    spans = (y0 > y) != (y1 > y)
    level = np.where(y1 == y0, 1.0, y1 - y0)
    crossed = spans & (x < x0 + (y - y0) / level * (x1 - x0))
    return np.asarray(crossed.sum(axis=1) % 2 == 1)


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
