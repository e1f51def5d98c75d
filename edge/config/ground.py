"""`[ground]`: what an installer measured, so that pixels become metres."""

from collections.abc import Sequence
from itertools import combinations
from typing import Final, cast

from edge.config.pairs import crossed, row, twins
from edge.config.shape import Size, place, stroke
from edge.config.site import Ground, GroundPair, KnownLength, Point
from edge.config.table import Table, is_number
from edge.ground.homography import LEAST_POINTS
from edge.ground.lengths import LEAST_LENGTHS

MOST_POINTS: Final = 24
MOST_LENGTHS: Final = 24

# From wherever somebody began to measure: nothing that a street camera sees is further off.
_MOST_M: Final = 10_000
_LEAST_LENGTH_M, _MOST_LENGTH_M = 0.1, 1_000


def ground(root: Table, size: Size) -> Ground | None:
    """Read `[ground]`; None where there is none. `size` is that of the site's pictures."""
    table = root.table("ground", ("size", "points", "lengths"))
    if "ground" not in root:
        return None
    own = _size(table, size)
    pairs = [_pair(entry, own or size) for entry in table.tables("points", ("px", "m"), MOST_POINTS)]
    lengths = [_length(entry, own or size) for entry in table.tables("lengths", ("from", "to", "metres"), MOST_LENGTHS)]
    points, known = tuple(pair for pair in pairs if pair), tuple(length for length in lengths if length)
    if len(points) == len(pairs) and len(known) == len(lengths):
        _check_count(table, points, known)
        _check_points(table, points)
        _check_lengths(table, known)
    return Ground(points=points, lengths=known, size=own)


def mend_size(measured: tuple[int, int], size: tuple[int, int]) -> str:
    """Say how to mend a ground that was measured on pictures of another size."""
    again = f"measure it again on a still of {size[0]} x {size[1]}"
    if measured[0] * size[1] != measured[1] * size[0]:
        return again
    factor = size[0] / measured[0]
    return f"multiply each px, from and to by {factor:.6g} and write size = [{size[0]}, {size[1]}], or {again}"


def _check_count(table: Table, points: Sequence[GroundPair], lengths: Sequence[KnownLength]) -> None:
    if len(points) >= LEAST_POINTS or len(lengths) >= LEAST_LENGTHS:
        return
    cause = f"has {len(points)} point{'s'[: len(points) != 1]} and {len(lengths)} length{'s'[: len(lengths) != 1]}"
    mend = "measure at least 5 points, or 4 and a length, or 4 lengths, near and far and to both sides"
    table.fault("lengths" if "lengths" in table and "points" not in table else "points", cause, mend)


def _check_points(table: Table, points: Sequence[GroundPair]) -> None:
    """Note what makes points no view of a plane: two in one place, all in a row, two swapped."""
    if len(points) < LEAST_POINTS:
        return
    same = twins(points)
    if same:
        first, second, key = same
        mend = "measure another place, or take one of both out"
        table.fault("points", f"is the place of points[{first}] once more", mend, item=(second, key))
    elif any(row([getattr(pair, key) for pair in points]) for key in ("px", "m")):
        key = "px" if row([pair.px for pair in points]) else "m"
        where = "in the picture" if key == "px" else "on the ground"
        cause = f"lie in a row {where}, all but one at most"
        table.fault("points", cause, "measure at the corners of the place, no three of the first four in a row")
    else:
        swap = crossed(points)
        if swap:
            cause = f"looks swapped with points[{swap[0]}]: the ground goes round one way there, the picture the other"
            table.fault("points", cause, "compare px and m of both, and swap what is wrong", item=(swap[1],))


def _check_lengths(table: Table, lengths: Sequence[KnownLength]) -> None:
    for i, j in combinations(range(len(lengths)), 2):
        if {lengths[i].start, lengths[i].end} == {lengths[j].start, lengths[j].end}:
            mend = "measure another, or take one of both out"
            table.fault("lengths", f"is lengths[{i}] once more", mend, item=(j,))


def _size(table: Table, size: Size) -> Size:
    values = table.items("size")
    if values is None:
        return None
    match values:
        case [int(width), int(height)] if is_number(width) and is_number(height) and width > 0 and height > 0:
            if size is not None and size != (width, height):
                cause = f"is {width} x {height}, and camera.size is {size[0]} x {size[1]}"
                table.fault("size", cause, mend_size((width, height), size))
            return width, height
    table.fault("size", "is not a picture's size", "write [width, height] of the picture that was measured on")
    return None


def _pair(table: Table, size: Size) -> GroundPair | None:
    table.require("px", "px = [120, 400]")
    table.require("m", "m = [0, 12.5]")
    px, m = place(table, "px", size), _metres(table)
    return GroundPair(px=px, m=m) if px and m else None


def _metres(table: Table) -> Point | None:
    values = table.items("m")
    if values is None:
        return None
    match values:
        case [x, y] if all(is_number(v) and abs(cast("float", v)) <= _MOST_M for v in (x, y)):
            return float(cast("float", x)), float(cast("float", y))
    table.fault("m", "is not a place on the ground", f"write two numbers, [x, y], in metres, up to {_MOST_M}")
    return None


def _length(table: Table, size: Size) -> KnownLength | None:
    ends = stroke(table, size)
    table.require("metres", "metres = 4.2")
    metres = table.number("metres", _LEAST_LENGTH_M, _MOST_LENGTH_M)
    return KnownLength(start=ends[0], end=ends[1], metres=float(metres)) if ends and metres else None
