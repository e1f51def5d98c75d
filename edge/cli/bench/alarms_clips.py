"""Alarms on recordings: none where life is ordinary, and one for each vehicle that truly drove among people."""

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from edge.cli.bench.alarms_tracks import among_people
from edge.cli.bench.alarms_walkers import walking
from edge.cli.bench.noise import films
from edge.cli.bench.noise_log import bare_site
from edge.config.site import Legal, LegalMode, Line, Point, Site, Zone, ZoneUse
from edge.contract.report import AlarmKind, AlarmPhase

if TYPE_CHECKING:
    from edge.vision.detect.detector import Detector

_END_S: Final = 4_000_000_000
_BEGIN_S: Final = 1_780_000_000
_ON_ROADS: Final = frozenset({AlarmKind.WRONG_WAY, AlarmKind.STOPPED_VEHICLE, AlarmKind.PERSON_ON_CARRIAGEWAY})
_ON_PATHS: Final = frozenset({AlarmKind.HEAVY_VEHICLE, AlarmKind.VEHICLE, AlarmKind.CROWD_MOVEMENT})


@dataclass(frozen=True, kw_only=True, slots=True)
class Road:
    """A carriageway in a recording, in shares of the picture: polygon, the arrow of its traffic, a line across it."""

    polygon: tuple[Point, ...]
    arrow: tuple[Point, Point]
    line: tuple[Point, Point]


