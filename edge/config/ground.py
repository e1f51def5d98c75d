"""`[ground]`: what an installer measured, so that pixels become metres."""

from typing import Final, cast

from edge.config.shape import Size, place, stroke
from edge.config.site import Ground, GroundPair, KnownLength, Point
from edge.config.table import Table, is_number

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
    return Ground(
        points=tuple(pair for pair in pairs if pair), lengths=tuple(known for known in lengths if known), size=own
    )


def mend_size(measured: tuple[int, int], size: tuple[int, int]) -> str:
    """Say how to mend a ground that was measured on pictures of another size."""
    again = f"measure it again on a still of {size[0]} x {size[1]}"
    if measured[0] * size[1] != measured[1] * size[0]:
        return again
    factor = size[0] / measured[0]
    return f"multiply each px, from and to by {factor:.6g} and write size = [{size[0]}, {size[1]}], or {again}"


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
