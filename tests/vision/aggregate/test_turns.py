"""Turns that are told: none of those withheld follows from the totals of the lines, by however many subtractions."""

from hypothesis import given, settings
from hypothesis import strategies as st

from edge.contract import bounds
from edge.units import NS_PER_S
from edge.vision.aggregate.release import Header, release
from edge.vision.aggregate.tally import Tally, TurnTally

HEADER = Header(sequence=7, site=1, model=2, revision=0, replay=False, isolated=True)
Way = tuple[int, bool, int, bool]

ways = st.tuples(st.integers(0, 3), st.booleans(), st.integers(0, 3), st.booleans())
turns_of = st.dictionaries(ways, st.integers(0, 8) | st.integers(5, 60), max_size=24)


def told_of(counts: dict[Way, int]) -> dict[Way, int]:
    turns = tuple(
        TurnTally(entry=a, entry_forward=af, exit=b, exit_forward=bf, count=count)
        for (a, af, b, bf), count in sorted(counts.items())
    )
    tally = Tally(
        start_ns=1_800_000_000 * NS_PER_S,
        length_ns=60 * NS_PER_S,
        observed_ns=60 * NS_PER_S,
        lines=(),
        zones=(),
        turns=turns,
    )
    report = release(tally, HEADER)
    return {(one.entry, one.entry_forward, one.exit, one.exit_forward): one.count for one in report.turns}


def solved(counts: dict[Way, int], told: dict[Way, int]) -> set[Way]:
    """Find what subtraction tells beside the turns that were: where at an end with a told turn just one is unknown."""
    occurred = {way for way, count in counts.items() if count}
    known = set(told)
    while True:
        ends = [{way for way in occurred if (way[:2], 0) == end or (way[2:], 1) == end} for end in _ends(occurred)]
        new = {way for group in ends if group & set(told) and len(group - known) == 1 for way in group - known}
        if not new:
            return known - set(told)
        known |= new


def _ends(ways: set[Way]) -> set[tuple[tuple[int, bool], int]]:
    return {(way[:2], 0) for way in ways} | {(way[2:], 1) for way in ways}


def test_two_lines_do_not_give_back_what_one_withholds() -> None:
    counts = {(0, True, 1, True): 10, (0, True, 2, True): 20, (3, True, 1, True): 3}
    assert told_of(counts) == {}


def test_turns_that_hide_nobody_are_told() -> None:
    counts = {(0, True, 1, True): 10, (0, True, 2, True): 20}
    assert told_of(counts) == counts


@settings(max_examples=300)
@given(turns_of)
def test_no_withheld_turn_follows_from_the_totals(counts: dict[Way, int]) -> None:
    told = told_of(counts)
    assert all(count >= bounds.LEAST_OBJECTS for count in told.values())
    assert solved(counts, told) == set()
