"""How large a thing is in cars and in people: by the measured ground, else by those that passed before.

On the ground a car is a cuboid of 4.5 m x 1.8 m x 1.5 m that heads where the thing heads. Its box in the picture is
that of its footprint, drawn out upwards by its height: what a metre across is at its foot, times the cosine of the
angle at which the camera looks down there. The sine of it is what a metre away is there over what a metre across is.

Where the picture cuts a box off aside, its height still tells, and its width where it is cut off above. Below, where
the foot is not seen, nothing does but that it is at least as large as what is seen of it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

import numpy as np

from edge.contract.report import RoadUser
from edge.units import ns_from_seconds
from edge.vision.judge.body import Body, Stood
from edge.vision.judge.footprint import CORNERS, SPOTS, Seen, lay, spread
from edge.vision.judge.frame import Cut, cut_of, lowest
from edge.vision.judge.ground import Floats, Ground
from edge.vision.judge.trail import Trail, side_px
from edge.vision.track.sizes import CarSizes
from edge.vision.track.tracker import Track

CAR_M: Final = (4.5, 1.8, 1.5)
LORRY_M: Final = (8.0, 2.5, 3.0)
# Half a side of the cross in px by which the scales at a foot are measured.
CROSS_PX: Final = 4.0
# A way tells a heading and a speed once it is so long in m, within the last so many seconds.
LEAST_WAY_M: Final = 0.8
WAY_NS: Final = ns_from_seconds(1.0)
# What goes on below the picture is reckoned on for so long.
MOST_RECKONED_NS: Final = ns_from_seconds(3.0)
# What has no heading is compared with the largest of these cars, so that nothing seems larger than it is.
HEADINGS: Final = tuple(math.pi * n / 4 for n in range(4))
# What is seen of a cut-off box must be so large in cars, or its one side tells nothing.
LEAST_SHOWN: Final = 0.6
GROWN: Final = 0.4


NO_SPOTS: Final = np.empty((0, 2))
# What has no heading for longer does not come in: it stands, and must be told where it seems to be.
COMES_IN_S: Final = 2.0


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Standpoint:
    """The ground at a foot: where it is in m, what a metre across is in px, and the sine of the angle of view."""

    foot_px: Floats
    foot: Floats
    across_px: float
    sine: float


class Yardstick:
    """Knows how large cars and people are where, for pictures of a size (w, h) px."""

    def __init__(self, size: tuple[int, int], ground: Ground | None) -> None:
        self._size = size
        self._ground = ground
        self._people = CarSizes(size[1])
        self._learnt: dict[int, set[int]] = {}

    def learn(self, tracks: Sequence[Track]) -> None:
        """Learn from those on foot how large they are, once a band of the picture each."""
        people = [track for track in tracks if track.kind is RoadUser.PERSON]
        self._learnt = {track.id: self._learnt.get(track.id, set()) for track in people}
        for track in people:
            band = self._people.band(track.foot[1])
            if track.seen and band not in self._learnt[track.id]:
                self._learnt[track.id].add(band)
                self._people.learn(band, side_px(track))

    def in_people(self, track: Track) -> float | None:
        """Give a track's size in people; None where too few are known."""
        return self._people.ratio(self._people.band(track.foot[1]), side_px(track))

    def measure(self, track: Track, trail: Trail) -> Floats | None:
        """Measure a vehicle's size and way into its trail; gives spots (n, 2) px of its footprint.

        None where there are no metres, and no spots while it cannot be told. Spots beyond the picture are left out.
        """
        cut = cut_of(track, self._size)
        if track.seen and track.ballot.in_cars is not None and not cut.any:
            trail.body.in_usual_cars.append(track.ballot.in_cars)
        ground = self._ground
        here = None if ground is None else self._standpoint(ground, track.foot)
        if ground is None or here is None:
            return None
        self._follow(ground, trail, cut)
        if track.seen:
            self._compare(ground, here, track, trail, cut)
        if cut.bottom:
            return self._reckoned(ground, trail)
        seen = (track.box, cut, self._size[0])
        if cut.any and trail.body.heading is None and trail.lasted_s < COMES_IN_S:
            # Of what comes in nobody knows where the rest of it is before it is known where it goes.
            return NO_SPOTS
        heading, body = trail.body.heading or 0.0, _body_of(trail.body)
        spots = ground.to_pixels(lay(ground, here.foot, heading, body, seen) + spread(SPOTS, heading, body))
        if trail.places:
            velocity = np.zeros(2) if trail.velocity is None else trail.velocity
            trail.body.stood = Stood(at_ns=trail.places[-1].at_ns, spots=ground.to_metres(spots), velocity=velocity)
        return self._in_picture(spots)

    def _reckoned(self, ground: Ground, trail: Trail) -> Floats | None:
        """Reckon a footprint that is below the picture from where it was seen last, and how it went on."""
        stood = trail.body.stood
        if stood is None or not trail.places:
            return None
        now_ns = trail.places[-1].at_ns
        if now_ns - stood.at_ns > MOST_RECKONED_NS:
            return None
        spots = ground.to_pixels(stood.at(now_ns))
        seen = (spots >= 0.0).all(axis=1) & (spots <= self._size).all(axis=1)
        return spots[seen] if seen.any() else None

    def _in_picture(self, spots: Floats) -> Floats:
        seen = (spots >= 0.0).all(axis=1) & (spots <= self._size).all(axis=1)
        return spots[seen] if seen.any() else spots

    def _car_px(self, ground: Ground, here: Standpoint, heading: float, seen: Seen) -> tuple[float, float]:
        """Compute the box (width, height) px of a car whose box would end where this one does."""
        middle = lay(ground, here.foot, heading, CAR_M, seen)
        ring = ground.to_pixels(np.concatenate((middle[None], middle + spread(CORNERS, heading, CAR_M))))
        there = self._standpoint(ground, ring[0]) or here
        width, depth = np.ptp(ring[1:], axis=0)
        height = CAR_M[2] * there.across_px * math.sqrt(1.0 - there.sine**2)
        return max(float(width), 1.0), max(float(depth) + height, 1.0)

    def _standpoint(self, ground: Ground, foot_px: Sequence[float] | Floats) -> Standpoint | None:
        x = min(max(float(foot_px[0]), 1.0), self._size[0] - 2.0)
        y = min(max(float(foot_px[1]), 1.0), self._size[1] - 2.0)
        cross = [(x, y), (x - CROSS_PX, y), (x + CROSS_PX, y), (x, y - CROSS_PX), (x, y + CROSS_PX)]
        foot, left, right, up, down = ground.to_metres(np.array(cross, np.float64))
        if not np.isfinite(foot).all():
            return None
        # At the edge of the valid area one arm may be outside: the other tells as much.
        across, away = _span(left, foot, right), _span(up, foot, down)
        if across is None or away is None:
            return None
        return Standpoint(
            foot_px=np.array((x, y)), foot=foot, across_px=CROSS_PX / across, sine=min(1.0, across / away)
        )

    def _follow(self, ground: Ground, trail: Trail, cut: Cut) -> None:
        """Find the way of the last second by a corner that is in the picture."""
        if not trail.places:
            return
        newest = trail.places[-1]
        lately = [place for place in trail.places if newest.at_ns - place.at_ns <= WAY_NS]
        points = ground.to_metres(np.array([lowest(place, cut) for place in lately], np.float64))
        known = np.flatnonzero(np.isfinite(points).all(axis=1))
        if len(known) < 2 or lately[known[-1]] is not newest:  # noqa: PLR2004  a way has two ends
            trail.velocity = trail.speed = None
            return
        way = points[known[-1]] - points[known[0]]
        spent_s = (newest.at_ns - lately[known[0]].at_ns) / 1e9
        trail.way_m = float(np.hypot(*way))
        trail.velocity, trail.speed = way / spent_s, trail.way_m / spent_s
        if trail.way_m >= LEAST_WAY_M:
            trail.body.heading = math.atan2(way[1], way[0])

    def _compare(self, ground: Ground, here: Standpoint, track: Track, trail: Trail, cut: Cut) -> None:
        headings = HEADINGS if trail.body.heading is None else (trail.body.heading,)
        # As measured: the filter lags behind what comes in and grows.
        x0, y0, x1, y1 = outline = track.outline or track.box
        boxes = [self._car_px(ground, here, heading, (outline, cut, self._size[0])) for heading in headings]
        wide, high = max(width for width, _ in boxes), max(height for _, height in boxes)
        side = max(math.sqrt(width * height) for width, height in boxes)
        shown = math.sqrt(max((x1 - x0) * (y1 - y0), 1.0)) / side
        if not cut.any:
            trail.body.in_cars.append(shown)
        elif shown >= LEAST_SHOWN and not cut.bottom and cut.aside is not cut.top:
            told = (y1 - y0) / high if cut.aside else (x1 - x0) / wide
            trail.body.in_cars.append(max(told, shown))
        else:
            # One look may be too large; what grows slowly is sure.
            trail.body.least_in_cars += GROWN * max(0.0, shown - trail.body.least_in_cars)


LORRY_FROM: Final = 1.45


def _body_of(body: Body) -> tuple[float, ...]:
    """Give the length and width of what stands there: of the middle of it alone while nobody knows its heading."""
    large = body.heavy or (bool(body.in_cars) and median(body.in_cars) > LORRY_FROM)
    length, width, _ = LORRY_M if large else CAR_M
    return (width if body.heading is None else length), width


def _span(a: Floats, middle: Floats, b: Floats) -> float | None:
    ways = [math.dist(one, middle) for one in (a, b) if np.isfinite(one).all()]
    return sum(ways) / len(ways) if ways and sum(ways) > 0.0 else None
