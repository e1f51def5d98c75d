"""Metres for vision: the site's ground plane over arrays of places.

What lies outside the area where the calibration may be trusted has no metres: nan, never a guess.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from edge.config.site import Point, Site
from edge.contract.report import Metres, RoadUser
from edge.ground.calibration import MOST_RESIDUAL, Calibration, calibrate
from edge.ground.pose import pose_of
from edge.ground.region import HalfPlane, area, cut, grown, turn
from edge.vision.frame import NO_BOXES, Boxes
from edge.vision.measure.zones import contains

Floats = NDArray[np.float64]

# Where a head's middle is over the ground, and how much farther up its top, where a person's box ends.
HEAD_M: Final = 1.6
CROWN_M: Final = 0.1
STATURE_M: Final = HEAD_M + CROWN_M
# A person's box that is lower than this share of a person hides the feet; children are not.
LEAST_SHARE: Final = 0.6
# A box that ends this near the picture's lower edge, in px, goes on below it.
EDGE_PX: Final = 2.0
# How wide a person is, over the height, and how many places of a line or of a zone's side are thought of.
_WIDTH: Final = 0.4
_PROBES: Final = 9
# The greatest way a displaced foot may go, in the box's own heights.
MOST_BELOW: Final = 4.0


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class GroundView:
    """A usable calibration for pictures of `size` (w, h) px, as matrices.

    `rows` (3, 3) takes (x, y, 1) px to metres, `back` its inverse; `crown` (3, 3) takes the top of a person's head in
    px to the metres of the feet, `upwards` (3,) is what a metre of height adds to `back`'s picture; None where the
    camera's pose is not known. `inside` (k, 3) are the half planes in px of the valid area.
    """

    calibration: Calibration
    size: tuple[int, int]
    rows: Floats
    back: Floats
    crown: Floats | None
    upwards: Floats | None
    inside: Floats

    @classmethod
    def of(cls, site: Site, size: tuple[int, int]) -> Self | None:
        """Calibrate a site's ground for pictures of `size` (w, h) px; None where there are no metres."""
        if site.ground is None:
            return None
        ground = replace(site.ground, size=site.ground.size or site.camera.size or size)
        return cls.from_calibration(calibrate(ground, size), size)

    @classmethod
    def from_calibration(cls, calibration: Calibration, size: tuple[int, int]) -> Self | None:
        """Make one of a calibration for pictures of `size` (w, h) px; None where there are no metres."""
        if not calibration.usable or calibration.homography is None or not calibration.valid:
            return None
        rows = np.array(calibration.homography.matrix)
        pose = pose_of(calibration.homography, size)
        return cls(
            calibration=calibration,
            size=size,
            rows=rows,
            back=np.linalg.inv(rows),
            crown=None if pose is None else np.array(pose.plane(STATURE_M)),
            upwards=None if pose is None else np.array(pose.upwards),
            inside=np.array(grown(calibration.valid, 1e-6)),
        )

    @property
    def state(self) -> Metres:
        """What the metres are worth."""
        return self.calibration.state

    @property
    def verified(self) -> bool:
        """Whether something that was not fitted agrees with them."""
        return self.state is Metres.VERIFIED

    @property
    def scale_error(self) -> float:
        """By what share a distance on the ground may be off: the residual over half the hull, the least that is known.

        Unverified metres may be off by as much as verified ones can.
        """
        residual = self.calibration.residual
        return 2 * (MOST_RESIDUAL if residual is None else residual)

    def to_metres(self, points: Floats) -> Floats:
        """Map places (n, 2) px to the ground (n, 2) m; nan outside the valid area."""
        metres = _mapped(self.rows, points)
        metres[~self.holds(points)] = np.nan
        return metres

    def to_pixels(self, points: Floats) -> Floats:
        """Map places on the ground (n, 2) m to the picture (n, 2) px, valid or not; nan behind the camera."""
        return _mapped(self.back, points)

    def holds(self, points: Floats) -> NDArray[np.bool_]:
        """Tell which places (n, 2) px are in the valid area: (n,)."""
        return np.all(_homogeneous(points) @ self.inside.T >= 0, axis=1)

    def px_per_m(self, points: Floats) -> Floats:
        """Compute how many pixels a metre on the ground has at places (n, 2) px, where it is longest: (n,).

        nan above the horizon.
        """
        jacobian = self._jacobian(points)
        square = np.square(jacobian).sum(axis=(1, 2))
        det = np.abs(np.linalg.det(jacobian))
        # The smaller singular value of the 2 by 2 Jacobian, times the larger one, is its determinant.
        largest = np.sqrt((square + np.sqrt(np.maximum(0.0, square**2 - 4 * det**2))) / 2)
        return largest / det

    def velocity(self, points: Floats, velocities: Floats) -> Floats:
        """Turn velocities (n, 2) px/s at places (n, 2) px into m/s on the ground; nan outside the valid area."""
        metres = np.einsum("nij,nj->ni", self._jacobian(points), velocities)
        metres[~self.holds(points)] = np.nan
        return metres

    def position_error(self, points: Floats, sigma_px: float) -> Floats:
        """Give the standard error of places (n, 2) px in m, of one axis: (n,).

        `sigma_px` is that of the place in the picture, the same both ways; the calibration's own is added to it.
        """
        square = np.square(self._jacobian(points)).sum(axis=(1, 2)) / 2 * sigma_px**2
        own = self.scale_error / 2 * self.calibration.diagonal_m
        return np.sqrt(square + own**2)

    def speed_error(self, points: Floats, velocities: Floats, sigma_px_s: float) -> Floats:
        """Give the standard error of speeds over the ground in m/s of things at (n, 2) px with (n, 2) px/s: (n,).

        `sigma_px_s` is that of the velocity in the picture; the calibration's own is a share of the speed.
        """
        jacobian = self._jacobian(points)
        moved = np.einsum("nij,nj->ni", jacobian, velocities)
        speed = np.linalg.norm(moved, axis=1)
        # Along the way it goes; of what stands, the mean of both ways.
        way = np.where(speed[:, None] > 0, moved / np.maximum(speed, 1e-12)[:, None], np.sqrt(0.5))
        along = np.linalg.norm(np.einsum("nij,ni->nj", jacobian, way), axis=1) * sigma_px_s
        return np.hypot(along, self.scale_error * speed)

    def feet(self, boxes: Boxes | Floats, kinds: Sequence[RoadUser] | NDArray[np.int8]) -> Floats:
        """Give the foot points (n, 2) px of boxes (n, 4) px: the middle of the lower edge.

        Where a person's feet are hidden, below the picture or behind something, it is where the head's height
        puts them.
        """
        boxes = np.asarray(boxes, np.float64).reshape(-1, 4)
        middle = (boxes[:, 0] + boxes[:, 2]) / 2
        feet = np.stack((middle, boxes[:, 3]), axis=1)
        people = np.array([kind == RoadUser.PERSON for kind in kinds], bool)
        if self.crown is None or not people.any():
            return feet
        below = _mapped(self.back, _mapped(self.crown, np.stack((middle, boxes[:, 1]), axis=1)))
        height = boxes[:, 3] - boxes[:, 1]
        drop = below[:, 1] - boxes[:, 3]
        at_edge = boxes[:, 3] >= self.size[1] - EDGE_PX
        short = height < LEAST_SHARE * self.heights(feet)
        hidden = people & (at_edge | short) & (drop > 0) & (drop < MOST_BELOW * height)
        return np.where(hidden[:, None], below, feet)

    def heights(self, feet: Floats) -> Floats:
        """Compute how high in px a person is who stands at (n, 2) px: (n,); nan where the pose is not known."""
        if self.upwards is None:
            return np.full(len(feet), np.nan)
        places = _mapped(self.rows, feet)
        tops = _homogeneous(places) @ self.back.T + STATURE_M * self.upwards
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(tops[:, 2] > 0, np.linalg.norm(tops[:, :2] / tops[:, 2:] - feet, axis=1), np.nan)

    def area_m2(self, polygon: Sequence[Point], obstacles: Sequence[Sequence[Point]] = ()) -> float:
        """Measure the ground of a simple polygon in px, m², less that of its obstacles; only what is in the valid area.

        Obstacles are taken to lie in the polygon and apart from each other.
        """
        return max(0.0, self._area(polygon) - sum(self._area(obstacle) for obstacle in obstacles))

    def _area(self, polygon: Sequence[Point]) -> float:
        """Add up the triangles between the first edge's start and each edge, those turned the other way less.

        Each is cut to the valid area by itself: a polygon may be hollow, a triangle is not.
        """
        first = polygon[0]
        total = 0.0
        for a, b in pairwise(polygon[1:]):
            sign = np.sign(turn(first, a, b))
            left = cut((first, a, b), self._planes())
            if sign and left:
                total += float(sign) * area([(float(x), float(y)) for x, y in _mapped(self.rows, np.array(left))])
        return abs(total)

    def _planes(self) -> list[HalfPlane]:
        return [(float(a), float(b), float(c)) for a, b, c in self.inside]

    def _jacobian(self, points: Floats) -> Floats:
        """Compute the Jacobian (n, 2, 2) of metres by px at places (n, 2) px; nan above the horizon."""
        mapped = _homogeneous(points) @ self.rows.T
        w = np.where(mapped[:, 2:] > 0, mapped[:, 2:], np.nan)
        metres = mapped[:, :2] / w
        return (self.rows[None, :2, :2] - metres[:, :, None] * self.rows[None, 2:, :2]) / w[:, :, None]


