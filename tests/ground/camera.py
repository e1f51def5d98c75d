"""A camera that is known exactly: tilted, not rolled, its axis through the picture's middle."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from edge.config.site import Ground, GroundPair, KnownLength

Point = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Camera:
    """`height` m over the ground, looking down by `tilt` degrees; the ground's y is ahead, its x to the right."""

    size: tuple[int, int] = (1280, 720)
    focal: float = 900.0
    tilt: float = 20.0
    height: float = 6.0

    def see(self, m: Point, up: float = 0.0) -> Point:
        """Project what is so many metres above a place on the ground."""
        sine, cosine = math.sin(math.radians(self.tilt)), math.cos(math.radians(self.tilt))
        below = self.height - up
        ahead, down = m[1] * cosine + below * sine, below * cosine - m[1] * sine
        return self.size[0] / 2 + self.focal * m[0] / ahead, self.size[1] / 2 + self.focal * down / ahead

    def pairs(self, places: Sequence[Point]) -> list[tuple[Point, Point]]:
        return [(self.see(m), m) for m in places]

    def ground(self, places: Sequence[Point], lengths: Sequence[tuple[Point, Point]] = ()) -> Ground:
        return Ground(
            points=tuple(GroundPair(px=self.see(m), m=m) for m in places),
            lengths=tuple(self.length(*ends) for ends in lengths),
        )

    def length(self, start: Point, end: Point, off: float = 1.0) -> KnownLength:
        return KnownLength(start=self.see(start), end=self.see(end), metres=off * math.dist(start, end))


CORNERS = [(-5.0, 8.0), (5.0, 8.0), (6.0, 21.0), (-5.0, 22.0)]
PLACES = [*CORNERS, (0.5, 12.0), (2.0, 17.0)]
LENGTHS = [
    ((-3.0, 8.0), (3.0, 8.0)),
    ((-4.0, 20.0), (2.0, 20.0)),
    ((1.0, 8.0), (1.0, 16.0)),
    ((-2.0, 12.0), (2.0, 18.0)),
    ((4.0, 9.0), (4.5, 19.0)),
]
