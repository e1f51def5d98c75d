"""`passant stand-off`: how far upstream of a bollard the camera must see, and with a site, how far it does.

What passes from a vehicle that comes into view to a bollard that is up: detection, the broker, the rise, a margin. It
needs nothing but Python.
"""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from edge.cli.compass import backward, forward
from edge.config import Files, SiteError, load
from edge.config.site import Bollard, Site
from edge.contract.report import AlarmKind
from edge.ground.calibration import Calibration, calibrate
from edge.ground.stand_off import BROKER_S, DETECT_S, MARGIN_S, Reach, StandOff, reach
from edge.units import KMH_PER_MPS, kmh_from_mps

_SPEED_KMH: Final = 50.0
_MOST_KMH: Final = 300.0
_MOST_S: Final = 600.0
_CANNOT: Final = 1


class StandOffError(Exception):
    """What was asked cannot be told; the text says why and how to mend it."""


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `stand-off`."""
    parser = subparsers.add_parser("stand-off", description=__doc__)
    parser.add_argument("--speed", type=_speed, default=_SPEED_KMH, metavar="KM/H", help="a vehicle's; default: 50")
    parser.add_argument("--rise", type=_seconds, metavar="S", help="how long the bollard rises; default: as in SITE")
    parser.add_argument(
        "--detect",
        type=_seconds,
        default=DETECT_S,
        metavar="S",
        help=f"from light to the broker; default: {DETECT_S:g}",
    )
    parser.add_argument(
        "--broker",
        type=_seconds,
        default=BROKER_S,
        metavar="S",
        help=f"from there to a decision; default: {BROKER_S:g}",
    )
    parser.add_argument("--margin", type=_seconds, default=MARGIN_S, metavar="S", help=f"default: {MARGIN_S:g}")
    parser.add_argument("--site", type=Path, metavar="SITE", help="a site file: what its camera sees of each bollard")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Say how far the camera must see; 1 where it cannot be told."""
    try:
        told = list(_told(arguments))
    except (SiteError, StandOffError) as error:
        print(error, file=sys.stderr)
        return _CANNOT
    print("\n".join(told))
    return 0


def _told(arguments: argparse.Namespace) -> Iterator[str]:
    speed_mps = arguments.speed / KMH_PER_MPS
    common = StandOff(
        rise_s=arguments.rise or 0.0,
        detect_s=arguments.detect,
        broker_s=arguments.broker,
        margin_s=arguments.margin,
    )
    if arguments.rise is not None:
        yield from _sum(common, arguments.speed)
    elif arguments.site is None:
        raise StandOffError("nobody says how long the bollard rises — give --rise S, or --site SITE")
    if arguments.site is not None:
        site = load(arguments.site, files=Files.NONE)
        plane = _plane(site)
        for bollard in site.bollards:
            stand_off = common if arguments.rise is not None else replace(common, rise_s=bollard.rise_s)
            yield from _bollard(site, plane, bollard, stand_off, speed_mps)


def _sum(stand_off: StandOff, speed_kmh: float) -> Iterator[str]:
    yield f"detection {stand_off.detect_s:5.1f} s"
    yield f"broker    {stand_off.broker_s:5.1f} s"
    yield f"rise      {stand_off.rise_s:5.1f} s"
    yield f"margin    {stand_off.margin_s:5.1f} s"
    needed = stand_off.distance_m(speed_kmh / KMH_PER_MPS)
    yield f"in all    {stand_off.total_s:5.1f} s: at {speed_kmh:g} km/h the camera must see {needed:.0f} m upstream"


def _plane(site: Site) -> Calibration:
    size = site.camera.size or (site.ground.size if site.ground else None)
    if not site.bollards:
        raise StandOffError(f"{site.path}: has no [[bollards]] — write one, or leave --site out")
    if site.ground is None:
        raise StandOffError(f"{site.path}: ground: is missing, so nothing has metres — write [ground]")
    if size is None:
        raise StandOffError(f"{site.path}: camera.size: is missing, so no pixel has a place — write it")
    plane = calibrate(site.ground, size)
    if not plane.usable:
        raise StandOffError(f"{site.path}: ground: {plane.why}")
    return plane


def _bollard(site: Site, plane: Calibration, bollard: Bollard, stand_off: StandOff, speed_mps: float) -> Iterator[str]:
    needed = stand_off.distance_m(speed_mps)
    speed = f"{kmh_from_mps(speed_mps):g} km/h"
    yield f"bollard {bollard.id}, up in {stand_off.rise_s:g} s: at {speed} it needs {needed:.0f} m upstream"
    ground, zones = reach(plane, bollard.line), alarmed(site, plane, bollard)
    for word, seen, raised in (
        (forward(*bollard.line), ground.forward_m, zones.forward_m),
        (backward(*bollard.line), ground.backward_m, zones.backward_m),
    ):
        seen_m = f"ground in view reaches {seen:.0f} m, zones that raise heavy-vehicle {raised:.0f} m"
        yield f"  to the {word}: {seen_m}; {_verdict(stand_off, needed, raised)}"


def alarmed(site: Site, plane: Calibration, bollard: Bollard) -> Reach:
    """Measure how far upstream of a bollard's line the zones reach that raise an alarm about a heavy vehicle."""
    zones = [zone for zone in site.zones if AlarmKind.HEAVY_VEHICLE in zone.alarms]
    found = [reach(plane, bollard.line, zone.polygon) for zone in zones]
    return Reach(
        forward_m=max((each.forward_m for each in found), default=0.0),
        backward_m=max((each.backward_m for each in found), default=0.0),
    )


def _verdict(stand_off: StandOff, needed_m: float, reach_m: float) -> str:
    if reach_m >= needed_m:
        return "enough"
    if reach_m <= 0:
        return "nothing is raised on this side"
    return f"too near, enough up to {kmh_from_mps(stand_off.fastest_mps(reach_m)):.0f} km/h"


def _speed(text: str) -> float:
    return _within(text, _MOST_KMH)


def _seconds(text: str) -> float:
    return _within(text, _MOST_S)


def _within(text: str, most: float) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= most:
        raise argparse.ArgumentTypeError(f"{text!a} is no number from 0 to {most:g}")
    return value
