"""`passant bench alarms`: what is told of what should be, how soon, and how often of nothing.

The real tracker, measures and judge run on a world without pixels; what they are shown errs as often as the real
detector does on recordings (`passant bench noise`). With `--clips` the whole pipeline runs on recordings of ordinary
life, where nothing is to be told.
"""

import argparse
import json
import multiprocessing
import os
import sys
import time
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from edge.cli.bench.alarms_table import Row, goals_of, table
from edge.cli.bench.data import add_data
from edge.cli.bench.truth import TruthError
from edge.contract.report import AlarmKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from edge.cli.bench.alarms_jobs import Result, Task

# What is performed: each kind by day, and the lorry by night too.
SCENES: Final = (
    (AlarmKind.HEAVY_VEHICLE, False),
    (AlarmKind.HEAVY_VEHICLE, True),
    (AlarmKind.VEHICLE, False),
    (AlarmKind.WRONG_WAY, False),
    (AlarmKind.STOPPED_VEHICLE, False),
    (AlarmKind.PERSON_ON_CARRIAGEWAY, False),
    (AlarmKind.CROWD_MOVEMENT, False),
)
# Of these there are fewer, as a share: they take long.
SHARES: Final = {AlarmKind.STOPPED_VEHICLE: 0.4, AlarmKind.CROWD_MOVEMENT: 0.2}
CROWDS: Final = 0.05
# The second row, with errors twice as frequent, rests on a part of the plays and of the days.
DOUBLED_SHARE: Final = 0.2


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `passant bench alarms`."""
    parser = subparsers.add_parser("alarms", help="recall, delay and false alarms", description=__doc__)
    add_data(parser, "videos/ and trajectories/ (only with --clips)")
    parser.add_argument("--scenes", type=int, metavar="N", default=500, help="plays of each kind; default: 500")
    parser.add_argument("--days", type=int, metavar="D", default=30, help="days on which nothing is wrong; default: 30")
    parser.add_argument("--seed", type=int, metavar="S", help="for all that is drawn; default: another each time")
    parser.add_argument(
        "--jobs", type=int, metavar="N", default=os.cpu_count() or 1, help="processes; default: %(default)s"
    )
    parser.add_argument("--clips", action="store_true", help="recordings and recorded tracks instead of drawn plays")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of a table")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Measure, print and judge; exit 0 when all goals are met, 1 when not, 2 where nothing can be measured."""
    if args.clips:
        from edge.cli.bench.alarms_clips import run_clips  # noqa: PLC0415

        try:
            return run_clips(args)
        except (TruthError, OSError) as error:
            print(f"{args.data}: {error}", file=sys.stderr)
            return 2
    seed = int.from_bytes(os.urandom(3), "big") if args.seed is None else args.seed
    began_s = time.monotonic()
    rows = rows_of(seed, args.scenes, args.days, args.jobs)
    goals = goals_of(rows)
    if args.json:
        print(json.dumps({"seed": seed, "rows": [asdict(row) for row in rows], "goals": dict(goals)}, indent=1))
    else:
        print(f"seed {seed}; {time.monotonic() - began_s:.0f} s on {args.jobs} processes")
        print(table(rows))
        for goal, is_met in goals:
            print(f"{'met   ' if is_met else 'MISSED'}  {goal}")
    return 0 if all(is_met for _, is_met in goals) else 1


def rows_of(seed: int, scenes: int, days: int, jobs: int) -> list[Row]:
    """Perform all plays and live all days, and add them up."""
    from edge.cli.bench.alarms_jobs import done, gathered  # noqa: PLC0415

    tasks = tasks_of(seed, scenes, days)
    results = []
    with _workers(jobs) as work:
        for number, result in enumerate(work(done, tasks), 1):
            results.append(result)
            print(f"\r{number}/{len(tasks)}", end="", file=sys.stderr, flush=True)
    print(end="\r", file=sys.stderr)
    return gathered(results)


@contextmanager
def _workers(jobs: int) -> "Iterator[Callable[[Callable[[Task], Result], list[Task]], Iterable[Result]]]":
    """Give what does tasks: in this process, or in several."""
    if jobs == 1:
        yield map
        return
    with multiprocessing.get_context("spawn").Pool(jobs) as pool:
        yield pool.imap_unordered


def tasks_of(seed: int, scenes: int, days: int) -> "list[Task]":
    """List what is to be done, in parts of even length, the longest first."""
    from edge.cli.bench.alarms_jobs import PART, Task  # noqa: PLC0415

    tasks = []
    for factor, share in ((1.0, 1.0), (2.0, DOUBLED_SHARE)):
        tasks += [
            Task(kind=None, night=False, seed=seed, first=n, number=1, factor=factor) for n in range(_part(days, share))
        ]
        for fit, crowds in ((True, CROWDS), (False, CROWDS / 2)):
            tasks += [
                Task(kind=AlarmKind.DENSITY, night=False, seed=seed, first=n, number=1, factor=factor, fit=fit)
                for n in range(_part(scenes, share * crowds))
            ]
        for kind, night in SCENES:
            number = _part(scenes, share * SHARES.get(kind, 1.0))
            tasks += [
                Task(kind=kind, night=night, seed=seed, first=first, number=min(PART, number - first), factor=factor)
                for first in range(0, number, PART)
            ]
    return tasks


def _part(number: int, share: float) -> int:
    return round(number * share)
