"""The drawn world's geometry: a ground seen in perspective, and who walks and drives on it, exactly.

The camera stands `_CAMERA_HEIGHT_M` above the ground and looks along it; the picture's horizon is shifted up instead of
the camera tilted, so that upright things stay upright. With x to the right, z ahead and heights h in metres:
u = W/2 + f·x/z and v = horizon + f·(camera height - h)/z, the pinhole model.
"""

import math
from bisect import bisect_right
from dataclasses import dataclass

from edge.contract.report import RoadUser

GroundPoint = tuple[float, float]
"""(x, z) in metres: to the right of the camera, and ahead of it."""
PicturePoint = tuple[float, float]
"""(u, v) in pixels, origin top left, v down."""
Corner = tuple[float, float, float]
"""(x, z, height) in metres."""

_CAMERA_HEIGHT_M = 5.0
_FOCAL_WIDTHS = 0.7
_HORIZON_HEIGHTS = 0.18
# Things this near are below the picture's edge; nearer ones would be behind the lens.
NEAREST_M = 1.5


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """How the world is projected into a picture of this size in px."""

    width: int
    height: int

    @property
    def focal_px(self) -> float:
        """The focal length."""
        return _FOCAL_WIDTHS * self.width

    @property
    def horizon_px(self) -> float:
        """The row of things infinitely far."""
        return _HORIZON_HEIGHTS * self.height

    def project(self, corner: Corner) -> PicturePoint:
        """Project a place in the world into the picture."""
        x, z, height = corner
        scale = self.focal_px / max(z, NEAREST_M)
        return self.width / 2 + scale * x, self.horizon_px + scale * (_CAMERA_HEIGHT_M - height)

    def scale(self, z: float) -> float:
        """Compute how many pixels a metre has at this distance."""
        return self.focal_px / max(z, NEAREST_M)


@dataclass(frozen=True, kw_only=True, slots=True)
class Body:
    """How large something is, in metres. Width 0: flat; length is then across the picture or along the heading."""

    length: float
    width: float
    height: float


BODIES = {
    RoadUser.PERSON: Body(length=0.56, width=0.0, height=1.75),
    RoadUser.BICYCLE: Body(length=1.75, width=0.0, height=1.8),
    RoadUser.MOTORCYCLE: Body(length=2.1, width=0.0, height=1.6),
    RoadUser.CAR: Body(length=4.4, width=1.8, height=1.5),
    RoadUser.BUS: Body(length=11.0, width=2.5, height=3.1),
    RoadUser.LORRY: Body(length=8.5, width=2.4, height=3.4),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where something is and which way it faces: a unit vector on the ground; `moving` is False where it stands."""

    x: float
    z: float
    heading: GroundPoint
    moving: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Passer:
    """Somebody or something that passes: its waypoints, straight and at constant speed from each to the next."""

    kind: RoadUser
    instants_s: tuple[float, ...]
    waypoints: tuple[GroundPoint, ...]
    # 0..1; picks its colours and the phase of its gait.
    look: float

    @property
    def starts_s(self) -> float:
        """When it enters the world, outside the picture."""
        return self.instants_s[0]

    @property
    def ends_s(self) -> float:
        """When it has left the world."""
        return self.instants_s[-1]

    @property
    def body(self) -> Body:
        """How large it is."""
        return BODIES[self.kind]

    def place_at(self, at_s: float) -> Place | None:
        """Compute where it is on the ground; None before and after its time."""
        if not self.starts_s <= at_s < self.ends_s:
            return None
        leg = bisect_right(self.instants_s, at_s) - 1
        begin, end = self.waypoints[leg], self.waypoints[leg + 1]
        share = (at_s - self.instants_s[leg]) / (self.instants_s[leg + 1] - self.instants_s[leg])
        dx, dz = end[0] - begin[0], end[1] - begin[1]
        distance = math.hypot(dx, dz)
        heading = (dx / distance, dz / distance) if distance > 0 else (1.0, 0.0)
        return Place(x=begin[0] + share * dx, z=begin[1] + share * dz, heading=heading, moving=distance > 0)


def outline(body: Body, place: Place) -> list[GroundPoint]:
    """Compute the four corners of a body's outline on the ground: front right, front left, rear left, rear right."""
    if body.width == 0 and body.length < 1:
        ahead, aside = (body.length / 2, 0.0), (0.0, 0.0)
    else:
        hx, hz = place.heading
        ahead = (hx * body.length / 2, hz * body.length / 2)
        aside = (hz * body.width / 2, -hx * body.width / 2)
    return [
        (place.x + a * ahead[0] + s * aside[0], place.z + a * ahead[1] + s * aside[1])
        for a, s in ((1, 1), (1, -1), (-1, -1), (-1, 1))
    ]


@dataclass(frozen=True, kw_only=True, slots=True)
class TruePath:
    """The truth about one passer in one view: where in the picture it is at any instant, also outside its edges."""

    passer: Passer
    view: View

    @property
    def kind(self) -> RoadUser:
        """What it is drawn as."""
        return self.passer.kind

    @property
    def starts_s(self) -> float:
        """When it enters the world, in s of media time."""
        return self.passer.starts_s

    @property
    def ends_s(self) -> float:
        """When it has left the world, in s of media time."""
        return self.passer.ends_s

    def box_at(self, at_s: float) -> tuple[float, float, float, float] | None:
        """Compute its box (u0, v0, u1, v1) in px, half-open; None before and after its time."""
        place = self.passer.place_at(at_s)
        if place is None:
            return None
        body = self.passer.body
        corners = [(x, z, height) for x, z in outline(body, place) for height in (0.0, body.height)]
        us, vs = zip(*(self.view.project(corner) for corner in corners), strict=True)
        return min(us), min(vs), max(us), max(vs)

    def foot_at(self, at_s: float) -> PicturePoint | None:
        """Compute the bottom centre of its box in px, the point whose crossings count; None outside its time."""
        box = self.box_at(at_s)
        return None if box is None else ((box[0] + box[2]) / 2, box[3])
