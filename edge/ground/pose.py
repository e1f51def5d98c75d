"""Where the camera stands, from a ground homography: what is needed to tell a head over the ground from a foot on it.

Assumed: square pixels, no distortion, and an optical axis through the picture's centre. Then the first two columns of
the map from ground to picture are two rotated axes of one length, seen through a camera of which only the focal
length is unknown: two equations for it, solved together by least squares (Zhang, A flexible new technique for camera
calibration, 2000, 3.1). The third axis is their cross product.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from edge.ground.homography import Homography, Point
from edge.ground.matrix import Matrix, SingularError, Vector, cross, dot, inverse3

# What is no street camera: focal lengths in the picture's longer sides, heights over the ground in m.
FOCAL_SIDES: Final = (0.3, 12.0)
HEIGHT_M: Final = (0.8, 300.0)
# How far the two axes may be from a right angle (its cosine) and from one length: then it is no such camera.
MOST_SKEW: Final = 0.15
# Seen from straight above, the equations hold for every focal length.
_LEAST_WEIGHT: Final = 1e-6


@dataclass(frozen=True, kw_only=True, slots=True)
class Pose:
    """A camera over the ground.

    `focal_px` is the focal length, `height_m` the camera's over the ground. `upwards` (three numbers) is what a metre
    of height adds to the picture's homogeneous (x, y, w) of a place on the ground, in the scale of `to_px`.
    """

    focal_px: float
    height_m: float
    to_px: Matrix
    upwards: Vector

    def above(self, m: Point, height_m: float) -> Point:
        """Project the point so many metres above a place on the ground into the picture."""
        ground = [dot(row, (*m, 1.0)) for row in self.to_px]
        x, y, w = (g + height_m * up for g, up in zip(ground, self.upwards, strict=True))
        return (x / w, y / w) if w > 0 else (math.nan, math.nan)

    def plane(self, height_m: float) -> Matrix:
        """Give the map from the picture to the ground, in m, for what is so many metres above it."""
        columns = list(zip(*self.to_px, strict=True))
        columns[2] = tuple(c + height_m * up for c, up in zip(columns[2], self.upwards, strict=True))
        return inverse3(tuple(zip(*columns, strict=True)))


def pose_of(homography: Homography, size: tuple[int, int]) -> Pose | None:
    """Work out the camera's pose for pictures of `size` (w, h) px; None where the homography is of no such camera."""
    try:
        return _pose(inverse3(homography.matrix), size)
    except (SingularError, ZeroDivisionError):
        return None


def _pose(to_px: Matrix, size: tuple[int, int]) -> Pose | None:
    middle = (size[0] / 2, size[1] / 2)
    seen = (
        tuple(x - middle[0] * w for x, w in zip(to_px[0], to_px[2], strict=True)),
        tuple(y - middle[1] * w for y, w in zip(to_px[1], to_px[2], strict=True)),
        to_px[2],
    )
    first, second, _ = zip(*seen, strict=True)
    focal = _focal(first, second, max(size))
    if focal is None:
        return None
    right, ahead, origin = zip(seen_over(seen[0], focal), seen_over(seen[1], focal), seen[2], strict=True)
    lengths = math.hypot(*right), math.hypot(*ahead)
    length = math.sqrt(lengths[0] * lengths[1])
    if abs(dot(right, ahead)) > MOST_SKEW * length**2 or abs(lengths[0] - lengths[1]) > MOST_SKEW * length:
        return None
    up = tuple(value / length for value in cross(right, ahead))
    # The camera is where its own coordinates vanish: its height is along the third axis, which must point to it.
    height = -dot(up, origin) / length**2
    if height < 0:
        up, height = tuple(-value for value in up), -height
    if not HEIGHT_M[0] <= height <= HEIGHT_M[1]:
        return None
    x, y, w = focal * up[0], focal * up[1], up[2]
    return Pose(focal_px=focal, height_m=height, to_px=to_px, upwards=(x + middle[0] * w, y + middle[1] * w, w))


def seen_over(row: Sequence[float], focal: float) -> Vector:
    """Divide a row of the picture's coordinates by the focal length: then they are directions."""
    return tuple(value / focal for value in row)


def _focal(first: Vector, second: Vector, side: int) -> float | None:
    """Solve u·(x₁x₂ + y₁y₂) + w₁w₂ = 0 and u·(|xy₁|² - |xy₂|²) + w₁² - w₂² = 0 for u = 1/f², px⁻²."""
    # In the picture's longer sides, so that both terms are of one order.
    (x1, y1, w1), (x2, y2, w2) = ((x / side, y / side, w) for x, y, w in (first, second))
    scale = math.hypot(x1, y1, w1) * math.hypot(x2, y2, w2)
    a = ((x1 * x2 + y1 * y2) / scale, (x1 * x1 + y1 * y1 - x2 * x2 - y2 * y2) / scale)
    b = (w1 * w2 / scale, (w1 * w1 - w2 * w2) / scale)
    weight = dot(a, a)
    if weight < _LEAST_WEIGHT or dot(b, b) < _LEAST_WEIGHT**2:
        return None
    inverse_square = -dot(a, b) / weight
    if inverse_square <= 0:
        return None
    focal = 1 / math.sqrt(inverse_square)
    return focal * side if FOCAL_SIDES[0] <= focal <= FOCAL_SIDES[1] else None
