"""A site against the pictures that there really are: a file that leaves `camera.size` out tells nothing of them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from edge.config.fault import Fault, KeyPath, SiteError
from edge.config.ground import mend_size
from edge.config.site import Ground, Point, Site, Zone

_PART: Final = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


def check_inside(site: Site, size: tuple[int, int], lines: Mapping[KeyPath, int] | None = None) -> None:
    """Hold all that is drawn in a site file against the size (width, height) px of the pictures that there really are.

    A site file that leaves `camera.size` out cannot be held against it before the first picture. What lies outside
    would count nobody, which looks like a street where nobody is, and hide nothing. Raises SiteError with every such
    point, and its line where `lines` tells where each key stands.
    """
    width, height = size
    faults = tuple(
        Fault(
            file=site.path,
            line=_line(site, key, lines),
            key=key,
            cause=f"[{x:g}, {y:g}] lies outside the pictures of {width} x {height}",
            mend="move it inside, or set camera.size to the picture it was drawn on",
        )
        for key, (x, y) in points(site)
        if not (0 <= x <= width and 0 <= y <= height)
    )
    if site.ground and site.ground.size not in {None, size}:
        faults = (*faults, _other_size(site, site.ground.size or size, size, lines))
    if faults:
        raise SiteError(faults)


def _other_size(
    site: Site, measured: tuple[int, int], size: tuple[int, int], lines: Mapping[KeyPath, int] | None
) -> Fault:
    cause = f"was measured on pictures of {measured[0]} x {measured[1]}, and these are {size[0]} x {size[1]}"
    line = _line(site, "ground.size", lines)
    return Fault(file=site.path, line=line, key="ground.size", cause=cause, mend=mend_size(measured, size))


def _line(site: Site, key: str, lines: Mapping[KeyPath, int] | None) -> int | None:
    """Find the line of a key by its name here, in which lines, zones and bollards are called by their ids."""
    if lines is None:
        return None
    where: list[str | int] = [int(number) if number else name for name, number in _PART.findall(key)]
    ids = {
        "lines": [line.id for line in site.lines],
        "zones": [zone.id for zone in site.zones],
        "bollards": [bollard.id for bollard in site.bollards],
    }
    if where[0] in ids:
        where[1] = ids[str(where[0])].index(str(where[1]))
    ends = (tuple(where[:end]) for end in range(len(where), 0, -1))
    return next((lines[end] for end in ends if end in lines), None)


def points(site: Site) -> Iterator[tuple[str, Point]]:
    """List every point that a site has in the picture, px, each with its name."""
    for line in site.lines:
        yield from _ends(f"lines.{line.id}", (line.start, line.end))
    for zone in site.zones:
        yield from _zone(f"zones.{zone.id}", zone)
    for number, corners in enumerate(site.privacy.polygons):
        yield from _corners(f"privacy.polygons[{number}]", corners)
    for bollard in site.bollards:
        yield from _corners(f"bollards.{bollard.id}.footprint", bollard.footprint)
        yield from _ends(f"bollards.{bollard.id}.line", bollard.line)
    if site.ground:
        yield from _ground(site.ground)


def _zone(key: str, zone: Zone) -> Iterator[tuple[str, Point]]:
    yield from _corners(f"{key}.polygon", zone.polygon)
    for number, corners in enumerate(zone.obstacles):
        yield from _corners(f"{key}.obstacles[{number}]", corners)
    if zone.direction:
        yield from _ends(f"{key}.direction", zone.direction)


def _ground(ground: Ground) -> Iterator[tuple[str, Point]]:
    for number, pair in enumerate(ground.points):
        yield f"ground.points[{number}].px", pair.px
    for number, length in enumerate(ground.lengths):
        yield from _ends(f"ground.lengths[{number}]", (length.start, length.end))


def _corners(key: str, corners: Sequence[Point]) -> Iterator[tuple[str, Point]]:
    for index, corner in enumerate(corners):
        yield f"{key}[{index}]", corner


def _ends(key: str, stroke: tuple[Point, Point]) -> Iterator[tuple[str, Point]]:
    yield f"{key}.from", stroke[0]
    yield f"{key}.to", stroke[1]
