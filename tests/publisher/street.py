"""A site and the reports that a vision under it would make."""

import time
from dataclasses import replace
from pathlib import Path

from edge.config.site import (
    Bollard,
    Broker,
    CameraSite,
    Detector,
    Device,
    Legal,
    LegalMode,
    Line,
    Site,
    SourceKind,
    Zone,
    ZoneUse,
)
from edge.contract.report import (
    AlarmKind,
    AlarmPhase,
    AlarmReport,
    DirectionCounts,
    Hello,
    LineReport,
    Severity,
    WindowReport,
    ZoneReport,
)

WINDOW_S = 60
# A day ago: a publisher refuses what is much older.
START_S = (int(time.time()) // WINDOW_S - 1440) * WINDOW_S
MODEL = 0x0123_4567_89AB_CDEF
HASH = 0xFEDC_BA98_7654_3210

SITE = Site(
    path=Path("site.toml"),
    hash64=HASH,
    device=Device(org="nice", id="promenade-042"),
    camera=CameraSite(kind=SourceKind.PI, target="", size=(1280, 720)),
    lines=(Line(id="quai", start=(120.0, 400.0), end=(980.0, 420.0)),),
    zones=(
        Zone(
            id="promenade",
            polygon=((0.0, 300.0), (640.0, 280.0), (640.0, 720.0), (0.0, 720.0)),
            use=ZoneUse.PEDESTRIAN,
        ),
    ),
    window_s=WINDOW_S,
    legal=Legal(),
    detector=Detector(),
    broker=Broker(host="127.0.0.1", port=1883, tls=False),
)
# Three events of the line and one of the zone.
EVENTS_PER_REPORT = 4

HELLO = Hello(site=HASH, model=MODEL, replay=False, isolated=True)


def site_at(port: int, **broker: object) -> Site:
    """The site with its broker on this machine."""
    values: dict[str, object] = {"host": "127.0.0.1", "port": port, "tls": False, **broker}
    return replace(SITE, broker=Broker(**values))  # type: ignore[arg-type]


def report(sequence: int = 1, **changes: object) -> WindowReport:
    """A good report; window number `sequence`."""
    whole = WindowReport(
        sequence=sequence,
        site=HASH,
        model=MODEL,
        window_start_s=START_S + sequence * WINDOW_S,
        window_s=WINDOW_S,
        revision=0,
        observed_permille=987,
        replay=False,
        isolated=True,
        lines=(
            LineReport(
                forward=DirectionCounts(people=12, vehicles=31, bicycle=7, car=19),
                backward=DirectionCounts(people=3, vehicles=6, car=6),
            ),
        ),
        zones=(ZoneReport(people_mean_hundredths=512, people_max=9),),
    )
    return replace(whole, **changes)  # type: ignore[arg-type]


ALARMS = frozenset({AlarmKind.HEAVY_VEHICLE, AlarmKind.VEHICLE, AlarmKind.DENSITY, AlarmKind.CROWD_MOVEMENT})


def alert_site(site: Site = SITE, *, mode: LegalMode = LegalMode.ALERT, hours: float = 1.0) -> Site:
    """The site with a mandate for its zone, from an hour ago for so many hours from now, and two bollards."""
    now_s = int(time.time())
    corner = ((0.0, 0.0), (9.0, 0.0), (9.0, 9.0))
    return replace(
        site,
        legal=Legal(
            mode=mode,
            basis="prefectoral order 2026-117",
            start_s=now_s - 3600,
            end_s=now_s + int(hours * 3600),
            perimeter=frozenset({"promenade"}),
        ),
        lines=tuple(replace(line, alarms=frozenset({AlarmKind.WRONG_WAY})) for line in site.lines),
        zones=tuple(replace(zone, alarms=ALARMS) for zone in site.zones),
        bollards=tuple(
            Bollard(id=name, footprint=corner, line=(corner[0], corner[1]), rise_s=4.0) for name in ("east", "west")
        ),
    )


def alarm(serial: int = 1, revision: int = 0, *, at_s: float | None = None, **changes: object) -> AlarmReport:
    """A good message about an alarm of the zone, of a moment ago or of `at_s`."""
    at_tenths = int((time.time() if at_s is None else at_s) * 10)
    whole = AlarmReport(
        serial=serial,
        revision=revision,
        site=HASH,
        model=MODEL,
        kind=AlarmKind.HEAVY_VEHICLE,
        phase=AlarmPhase.UPDATED if revision else AlarmPhase.RAISED,
        severity=Severity.HIGH,
        at_line=False,
        place=0,
        since_tenths=at_tenths - 4,
        at_tenths=at_tenths,
        valid_tenths=300,
        level=None,
        drill=False,
        replay=False,
        isolated=True,
    )
    return replace(whole, **changes)  # type: ignore[arg-type]
