"""Whether pairs of places, in the picture and on the ground, can be one view of one plane.

What a camera sees of a plane keeps the turn of any three places, left or right, or turns all of them over: that is so
wherever the plane lies before the camera, for a map may count y towards the camera or away. Pairs that keep some turns
and not others are crossed. (Hartley and Zisserman, Multiple View Geometry, 21: oriented projective geometry.)
"""

import math
from collections.abc import Sequence
from itertools import combinations
from typing import Final

from edge.config.site import GroundPair, Point

# Nearer than this, two marks are one: no hand and no tape are finer.
_TWIN_PX, _TWIN_M = 2.0, 0.02
# Of the longest side: places that are flatter lie in a row. A promenade may be a hundred times as long as wide.
_ROW: Final = 0.004
# Of the longest side: which way three flatter ones turn is a matter of how well they were measured.
_FLAT: Final = 0.02


def twins(pairs: Sequence[GroundPair]) -> tuple[int, int, str] | None:
    """Find two pairs that are one place, by index, and whether in `px` or in `m`."""
    for i, j in combinations(range(len(pairs)), 2):
        if math.dist(pairs[i].px, pairs[j].px) < _TWIN_PX:
            return i, j, "px"
        if math.dist(pairs[i].m, pairs[j].m) < _TWIN_M:
            return i, j, "m"
    return None


def row(places: Sequence[Point]) -> bool:
    """Tell whether all places but one, or all, lie in a row: then they are no four that tell a plane."""
    return any(_in_row([*places[:i], *places[i + 1 :]]) for i in range(len(places)))


def crossed(pairs: Sequence[GroundPair]) -> tuple[int, int] | None:
    """Find two pairs whose places on the ground look swapped, by index; None where all turns agree.

    Where no swap makes them agree, the two are the first of those that do not.
    """
    turns = _turns(pairs)
    if len(set(turns.values())) < 2:  # noqa: PLR2004 - left and right
        return None
    swaps = [(i, j) for i, j in combinations(range(len(pairs)), 2) if len(set(_swapped(pairs, i, j))) == 1]
    # Most measure x to the right and y away from the camera, which turns all over: rather that than its mirror image.
    swaps.sort(key=lambda swap: _swapped(pairs, *swap)[0])
    if swaps:
        return swaps[0]
    rarer = min((-1, 1), key=list(turns.values()).count)
    first = next(triple for triple, turn in turns.items() if turn == rarer)
    return first[-2], first[-1]


def mirrored(pairs: Sequence[GroundPair]) -> bool:
    """Tell whether the ground is told as if seen from below: y counts towards the camera, or pairs are crossed."""
    return set(_turns(pairs).values()) == {1}


def _turns(pairs: Sequence[GroundPair]) -> dict[tuple[int, ...], int]:
    """Tell for each three pairs that are no row, in either, whether both turn the same way (1) or not (-1)."""
    found: dict[tuple[int, ...], int] = {}
    for triple in combinations(range(len(pairs)), 3):
        px, m = [pairs[i].px for i in triple], [pairs[i].m for i in triple]
        if not _in_row(px, _FLAT) and not _in_row(m, _FLAT):
            found[triple] = 1 if (_turn(*px) > 0) == (_turn(*m) > 0) else -1
    return found


def _swapped(pairs: Sequence[GroundPair], i: int, j: int) -> list[int]:
    """Give the turns that there would be with the places on the ground of two pairs swapped."""
    order = list(pairs)
    order[i] = GroundPair(px=pairs[i].px, m=pairs[j].m)
    order[j] = GroundPair(px=pairs[j].px, m=pairs[i].m)
    return list(_turns(order).values())


def _in_row(places: Sequence[Point], flat: float = _ROW) -> bool:
    """Tell whether no place is off the straight line through the two that are farthest apart."""
    a, b = max(combinations(places, 2), key=lambda ends: math.dist(*ends))
    return all(abs(_turn(a, b, p)) <= flat * math.dist(a, b) ** 2 for p in places)


def _turn(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
