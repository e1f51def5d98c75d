"""Drawing the ground: its grid of metres, where it may be trusted, how sharp it is, and what was measured of it."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from edge.cli.explain.desk import GREEN, GREY, INK, PURPLE, RED, TEAL, Desk, middle
from edge.cli.explain.sheet import Colour, Point
from edge.config.polygon import encloses
from edge.config.site import Ground, Site
from edge.contract.report import Metres
from edge.ground.calibration import Calibration
from edge.ground.homography import Homography
from edge.ground.lengths import measured
from edge.ground.region import cut, grown

KERNEL_M: Final = 1.5
"""R of the density's bell: see edge/vision/measure/plot.py."""
_STEPS_M: Final = (1, 2, 5, 10, 20, 50)
# No more lines than this each way.
_MOST_LINES: Final = 14
_CIRCLE: Final = 48
_PROBES: Final = (7, 5)
_CROSS_PX: Final = 6.0
_OFFSET_PX: Final = 40.0
_MAGNIFIED: Final = (1, 2, 5, 10, 20, 50, 100)


@dataclass(frozen=True, kw_only=True, slots=True)
class Drawn:
    """What a reader must know of the drawn ground: metres between lines, and how much longer offsets are than so."""

    step_m: int
    magnified: int


def draw_ground(desk: Desk, site: Site, plane: Calibration) -> Drawn | None:
    """Draw a site's ground, also a refused one, in red; None where there is no plane at all."""
    if site.ground is None or plane.homography is None:
        return None
    refused = plane.state is Metres.REFUSED
    step = _step(plane, plane.homography)
    if plane.valid:
        _shade(desk, plane)
        _grid(desk, plane, plane.homography, step, RED if refused else TEAL)
        desk.sheet.ring(desk.all(plane.valid), RED if refused else GREEN, 2.0, dashed=True)
    _horizon(desk, plane.homography)
    for pair in site.ground.points:
        x, y = desk.at(pair.px)
        desk.labels.keep((x - _CROSS_PX, y - _CROSS_PX, x + _CROSS_PX, y + _CROSS_PX))
    return Drawn(step_m=step, magnified=_magnified(desk, plane))


def draw_worth(desk: Desk, site: Site, plane: Calibration, drawn: Drawn) -> None:
    """Draw what says whether the ground is right: points and offsets, lengths, densities' reach, sharpness."""
    if site.ground is None or plane.homography is None:
        return
    _points(desk, site.ground, plane, plane.homography, drawn.magnified)
    _lengths(desk, site.ground, plane.homography)
    _kernels(desk, site, plane, plane.homography)
    _sharpness(desk, plane, plane.homography)


def _shade(desk: Desk, plane: Calibration) -> None:
    """Darken what is not trusted: a ring round the picture with a hole."""
    width, height = desk.size
    outside = [(0.0, 0.0), (float(width), 0.0), (float(width), float(height)), (0.0, float(height))]
    desk.sheet.fill([desk.all(outside), desk.all(plane.valid)], INK, 0.16)


def _extent(plane: Calibration, ground: Homography) -> tuple[Point, Point]:
    """Give the least and the greatest x and y of the trusted ground, in m."""
    xs, ys = zip(*(ground.to_metres(px) for px in plane.valid), strict=True)
    return (min(xs), min(ys)), (max(xs), max(ys))


def _step(plane: Calibration, ground: Homography) -> int:
    if not plane.valid:
        return _STEPS_M[0]
    (x0, y0), (x1, y1) = _extent(plane, ground)
    side = max(x1 - x0, y1 - y0)
    return next((step for step in _STEPS_M if side / step <= _MOST_LINES), _STEPS_M[-1])


def _grid(desk: Desk, plane: Calibration, ground: Homography, step: int, colour: Colour) -> None:
    low, high = _extent(plane, ground)
    for axis, name in ((0, "x"), (1, "y")):
        for n in range(math.ceil(low[axis] / step), math.floor(high[axis] / step) + 1):
            ends = [(n * step, end[1]) if axis == 0 else (end[0], n * step) for end in (low, high)]
            seen = _seen(plane, ground, ends[0], ends[1])
            if seen:
                desk.sheet.path(desk.all(seen), colour, 2.0 if n == 0 else 1.0)
                # Rows at their left ends, columns at their nearest.
                end = max(seen, key=lambda px: px[1]) if axis == 0 else min(seen)
                desk.labels.put(desk.at(end), f"{name} {n * step} m", colour, share=0.75, must=False)


def _seen(plane: Calibration, ground: Homography, start: Point, end: Point) -> list[Point]:
    """Cut a straight on the ground to its trusted part: its two ends in px, or none."""
    trusted = [ground.to_metres(px) for px in plane.valid]
    left = cut((start, end), grown(trusted, 0.0))
    return [ground.to_pixels(place) for place in (min(left), max(left))] if left and min(left) != max(left) else []