def standing_places(view: GroundView | None, site: Site) -> Boxes:
    """Give the boxes (n, 4) px of people who would stand at places of the site's zones and lines, a few in each."""
    if view is None:
        return NO_BOXES
    feet = [px for line in site.lines for px in _along(line.start, line.end)]
    for zone in site.zones:
        feet += [px for px in _lattice(zone.polygon) if contains(zone.polygon, px)]
    return expected_boxes(view, np.array(feet, np.float64).reshape(-1, 2)) if feet else NO_BOXES


def footprints(view: GroundView | None, site: Site) -> Boxes:
    """Give the boxes (n, 4) px of the site's bollards' footprints, with who would stand on them where that is known."""
    boxes = []
    for bollard in site.bollards:
        xs, ys = zip(*bollard.footprint, strict=True)
        feet = np.array([((min(xs) + max(xs)) / 2, min(ys))], np.float64)
        height = float(view.heights(feet)[0]) if view is not None else math.nan
        boxes.append((min(xs), min(ys) - (height if math.isfinite(height) else 0.0), max(xs), max(ys)))
    return np.array(boxes, np.float32).reshape(-1, 4)


def _along(start: Point, end: Point) -> list[Point]:
    shares = [(n + 0.5) / _PROBES for n in range(_PROBES)]
    return [(start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])) for share in shares]


