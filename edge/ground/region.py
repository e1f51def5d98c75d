"""Convex polygons, and the half planes that cut them: where a ground plane may be trusted."""

import math
from collections.abc import Sequence

from edge.ground.homography import Point

HalfPlane = tuple[float, float, float]
"""(a, b, c): all points with a·x + b·y + c >= 0."""


def hull(points: Sequence[Point]) -> tuple[Point, ...]:
    """Compute the convex hull by Andrew's monotone chain, its corners in turn; collinear points give two corners."""
    ordered = sorted(set(points))
    if len(ordered) < 3:  # noqa: PLR2004 - a triangle
        return tuple(ordered)
    return (*_chain(ordered), *_chain(ordered[::-1]))


def _chain(ordered: Sequence[Point]) -> list[Point]:
    chain: list[Point] = []
    for point in ordered:
        while len(chain) > 1 and turn(chain[-2], chain[-1], point) <= 0:
            chain.pop()
        chain.append(point)
    return chain[:-1]


def turn(a: Point, b: Point, c: Point) -> float:
    """Compute the cross product (b - a) x (c - a): its sign is the side of ab that c lies on."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def diagonal(points: Sequence[Point]) -> float:
    """Compute the greatest distance between two points of a hull."""
    return max((math.dist(a, b) for a in points for b in points), default=0.0)


def area(polygon: Sequence[Point]) -> float:
    """Compute a simple polygon's area, the shoelace formula."""
    return abs(sum(turn((0.0, 0.0), a, b) for a, b in zip(polygon, [*polygon[1:], *polygon[:1]], strict=True))) / 2


def grown(polygon: Sequence[Point], by: float) -> tuple[HalfPlane, ...]:
    """Give the half planes that hold a convex polygon, each moved outwards by so much."""
    planes = []
    middle = (sum(x for x, _ in polygon) / len(polygon), sum(y for _, y in polygon) / len(polygon))
    for (x0, y0), (x1, y1) in zip(polygon, [*polygon[1:], *polygon[:1]], strict=True):
        length = math.dist((x0, y0), (x1, y1))
        a, b = (y0 - y1) / length, (x1 - x0) / length
        if a * (middle[0] - x0) + b * (middle[1] - y0) < 0:
            a, b = -a, -b
        planes.append((a, b, by - a * x0 - b * y0))
    return tuple(planes)


def cut(polygon: Sequence[Point], planes: Sequence[HalfPlane]) -> tuple[Point, ...]:
    """Cut a convex polygon by half planes (Sutherland and Hodgman); empty where nothing is left."""
    left = tuple(polygon)
    for plane in planes:
        left = _cut(left, plane)
    return left


def _cut(polygon: tuple[Point, ...], plane: HalfPlane) -> tuple[Point, ...]:
    a, b, c = plane
    kept: list[Point] = []
    for i, (x, y) in enumerate(polygon):
        before = polygon[i - 1]
        at, was = a * x + b * y + c, a * before[0] + b * before[1] + c
        if (at < 0) != (was < 0):
            share = was / (was - at)
            kept.append((before[0] + share * (x - before[0]), before[1] + share * (y - before[1])))
        if at >= 0:
            kept.append((x, y))
    return tuple(kept)
