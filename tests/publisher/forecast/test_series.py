"""What is expected follows from what came before, and from nothing that was not seen."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from edge.publisher.forecast.series import LEAST_DAYS, Ahead, Series
from edge.publisher.forecast.week import Week

HOURLY = Week(slot_s=3600)
QUARTERS = Week(slot_s=900)
# 2026-03-02, a Monday, in hours since the epoch.
MONDAY = 1_772_409_600 // 3600


def street(hour: int, rng: np.random.Generator) -> float:
    """A street with its days and weekends, and rain that takes half of it away for hours."""
    weekday, at = divmod(hour - MONDAY, 24)
    busy = 20 + 180 * max(0.0, 1 - abs(at - 13) / 7) * (0.5 if weekday % 7 > 4 else 1.0)
    rain = 0.5 if np.random.default_rng(hour // 5).random() < 0.15 else 1.0
    return float(round(rng.normal(busy * rain, (busy * rain) ** 0.5)))


def told(series: Series, days: float, seed: int = 0) -> Iterator[tuple[int, tuple[Ahead, ...], float]]:
    rng = np.random.default_rng(seed)
    for hour in range(MONDAY, MONDAY + round(days * 24)):
        value = max(0.0, street(hour, rng))
        yield hour, series.see(hour, value), value


def test_nothing_is_said_before_two_weeks_were_seen() -> None:
    said = {hour - MONDAY: ahead for hour, ahead, _ in told(Series(HOURLY), 16)}
    first = min(hour for hour, ahead in said.items() if ahead)
    assert first == LEAST_DAYS * 24 - 1
    assert all(said[hour] for hour in range(first, 16 * 24))


def test_days_that_were_not_seen_do_not_make_up_the_two_weeks() -> None:
    series = Series(HOURLY)
    rng = np.random.default_rng(0)
    said = [series.see(hour, street(hour, rng)) for hour in range(MONDAY, MONDAY + 20 * 24) if (hour // 24) % 3]
    assert series.days == 13
    assert not any(said)


def test_what_is_not_seen_is_no_zero() -> None:
    """Two streets that differ only in that one was not looked at by night and at times by day."""
    whole, gaps = Series(HOURLY), Series(HOURLY)
    rng = np.random.default_rng(3)
    compared = 0
    for hour in range(MONDAY, MONDAY + 60 * 24):
        value = street(hour, rng)
        mine = whole.see(hour, value)
        if hour % 24 >= 7 and np.random.default_rng(hour).random() < 0.8:
            ahead = gaps.see(hour, value)
            if ahead and mine:
                compared += 1
                assert ahead[0].value == pytest.approx(mine[0].value, rel=0.45, abs=12)
    assert compared > 200


def test_the_interval_holds_four_of_five_and_says_how_often_it_did() -> None:
    held, came_of, before = [], [], None
    for _, ahead, value in told(Series(HOURLY), 150):
        if before is not None:
            held.append(before.low <= value <= before.high)
            came_of.append(before.coverage)
        before = ahead[0] if ahead else None
    share = sum(held) / len(held)
    assert 0.77 < share < 0.83
    assert came_of[-1] == pytest.approx(share, abs=0.02)


def test_a_forecast_knows_the_day_and_beats_both_plain_rules() -> None:
    values = {hour: value for hour, _, value in told(Series(HOURLY), 60)}
    series, errors = Series(HOURLY), [0.0, 0.0, 0.0]
    for hour, value in values.items():
        for ahead in series.see(hour, value):
            came = values.get(hour + 1)
            if came is not None:
                guesses = (ahead.value, value, values[hour + 1 - 168])
                errors = [total + abs(guess - came) for total, guess in zip(errors, guesses, strict=True)]
    assert errors[0] < 0.9 * min(errors[1:])


def test_only_the_past_is_used() -> None:
    """What is said of an hour does not hang on what comes after it."""
    short = [ahead for _, ahead, _ in told(Series(HOURLY), 20)]
    long = [ahead for _, ahead, _ in told(Series(HOURLY), 30)]
    assert long[: len(short)] == short
    assert short[-1] != ()


def test_quarters_of_an_hour_are_told_of_at_three_horizons() -> None:
    series, rng = Series(QUARTERS), np.random.default_rng(1)
    for slot in range(MONDAY * 4, MONDAY * 4 + 16 * 96):
        ahead = series.see(slot, float(rng.integers(0, 10)))
    assert [one.minutes for one in ahead] == [15, 30, 60]
    assert all(0 <= one.low <= one.value <= one.high for one in ahead)


def test_a_slot_that_was_taken_in_says_nothing_again() -> None:
    series = Series(HOURLY)
    *_, (hour, ahead, value) = told(series, 16)
    assert ahead
    assert series.see(hour, value) == ()
    assert series.see(hour - 1, value) == ()
    assert series.see(hour + 1, value)


def test_a_clock_that_ran_ahead_and_was_set_back_stops_nothing_for_years() -> None:
    series = Series(HOURLY)
    *_, (hour, _, value) = told(series, 16)
    series.see(hour + 24 * 365 * 50, value)
    assert series.see(hour + 1, value)


def test_what_is_withheld_more_often_than_not_is_not_expected() -> None:
    """By night fewer than five come: the few nights with five must not pass for the usual."""
    series, rng, at_night = Series(HOURLY), np.random.default_rng(5), []
    for hour in range(MONDAY, MONDAY + 60 * 24):
        value = street(hour, rng)
        if hour % 24 < 5 and np.random.default_rng(hour).random() < 0.8:
            series.withhold(hour)
            continue
        ahead = series.see(hour, value)
        if (hour + 1) % 24 < 5:
            at_night.append(ahead)
        elif hour > MONDAY + 45 * 24 and hour % 24 > 4:
            assert ahead
    assert sum(map(len, at_night[-60:])) < 15


def test_a_lasting_change_is_learnt_within_weeks() -> None:
    series, rng = Series(HOURLY), np.random.default_rng(2)
    off = []
    for hour in range(MONDAY, MONDAY + 120 * 24):
        factor = 1.0 if hour < MONDAY + 60 * 24 else 0.3
        came = factor * street(hour, rng)
        off.append(came)
        ahead = series.see(hour, came)
    assert ahead
    assert ahead[0].value == pytest.approx(off[-24 * 7 + 1 - 1], rel=0.5, abs=10)


def test_a_place_where_nobody_ever_comes_is_expected_to_stay_so() -> None:
    series = Series(HOURLY)
    for hour in range(MONDAY, MONDAY + 20 * 24):
        ahead = series.see(hour, 0.0)
    assert ahead[0].value == pytest.approx(0, abs=1e-9)
    assert ahead[0].high == pytest.approx(0, abs=1e-9)
    assert ahead[0].coverage == 1.0


def test_a_week_follows_the_clock_on_the_wall() -> None:
    week = Week(slot_s=900, zone=ZoneInfo("Europe/Paris"))
    # 2026-03-28 and 29, both 8:00 in Paris: the clock goes forward in the night between.
    before, after = 1_774_681_200 // 900, 1_774_681_200 // 900 + 23 * 4
    assert (week.cell(before), week.cell(after)) == (5 * 96 + 32, 6 * 96 + 32)


@pytest.mark.parametrize(("slot_s", "horizons"), [(900, (1, 2, 4)), (1800, (1, 2)), (3600, (1,))])
def test_horizons_hold_whole_slots(slot_s: int, horizons: tuple[int, ...]) -> None:
    assert Week(slot_s=slot_s).horizons == horizons
