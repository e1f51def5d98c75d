"""A site and the reports that a vision under it would make."""

import time
from dataclasses import replace
from pathlib import Path

from edge.config.site import Broker, CameraSite, Detector, Device, Legal, Line, Site, SourceKind, Zone, ZoneUse
from edge.contract.report import DirectionCounts, Hello, LineReport, WindowReport, ZoneReport

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
