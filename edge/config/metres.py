"""What is odd about a site's metres: ground that is refused, asked for where there is none, or not seen far enough."""

import math
from collections.abc import Iterable
from typing import Final

from edge.config.fault import KeyPath
from edge.config.pairs import mirrored
from edge.config.polygon import encloses, overlap
from edge.config.site import Bollard, Ground, LegalMode, Point, Site, Zone
from edge.contract.report import AlarmKind, Metres
from edge.ground.calibration import MOST_RESIDUAL, Calibration
from edge.ground.homography import LEAST_POINTS
from edge.ground.lengths import measured
from edge.ground.stand_off import StandOff, reach
from edge.units import KMH_PER_MPS, kmh_from_mps

Size = tuple[int, int]
Note = tuple[KeyPath, str, str]

# 50 km/h, the limit in most towns.
TOWN_MPS: Final = 50 / KMH_PER_MPS
# IEC 62676-4 asks for as many pixels per metre to detect a person.
_DETECT_PX_PER_M: Final = 25


def metres_advice(site: Site, plane: Calibration | None, size: Size | None) -> Iterable[Note]:
    """List what is odd about the metres of a site, where `plane` is what is known of its ground; None: nothing."""
    yield from _ground(site, plane, size)
    yield from _asked(site, plane)
    if plane and plane.usable:
        yield from _beyond(site, plane.valid)
    yield from _ceiling(site)
    yield from _bollards(site, plane)


def unmet_ceiling(site: Site, plane: Calibration | None) -> Note | None:
    """Tell why a ceiling on pixels per metre cannot be held: vision doesn't look at pictures then. None: it can be."""
    if site.privacy.max_px_per_m is None or plane is None or plane.usable:
        return None
    cause, _, mend = plane.why.partition(" — ")
    cause += _off(site.ground, plane)
    mend = f"{mend or 'measure [ground] again'}, or take max_px_per_m out"
    return ("privacy", "max_px_per_m"), f"cannot be held, for [ground] gives no metres: {cause}", mend


def heavy_zones(site: Site) -> tuple[Zone, ...]:
    """List the zones whose alarms advise bollards: those that raise heavy-vehicle, where the law lets them."""
    legal = site.legal
    return tuple(
        zone
        for zone in site.zones
        if AlarmKind.HEAVY_VEHICLE in zone.alarms and (legal.mode is LegalMode.STATISTICS or zone.id in legal.perimeter)
    )


def seen_upstream_m(site: Site, bollard: Bollard, plane: Calibration) -> float:
    """Measure how far from a bollard's line a heavy vehicle raises an alarm, in m, on the side where that is farther.

    Nobody says from which side vehicles come; at the least, from that one.
    """
    reached = [reach(plane, bollard.line, zone.polygon) for zone in heavy_zones(site)]
    return max((max(each.forward_m, each.backward_m) for each in reached), default=0.0)


def _ground(site: Site, plane: Calibration | None, size: Size | None) -> Iterable[Note]:
    ground = site.ground
    if ground is None:
        return
    key = "points" if ground.points else "lengths"
    if size is None and ground.size is None:
        mend = "write size = [width, height] of the picture that was measured on"
        yield ("ground", key), "is not looked into: nobody says of which picture its pixels are", mend
    if plane and plane.state in {Metres.REFUSED, Metres.UNVERIFIED}:
        cause, _, mend = plane.why.partition(" — ")
        told = "no metres" if plane.state is Metres.REFUSED else "metres unverified"
        yield ("ground", key), f"{told}: {cause}{_off(ground, plane)}", mend or "measure more of it"
    if 0 < len(ground.points) < LEAST_POINTS:
        mend = f"measure {LEAST_POINTS} or more, or take them out"
        yield ("ground", "points"), f"are fewer than {LEAST_POINTS}: only the lengths are used", mend
    elif mirrored(ground.points):
        mend = "nothing, if y was measured towards the camera; else two of them are swapped"
        yield ("ground", "points"), "are a mirror image of x to the right and y away from the camera", mend


def _off(ground: Ground | None, plane: Calibration) -> str:
    """Say which way the length is off that fits the points worst, where it is off by more than may be; else nothing."""
    if ground is None or plane.homography is None or len(ground.points) < LEAST_POINTS:
        return ""
    made = [(measured(plane.homography, each), each.metres, number) for number, each in enumerate(ground.lengths, 1)]
    off = [(abs(found / metres - 1), found, metres, number) for found, metres, number in made if math.isfinite(found)]
    if not off or max(off)[0] <= MOST_RESIDUAL:
        return ""
    _, found, metres, number = max(off)
    return f"; of length {number} you say {metres:g} m, the points make it {found:.1f} m"


def _asked(site: Site, plane: Calibration | None) -> Iterable[Note]:
    if site.ground and plane is None:
        return
    state = plane.state if plane else Metres.NONE
    for number, zone in enumerate(site.zones):
        mend = "write [ground] with 5 points, or 4 and a length" if state is Metres.NONE else "mend [ground]"
        if AlarmKind.DENSITY in zone.alarms and state is not Metres.VERIFIED:
            yield ("zones", number, "alarms"), "density is not raised without verified metres", mend
        if AlarmKind.CROWD_MOVEMENT in zone.alarms and state in {Metres.NONE, Metres.REFUSED}:
            yield ("zones", number, "alarms"), "crowd-movement is not raised without metres", mend


def _beyond(site: Site, valid: tuple[Point, ...]) -> Iterable[Note]:
    """Look for zones and lines that lie wholly where metres are not trusted."""
    mend = "measure points there too, or do without speeds and densities"
    for number, zone in enumerate(site.zones):
        if not valid or not overlap(zone.polygon, valid):
            yield ("zones", number, "polygon"), "lies wholly beyond the measured ground: no metres there", mend
    for number, line in enumerate(site.lines):
        middle = ((line.start[0] + line.end[0]) / 2, (line.start[1] + line.end[1]) / 2)
        if not valid or not any(encloses(valid, place) for place in (line.start, middle, line.end)):
            yield ("lines", number, "from"), "lies beyond the measured ground: no metres there", mend


def _bollards(site: Site, plane: Calibration | None) -> Iterable[Note]:
    if plane is None and site.ground:
        return
    if site.bollards and not (plane and plane.usable):
        cause = "nobody can tell when a vehicle arrives: there are no metres"
        yield ("bollards",), cause, "write [ground], or mend it"
    elif plane:
        for number, bollard in enumerate(site.bollards):
            needs, seen = StandOff(rise_s=bollard.rise_s), seen_upstream_m(site, bollard, plane)
            fastest = needs.fastest_mps(seen)
            if fastest < TOWN_MPS:
                cause = f"seen {seen:.0f} m upstream, in time for {kmh_from_mps(fastest):.0f} km/h and no more"
                far = f"{needs.distance_m(TOWN_MPS):.0f} m for {kmh_from_mps(TOWN_MPS):.0f} km/h"
                mend = f"look and draw farther up the street, {far}, or slow traffic down"
                yield ("bollards", number, "line"), cause, mend


def _ceiling(site: Site) -> Iterable[Note]:
    ceiling = site.privacy.max_px_per_m
    if ceiling is not None and ceiling < _DETECT_PX_PER_M:
        cause = f"is so low that people are hardly found: that takes some {_DETECT_PX_PER_M}"
        yield ("privacy", "max_px_per_m"), cause, f"write {_DETECT_PX_PER_M} or more"
