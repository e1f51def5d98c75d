"""The bound on what can cross: held as published, and counted a second time without the code that computes it."""

import itertools
import math
from bisect import bisect_left
from dataclasses import dataclass
from enum import IntEnum
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.contract import bounds
from edge.contract.bucket import TokenBucket
from edge.contract.capacity import (
    PUBLISHED_BITS_PER_HOUR,
    PUBLISHED_BITS_PER_MESSAGE,
    bits_per_hour,
    capacity,
)
from edge.contract.report import FROM_VISION, AlarmReport, VisionHealth, WindowReport
from edge.contract.wire import capacity_bits


class Toy(IntEnum):
    ONE = 0
    TWO = 1
    THREE = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    number: Annotated[int | None, bounds.Range(10, 16, step=2)]
    flag: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Whole:
    toy: Toy
    parts: Annotated[tuple[Part, ...], bounds.UpTo(2)]


def test_the_published_bits_per_message_are_those_of_the_contract() -> None:
    assert set(PUBLISHED_BITS_PER_MESSAGE) == set(FROM_VISION)
    for one in capacity():
        assert PUBLISHED_BITS_PER_MESSAGE[one.message] - 1 < one.bits <= PUBLISHED_BITS_PER_MESSAGE[one.message]


def test_the_published_bits_per_hour_are_those_of_the_largest_site() -> None:
    hour = bits_per_hour(capacity())
    assert PUBLISHED_BITS_PER_HOUR * 0.999 < hour <= PUBLISHED_BITS_PER_HOUR


def test_counting_all_messages_of_a_toy_type_gives_the_computed_capacity() -> None:
    numbers = [None, 10, 12, 14, 16]
    parts = [Part(number=number, flag=flag) for number in numbers for flag in (False, True)]
    lists = [some for length in range(3) for some in itertools.product(parts, repeat=length)]
    wholes = {Whole(toy=toy, parts=some) for toy in Toy for some in lists}
    assert capacity_bits(Part) == pytest.approx(math.log2(len(parts)))
    assert capacity_bits(Whole) == pytest.approx(math.log2(len(wholes)))


def report_bits(lines: int, zones: int) -> float:
    (report,) = (one for one in capacity(lines, zones, 900) if one.message is WindowReport)
    return report.bits


def turn_bits(lines: int) -> float:
    """Bits of all turns, counted by hand: lists of every length, of two ways over the lines and 65,531 numbers each."""
    each, most = (2 * lines) ** 2 * 65_531, min(32, (2 * lines) ** 2)
    return math.log2(sum(each**length for length in range(most + 1)))


def test_a_report_of_fixed_shape_says_less_than_any_report() -> None:
    (report,) = (one for one in capacity() if one.message is WindowReport)
    assert report.bits <= capacity_bits(WindowReport)
    # Counted by hand. A direction is two counts of 16 bits, six classes of 65,531 numbers or None, and how they moved:
    # three speeds of vehicles, headway, share of time, one of four levels, and two speeds on foot, each or None.
    flow = (36_002, 1_002, 5, 502, 502)
    counts = 2 * 16 + 6 * math.log2(65_532)
    line = 2 * (counts + 3 * math.log2(10_002) + sum(math.log2(number) for number in flow))
    assert report_bits(2, 0) - report_bits(1, 0) == pytest.approx(line + turn_bits(2) - turn_bits(1))
    # Present: two means and two maxima; then two densities, pressure, walking speed, counter-flow, queue, stopped,
    # area, one of three estimators and its error.
    crowd = (20_002, 20_002, 10_002, 502, 1_002, 20_002, 4_097, 65_537, 3, 1_002)
    zone = 2 * (math.log2(409_502) + math.log2(4_097)) + sum(map(math.log2, crowd))
    assert report_bits(1, 1) - report_bits(1, 0) == pytest.approx(zone)


def test_without_lines_there_are_no_turns() -> None:
    # Everything but the lists: numbers and hashes, a window, its share, four truths and states.
    fixed = (2**32 - 1, 2**64, 2**64, 42_081_121, 60, 4, 1_001, 2, 2, 4, 9)
    assert report_bits(0, 0) == pytest.approx(sum(map(math.log2, fixed)), rel=1e-3)


def test_where_alarms_may_not_be_raised_none_are_counted() -> None:
    for may, per_hour in ((True, bounds.MOST_ALARM_MESSAGES_AN_HOUR), (False, 0)):
        (alarm,) = (one for one in capacity(alarms=may) if one.message is AlarmReport)
        assert alarm.per_hour == per_hour


@given(st.lists(st.floats(0, 900), min_size=1, max_size=60))
def test_in_no_hour_are_there_more_messages_about_alarms_than_published(pauses: list[float]) -> None:
    now_s = 0.0
    said: list[float] = []
    bucket = TokenBucket(now_s)
    for pause in pauses:
        now_s += pause
        while bucket.holds(now_s) >= 1:
            bucket.take(now_s)
            said.append(now_s)
    for place, first in enumerate(said):
        assert bisect_left(said, first + 3600) - place <= bounds.MOST_ALARM_MESSAGES_AN_HOUR


@pytest.mark.parametrize(("window_s", "windows"), [(60, 60), (900, 4), (3600, 1), (2520, 2)])
def test_reports_are_as_many_as_windows_and_their_revisions(window_s: int, windows: int) -> None:
    (report,) = (one for one in capacity(window_s=window_s) if one.message is WindowReport)
    assert report.per_hour == windows * 4


def test_health_is_told_as_often_as_its_period_lets_it() -> None:
    (health,) = (one for one in capacity() if one.message is VisionHealth)
    assert health.per_hour * bounds.HEALTH_PERIOD_S == 3600
