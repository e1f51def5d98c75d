"""Whether a polygon is simple: it has an area, and its edges meet in shared corners only.

Two segments meet when the ends of each lie on different sides of the other (by the sign of the cross
product), or when an end of one lies on the other. Edge i goes from corner i to the next.
"""

from collections.abc import Sequence

from edge.config.site import Point


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
