"""`passant bench crowd`: crowds counted in photographs of many places, and in one place after a fit on the spot."""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Final, TypeVar

from edge.cli.bench.crowd_photographs import OURS, WHOLE, Row, estimators, measured, photographs_of
from edge.cli.bench.crowd_sites import SiteRow, places_of, watched
from edge.cli.bench.data import add_data
from edge.cli.bench.truth import TruthError

Thing = TypeVar("Thing")

# Ours against boxes over all photographs, and a site's mean error over its mean count.
MOST_OF_BOXES: Final = 0.6
MOST_AT_SITE: Final = 0.15


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `passant bench crowd`."""
    parser = subparsers.add_parser("crowd", help="count crowds whose heads a person has marked", description=__doc__)
    add_data(parser, "crowd/ and videos/vtest.avi")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of tables")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Count, print and judge; exit 0 when all goals are met, 1 when not, 2 where nothing can be measured."""
    try:
        photographs = photographs_of(args.data)
        rows = [measured(name, count, photographs) for name, count in _announced(estimators(args.data))]
        sites = [watched(place) for _, place in _announced([(place.name, place) for place in places_of(args.data)])]
    except TruthError as error:
        print(f"passant: {error}", file=sys.stderr)
        return 2
    goals = judged(rows, sites)
    if args.json:
        tables = {"photographs": [asdict(row) for row in rows], "sites": [asdict(row) for row in sites]}
        print(json.dumps({**tables, "goals": dict(goals)}, indent=1))
    else:
        print(f"{_table(rows)}\n\n{_sites_table(sites)}\n")
        for goal, is_met in goals:
            print(f"{'met   ' if is_met else 'MISSED'}  {goal}")
    return 0 if all(is_met for _, is_met in goals) else 1


def _announced(things: Sequence[tuple[str, Thing]]) -> Iterator[tuple[str, Thing]]:
    """Say on stderr what is being measured."""
    for name, thing in things:
        print(f"\r{name:<40}", end="", file=sys.stderr, flush=True)
        yield name, thing
    print(end="\r" + " " * 40 + "\r", file=sys.stderr)


def judged(rows: Sequence[Row], sites: Sequence[SiteRow]) -> list[tuple[str, bool]]:
    """Hold the rows against the goals."""
    errors = {row.estimator: row.error for row in rows}
    goals = []
    if OURS in errors:
        share = errors[OURS] / errors[WHOLE]
        goals.append((f"photographs: at most {MOST_OF_BOXES} of boxes' error; {share:.2f}", share <= MOST_OF_BOXES))
    else:
        goals.append(("photographs: this version ships no density network", False))
    return goals + [
        (f"{row.site}: error at most {MOST_AT_SITE:.0%} of the mean count; {row.share:.1%}", row.share <= MOST_AT_SITE)
        for row in sites
    ]


def _table(rows: Sequence[Row]) -> str:
    head = f"{'photographs':<30}{'error':>8}{'r':>7}{'counted':>9}{'people':>8}{'packed':>9}{'street':>8}"
    lines = [
        f"{row.estimator:<30}{row.error:>8.1f}{row.correlation:>7.2f}{row.counted:>9.0f}{row.people:>8.0f}"
        f"{row.part_a:>9.1f}{row.part_b:>8.1f}"
        for row in rows
    ]
    return "\n".join([head, *lines])


def _sites_table(rows: Sequence[SiteRow]) -> str:
    head = f"{'site':<22}{'people':>7}{'error':>8}{'share':>8}{'promised':>10}{'tracks':>8}{'CPU ms':>8}"
    lines = [
        f"{row.site:<22}{row.people:>7.1f}{row.error:>8.2f}{row.share:>8.1%}{row.promised:>10.1%}{row.tracks:>8.1%}"
        f"{row.cpu_ms:>8.2f}"
        for row in rows
    ]
    return "\n".join([head, *lines])
