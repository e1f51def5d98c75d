"""Drawing what a site counts and watches: lines, zones, bollards, privacy polygons."""

import math
from typing import Final

from edge.cli.explain.desk import BLUE, GREEN, GREY, INK, ORANGE, RED, Desk, middle
from edge.cli.explain.sheet import Colour, Point
from edge.config.site import Bollard, Line, Site, Zone, ZoneUse

USES: Final[dict[ZoneUse, Colour]] = {ZoneUse.PEDESTRIAN: GREEN, ZoneUse.CARRIAGEWAY: BLUE, ZoneUse.CLOSED: RED}
_ARROW_PX: Final = 46.0
_DOT_PX: Final = 5.0
_HEAD_PX: Final = 30.0


def draw_zones(desk: Desk, site: Site) -> None:
    """Draw the zones in the colours of their uses, their obstacles as holes, and which way traffic goes."""
    for zone in site.zones:
        _zone(desk, zone)
    for corners in site.privacy.polygons:
        desk.sheet.fill([desk.all(corners)], INK, 0.75)
        desk.labels.put(desk.at(middle(corners)), "not looked at", INK, share=0.85)


def draw_lines(desk: Desk, site: Site) -> None:
    """Draw the lines, an arrow across each the way that is called forward, and the bollards."""
    for bollard in site.bollards:
        _bollard(desk, bollard)
    for line in site.lines:
        _line(desk, line)


def _zone(desk: Desk, zone: Zone) -> None:
    colour = USES[zone.use]
    rings = [desk.all(zone.polygon), *(desk.all(corners) for corners in zone.obstacles)]
    desk.sheet.fill(rings, colour, 0.14)
    desk.sheet.ring(rings[0], colour, 2.5)
    for corners in rings[1:]:
        desk.sheet.fill([corners], GREY, 0.45)
        desk.sheet.ring(corners, colour, 1.5)
        desk.labels.put(middle(corners), "obstacle", GREY, share=0.8, must=False)
    if zone.direction is not None:
        start, end = desk.all(zone.direction)
        desk.sheet.arrow(start, end, colour, 4.0)
        desk.labels.put(start, "direction", colour, share=0.85)
    # At its upper edge, where nothing of the ground's own is written.
    top = min(rings[0], key=lambda point: point[1])
    desk.labels.put((0.6 * top[0] + 0.4 * middle(rings[0])[0], top[1]), f"zone {zone.id}: {zone.use.value}", colour)


def _line(desk: Desk, line: Line) -> None:
    start, end = desk.at(line.start), desk.at(line.end)
    desk.sheet.path([start, end], ORANGE, 3.5)
    desk.sheet.fill([_disc(start)], ORANGE, 1.0)
    # Along the line, so that one sees which end is which; across it, forward.
    desk.sheet.arrow(_towards(end, start), end, ORANGE, 3.5)
    centre = middle([start, end])
    tip = _right_of(start, end, centre)
    back = (2 * centre[0] - tip[0], 2 * centre[1] - tip[1])
    way = {None: "", True: ", one way", False: ", one way: backward"}[line.one_way]
    desk.sheet.arrow(back if line.one_way is None else centre, tip, ORANGE, 2.5)
    if line.one_way is False:
        desk.sheet.arrow(centre, back, RED, 2.5)
    for x, y in (start, end, tip):
        desk.labels.keep((x - _DOT_PX, y - _DOT_PX, x + _DOT_PX, y + _DOT_PX))
    desk.labels.put(tip, "forward", ORANGE, share=0.85)
    desk.labels.put(start, f"line {line.id}{way}", ORANGE)


def _bollard(desk: Desk, bollard: Bollard) -> None:
    footprint = desk.all(bollard.footprint)
    desk.sheet.fill([footprint], RED, 0.55)
    desk.sheet.ring(footprint, RED, 1.5)
    ends = desk.all(bollard.line)
    desk.sheet.path(ends, RED, 2.5, dashed=True)
    desk.labels.put(middle(footprint), f"bollard {bollard.id}: up in {bollard.rise_s:g} s", RED, share=0.9)


def _right_of(start: Point, end: Point, centre: Point) -> Point:
    """Give the tip of an arrow to the right hand of somebody who walks from start to end; y is down."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = math.hypot(dx, dy)
    return centre[0] - dy / length * _ARROW_PX, centre[1] + dx / length * _ARROW_PX


def _towards(end: Point, start: Point) -> Point:
    """Give the start of a short shaft that ends at `end`, as long as an arrow's head needs."""
    length = math.dist(start, end)
    share = min(1.0, _HEAD_PX / length)
    return end[0] + share * (start[0] - end[0]), end[1] + share * (start[1] - end[1])


def _disc(centre: Point) -> list[Point]:
    turns = [math.tau * n / 12 for n in range(12)]
    return [(centre[0] + _DOT_PX * math.cos(t), centre[1] + _DOT_PX * math.sin(t)) for t in turns]