# Drawn by hand over a frame of each camera: nobody in them does what is forbidden.
ROADS: Final[dict[str, tuple[Road, ...]]] = {
    "625_": (
        Road(
            polygon=((0.36, 0.33), (0.485, 0.33), (0.45, 0.95), (0.02, 0.95), (0.02, 0.75)),
            arrow=((0.3, 0.8), (0.44, 0.35)),
            line=((0.13, 0.62), (0.465, 0.62)),
        ),
        Road(
            polygon=((0.52, 0.33), (0.6, 0.33), (0.97, 0.72), (0.97, 0.95), (0.53, 0.95)),
            arrow=((0.56, 0.36), (0.75, 0.85)),
            line=((0.52, 0.62), (0.87, 0.62)),
        ),
    ),
    "sobral_video1": (
        Road(
            polygon=((0.02, 0.55), (0.42, 0.05), (0.72, 0.05), (0.66, 0.98), (0.02, 0.98)),
            arrow=((0.3, 0.9), (0.55, 0.1)),
            line=((0.04, 0.5), (0.69, 0.5)),
        ),
    ),
    "sobral_vehicle_counting": (
        Road(
            polygon=((0.02, 0.12), (0.98, 0.28), (0.98, 0.55), (0.3, 0.97), (0.02, 0.97)),
            arrow=((0.1, 0.5), (0.9, 0.4)),
            line=((0.5, 0.2), (0.5, 0.9)),
        ),
    ),
}
# Where people walk and no vehicle may drive.
PATHS: Final[dict[str, tuple[Point, ...]]] = {
    "vtest": ((0.02, 0.3), (0.72, 0.28), (0.98, 0.35), (0.98, 0.75), (0.02, 0.75)),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class ClipRow:
    """One recording or recorded track: how many alarms of which kinds, and whether that is as it should be."""

    name: str
    length_s: float
    expected: str
    told: tuple[str, ...]
    right: bool


def run_clips(args: argparse.Namespace) -> int:
    """Run all, print; exit 0 when nothing is told of ordinary life and every vehicle among people is told."""
    seed = args.seed or 0
    rows = [*_ordinary(args.data), *_walks(args.data, seed), *among_rows(args.data, seed)]
    if args.json:
        print(json.dumps({"rows": [asdict(row) for row in rows]}, indent=1))
    else:
        print(f"{'recording':<34}{'s':>7}  {'expected':<16}told")
        for row in rows:
            told = ", ".join(row.told) or "nothing"
            print(f"{row.name:<34}{row.length_s:>7.1f}  {row.expected:<16}{told}{'' if row.right else '   WRONG'}")
        print(f"{sum(row.right for row in rows)} of {len(rows)} right")
    return 0 if all(row.right for row in rows) else 1


def alarm_site(film: Path, size: tuple[int, int]) -> Site | None:
    """Make the alarm site of a recording with pictures of a size (w, h) px; None where none is drawn for it."""
    roads = next((roads for name, roads in ROADS.items() if film.stem.startswith(name)), ())
    path = PATHS.get(film.stem)
    zones = [
        Zone(
            id=f"road-{n}",
            polygon=_scaled(road.polygon, size),
            use=ZoneUse.CARRIAGEWAY,
            direction=_pair(road.arrow, size),
            alarms=_ON_ROADS,
        )
        for n, road in enumerate(roads)
    ]
    if path is not None:
        zones.append(Zone(id="path", polygon=_scaled(path, size), use=ZoneUse.PEDESTRIAN, alarms=_ON_PATHS))
    if not zones:
        return None
    lines = tuple(_line(n, road, size) for n, road in enumerate(roads))
    legal = Legal(
        mode=LegalMode.ALERT,
        basis="a recording of ordinary life",
        start_s=_BEGIN_S,
        end_s=_END_S,
        perimeter=frozenset(zone.id for zone in zones) | {line.id for line in lines},
    )
    return replace(bare_site(film), zones=tuple(zones), lines=lines, legal=legal)


def _ordinary(data: Path) -> Iterator[ClipRow]:
    from edge.vision.detect.detector import load_detector  # noqa: PLC0415

    detector = None
    for film in films(data):
        site = alarm_site(film, _size(film))
        if site is None:
            continue
        detector = detector or load_detector(site.detector)
        print(f"\r{film.stem:<34}", end="", file=sys.stderr, flush=True)
        yield _row(film, site, detector)
    print(end="\r", file=sys.stderr)


def _row(film: Path, site: Site, detector: "Detector") -> ClipRow:
    from edge.vision.recording import analyse  # noqa: PLC0415

    analysis = analyse(site, site.camera, detector, lambda *_: None)
    raised = [alarm for alarm in analysis.alarms if alarm.phase is AlarmPhase.RAISED]
    told = tuple(
        f"{alarm.kind.name.lower().replace('_', '-')} at {(alarm.at_ns - analysis.start_ns) / 1e9:.1f} s"
        for alarm in raised
    )
    return ClipRow(name=film.stem, length_s=analysis.length_s, expected="nothing", told=told, right=not told)


def _walks(data: Path, seed: int) -> Iterator[ClipRow]:
    for walk in walking(data, seed):
        told = tuple(f"{alarm.kind.name.lower().replace('_', '-')} at {at_s:.1f} s" for at_s, alarm in walk.told)
        yield ClipRow(name=walk.name, length_s=walk.length_s, expected="nothing", told=told, right=not told)


def among_rows(data: Path, seed: int) -> Iterator[ClipRow]:
    """Put recorded vehicles and the people round them on stages; each is to be told."""
    for track in among_people(data, seed):
        told = () if track.latency_s is None else (f"{track.expected} after {track.latency_s:.1f} s",)
        yield ClipRow(
            name=track.name,
            length_s=track.length_s,
            expected=track.expected,
            told=told,
            right=track.latency_s is not None,
        )


def _size(film: Path) -> tuple[int, int]:
    from edge.vision.camera import open_camera  # noqa: PLC0415

    with open_camera(bare_site(film).camera) as camera:
        while (frame := camera.read(1.0)) is None:
            pass
        return frame.size


def _line(number: int, road: Road, size: tuple[int, int]) -> Line:
    (x0, y0), (x1, y1) = _pair(road.line, size)
    (ax, ay), (bx, by) = _pair(road.arrow, size)
    # Forward is to the right hand of someone walking along the line.
    forward = (x1 - x0) * (by - ay) - (y1 - y0) * (bx - ax) > 0
    return Line(
        id=f"line-{number}",
        start=(x0, y0),
        end=(x1, y1),
        one_way=forward,
        alarms=frozenset({AlarmKind.WRONG_WAY}),
    )


def _scaled(polygon: tuple[Point, ...], size: tuple[int, int]) -> tuple[Point, ...]:
    return tuple((x * size[0], y * size[1]) for x, y in polygon)


def _pair(points: tuple[Point, Point], size: tuple[int, int]) -> tuple[Point, Point]:
    start, end = _scaled(points, size)
    return start, end
