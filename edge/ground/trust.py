"""Where in the picture a ground plane's metres may be trusted: near what was measured.

A homography is sure between its points and less and less sure away from them. Two bounds, and both are straight lines
in the picture: the ground is no farther than `GROWTH` of the hull's diagonal from the hull of what was measured, and no
farther from the camera, along its axis, than `FARTHER` times the farthest place measured. The README has the
errors that these leave.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from edge.ground.homography import Homography, Point
from edge.ground.matrix import dot
from edge.ground.region import HalfPlane, cut, diagonal, grown, hull

GROWTH: Final = 0.5
FARTHER: Final = 1.5
_STEPS: Final = 16


@dataclass(frozen=True, kw_only=True, slots=True)
class Trusted:
    """The polygon in px, convex, and the fewest and the most pixels that a metre has in it; None: it is empty."""

    polygon: tuple[Point, ...]
    px_per_m: tuple[float, float] | None


def trusted(plane: Homography, places: Sequence[Point], size: tuple[int, int]) -> Trusted:
    """Cut the picture of `size` (w, h) px to where metres may be trusted; `places` in m were measured."""
    corners = hull(places)
    ground = grown(corners, GROWTH * diagonal(corners))
    least = min(plane.nearness(plane.to_pixels(m)) for m in corners) / FARTHER
    x, y, w = plane.rows[6:]
    # The horizon is cut first: on its far side the other half planes are turned round.
    planes = [(x, y, w - least), *(in_picture(plane, each) for each in ground)]
    width, height = size
    polygon = cut(((0.0, 0.0), (float(width), 0.0), (float(width), float(height)), (0.0, float(height))), planes)
    return Trusted(polygon=polygon, px_per_m=_extremes(plane, polygon))


def sharpest(plane: Homography, size: tuple[int, int]) -> float:
    """Find the most pixels that a metre has anywhere on the ground in pictures of `size` (w, h) px."""
    width, height = size
    places = [(width * i / _STEPS, height * j / _STEPS) for i in range(_STEPS + 1) for j in range(_STEPS + 1)]
    return max((plane.px_per_m(place) for place in places if plane.nearness(place) > 0), default=math.inf)


def in_picture(plane: Homography, half: HalfPlane) -> HalfPlane:
    """Take a half plane of the ground to the picture: a·X/w + b·Y/w + c >= 0 is one in px too, where w is positive."""
    columns = zip(*plane.matrix, strict=True)
    a, b, c = (dot(half, column) for column in columns)
    return a, b, c


def _extremes(plane: Homography, polygon: Sequence[Point]) -> tuple[float, float] | None:
    if not polygon:
        return None
    around = zip(polygon, [*polygon[1:], *polygon[:1]], strict=True)
    places = [
        (x0 + (x1 - x0) * i / _STEPS, y0 + (y1 - y0) * i / _STEPS)
        for (x0, y0), (x1, y1) in around
        for i in range(_STEPS)
    ]
    found = [plane.px_per_m(place) for place in places]
    return min(found), max(found)
