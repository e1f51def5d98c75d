"""What is odd about a site's metres: ground that is refused, asked for where there is none, or not seen far enough."""

from collections.abc import Iterable
from typing import Final

from edge.config.fault import KeyPath
from edge.config.pairs import mirrored
from edge.config.polygon import encloses, overlap
from edge.config.site import Point, Site
from edge.contract.report import AlarmKind, Metres
from edge.ground.calibration import Calibration
from edge.ground.homography import LEAST_POINTS

Size = tuple[int, int]
Note = tuple[KeyPath, str, str]

# IEC 62676-4 asks for as many pixels per metre to detect a person.
_DETECT_PX_PER_M: Final = 25


def metres_advice(site: Site, plane: Calibration | None, size: Size | None) -> Iterable[Note]:
    """List what is odd about the metres of a site, where `plane` is what is known of its ground; None: nothing."""
    yield from _ground(site, plane, size)
    yield from _density(site, plane)
    if plane and plane.usable:
        yield from _beyond(site, plane.valid)
    yield from _ceiling(site, plane)
    if site.bollards and not (plane and plane.usable):
        cause = "nobody can tell when a vehicle arrives: there are no metres"
        yield ("bollards",), cause, "write [ground], or mend it"


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
        yield ("ground", key), f"{told}: {cause}", mend or "measure more of it"
    if 0 < len(ground.points) < LEAST_POINTS:
        mend = f"measure {LEAST_POINTS} or more, or take them out"
        yield ("ground", "points"), f"are fewer than {LEAST_POINTS}: only the lengths are used", mend
    elif mirrored(ground.points):
        mend = "nothing, if y was measured towards the camera; else two of them are swapped"
        yield ("ground", "points"), "are a mirror image of x to the right and y away from the camera", mend


def _density(site: Site, plane: Calibration | None) -> Iterable[Note]:
    if site.ground and plane is None:
        return
    state = plane.state if plane else Metres.NONE
    for number, zone in enumerate(site.zones):
        if AlarmKind.DENSITY in zone.alarms and state is not Metres.VERIFIED:
            mend = "write [ground] with 5 points, or 4 and a length" if state is Metres.NONE else "mend [ground]"
            yield ("zones", number, "alarms"), "density is not raised without verified metres", mend


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


def _ceiling(site: Site, plane: Calibration | None) -> Iterable[Note]:
    ceiling = site.privacy.max_px_per_m
    if ceiling is None:
        return
    if plane and not plane.usable:
        yield ("privacy", "max_px_per_m"), "cannot be held without metres", "mend [ground]"
    elif ceiling < _DETECT_PX_PER_M:
        cause = f"is so low that people are hardly found: that takes some {_DETECT_PX_PER_M}"
        yield ("privacy", "max_px_per_m"), cause, f"write {_DETECT_PX_PER_M} or more"
