"""What is no fault of a site file, and still not what its writer can want: told by `passant check` only.

A fault stops a device. These do not: what is over was right once, and a device that is started again must not stay
dark for it. So nothing here is asked when a site is loaded, and the time is told by whoever asks.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from edge.config.fault import Fault, KeyPath, Notes
from edge.config.load import Reading
from edge.config.metres import heavy_zones, metres_advice
from edge.config.polygon import area, covers, encloses, overlap
from edge.config.site import CROWD_FEATURES, LegalMode, Site, ZoneUse
from edge.ground.calibration import Calibration

Size = tuple[int, int]
Note = tuple[KeyPath, str, str]
"""Where it stands, what is odd about it, and what to do."""

_WHOLE: Final = 0.98


def advice(reading: Reading, *, now_s: float, size: Size | None, plane: Calibration | None) -> tuple[Fault, ...]:
    """List what is odd about a site at a Unix time, in the order of its lines.

    `size` is that of the pictures (w, h) px, `plane` what is known of the ground on them; None: not known.
    """
    site = reading.site
    notes = Notes(file=site.path, lines=reading.lines)
    found = (
        _legal(site, now_s),
        _mute(reading),
        _permits(site, now_s),
        _crowds(site),
        _bollards(site),
        _unseen(site, size),
    )
    for part in (*found, metres_advice(site, plane, size)):
        for where, cause, mend in part:
            notes.add(where, cause, mend)
    return notes.in_order()


def _legal(site: Site, now_s: float) -> Iterable[Note]:
    legal = site.legal
    if legal.mode is LegalMode.STATISTICS:
        return
    if now_s >= legal.end_s:
        mend = 'name the basis that holds now, with its from and to, or write mode = "statistics"'
        yield ("legal", "to"), "is over: no alarm is raised any more", mend
    elif now_s < legal.start_s:
        yield ("legal", "from"), "is yet to come: no alarm is raised before", "nothing, if that is what is meant"
    raising = {line.id for line in site.lines if line.alarms} | {zone.id for zone in site.zones if zone.alarms}
    idle = sorted(legal.perimeter - raising)
    if idle:
        mend = "write one_way for a line, closed_to or alarms for a zone, or take it out"
        yield ("legal", "perimeter"), f"{', '.join(idle)}: raises no alarm", mend


def _mute(reading: Reading) -> Iterable[Note]:
    """Look for what is only there for alarms, in a site that raises none; the first such key is told."""
    if reading.site.legal.mode is not LegalMode.STATISTICS:
        return
    asked = [where for where in _for_alarms(reading.site) if where in reading.lines]
    if asked:
        mend = 'write [legal] with mode = "alert" or "drill", or nothing, if counts are all that is meant'
        cause = "no alarm is raised here: legal.mode is statistics"
        yield min(asked, key=lambda where: reading.lines[where]), cause, mend


def _for_alarms(site: Site) -> Iterator[KeyPath]:
    yield from ((name,) for name in ("bollards", "alarms"))
    for number, line in enumerate(site.lines):
        if line.alarms:
            yield "lines", number, "one_way"
    for number, zone in enumerate(site.zones):
        yield from (("zones", number, key) for key in ("closed_to", "alarms", "permits"))
        if zone.use is ZoneUse.CLOSED:
            yield "zones", number, "use"


def _crowds(site: Site) -> Iterable[Note]:
    for number, zone in enumerate(site.zones):
        if zone.crowd and len(zone.crowd.weights) != CROWD_FEATURES:
            cause = (
                f"are {len(zone.crowd.weights)}, and this version has {CROWD_FEATURES}: people are counted one by one"
            )
            yield ("zones", number, "crowd", "weights"), cause, "run passant calibrate-crowd again"


def _permits(site: Site, now_s: float) -> Iterable[Note]:
    for number, zone in enumerate(site.zones):
        for index, permit in enumerate(zone.permits):
            if permit.end_s <= now_s:
                yield ("zones", number, "permits", index, "to"), "is over: it permits nothing any more", "take it out"


def _bollards(site: Site) -> Iterable[Note]:
    """Look for bollards that no alarm can advise."""
    if site.bollards and not heavy_zones(site):
        where = "" if site.legal.mode is LegalMode.STATISTICS else " in legal.perimeter"
        mend = 'draw a pedestrian zone, or one with closed_to = ["heavy"], upstream of them'
        yield ("bollards",), f"no zone{where} raises heavy-vehicle, which alone advises them", mend


def _unseen(site: Site, size: Size | None) -> Iterable[Note]:
    """Look for what lies under polygons that nobody looks at."""
    for index, polygon in enumerate(site.privacy.polygons):
        if size and area(polygon) >= _WHOLE * size[0] * size[1]:
            yield ("privacy", "polygons", index), "covers the whole picture: nothing is seen at all", "draw it smaller"
            return
        mend = "draw one of both elsewhere"
        cause = f"is wholly under privacy.polygons[{index}]: nobody is seen there"
        for number, bollard in enumerate(site.bollards):
            if overlap(polygon, bollard.footprint):
                under = f"lies under privacy.polygons[{index}], where nobody is seen: its advice is always inhibit"
                yield ("bollards", number, "footprint"), under, mend
        for number, zone in enumerate(site.zones):
            if covers(polygon, zone.polygon):
                yield ("zones", number, "polygon"), cause, mend
        for number, line in enumerate(site.lines):
            if encloses(polygon, line.start) and encloses(polygon, line.end):
                yield ("lines", number, "from"), cause, mend
