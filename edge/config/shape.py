"""Points, strokes and polygons of a site file: sane shapes, inside the picture."""

import math
from typing import Final, cast

from edge.config.fault import KeyPath
from edge.config.polygon import area, crossing, is_flat, span
from edge.config.site import Point
from edge.config.table import Table, is_number

Size = tuple[int, int] | None
Corners = tuple[Point, ...]
Stroke = tuple[Point, Point]

_LEAST_CORNERS = 3
_MOST_CORNERS = 64
# No camera's picture is wider: what lies beyond it is a slip of the pen.
_MOST_PX = 16_384
# A stroke that is shorter than this has no direction to speak of: a hand is no steadier.
_LEAST_STROKE_PX: Final = 8
# Of the picture, or px² where its size is not known: less is nobody's standing room, seen by no detector.
_LEAST_SHARE: Final = 0.0005
_LEAST_AREA_PX2: Final = 64
# Area over the greatest distance of two corners, px.
_LEAST_WIDTH_PX: Final = 3


def point(table: Table, key: str, values: object, size: Size, *, item: KeyPath = ()) -> Point | None:
    """Read [x, y] in px, from what stands at a key or at an item of the list there."""
    if not isinstance(values, list) or len(values) != 2 or not all(map(is_number, values)):  # noqa: PLR2004 - x and y
        table.fault(key, "is not a point", "write two numbers, [x, y], in pixels from the top left", item=item)
        return None
    x, y = map(float, cast("list[int | float]", values))
    width, height = size or (_MOST_PX, _MOST_PX)
    if 0 <= x <= width and 0 <= y <= height:
        return x, y
    picture = f"the picture of {width} x {height} (camera.size)" if size else "any picture"
    table.fault(key, f"[{x:g}, {y:g}] lies outside {picture}", "move it inside; y counts downwards", item=item)
    return None


def place(table: Table, key: str, size: Size) -> Point | None:
    """Look up one point."""
    values = table.items(key)
    return None if values is None else point(table, key, values, size)


def stroke(table: Table, size: Size, *, example: tuple[str, str] = ("[120, 400]", "[980, 420]")) -> Stroke | None:
    """Read `from` and `to`, two points that lie apart."""
    table.require("from", f"from = {example[0]}")
    table.require("to", f"to = {example[1]}")
    start, end = place(table, "from", size), place(table, "to", size)
    if start is None or end is None:
        return None
    if start == end:
        table.fault("to", "is the same point as from", "draw it between two different points")
        return None
    length = math.dist(start, end)
    if length < _LEAST_STROKE_PX:
        table.fault("to", f"is only {length:.1f} px from from", f"draw it at least {_LEAST_STROKE_PX} px long")
        return None
    return start, end


def polygon(table: Table, key: str, size: Size) -> Corners | None:
    """Look up one polygon that is large enough to stand in."""
    values = table.items(key)
    corners = None if values is None else _polygon(table, key, values, size)
    return corners if corners and _is_roomy(table, key, corners, size) else None


def polygons(table: Table, key: str, size: Size, most: int) -> tuple[Corners, ...]:
    """Read a list of at most so many polygons; faulty ones are noted and left out."""
    lists = table.items(key, f"write a list of polygons, {key} = [[[x, y], [x, y], [x, y]]]") or []
    if len(lists) > most:
        table.fault(key, f"there are {len(lists)}", f"keep at most {most}", item=(most,))
    found = [_listed(table, key, values, size, index) for index, values in enumerate(lists)]
    return tuple(corners for corners in found if corners)


def _listed(table: Table, key: str, values: object, size: Size, index: int) -> Corners | None:
    # One polygon alone, without the brackets of the list, is a likely slip.
    if isinstance(values, list) and not any(map(is_number, values)):
        return _polygon(table, key, values, size, (index,))
    table.fault(key, "is not a polygon", "write each as [[x, y], [x, y], [x, y]], all in one list", item=(index,))
    return None


def _polygon(table: Table, key: str, values: list[object], size: Size, item: KeyPath = ()) -> Corners | None:
    """Read a polygon's corners from a list that stands at a key, or at an item of the list that stands there."""
    if not _LEAST_CORNERS <= len(values) <= _MOST_CORNERS:
        mend = f"give {_LEAST_CORNERS} to {_MOST_CORNERS} of them, [[x, y], …]"
        table.fault(key, f"has {len(values)} corner{'s'[: len(values) != 1]}", mend, item=item)
        return None
    points = [point(table, key, value, size, item=(*item, index)) for index, value in enumerate(values)]
    corners = tuple(found for found in points if found)
    return corners if len(corners) == len(points) and _is_simple(table, key, corners, item) else None


def _is_simple(table: Table, key: str, corners: Corners, item: KeyPath) -> bool:
    """Tell whether a polygon has an area and does not cross itself; note a fault where it has none or does."""
    if corners[0] == corners[-1]:
        mend = "leave the last one out: the polygon closes by itself"
        table.fault(key, "ends in its first corner", mend, item=(*item, len(corners) - 1))
        return False
    if is_flat(corners):
        mend = "give corners that do not all lie on one straight line"
        table.fault(key, "has no area", mend, item=item)
        return False
    edges = crossing(corners)
    if edges:
        cause = f"crosses or touches itself: the edges after corners {edges[0] + 1} and {edges[1] + 1} meet"
        table.fault(key, cause, "give the corners in order, once around", item=(*item, edges[1]))
    return edges is None


def _is_roomy(table: Table, key: str, corners: Corners, size: Size) -> bool:
    """Tell whether a polygon is no sliver; note a fault where it is one."""
    least = size[0] * size[1] * _LEAST_SHARE if size else _LEAST_AREA_PX2
    found = area(corners)
    if found < least:
        table.fault(key, f"is tiny: {found:.0f} px²", f"draw it over at least {math.ceil(least)} px²")
        return False
    width = found / span(corners)
    if width < _LEAST_WIDTH_PX:
        table.fault(key, f"is a sliver: {width:.1f} px wide", f"draw it at least {_LEAST_WIDTH_PX} px wide")
        return False
    return True
