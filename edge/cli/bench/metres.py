"""`passant bench metres`: speeds and densities of real people before a known camera, beside what they were.

Tracks in metres (ETH, UCY) are put before a camera 6 m over the ground that looks down by 27°. Boxes of people err as
the real detector does (`passant bench noise`); who is hidden behind others is not found. Tracker, calibration from six
clicked points and all measures are the product's own.
"""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

from edge.cli.bench.data import add_data

if TYPE_CHECKING:
    from edge.cli.bench.metres_run import Offset, Row
    from edge.cli.bench.metres_scene import Place

MOST_SPEED_BIAS: Final = 0.05
MOST_DENSITY_BIAS: Final = 0.10
# Where fewer are found than this, there is no goal for densities.
LEAST_FOUND: Final = 0.80
_PACKED: Final = "HERMES"


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `passant bench metres`."""
    parser = subparsers.add_parser("metres", help="speeds and densities beside the truth", description=__doc__)
    add_data(parser, "trajectories/ETH, UCY and HERMES")
    parser.add_argument("--calibrations", type=int, metavar="N", default=3, help="each clicked anew; default: 3")
    parser.add_argument("--seed", type=int, metavar="N", default=0, help="of all that is random; default: 0")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of a table")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Measure and print; exit 1 where a goal is missed, 2 where there are no tracks."""
    # Imported here so that the other commands do not pay for the pipeline.
    from edge.cli.bench.metres_run import mean_row, rows_of  # noqa: PLC0415
    from edge.cli.bench.metres_tracks import TracksError  # noqa: PLC0415
    from edge.cli.bench.world.noise import fitted  # noqa: PLC0415

    rows: list[Row] = []
    try:
        for place in places(args.data):
            print(f"\r{place.name:<30}", end="", file=sys.stderr, flush=True)
            rows.append(mean_row(rows_of(place, fitted(), args.calibrations, args.seed)))
    except TracksError as error:
        print(error, file=sys.stderr)
        return 2
    print(end="\r", file=sys.stderr)
    goals = judged(rows)
    if args.json:
        print(json.dumps({"rows": [asdict(row) for row in rows], "goals": dict(goals)}, indent=1))
    else:
        print(_table(rows))
        for goal, is_met in goals:
            print(f"{'met   ' if is_met else 'MISSED'}  {goal}")
    return 0 if all(is_met for _, is_met in goals) else 1


def places(data: Path) -> "list[Place]":
    """Put each set of tracks before the camera, seen from the side and from the end; raises TracksError."""
    from edge.cli.bench.metres_camera import Camera  # noqa: PLC0415
    from edge.cli.bench.metres_scene import Place  # noqa: PLC0415
    from edge.cli.bench.metres_tracks import eth, hermes, moved, turned, zara  # noqa: PLC0415

    wide, deep, corridor = (-6.0, 10.0, 6.0, 18.0), (-4.0, 10.0, 4.0, 22.0), (-3.0, 12.0, 3.0, 13.8)
    campus, street, packed = eth(data), zara(data), hermes(data)
    return [
        Place(name=name, walkers=walkers, zone=zone, camera=Camera())
        for name, walkers, zone in (
            ("ETH, from the side", moved(campus, (-5.0, 8.5)), wide),
            ("ETH, from the end", moved(turned(campus), (-5.4, 11.0)), deep),
            ("UCY zara01, from the side", moved(turned(street), (-12.0, 16.0)), wide),
            ("UCY zara01, from the end", moved(street, (2.0, 4.0)), deep),
            (f"{_PACKED} corridor, from the side", moved(turned(packed), (0.0, 12.0)), corridor),
        )
    ]


def judged(rows: "list[Row]") -> list[tuple[str, bool]]:
    """Hold the rows against the goals; packed ones have none."""
    goals = []
    for row in rows:
        if row.place.startswith(_PACKED):
            continue
        for name, offset in (("walking speed", row.walking), ("speed over lines", row.passing)):
            goals.append(
                (f"{row.place}: {name} within {MOST_SPEED_BIAS:.0%}; {offset.bias:+.1%}", _is(offset, MOST_SPEED_BIAS))
            )
        if row.found >= LEAST_FOUND:
            goals.append(
                (
                    f"{row.place}: density within {MOST_DENSITY_BIAS:.0%}; {row.density.bias:+.1%}",
                    _is(row.density, MOST_DENSITY_BIAS),
                )
            )
    return goals


def _is(offset: "Offset", most: float) -> bool:
    return abs(offset.bias) <= most


def _table(rows: "list[Row]") -> str:
    head = (
        f"{'':<32}{'people':>7}{'most':>5}{'found':>7}{'followed':>9}"
        f"{'walking':>9}{'off':>7}{'±':>5}{'lines':>8}{'off':>7}{'±':>5}"
        f"{'density':>9}{'off':>7}{'±':>5}{'densest':>9}{'off':>7}{'±':>5}"
    )
    return "\n".join([head, *map(_line, rows)])


def _line(row: "Row") -> str:
    return (
        f"{row.place:<32}{row.people:>7}{row.most_present:>5}{row.found:>7.0%}{row.followed:>9.0%}"
        f"{_cells(row.walking, 9)}{_cells(row.passing, 8)}{_cells(row.density, 9)}"
        f"{_cells(row.densest, 9)}"
    )


def _cells(offset: "Offset", width: int) -> str:
    return f"{offset.truth:>{width}.2f}{offset.bias:>+7.1%}{offset.spread:>5.0%}"
