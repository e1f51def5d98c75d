"""Sums of windows: what two parts of one add up to."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.contract.report import RoadUser
from edge.units import NS_PER_S
from edge.vision.aggregate.tally import LineTally, Presence, Tally, ZoneTally, merge

number = st.integers(0, 50)
counts = st.tuples(*[number] * len(RoadUser))
presence = st.builds(Presence, object_ns=number, most=number, distinct=number)
parts = st.builds(
    Tally,
    start_ns=st.just(60 * NS_PER_S),
    length_ns=st.just(60 * NS_PER_S),
    observed_ns=st.integers(0, 30 * NS_PER_S),
    lines=st.tuples(*[st.builds(LineTally, forward=counts, backward=counts)] * 2),
    zones=st.tuples(st.builds(ZoneTally, people=presence, vehicles=presence)),
)


@given(parts, parts)
def test_two_parts_add_up(earlier: Tally, later: Tally) -> None:
    both = merge(earlier, later)
    assert (both.start_ns, both.length_ns) == (earlier.start_ns, earlier.length_ns)
    assert both.observed_ns == earlier.observed_ns + later.observed_ns
    for a, b, sum_ in zip(earlier.lines, later.lines, both.lines, strict=True):
        for way in ("forward", "backward"):
            assert [x + y for x, y in zip(getattr(a, way), getattr(b, way), strict=True)] == list(getattr(sum_, way))
    for who in ("people", "vehicles"):
        a, b, sum_ = (getattr(tally.zones[0], who) for tally in (earlier, later, both))
        assert sum_.object_ns == a.object_ns + b.object_ns
        assert sum_.most == max(a.most, b.most)
        # Never more than are known to be different: those of the later part may be those of the earlier.
        assert sum_.distinct <= max(a.distinct, b.distinct)


@given(parts, parts)
def test_the_mean_of_both_is_over_the_time_of_both(earlier: Tally, later: Tally) -> None:
    both = merge(earlier, later)
    for who in ("people", "vehicles"):
        weighted = sum(
            getattr(tally.zones[0], who).mean(tally.observed_ns) * tally.observed_ns
            for tally in (earlier, later)
            if tally.observed_ns
        )
        if earlier.observed_ns and later.observed_ns:
            mean = getattr(both.zones[0], who).mean(both.observed_ns)
            assert mean * both.observed_ns == pytest.approx(weighted, abs=1e-6)


@given(parts)
def test_only_parts_of_one_window_are_added(part: Tally) -> None:
    for other in (replace(part, start_ns=0), replace(part, length_ns=900 * NS_PER_S)):
        with pytest.raises(ValueError, match="same window"):
            merge(part, other)


@given(parts, st.integers(0, 200 * NS_PER_S))
def test_coverage_is_a_share(part: Tally, observed_ns: int) -> None:
    assert replace(part, observed_ns=observed_ns).coverage == pytest.approx(min(1.0, observed_ns / part.length_ns))


def test_nothing_observed_is_no_error() -> None:
    assert Presence(object_ns=0, most=0, distinct=0).mean(0) == 0.0
    assert Tally(start_ns=0, length_ns=0, observed_ns=0, lines=(), zones=()).coverage == 0.0