def _horizon(desk: Desk, ground: Homography) -> None:
    """Draw where the plane ends, if that is in the picture: it must lie where streets seem to meet."""
    a, b, c = ground.rows[6:]
    width, height = desk.size
    frame = ((0.0, 0.0), (float(width), 0.0), (float(width), float(height)), (0.0, float(height)))
    below = cut(frame, [(a, b, c)])
    ends = [px for px in below if abs(a * px[0] + b * px[1] + c) < 1e-9 * (abs(a) * width + abs(b) * height + abs(c))]
    if len(ends) > 1 and len(below) > len(ends):
        desk.sheet.path(desk.all(ends[:2]), GREY, 1.5, dashed=True)
        desk.labels.put(desk.at(middle(ends[:2])), "horizon", GREY, share=0.85)


def _magnified(desk: Desk, plane: Calibration) -> int:
    """Choose how many times as long offsets are drawn, so that they can be seen."""
    longest = max((math.hypot(*offset) for offset in plane.offsets if offset and math.isfinite(offset[0])), default=0.0)
    sharp = (plane.px_per_m or (1.0, 1.0))[0] * desk.scale
    fits = [times for times in _MAGNIFIED if longest * sharp * times <= _OFFSET_PX]
    return fits[-1] if fits else 1


def _points(desk: Desk, ground: Ground, plane: Calibration, map_: Homography, times: int) -> None:
    offsets = plane.offsets or (None,) * len(ground.points)
    for number, (pair, offset) in enumerate(zip(ground.points, offsets, strict=False), 1):
        x, y = desk.at(pair.px)
        for dx, dy in ((_CROSS_PX, _CROSS_PX), (_CROSS_PX, -_CROSS_PX)):
            desk.sheet.path([(x - dx, y - dy), (x + dx, y + dy)], INK, 2.0)
        told = f"{number}"
        if offset and math.isfinite(offset[0]):
            told = f"{number}: {math.hypot(*offset):.2f} m off"
            tip = map_.to_pixels((pair.m[0] + times * offset[0], pair.m[1] + times * offset[1]))
            if math.isfinite(tip[0]) and math.dist(desk.at(tip), (x, y)) > 1:
                desk.sheet.arrow((x, y), desk.at(tip), RED, 2.0)
        desk.labels.put((x, y), told, INK, share=0.8)


def _lengths(desk: Desk, ground: Ground, plane: Homography) -> None:
    for each in ground.lengths:
        ends = desk.all((each.start, each.end))
        desk.sheet.path(ends, INK, 2.0)
        told = f"{each.metres:g} m, here {measured(plane, each):.2f} m"
        desk.labels.put(middle(ends), told, INK, share=0.8)


def _kernels(desk: Desk, site: Site, plane: Calibration, ground: Homography) -> None:
    """Draw how far somebody counts towards the density round them, at the near and far end of each zone."""
    for zone in site.zones:
        places = [px for px in _lattice(zone.polygon) if encloses(plane.valid, px) and encloses(zone.polygon, px)]
        for px in _ends(places):
            x, y = ground.to_metres(px)
            turns = [math.tau * n / _CIRCLE for n in range(_CIRCLE)]
            ring = [ground.to_pixels((x + KERNEL_M * math.cos(t), y + KERNEL_M * math.sin(t))) for t in turns]
            if all(math.isfinite(corner[0]) for corner in ring):
                desk.sheet.fill([desk.all(ring)], PURPLE, 0.16)
                desk.sheet.ring(desk.all(ring), PURPLE, 1.5)


def _ends(places: list[Point]) -> Iterator[Point]:
    if not places:
        return
    x, _ = middle(places)
    for end in (max, min):
        row = end(y for _, y in places)
        yield min((px for px in places if px[1] == row), key=lambda px: abs(px[0] - x))


def _lattice(polygon: tuple[Point, ...]) -> list[Point]:
    xs, ys = zip(*polygon, strict=True)
    columns, rows = _PROBES
    return [
        (min(xs) + (max(xs) - min(xs)) * (i + 0.5) / columns, min(ys) + (max(ys) - min(ys)) * (j + 0.5) / rows)
        for j in range(rows)
        for i in range(columns)
    ]


def _sharpness(desk: Desk, plane: Calibration, ground: Homography) -> None:
    """Write how many pixels a metre has at some places of the trusted ground."""
    if not plane.valid:
        return
    for px in _lattice(plane.valid)[::3]:
        if encloses(plane.valid, px):
            x, y = desk.at(px)
            desk.sheet.path([(x - 3, y), (x + 3, y)], GREY, 3.0)
            desk.labels.put((x, y), f"{ground.px_per_m(px):.0f} px/m", GREY, share=0.75, must=False)
