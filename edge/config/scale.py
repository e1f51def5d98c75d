"""A site for pictures of another size than those it was drawn on."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from edge.config.site import Bollard, Ground, GroundPair, KnownLength, Line, Point, Site, Zone

Size = tuple[int, int]
_Scale = Callable[[Point], Point]


def scaled(site: Site, size: Size, to: Size) -> Site:
    """Give the same site for pictures of `to` (w, h) px instead of `size`: all that is in px, and nothing else.

    Metres, counts and times stay; the file's path and hash too, for it is the same file. What was measured of the
    ground on pictures of a size of its own is scaled from that.
    """
    at = partial(_point, size, to)
    return replace(
        site,
        camera=replace(site.camera, size=to),
        lines=tuple(_line(line, at) for line in site.lines),
        zones=tuple(_zone(zone, at) for zone in site.zones),
        bollards=tuple(_bollard(bollard, at) for bollard in site.bollards),
        privacy=replace(site.privacy, polygons=tuple(_corners(corners, at) for corners in site.privacy.polygons)),
        ground=site.ground and _ground(site.ground, size, to),
    )


def _point(size: Size, to: Size, point: Point) -> Point:
    # Multiplied first: the picture's edge comes out at the picture's edge, not a rounding error beyond it.
    return point[0] * to[0] / size[0], point[1] * to[1] / size[1]


def _corners(corners: Sequence[Point], at: _Scale) -> tuple[Point, ...]:
    return tuple(map(at, corners))


def _ends(stroke: tuple[Point, Point], at: _Scale) -> tuple[Point, Point]:
    return at(stroke[0]), at(stroke[1])


def _line(line: Line, at: _Scale) -> Line:
    return replace(line, start=at(line.start), end=at(line.end))


def _zone(zone: Zone, at: _Scale) -> Zone:
    return replace(
        zone,
        polygon=_corners(zone.polygon, at),
        obstacles=tuple(_corners(corners, at) for corners in zone.obstacles),
        direction=zone.direction and _ends(zone.direction, at),
    )


def _bollard(bollard: Bollard, at: _Scale) -> Bollard:
    return replace(bollard, footprint=_corners(bollard.footprint, at), line=_ends(bollard.line, at))


def _ground(ground: Ground, size: Size, to: Size) -> Ground:
    at = partial(_point, ground.size or size, to)
    return Ground(
        points=tuple(GroundPair(px=at(pair.px), m=pair.m) for pair in ground.points),
        lengths=tuple(
            KnownLength(start=at(known.start), end=at(known.end), metres=known.metres) for known in ground.lengths
        ),
        size=to,
    )
