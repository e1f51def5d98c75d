"""The forecast's benchmark reads what is there, uses the past alone, and fails when a goal is missed."""

import gzip
import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from edge.cli.bench.forecast_akl import FILE, DataError, counters_of
from edge.cli.bench.forecast_days import SLOT_S, drawn_places
from edge.cli.bench.forecast_score import rolled
from edge.publisher.forecast.week import Week

HOURLY = Week(slot_s=3600)
DATA = Path(os.environ.get("PASSANT_DATA", "../shared/data"))


def written(folder: Path, rows: list[str]) -> Path:
    path = folder / FILE
    path.parent.mkdir(parents=True)
    path.write_bytes(gzip.compress("\n".join(["date,hour,year,One,Two", *rows]).encode()))
    return folder


def first_rows(many: int, cells: Callable[[int], str]) -> list[str]:
    """Rows as the file has them: a day from 6 to 5 o'clock under one date."""
    begin = datetime(2019, 1, 1, 6, tzinfo=UTC)
    times = [begin + timedelta(hours=n) for n in range(many)]
    return [
        f"{at - timedelta(hours=6):%Y-%m-%d},{at.hour}:00-{at.hour}:59,2019,{cells(n)}" for n, at in enumerate(times)
    ]


def hour_of(counted: int) -> int:
    return int(datetime(2019, 1, 1, 6, tzinfo=UTC).timestamp()) // 3600 + counted


def test_rows_are_hours_in_their_order_whatever_their_dates(tmp_path: Path) -> None:
    rows = first_rows(30, lambda n: f"{n}.0,7")
    rows[20] = rows[20].replace("2019-01-01", "2019-05-05")
    one, two = counters_of(written(tmp_path, rows))
    assert one.counts == {hour_of(n): n for n in range(30)}
    assert set(two.counts.values()) == {7}


def test_what_is_not_there_is_no_zero(tmp_path: Path) -> None:
    """An empty cell, an hour that the clock skipped, a counter that was off for a day."""

    def cells(n: int) -> str:
        if n == 5:
            return "0,0"
        return f"{'' if n == 3 else n + 1},{0 if 40 <= n < 70 or n in {10, 11} else 4}"

    one, two = counters_of(written(tmp_path, first_rows(100, cells)))
    assert (len(one.counts), one.missing, one.dead) == (98, 2, 0)
    assert (len(two.counts), two.missing, two.dead) == (69, 1, 30)
    assert hour_of(3) not in one.counts
    assert two.counts[hour_of(10)] == 0


@pytest.mark.parametrize("row", ["2019-01-01", "2019-01-01,six,2019,1,2", "2019-01-01,6:00-6:59,2019,1,many"])
def test_a_row_that_is_none_is_told_with_its_number(tmp_path: Path, row: str) -> None:
    with pytest.raises(DataError, match=r"hourly_counts\.csv\.gz:4: not an hour of counts"):
        counters_of(written(tmp_path, [*first_rows(2, lambda _: "1,2"), row]))


def test_a_score_knows_nothing_of_what_comes_later() -> None:
    rng = np.random.default_rng(1)
    counts = {n: float(rng.poisson(50 + 30 * (n % 24 > 8))) for n in range(30 * 24)}
    short = rolled({slot: count for slot, count in counts.items() if slot < 25 * 24}, HOURLY, lambda slot: slot // 24)
    long = rolled(counts, HOURLY, lambda slot: slot // 24)
    assert short.by
    assert {key: long.by[key] for key in short.by} == short.by


def test_noise_without_a_pattern_is_not_forecast_better_than_its_mean() -> None:
    """On pure noise a fair forecast's error is that of the mean: no less, or the future had leaked in."""
    rng = np.random.default_rng(2)
    counts = {n: float(count) for n, count in enumerate(rng.poisson(100, 100 * 24))}
    score = rolled(counts, HOURLY, lambda _: 0).by[0, 60]
    least = float(np.mean(np.abs(np.array(list(counts.values())) - 100)))
    assert score.slots > 80 * 24
    assert least * 0.97 < score.mean_error < least * 1.25


def test_drawn_days_are_the_same_for_the_same_seed_only() -> None:
    assert drawn_places(3, 7) == drawn_places(3, 7)
    assert drawn_places(3, 7) != drawn_places(3, 8)


def test_drawn_days_are_forecast_at_three_horizons() -> None:
    place = max(drawn_places(40, 1), key=lambda counts: sum(counts.values()))
    scores = rolled(place, Week(slot_s=SLOT_S), lambda _: 0)
    assert [minutes for _, minutes in scores.by] == [15, 30, 60]
    for score in scores.by.values():
        assert score.over_persistence > 0.1
        assert score.over_week > 0.1
        assert 0.7 < score.coverage < 0.9


def test_the_command_says_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from edge.__main__ import main  # noqa: PLC0415  beside its only use

    assert main(["bench", "forecast", "--data", str(tmp_path)]) == 2
    assert "hourly_counts.csv.gz" in capsys.readouterr().err


@pytest.mark.full
@pytest.mark.skipif(not (DATA / FILE).is_file(), reason="PASSANT_DATA names no folder with the city's counts")
def test_the_citys_counts_meet_the_goals(capsys: pytest.CaptureFixture[str]) -> None:
    from edge.__main__ import main  # noqa: PLC0415  beside its only use

    assert main(["bench", "forecast", "--data", str(DATA), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [row["what"] for row in told["auckland"] if row["judged"]] == ["Auckland 2024", "Auckland 2025"]
    assert len(told["counters"]) == 21
