"""The lines, zones and privacy polygons of a site file: sane shapes, inside the picture."""

from collections.abc import Iterator
from typing import cast

from edge.config.fault import Fault, KeyPath, SiteError
from edge.config.polygon import crossing, is_flat
from edge.config.site import Line, Point, Site, Zone, ZoneUse
from edge.config.table import Table, is_number
from edge.contract.bounds import MOST_LINES, MOST_ZONES

Size = tuple[int, int] | None
Corners = tuple[Point, ...]
Taken = dict[str, str]
"""Each id that stands in the file already, and what it is the id of."""

_LEAST_CORNERS = 3
_MOST_CORNERS = 64
# No camera's picture is wider: what lies beyond it is a slip of the pen.
_MOST_PX = 16_384


def lines(root: Table, size: Size, taken: Taken) -> tuple[Line, ...]:
    """Read `[[lines]]`; faulty ones are noted and left out, and the ids of all go into `taken`."""
    found = [_line(table, size, taken) for table in root.tables("lines", ("id", "from", "to"), MOST_LINES)]
    return tuple(line for line in found if line)


def zones(root: Table, size: Size, taken: Taken) -> tuple[Zone, ...]:
    """Read `[[zones]]`; faulty ones are noted and left out, and the ids of all go into `taken`."""
    found = [_zone(table, size, taken) for table in root.tables("zones", ("id", "polygon", "use"), MOST_ZONES)]
    return tuple(zone for zone in found if zone)


def polygons(table: Table, key: str, size: Size, most: int) -> tuple[Corners, ...]:
    """Read a list of at most so many polygons; faulty ones are noted and left out."""
    lists = table.items(key, f"write a list of polygons, {key} = [[[x, y], [x, y], [x, y]]]") or []
    if len(lists) > most:
        table.fault(key, f"there are {len(lists)}", f"keep at most {most}", item=(most,))
    found = [_listed(table, key, values, size, index) for index, values in enumerate(lists)]
    return tuple(corners for corners in found if corners)


def check_inside(site: Site, size: tuple[int, int]) -> None:
    """Hold lines, zones and privacy polygons against the size (width, height) px of the pictures that there really are.

    A site file that leaves `camera.size` out cannot be held against it before the first picture. What lies outside
    would count nobody, which looks like a street where nobody is, and hide nothing. Raises SiteError with every such
    point.
    """
    width, height = size
    faults = tuple(
        Fault(
            file=site.path,
            line=None,
            key=key,
            cause=f"[{x:g}, {y:g}] lies outside the pictures of {width} x {height}",
            mend="move it inside, or set camera.size to the picture it was drawn on",
        )
        for key, (x, y) in _points(site)
        if not (0 <= x <= width and 0 <= y <= height)
    )
    if faults:
        raise SiteError(faults)


def _points(site: Site) -> Iterator[tuple[str, Point]]:
    for line in site.lines:
        yield f"lines.{line.id}.from", line.start
        yield f"lines.{line.id}.to", line.end
    for zone in site.zones:
        for index, corner in enumerate(zone.polygon):
            yield f"zones.{zone.id}.polygon[{index}]", corner
    for number, polygon in enumerate(site.privacy.polygons):
        for index, corner in enumerate(polygon):
            yield f"privacy.polygons[{number}][{index}]", corner


def _own_id(table: Table, kind: str, taken: Taken) -> str | None:
    """Read an id that no other line or zone has: it names the topic of people for both."""
    table.require("id", 'id = "quai"')
    name = table.id("id")
    if name in taken:
        mend = f"both would be ev/crowd-flow/{name}; give each its own id"
        table.fault("id", f'"{name}" is taken by a {taken[name]}', mend)
    elif name:
        taken[name] = kind
    return name


def _line(table: Table, size: Size, taken: Taken) -> Line | None:
    name = _own_id(table, "line", taken)
    table.require("from", "from = [120, 400]")
    table.require("to", "to = [980, 420]")
    start = _end(table, "from", size)
    end = _end(table, "to", size)
    if start and start == end:
        table.fault("to", "is the same point as from", "draw the line between two different points")
    return Line(id=name, start=start, end=end) if name and start and end else None


def _zone(table: Table, size: Size, taken: Taken) -> Zone | None:
    name = _own_id(table, "zone", taken)
    table.require("polygon", "polygon = [[0, 300], [640, 280], [640, 720]]")
    values = table.items("polygon")
    corners = None if values is None else _polygon(table, "polygon", values, size)
    use = table.choice("use", ZoneUse) or ZoneUse.PEDESTRIAN
    return Zone(id=name, polygon=corners, use=use) if name and corners else None


def _listed(table: Table, key: str, values: object, size: Size, index: int) -> Corners | None:
    # One polygon alone, without the brackets of the list, is a likely slip.
    if isinstance(values, list) and not any(map(is_number, values)):
        return _polygon(table, key, values, size, (index,))
    table.fault(key, "is not a polygon", "write each as [[x, y], [x, y], [x, y]], all in one list", item=(index,))
    return None


def _end(table: Table, key: str, size: Size) -> Point | None:
    values = table.items(key)
    return None if values is None else _point(table, key, (), values, size)


def _point(table: Table, key: str, item: KeyPath, values: object, size: Size) -> Point | None:
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


def _polygon(table: Table, key: str, values: list[object], size: Size, item: KeyPath = ()) -> Corners | None:
    """Read a polygon's corners from a list that stands at a key, or at an item of the list that stands there."""
    if not _LEAST_CORNERS <= len(values) <= _MOST_CORNERS:
        mend = f"give {_LEAST_CORNERS} to {_MOST_CORNERS} of them, [[x, y], …]"
        table.fault(key, f"has {len(values)} corner{'s'[: len(values) != 1]}", mend, item=item)
        return None
    points = [_point(table, key, (*item, index), value, size) for index, value in enumerate(values)]
    corners = tuple(point for point in points if point)
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
