"""How large a thing is in cars and in people: by the measured ground, else by those that passed before.

On the ground a car is a cuboid of 4.5 m x 1.8 m x 1.5 m that heads where the thing heads. Its box in the picture is
that of its footprint, drawn out upwards by its height: what a metre across is at its foot, times the cosine of the
angle at which the camera looks down there. The sine of it is what a metre away is there over what a metre across is.
"""

import math
from collections import deque
from collections.abc import Sequence
from statistics import median
from typing import Final

import numpy as np

from edge.contract.report import RoadUser
from edge.vision.judge.ground import Floats, Ground
from edge.vision.judge.trail import Trail, side_px
from edge.vision.track.sizes import CarSizes
from edge.vision.track.tracker import Track

CAR_M: Final = (4.5, 1.8, 1.5)
# Half a side of the cross in px by which the scales at a foot are measured.
CROSS_PX: Final = 4.0
# What is slower, in m/s, tells no heading. What never had one is compared with the largest of these, so that nothing
# seems larger than it is.
LEAST_HEADING_MPS: Final = 1.0
HEADINGS: Final = tuple(math.pi * n / 4 for n in range(4))
# A box this near the picture's edge, as a share of its side, is cut off: it may be larger.
EDGE_SHARE: Final = 0.01


class Yardstick:
    """Knows how large cars and people are where, for pictures of a size (w, h) px."""

    def __init__(self, size: tuple[int, int], ground: Ground | None) -> None:
        self._size = size
        self._ground = ground
        self._people = CarSizes(size[1])
        self._learnt: dict[int, set[int]] = {}

    def learn(self, tracks: Sequence[Track]) -> None:
        """Learn from those on foot how large they are, once a band of the picture each."""
        learnt = {track.id: self._learnt.get(track.id, set()) for track in tracks if track.kind is RoadUser.PERSON}
        for track in tracks:
            band = self._people.band(track.foot[1])
            if track.id in learnt and track.seen and band not in learnt[track.id]:
                learnt[track.id].add(band)
                self._people.learn(band, side_px(track))
        self._learnt = learnt

    def measure(self, things: Sequence[tuple[Track, Trail]]) -> None:
        """Measure those that are seen whole; a cut-off one only if it is large all the same."""
        for track, trail in things:
            if not track.seen:
                continue
            cut_off = self._cut_off(track)
            if self._ground is not None and (car_px := self._car_px(track, trail)) is not None:
                _note(trail.in_cars, side_px(track) / car_px, cut_off=cut_off)
            if track.ballot.in_cars is not None:
                _note(trail.in_usual_cars, track.ballot.in_cars, cut_off=cut_off)

    def in_people(self, track: Track) -> float | None:
        """Give a track's size in people; None where too few are known."""
        return self._people.ratio(self._people.band(track.foot[1]), side_px(track))

    def _car_px(self, track: Track, trail: Trail) -> float | None:
        """Compute the side of a car's box that stands where the track does, in px."""
        assert self._ground is not None  # noqa: S101  asked only where there is a ground
        x, y = track.foot
        cross = [(x, y), (x - CROSS_PX, y), (x + CROSS_PX, y), (x, y - CROSS_PX), (x, y + CROSS_PX)]
        foot, left, right, up, down = self._ground.to_metres(np.array(cross, np.float64))
        across, away = math.dist(left, right), math.dist(up, down)
        if not (across > 0.0 and away > 0.0):
            return None
        sine = min(1.0, across / away)
        height_px = CAR_M[2] * 2 * CROSS_PX / across * math.sqrt(1.0 - sine**2)
        ((u, v),) = self._ground.velocity(np.array([track.foot], np.float64), np.array([track.velocity], np.float64))
        if math.hypot(u, v) >= LEAST_HEADING_MPS:
            trail.heading = math.atan2(v, u)
        headings = HEADINGS if trail.heading is None else (trail.heading,)
        return max(self._side(foot, heading, height_px) for heading in headings)

    def _side(self, foot: Floats, heading: float, height_px: float) -> float:
        assert self._ground is not None  # noqa: S101  as above
        ahead = np.array((math.cos(heading), math.sin(heading))) * CAR_M[0] / 2
        aside = np.array((-math.sin(heading), math.cos(heading))) * CAR_M[1] / 2
        corners = np.array([foot + a * ahead + b * aside for a in (-1, 1) for b in (-1, 1)])
        width, depth = np.ptp(self._ground.to_pixels(corners), axis=0)
        return math.sqrt(max(float(width * (depth + height_px)), 1.0))

    def _cut_off(self, track: Track) -> bool:
        width, height = self._size
        x0, y0, x1, y1 = track.box
        near_x, near_y = EDGE_SHARE * width, EDGE_SHARE * height
        return x0 < near_x or y0 < near_y or x1 > width - near_x or y1 > height - near_y


def _note(sizes: deque[float], size: float, *, cut_off: bool) -> None:
    if not cut_off or not sizes or size > median(sizes):
        sizes.append(size)
