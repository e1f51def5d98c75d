"""Whether a polygon is simple: it has an area, and its edges meet in shared corners only. And whether it holds another.

Two segments meet when the ends of each lie on different sides of the other (by the sign of the cross
product), or when an end of one lies on the other. Edge i goes from corner i to the next.
"""

import math
from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise
from typing import Final

from edge.config.site import Point

_TOLERANCE_PX: Final = 0.5


def is_flat(corners: Sequence[Point]) -> bool:
    """Tell whether all corners lie on one straight line."""
    first = corners[0]
    second = next((corner for corner in corners if corner != first), first)
    return all(_turn(first, second, corner) == 0 for corner in corners)


def crossing(corners: Sequence[Point]) -> tuple[int, int] | None:
    """Find two edges that meet elsewhere than in a shared corner, by their indices; None in a simple polygon."""
    count = len(corners)
    edges = [(corners[i], corners[(i + 1) % count]) for i in range(count)]
    for i in range(count):
        if edges[i][0] == edges[i][1]:
            return i, (i + 1) % count
        for j in range(i + 1, count):
            if (j + 1) % count == i:
                meet = _folds_back(edges[j], edges[i])
            elif j == i + 1:
                meet = _folds_back(edges[i], edges[j])
            else:
                meet = _meet(edges[i], edges[j])
            if meet:
                return i, j
    return None


def _turn(a: Point, b: Point, c: Point) -> float:
    """Compute the cross product (b - a) x (c - a): its sign is the side of ab that c lies on."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _folds_back(before: tuple[Point, Point], after: tuple[Point, Point]) -> bool:
    """Tell whether an edge runs back over the one it follows."""
    (a, corner), (_, b) = before, after
    dot = (a[0] - corner[0]) * (b[0] - corner[0]) + (a[1] - corner[1]) * (b[1] - corner[1])
    return _turn(a, corner, b) == 0 and dot > 0


def _meet(first: tuple[Point, Point], second: tuple[Point, Point]) -> bool:
    """Tell whether two segments, ends included, have a point in common."""
    (a, b), (c, d) = first, second
    sides = (_turn(a, b, c), _turn(a, b, d), _turn(c, d, a), _turn(c, d, b))
    if sides[0] * sides[1] < 0 and sides[2] * sides[3] < 0:
        return True
    ends = ((a, b, c), (a, b, d), (c, d, a), (c, d, b))
    return any(side == 0 and _within(*three) for side, three in zip(sides, ends, strict=True))


def _within(a: Point, b: Point, p: Point) -> bool:
    """Tell whether p, a point of the straight through a and b, lies between them."""
    return min(a[0], b[0]) <= p[0] <= max(a[0], b[0]) and min(a[1], b[1]) <= p[1] <= max(a[1], b[1])


def area(corners: Sequence[Point]) -> float:
    """Compute a simple polygon's area, by the sum of cross products (Gauss's shoelace); px² of px."""
    first = corners[0]
    return abs(sum(_turn(first, a, b) for a, b in pairwise(corners))) / 2


def span(corners: Sequence[Point]) -> float:
    """Compute the greatest distance of two corners."""
    return max(math.dist(a, b) for a, b in combinations(corners, 2))


def covers(outer: Sequence[Point], inner: Sequence[Point]) -> bool:
    """Tell whether a simple polygon holds another; it may stick out by half a pixel, since nobody draws more finely."""
    return all(_holds(outer, p) for p in _probes(inner)) and not _edges_cross(outer, inner)


def overlap(first: Sequence[Point], second: Sequence[Point]) -> bool:
    """Tell whether two simple polygons have more than an edge in common."""
    if _edges_cross(first, second):
        return True
    return any(
        encloses(a, p) and _distance(a, p) > _TOLERANCE_PX
        for a, b in ((first, second), (second, first))
        for p in (*_probes(b), inner_point(b))
    )


def encloses(corners: Sequence[Point], p: Point) -> bool:
    """Tell whether a point is inside a simple polygon: a ray to the right crosses its edges an odd number of times."""
    x, y = p
    inside = False
    for (x0, y0), (x1, y1) in _edges(corners):
        if (y0 > y) != (y1 > y) and x < x0 + (y - y0) * (x1 - x0) / (y1 - y0):
            inside = not inside
    return inside


def inner_point(corners: Sequence[Point]) -> Point:
    """Find a point well inside a simple polygon: the middle of the widest stretch at half the height of its corners."""
    levels = sorted({y for _, y in corners})
    best = (0.0, corners[0])
    for low, high in pairwise(levels):
        y = (low + high) / 2
        cuts = sorted(
            x0 + (y - y0) * (x1 - x0) / (y1 - y0) for (x0, y0), (x1, y1) in _edges(corners) if (y0 > y) != (y1 > y)
        )
        for left, right in zip(cuts[::2], cuts[1::2], strict=True):
            best = max(best, (min(right - left, high - low), ((left + right) / 2, y)))
    return best[1]


def _holds(corners: Sequence[Point], p: Point) -> bool:
    return encloses(corners, p) or _distance(corners, p) <= _TOLERANCE_PX


def _probes(corners: Sequence[Point]) -> Iterator[Point]:
    """Give the corners, and the middles of the edges."""
    for a, b in _edges(corners):
        yield a
        yield (a[0] + b[0]) / 2, (a[1] + b[1]) / 2


def _edges(corners: Sequence[Point]) -> Iterator[tuple[Point, Point]]:
    yield from pairwise((*corners, corners[0]))


def _edges_cross(first: Sequence[Point], second: Sequence[Point]) -> bool:
    """Tell whether an edge of one passes through an edge of the other, and not only just."""
    return any(_parts(a, b, c, d) and _parts(c, d, a, b) for a, b in _edges(first) for c, d in _edges(second))


def _parts(a: Point, b: Point, c: Point, d: Point) -> bool:
    """Tell whether the straight through a and b has c and d on different sides, both farther than the tolerance."""
    near = _TOLERANCE_PX * math.dist(a, b)
    left, right = _turn(a, b, c), _turn(a, b, d)
    return left * right < 0 and min(abs(left), abs(right)) > near


def _distance(corners: Sequence[Point], p: Point) -> float:
    """Compute how far a point is from a polygon's outline."""
    return min(_to_segment(p, a, b) for a, b in _edges(corners))


def _to_segment(p: Point, a: Point, b: Point) -> float:
    dx, dy = b[0] - a[0], b[1] - a[1]
    length2 = dx * dx + dy * dy
    t = ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / length2 if length2 else 0.0
    t = min(1.0, max(0.0, t))
    return math.dist(p, (a[0] + t * dx, a[1] + t * dy))
