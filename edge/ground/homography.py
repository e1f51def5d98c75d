"""The map from the picture to the ground and back: a homography, fitted to pairs of places.

Hartley and Zisserman, Multiple View Geometry, 4.1 and 4.4: the direct linear transformation on normalised points, then
a few Gauss-Newton steps on the error in the picture, where the installer's clicks are what is least sure.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from edge.ground.matrix import Matrix, SingularError, Vector, det3, dot, eigen, gram, inverse3, solve, times

Point = tuple[float, float]
Pair = tuple[Point, Point]
"""A place in the picture in px, and the same on the ground in m."""

LEAST_POINTS: Final = 4
NOWHERE: Final = (math.nan, math.nan)
_STEPS: Final = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Homography:
    """`rows` are the 9 elements, row by row, of the matrix that takes (x, y, 1) px to (X, Y, 1) m times a factor.

    That factor is 1 over a place's distance from the camera along its optical axis, in some unit; above the horizon it
    is negative.
    """

    rows: tuple[float, ...]

    def to_metres(self, px: Point) -> Point:
        """Map a place in the picture to the ground; (nan, nan) above the horizon."""
        return _mapped(self.matrix, px)

    def to_pixels(self, m: Point) -> Point:
        """Map a place on the ground to the picture; (nan, nan) behind the camera."""
        return _mapped(inverse3(self.matrix), m)

    def nearness(self, px: Point) -> float:
        """Compute 1 over the distance along the optical axis, in some unit; 0 or less at and above the horizon."""
        return dot(self.rows[6:], (*px, 1.0))

    def jacobian(self, px: Point) -> tuple[Point, Point]:
        """Compute how a place on the ground moves, in m per px: rows X and Y, columns x and y."""
        w = self.nearness(px)
        (a, b, c), (d, e, f), (g, h, _) = self.matrix
        x, y = dot((a, b, c), (*px, 1.0)) / w, dot((d, e, f), (*px, 1.0)) / w
        return ((a - x * g) / w, (b - x * h) / w), ((d - y * g) / w, (e - y * h) / w)

    def px_per_m(self, px: Point) -> float:
        """Compute how many pixels a metre on the ground has here, laid the way in which it has the most."""
        (a, b), (c, d) = self.jacobian(px)
        # The smaller singular value of the 2 by 2 Jacobian, from its Frobenius norm and its determinant.
        square, det = a * a + b * b + c * c + d * d, abs(a * d - b * c)
        least = math.sqrt(max(0.0, (square - math.sqrt(max(0.0, square**2 - 4 * det**2))) / 2))
        return 1 / least if least > 0 else math.inf

    @property
    def matrix(self) -> Matrix:
        """The rows as rows."""
        return self.rows[:3], self.rows[3:6], self.rows[6:]

    @classmethod
    def of(cls, matrix: Matrix, in_front: Point) -> "Homography":
        """Make one of a matrix, scaled to a norm of 1 and to a positive factor at a place in front of the camera."""
        norm = math.sqrt(sum(value**2 for row in matrix for value in row))
        if dot(matrix[2], (*in_front, 1.0)) < 0:
            norm = -norm
        if not math.isfinite(norm) or norm == 0 or det3(matrix) == 0:
            raise SingularError("the places do not tell a plane")
        return cls(rows=tuple(value / norm for row in matrix for value in row))


@dataclass(frozen=True, kw_only=True, slots=True)
class Fit:
    """A fitted homography and its condition: the greatest over the least singular value that must not vanish."""

    homography: Homography
    condition: float


def fit(pairs: Sequence[Pair]) -> Fit:
    """Fit a homography to at least four pairs. Raises SingularError where they do not tell one."""
    from_px, from_m = _normal([px for px, _ in pairs]), _normal([m for _, m in pairs])
    scaled = [(_mapped(from_px, px), _mapped(from_m, m)) for px, m in pairs]
    values = eigen(gram([row for pair in scaled for row in _equations(pair)]))
    least, most = max(values[1][0], 0.0), values[-1][0]
    if least <= 0:
        raise SingularError("the places do not tell a plane")
    raw = values[0][1]
    matrix: Matrix = (raw[:3], raw[3:6], raw[6:])
    if len(pairs) > LEAST_POINTS:
        matrix = inverse3(_refined(inverse3(matrix), scaled))
    whole = times(times(inverse3(from_m), matrix), from_px)
    return Fit(homography=Homography.of(whole, pairs[0][0]), condition=math.sqrt(most / least))


def _mapped(matrix: Matrix, point: Point) -> Point:
    x, y, w = (dot(row, (*point, 1.0)) for row in matrix)
    return (x / w, y / w) if w > 0 else NOWHERE


def _normal(points: Sequence[Point]) -> Matrix:
    """Give the similarity that moves points to the origin, at a mean distance of √2 (Hartley's normalisation)."""
    cx, cy = (sum(values) / len(points) for values in zip(*points, strict=True))
    mean = sum(math.dist(point, (cx, cy)) for point in points) / len(points)
    if mean == 0:
        raise SingularError("all places are one")
    s = math.sqrt(2) / mean
    return (s, 0.0, -s * cx), (0.0, s, -s * cy), (0.0, 0.0, 1.0)


def _equations(pair: Pair) -> tuple[Vector, Vector]:
    (x, y), (u, v) = pair
    return (
        (x, y, 1.0, 0.0, 0.0, 0.0, -u * x, -u * y, -u),
        (0.0, 0.0, 0.0, x, y, 1.0, -v * x, -v * y, -v),
    )


def _refined(to_px: Matrix, pairs: Sequence[Pair]) -> Matrix:
    """Improve the map from ground to picture by Gauss-Newton, as long as its error in the picture falls."""
    error = _error(to_px, pairs)
    for _ in range(_STEPS):
        try:
            step = _gauss_newton(to_px, pairs)
        except SingularError:
            break
        flat = [value + change for value, change in zip((v for row in to_px for v in row), (*step, 0.0), strict=True)]
        better = (tuple(flat[:3]), tuple(flat[3:6]), tuple(flat[6:]))
        found = _error(better, pairs)
        if not found < error:
            break
        to_px, error = better, found
    return to_px


def _error(to_px: Matrix, pairs: Sequence[Pair]) -> float:
    total = 0.0
    for (x, y), (u, v) in pairs:
        a, b, w = (dot(row, (u, v, 1.0)) for row in to_px)
        total += (a / w - x) ** 2 + (b / w - y) ** 2 if w else math.inf
    return total


def _gauss_newton(to_px: Matrix, pairs: Sequence[Pair]) -> Vector:
    """Compute the step of the first eight elements; the ninth stays, as only their ratios mean something."""
    rows: list[Vector] = []
    off: list[float] = []
    for (x, y), (u, v) in pairs:
        a, b, w = (dot(row, (u, v, 1.0)) for row in to_px)
        if w == 0:
            raise SingularError("a place lies on the horizon")
        a, b = a / w, b / w
        m = (u / w, v / w, 1 / w)
        rows += [(*m, 0.0, 0.0, 0.0, -a * m[0], -a * m[1]), (0.0, 0.0, 0.0, *m, -b * m[0], -b * m[1])]
        off += [x - a, y - b]
    right = [dot(column, off) for column in zip(*rows, strict=True)]
    return solve(gram(rows), right)
