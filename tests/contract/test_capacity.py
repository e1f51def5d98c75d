"""The bound on what can cross: held as published, and counted a second time without the code that computes it."""

import itertools
import math
from dataclasses import dataclass
from enum import IntEnum
from typing import Annotated

import pytest

from edge.contract import bounds
from edge.contract.capacity import (
    PUBLISHED_BITS_PER_HOUR,
    PUBLISHED_BITS_PER_MESSAGE,
    bits_per_hour,
    capacity,
)
from edge.contract.report import FROM_VISION, VisionHealth, WindowReport
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


def test_a_report_of_fixed_shape_says_less_than_any_report() -> None:
    (report,) = (one for one in capacity() if one.message is WindowReport)
    assert report.bits <= capacity_bits(WindowReport)
    (small,) = (one for one in capacity(1, 0, 900) if one.message is WindowReport)
    (larger,) = (one for one in capacity(2, 0, 900) if one.message is WindowReport)
    (zoned,) = (one for one in capacity(1, 1, 900) if one.message is WindowReport)
    # Counted by hand: a direction is two counts of 16 bits and six classes of 65,531 numbers or None.
    line = 2 * (2 * 16 + 6 * math.log2(65_532))
    zone = 2 * (math.log2(409_502) + math.log2(4_097))
    assert larger.bits - small.bits == pytest.approx(line)
    assert zoned.bits - small.bits == pytest.approx(zone)


@pytest.mark.parametrize(("window_s", "windows"), [(60, 60), (900, 4), (3600, 1), (2520, 2)])
def test_reports_are_as_many_as_windows_and_their_revisions(window_s: int, windows: int) -> None:
    (report,) = (one for one in capacity(window_s=window_s) if one.message is WindowReport)
    assert report.per_hour == windows * 4


def test_health_is_told_as_often_as_its_period_lets_it() -> None:
    (health,) = (one for one in capacity() if one.message is VisionHealth)
    assert health.per_hour * bounds.HEALTH_PERIOD_S == 3600
