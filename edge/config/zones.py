"""`[[zones]]` of a site file: the polygon, what it is for, whom it is closed to, and what it raises."""

from typing import Final

from edge.config.alarm import ASKED, DEFAULT_CLOSED_TO, of_zone
from edge.config.clock import Clock
from edge.config.name import Taken, own_id
from edge.config.permit import permits
from edge.config.polygon import area, covers, overlap
from edge.config.shape import Corners, Size, Stroke, polygon, polygons, stroke
from edge.config.site import ClosedTo, CrowdFit, Zone, ZoneUse
from edge.config.table import Table, is_number
from edge.config.week import spans
from edge.contract.bounds import MOST_ZONES

MOST_OBSTACLES: Final = 16
MOST_WEIGHTS: Final = 32

_KEYS: Final = (*("id", "polygon", "use", "obstacles", "closed_to", "direction", "alarms", "when", "permits", "crowd"),)
_CLOSED_TO: Final = {who.value: who for who in ClosedTo}
_MOST_MOMENTS: Final = 1_000
# Of a zone's area.
_MOST_OBSTRUCTED: Final = 0.95


def zones(root: Table, size: Size, taken: Taken, own: Clock) -> tuple[Zone, ...]:
    """Read `[[zones]]`; faulty ones are noted and left out, and the ids of all go into `taken`."""
    found = [_zone(table, size, taken, own) for table in root.tables("zones", _KEYS, MOST_ZONES)]
    return tuple(zone for zone in found if zone)


def _zone(table: Table, size: Size, taken: Taken, own: Clock) -> Zone | None:
    name = own_id(table, "zone", taken)
    table.require("polygon", "polygon = [[0, 300], [640, 280], [640, 720]]")
    corners = polygon(table, "polygon", size)
    use = table.choice("use", ZoneUse) or ZoneUse.PEDESTRIAN
    closed_to = _closed_to(table, use)
    direction = _direction(table, use, size)
    alarms = of_zone(use, closed_to, table.words("alarms", ASKED) or (), directed=direction is not None)
    zone = Zone(
        id=name or "",
        polygon=corners or (),
        use=use,
        obstacles=_obstacles(table, corners, size),
        closed_to=closed_to,
        direction=direction,
        alarms=alarms,
        when=spans(table, own),
        permits=permits(table, alarms, own),
        crowd=_crowd(table),
    )
    return zone if name and corners else None


def _closed_to(table: Table, use: ZoneUse) -> frozenset[ClosedTo]:
    found = table.words("closed_to", _CLOSED_TO)
    if use is ZoneUse.CLOSED:
        return DEFAULT_CLOSED_TO if found is None else frozenset(found)
    if "closed_to" in table:
        table.fault("closed_to", f"is for closed zones, and this one is {use.value}", 'write use = "closed" too')
    return frozenset()


def _direction(table: Table, use: ZoneUse, size: Size) -> Stroke | None:
    if "direction" not in table:
        return None
    if use is not ZoneUse.CARRIAGEWAY:
        mend = 'write use = "carriageway" too, or take it out'
        table.fault("direction", f"is for carriageways, and this zone is {use.value}", mend)
    return stroke(table.table("direction", ("from", "to")), size)


def _obstacles(table: Table, corners: Corners | None, size: Size) -> tuple[Corners, ...]:
    """Read the polygons in which nobody can stand: inside the zone, apart from one another, and not all of it."""
    found = polygons(table, "obstacles", size, MOST_OBSTACLES)
    if corners is None or len(found) != len(table.items("obstacles") or ()):
        return found
    for index, obstacle in enumerate(found):
        if not covers(corners, obstacle):
            mend = "draw it inside the zone: what is outside takes no ground away from it"
            table.fault("obstacles", "does not lie inside its zone", mend, item=(index,))
        elif any(overlap(obstacle, other) for other in found[:index]):
            mend = "draw both as one: ground is taken away from the zone once only"
            table.fault("obstacles", "overlaps another", mend, item=(index,))
    if sum(map(area, found)) > _MOST_OBSTRUCTED * area(corners):
        table.fault("obstacles", "leave nowhere to stand", "draw them smaller, or leave the zone out")
    return found


def _crowd(zone: Table) -> CrowdFit | None:
    """Read `[zones.crowd]`, which `passant calibrate-crowd` writes."""
    table = zone.table("crowd", ("weights", "error", "moments"))
    if "crowd" not in zone:
        return None
    for key in ("weights", "error", "moments"):
        table.require(key, "as passant calibrate-crowd printed it")
    weights = table.items("weights") or []
    if "weights" in table and not (1 <= len(weights) <= MOST_WEIGHTS and all(map(is_number, weights))):
        mend = "copy them as passant calibrate-crowd printed them"
        table.fault("weights", f"are not 1 to {MOST_WEIGHTS} numbers", mend)
        return None
    error, moments = table.number("error", 0, 1), table.whole("moments", 1, _MOST_MOMENTS)
    if error is None or moments is None:
        return None
    return CrowdFit(weights=tuple(map(float, weights)), error=float(error), moments=moments)  # type: ignore[arg-type]