def _lattice(polygon: Sequence[Point]) -> list[Point]:
    xs, ys = zip(*polygon, strict=True)
    return [
        (x, y) for _, y in _along((0.0, min(ys)), (0.0, max(ys))) for x, _ in _along((min(xs), 0.0), (max(xs), 0.0))
    ]


def expected_boxes(view: GroundView, feet: Floats) -> Boxes:
    """Give the boxes (n, 4) px of people who would stand at feet (n, 2) px, of those places that have metres.

    None where the camera's pose is not known.
    """
    heights = view.heights(feet)
    known = np.isfinite(heights) & view.holds(feet)
    feet, heights = feet[known], heights[known]
    half = _WIDTH / 2 * heights
    return np.stack((feet[:, 0] - half, feet[:, 1] - heights, feet[:, 0] + half, feet[:, 1]), axis=1, dtype=np.float32)


def _homogeneous(points: Floats) -> Floats:
    points = np.asarray(points, np.float64).reshape(-1, 2)
    return np.concatenate((points, np.ones((len(points), 1))), axis=1)


def _mapped(matrix: Floats, points: Floats) -> Floats:
    mapped = _homogeneous(points) @ matrix.T
    w = np.where(mapped[:, 2:] > 0, mapped[:, 2:], np.nan)
    return mapped[:, :2] / w
