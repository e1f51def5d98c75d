"""`passant capacity [SITE]`: how many bits may cross from vision to the publisher, by the contract alone."""

import argparse
import sys
from pathlib import Path

from edge.config import Files, SiteError, load
from edge.config.site import LegalMode
from edge.contract import bounds
from edge.contract.capacity import Capacity, bits_per_hour, capacity
from edge.contract.stills import LEAST_GAP_S, MOST_BYTES, SETUP_GROUP

_STILLS = (
    "Not counted are masked stills: they never cross to the publisher. While root or a member of the group "
    f"{SETUP_GROUP}\nasks on the device itself, vision gives them at most {1 / LEAST_GAP_S:g} a second of at most "
    f"{MOST_BYTES // 1024:,} kB; at any other time there is no way\nfor them."
)


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `capacity [SITE]`."""
    parser = subparsers.add_parser("capacity", description=__doc__)
    parser.add_argument("site", type=Path, nargs="?", metavar="SITE", help="a site file; without: the largest site")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the bound; 1 where the site file cannot be read."""
    try:
        lines, zones, window_s, alarms = _shape(arguments.site)
    except SiteError as error:
        print(error, file=sys.stderr)
        return 1
    mode = "alarms" if alarms else "no alarms"
    print(f"{_counted(lines, 'line')}, {_counted(zones, 'zone')}, windows of {window_s} s, {mode}: at most")
    capacities = capacity(lines, zones, window_s, alarms=alarms)
    for one in capacities:
        print(_row(one))
    print(f"{'all':<13}{'':>35}{bits_per_hour(capacities):>12,.0f} bits an hour")
    print(_STILLS)
    return 0


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'s'[: number != 1]}"


def _shape(site_file: Path | None) -> tuple[int, int, int, bool]:
    if site_file is None:
        return bounds.MOST_LINES, bounds.MOST_ZONES, bounds.LEAST_WINDOW_S, True
    site = load(site_file, files=Files.NONE)
    return len(site.lines), len(site.zones), site.window_s, site.legal.mode is not LegalMode.STATISTICS


def _row(one: Capacity) -> str:
    return (
        f"{one.message.__name__:<13}{one.bits:>8,.0f} bits each, "
        f"{one.per_hour:>5,} an hour: {one.bits_per_hour:>12,.0f} bits an hour"
    )
