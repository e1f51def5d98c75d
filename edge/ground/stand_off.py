"""How far upstream of a bollard's line the camera must see, and how far it does.

A vehicle that is first seen at a distance d of the line must still be before it when the bollard is up:
d = v · (detection + broker + rise + margin). No braking is counted on: who does not stop is whom the bollard is for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from edge.ground.calibration import Calibration
from edge.ground.homography import Point
from edge.ground.matrix import dot
from edge.ground.region import HalfPlane, cut, grown
from edge.ground.trust import in_picture

DETECT_S: Final = 2.0
"""From photons to the broker, as promised for 99 of 100."""
BROKER_S: Final = 0.3
"""From the broker to the controller's decision."""
MARGIN_S: Final = 1.0
_FEWEST: Final = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class StandOff:
    """What passes between a vehicle that comes into view and a bollard that is up, in s."""

    rise_s: float
    detect_s: float = DETECT_S
    broker_s: float = BROKER_S
    margin_s: float = MARGIN_S

    @property
    def total_s(self) -> float:
        """All of it."""
        return self.detect_s + self.broker_s + self.rise_s + self.margin_s

    def distance_m(self, speed_mps: float) -> float:
        """Compute how far upstream a vehicle of this speed must be seen."""
        return speed_mps * self.total_s

    def fastest_mps(self, reach_m: float) -> float:
        """Compute the greatest speed for which seeing so far upstream is enough."""
        return max(0.0, reach_m) / self.total_s


@dataclass(frozen=True, kw_only=True, slots=True)
class Reach:
    """How far ground reaches from a line, in m: on the side whence those come who pass it forward, and on the other."""

    forward_m: float
    backward_m: float


def reach(calibration: Calibration, line: tuple[Point, Point], polygon: Sequence[Point] = ()) -> Reach:
    """Measure how far trusted ground reaches from a line (px) to both sides, on a lane as wide as the line.

    With a `polygon` (px), only ground in it counts: that of a zone in which a vehicle raises an alarm. Where there is
    no ground to measure on, nothing reaches anywhere.
    """
    plane = calibration.homography
    if not calibration.usable or plane is None:
        return Reach(forward_m=0.0, backward_m=0.0)
    (x0, y0), (x1, y1) = ends = [plane.to_metres(end) for end in line]
    length = ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5
    if not length > 0:
        return Reach(forward_m=0.0, backward_m=0.0)
    along = ((x1 - x0) / length, (y1 - y0) / length)
    lane = _between((ends[0], ends[1]), along)
    left = cut(
        tuple(polygon) or calibration.valid, [*_planes(calibration.valid), *(in_picture(plane, p) for p in lane)]
    )
    aside = [_aside(plane.to_metres(px), ends[0], along) for px in left]
    # In the picture the right hand is y down; a plan's y may go up, which turns the sides round.
    jacobian = plane.jacobian(line[0])
    turned = jacobian[0][0] * jacobian[1][1] - jacobian[0][1] * jacobian[1][0] < 0
    one, other = max([0.0, *aside]), max([0.0, *(-value for value in aside)])
    return Reach(forward_m=one, backward_m=other) if turned else Reach(forward_m=other, backward_m=one)


def _between(ends: tuple[Point, Point], along: Point) -> tuple[HalfPlane, HalfPlane]:
    """Give the strip of ground between the perpendiculars through a line's ends."""
    first, second = (dot(along, end) for end in ends)
    return (along[0], along[1], -first), (-along[0], -along[1], second)


def _aside(m: Point, start: Point, along: Point) -> float:
    """Compute how far a place is to the left of a line on a plan whose y goes up, in m."""
    return along[0] * (m[1] - start[1]) - along[1] * (m[0] - start[0])


def _planes(valid: Sequence[Point]) -> tuple[HalfPlane, ...]:
    return grown(valid, 0.0) if len(valid) >= _FEWEST else ((0.0, 0.0, -1.0),)
