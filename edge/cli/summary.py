"""What a site file asks for, in plain lines of words; no credential is among them."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from edge.cli.compass import arrow, forward
from edge.config.alarm import LEAST_DENSITY, WORDS
from edge.config.metres import heavy_zones, seen_upstream_m
from edge.config.permit import KINDS
from edge.config.site import (
    UTC,
    Bollard,
    Broker,
    CameraSite,
    ClosedTo,
    Ground,
    LegalMode,
    Line,
    Permit,
    Privacy,
    PrivacyFill,
    PrivacyLevel,
    Site,
    SourceKind,
    Span,
    Zone,
    ZoneUse,
)
from edge.config.week import DAYS
from edge.contract.report import AlarmKind, Metres
from edge.ground.calibration import Calibration
from edge.ground.stand_off import StandOff
from edge.units import kmh_from_mps

_MASKED: Final = {
    PrivacyLevel.FACES_AND_PLATES: "faces, plates, heads and the lower parts of vehicles",
    PrivacyLevel.PEOPLE_AND_VEHICLES: "people, vehicles and what moves",
    PrivacyLevel.ALL_BUT_BACKGROUND: "all but what stays as it is",
}
_FILLED: Final = {
    PrivacyFill.SOLID: "in one colour",
    PrivacyFill.PIXELATE: "in large cells",
    PrivacyFill.BLUR: "in large cells drawn smoothly",
}
_CLOSED_TO: Final = {
    ClosedTo.HEAVY: "heavy vehicles",
    ClosedTo.VEHICLE: "all vehicles",
    ClosedTo.PERSON: "people",
}
_METRES: Final = {
    Metres.REFUSED: "refused",
    Metres.UNVERIFIED: "unverified: no density alarms",
    Metres.VERIFIED: "verified",
}
_KIND_WORDS: Final = {kind: word for word, kind in WORDS.items()}
_MINUTES_AN_HOUR: Final = 60
_DAY_MIN: Final = 1440


def summary(site: Site, plane: Calibration | None = None) -> Iterator[str]:
    """Say in plain lines what a site asks for; `plane` is what is known of its ground."""
    yield f"device   {site.device.id} of {site.device.org}"
    if site.time_zone is not UTC:
        yield f"place    time zone {site.time_zone}"
    yield f"camera   {_camera(site.camera)}"
    if site.ground:
        yield f"ground   {_ground(site.ground, plane)}"
    for line in site.lines:
        yield f"line     {line.id}: {_line(line)}{_raises(site, line)}"
    for zone in site.zones:
        yield f"zone     {zone.id}: {_zone(zone)}{_raises(site, zone)}"
        for permit in zone.permits:
            yield f"permit   {zone.id}: {_permit(site, permit)}"
    for bollard in site.bollards:
        yield f"bollard  {bollard.id}: {_bollard(site, bollard, plane)}"
    yield f"windows  {site.window_s} s, aligned to UTC"
    yield f"legal    {_legal(site)}"
    if site.legal.mode is not LegalMode.STATISTICS:
        yield f"alarms   {_alarms(site)}"
    tiles = site.detector.tiles
    cut = f"cut {tiles[0]} x {tiles[1]}" if tiles else "cut where it calls for it"
    yield f"detector {site.detector.model}, picture {cut}, threads: {site.detector.threads}"
    yield f"privacy  {_privacy(site.privacy)}"
    yield f"broker   {_broker(site.broker)}"


def _camera(camera: CameraSite) -> str:
    source = camera.kind.value if camera.kind is SourceKind.PI else f"{camera.kind.value}:{camera.target}"
    size = f"{camera.size[0]} x {camera.size[1]} px" if camera.size else "the source's own size"
    rate = f"at most {camera.fps:g} frames a second" if camera.fps else "the source's own rate"
    replay = f", a recording, {camera.pace:g} times as fast" if camera.replay else ""
    return f"{source}, {size}, {rate}{replay}{', looped' if camera.loop else ''}"


def _ground(ground: Ground, plane: Calibration | None) -> str:
    measured = f"{_several(len(ground.points), 'point')} and {_several(len(ground.lengths), 'length')}"
    if plane is None:
        return f"{measured}; not looked into, for the picture's size is not known"
    residual = "" if plane.residual is None else f", {plane.residual:.1%} off where it was not fitted"
    scale = f"; {plane.px_per_m[0]:.0f} to {plane.px_per_m[1]:.0f} px a metre" if plane.px_per_m else ""
    return f"{measured}: {_METRES[plane.state]}{residual}{scale if plane.usable else ''}"


def _line(line: Line) -> str:
    (x0, y0), (x1, y1) = line.start, line.end
    ends = f"from ({x0:g}, {y0:g}) to ({x1:g}, {y1:g})"
    way = "" if line.one_way is None else f"; vehicles {'forward' if line.one_way else 'backward'} only"
    across = f"forward is across it to the {forward(line.start, line.end)}"
    return f"{ends}, an arrow to the {arrow(line.start, line.end)}; {across}{way}"


def _zone(zone: Zone) -> str:
    use = zone.use.value
    if zone.use is ZoneUse.CLOSED:
        # Closed to all vehicles is closed to heavy ones too.
        whom = zone.closed_to - ({ClosedTo.HEAVY} if ClosedTo.VEHICLE in zone.closed_to else set())
        use += f" to {' and '.join(_CLOSED_TO[who] for who in ClosedTo if who in whom)}"
    parts = [f"{len(zone.polygon)} corners, {use}"]
    if zone.direction:
        parts.append(f"towards the {arrow(*zone.direction)}")
    if zone.obstacles:
        parts.append(_several(len(zone.obstacles), "obstacle"))
    if zone.crowd:
        parts.append(f"people counted by {zone.crowd.moments} moments, {zone.crowd.error:.0%} off")
    return ", ".join(parts)


def _raises(site: Site, place: Line | Zone) -> str:
    """Say what a line or a zone raises, and when; nothing where nobody may raise anything."""
    if site.legal.mode is LegalMode.STATISTICS or not place.alarms:
        return ""
    if place.id not in site.legal.perimeter:
        return "; raises nothing: it is not in legal.perimeter"
    return f"; raises {_kinds(place.alarms)}{_hours(place.when)}"


def _kinds(alarms: Iterable[AlarmKind]) -> str:
    return ", ".join(_KIND_WORDS[kind] for kind in sorted(alarms))


def _hours(when: tuple[Span, ...]) -> str:
    return ", " + " and ".join(map(_span, when)) if when else ""


def _span(span: Span) -> str:
    days = "" if len(span.days) == len(DAYS) else " ".join(DAYS[day] for day in sorted(span.days)) + " "
    return f"{days}{_hour(span.start_min)} to {_hour(span.end_min or _DAY_MIN)}"


def _hour(minutes: int) -> str:
    return f"{minutes // _MINUTES_AN_HOUR:02}:{minutes % _MINUTES_AN_HOUR:02}"


def _permit(site: Site, permit: Permit) -> str:
    word = next(word for word, kinds in KINDS.items() if kinds == permit.kinds)
    return f"{permit.count} of kind {word} at once, {_period(site, permit.start_s, permit.end_s)}"


def _period(site: Site, start_s: int, end_s: int) -> str:
    start, end = (datetime.fromtimestamp(s, site.time_zone) for s in (start_s, end_s))
    return f"{start:%Y-%m-%d %H:%M %Z} to {end:%Y-%m-%d %H:%M %Z}"


def _bollard(site: Site, bollard: Bollard, plane: Calibration | None) -> str:
    rise = f"up in {bollard.rise_s:g} s"
    if plane is None or not plane.usable or not heavy_zones(site):
        return rise
    seen = seen_upstream_m(site, bollard, plane)
    fastest = kmh_from_mps(StandOff(rise_s=bollard.rise_s).fastest_mps(seen))
    return f"{rise}; heavy vehicles seen {seen:.0f} m upstream, in time up to {fastest:.0f} km/h"


def _legal(site: Site) -> str:
    legal = site.legal
    if legal.mode is LegalMode.STATISTICS:
        return "statistics: counts and averages only, no alerts"
    basis = f' by "{legal.basis}"' if legal.basis else ""
    period = _period(site, legal.start_s, legal.end_s)
    return f"{legal.mode.value}{basis}, {period}, in {', '.join(sorted(legal.perimeter))}"


def _alarms(site: Site) -> str:
    places: tuple[Line | Zone, ...] = (*site.lines, *site.zones)
    raised = frozenset[AlarmKind]().union(*(one.alarms for one in places if one.id in site.legal.perimeter))
    if not raised:
        return "none: nothing in legal.perimeter raises any"
    return ", ".join(
        f"{_KIND_WORDS[kind]}{_from(kind)} after {site.alarms[kind].hold_s:g} s" for kind in sorted(raised)
    )


def _from(kind: AlarmKind) -> str:
    return f" from {LEAST_DENSITY} people/m²" if kind is AlarmKind.DENSITY else ""


def _privacy(privacy: Privacy) -> str:
    hidden = _MASKED[privacy.level]
    drawn = len(privacy.polygons)
    polygons = f"; {_several(drawn, 'polygon')} that nobody looks at" if drawn else ""
    ceiling = f"; pictures scaled down to {privacy.max_px_per_m:g} px a metre" if privacy.max_px_per_m else ""
    return f"{privacy.level.value}: stills mask {hidden}, {_FILLED[privacy.fill]}{polygons}{ceiling}"


def _broker(broker: Broker | None) -> str:
    if broker is None:
        return "none: enough for analyse, not for run"
    if broker.certificate:
        who = "by certificate"
    else:
        who = "by user name and password file" if broker.username else "without credentials"
    channel = "TLS" if broker.tls else "unencrypted"
    return f"{broker.host}, port {broker.port}, {channel}, {who}{', for drills only' if broker.drill else ''}"


def _several(count: int, noun: str) -> str:
    return f"{count} {noun}{'s'[: count != 1]}"
