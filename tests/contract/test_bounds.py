"""Ranges: what is in them, and how many there are."""

import math

from hypothesis import given
from hypothesis import strategies as st

from edge.contract.bounds import Range

RANGES = st.builds(
    lambda least, steps, step: Range(least, least + steps * step, step),
    st.integers(-1000, 1000),
    st.integers(0, 200),
    st.integers(1, 70),
)


@given(RANGES)
def test_the_size_is_the_number_of_members(some: Range) -> None:
    members = [number for number in range(some.least - some.step, some.most + some.step + 1) if number in some]
    assert len(members) == some.size
    assert some.bits == math.log2(len(members))


@given(RANGES)
def test_only_whole_numbers_are_members(some: Range) -> None:
    assert some.least in some
    assert float(some.least) not in some
    assert str(some.least) not in some
    assert None not in some


def test_a_truth_value_is_no_number() -> None:
    assert True not in Range(0, 1)
    assert 1 in Range(0, 1)
