"""`passant bench forecast`: the publisher's own forecasts on a city's counts, and on drawn days."""

import argparse
import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median
from typing import Any, Final

from edge.cli.bench.data import add_data
from edge.cli.bench.forecast_akl import HOUR_S, Counter, DataError, counters_of
from edge.cli.bench.forecast_days import FIRST_SLOT, SLOT_S, drawn_places
from edge.cli.bench.forecast_score import Score, Scores, rolled
from edge.publisher.forecast.week import DAY_S, Week

# The years that are judged; those before are gone through first, and only their past is ever used.
JUDGED: Final = (2024, 2025)
LEAST_GAIN: Final = 0.10
COVERAGE: Final = (0.75, 0.85)
_DAYS: Final = 182
# Of the drawn days, the last third is judged.
_DRAWN_SINCE: Final = 121
# More slots than so many make a score worth showing.
_LEAST_SLOTS: Final = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """All counters of a year, or all drawn places, at one horizon."""

    what: str
    minutes: int
    slots: int
    per_slot: float
    mean_error: float
    over_persistence: float
    over_week: float
    coverage: float
    judged: bool

    @property
    def met(self) -> bool:
        """Whether the goals are met."""
        gains = self.over_persistence >= LEAST_GAIN and self.over_week >= LEAST_GAIN
        return gains and COVERAGE[0] <= self.coverage <= COVERAGE[1]


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `passant bench forecast`."""
    parser = subparsers.add_parser("forecast", help="forecast a city's counts and drawn days", description=__doc__)
    add_data(parser, "trajectories/akl/hourly_counts.csv.gz")
    parser.add_argument("--seed", type=int, default=1, help="of the drawn days; default: %(default)s")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of a table")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Forecast and print; exit 0 when every goal is met."""
    try:
        counters = counters_of(args.data)
    except (DataError, OSError) as error:
        print(f"{args.data}: {error}", file=sys.stderr)
        return 2
    by_counter = {counter.name: _forecast(counter) for counter in counters}
    city, drawn = list(_city(by_counter)), list(_drawn(args.seed))
    spread = [_counter(name, scores) for name, scores in by_counter.items()]
    if args.json:
        print(json.dumps(_document(city, drawn, spread, args.seed), indent=1))
    else:
        print("\n".join(_page(counters, city, drawn, spread, args.seed)))
    return 0 if all(row.met for row in (*city, *drawn) if row.judged) else 1


def _forecast(counter: Counter) -> Scores:
    print(f"\r{counter.name:<48}", end="", file=sys.stderr, flush=True)
    scores = rolled(counter.counts, Week(slot_s=HOUR_S), lambda slot: datetime.fromtimestamp(slot * HOUR_S, UTC).year)
    print(end="\r", file=sys.stderr)
    return scores


def _city(by_counter: dict[str, Scores]) -> Iterable[Row]:
    """Sum over the counters, year by year."""
    years = sorted({year for scores in by_counter.values() for year, _ in scores.by})
    for year in years:
        found = [scores.by[year, 60] for scores in by_counter.values() if (year, 60) in scores.by]
        if (together := _sum(found)).slots >= _LEAST_SLOTS:
            yield _row(f"Auckland {year}", 60, together, judged=year in JUDGED)


def _drawn(seed: int) -> Iterable[Row]:
    week = Week(slot_s=SLOT_S)
    since = FIRST_SLOT + _DRAWN_SINCE * DAY_S // SLOT_S
    found = [rolled(place, week, lambda slot: int(slot >= since)) for place in drawn_places(_DAYS, seed)]
    for minutes in (15, 30, 60):
        scores = [scores.by[1, minutes] for scores in found]
        yield _row("simulated days", minutes, _sum(scores), judged=True)


def _counter(name: str, scores: Scores) -> tuple[str, Row]:
    """Score one counter over the judged years."""
    return name, _row(name, 60, _sum(scores.by[year, 60] for year in JUDGED if (year, 60) in scores.by), judged=False)


def _sum(scores: Iterable[Score]) -> Score:
    whole = Score()
    for one in scores:
        for name in Score.__slots__:
            setattr(whole, name, getattr(whole, name) + getattr(one, name))
    return whole


def _row(what: str, minutes: int, score: Score, *, judged: bool) -> Row:
    return Row(
        what=what,
        minutes=minutes,
        slots=score.slots,
        per_slot=score.counted / score.slots,
        mean_error=score.mean_error,
        over_persistence=score.over_persistence,
        over_week=score.over_week,
        coverage=score.coverage,
        judged=judged,
    )


def _page(
    counters: list[Counter], city: list[Row], drawn: list[Row], spread: list[tuple[str, Row]], seed: int
) -> Iterable[str]:
    hours = sum(len(one.counts) + one.missing + one.dead for one in counters)
    missing, dead = sum(one.missing for one in counters), sum(one.dead for one in counters)
    yield f"{len(counters)} counters, {hours} hours: {missing} not there, {dead} in days of zeros taken for not there"
    yield "each forecast uses what came before it and nothing else; errors are means of absolute ones"
    yield ""
    yield f"{'':<16}{'ahead':>7}{'slots':>9}{'count':>8}{'error':>8}{'persist.':>10}{'last week':>11}{'80 % held':>11}"
    yield from map(_line, (*city, *drawn))
    yield f"simulated: {_DAYS} days of {SLOT_S // 60} minutes, seed {seed}, the last {_DAYS - _DRAWN_SINCE} judged"
    yield ""
    yield from _spread_lines([row for _, row in spread])
    for row in (*city, *drawn):
        if row.judged:
            yield f"{'met   ' if row.met else 'MISSED'}  {row.what}, {row.minutes} min: {_goal(row)}"


def _line(row: Row) -> str:
    shown = "" if row.judged else "  (shown)"
    return (
        f"{row.what:<16}{row.minutes:>3} min{row.slots:>9}{row.per_slot:>8.1f}{row.mean_error:>8.1f}"
        f"{-row.over_persistence:>+10.0%}{-row.over_week:>+11.0%}{row.coverage:>11.1%}{shown}"
    )


def _spread_lines(rows: list[Row]) -> Iterable[str]:
    yield f"single counters, {JUDGED[0]} to {JUDGED[-1]}: least, median, most"
    for name, values in (
        ("error below persistence", [row.over_persistence for row in rows]),
        ("error below last week", [row.over_week for row in rows]),
        ("80 % interval held", [row.coverage for row in rows]),
    ):
        yield f"  {name:<26}{min(values):>7.1%}{median(values):>8.1%}{max(values):>8.1%}"
    good = sum(row.met for row in rows)
    yield f"  {good} of {len(rows)} meet the goals alone"


def _goal(row: Row) -> str:
    least, most = (f"{bound:.0%}" for bound in COVERAGE)
    return (
        f"{row.over_persistence:.0%} and {row.over_week:.0%} better, at least {LEAST_GAIN:.0%}; "
        f"{row.coverage:.1%} held, {least} to {most}"
    )


def _document(city: list[Row], drawn: list[Row], spread: list[tuple[str, Row]], seed: int) -> dict[str, Any]:
    def told(row: Row) -> dict[str, Any]:
        return {name: getattr(row, name) for name in Row.__slots__} | {"met": row.met}

    return {
        "auckland": [told(row) for row in city],
        "counters": {name: told(row) for name, row in spread},
        "simulated": {"seed": seed, "rows": [told(row) for row in drawn]},
        "goals": {"leastGain": LEAST_GAIN, "coverage": COVERAGE, "years": JUDGED},
    }
