"""When a calendar holds, by the clock on the wall: past midnight, and on the nights on which clocks change."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from edge.config.calendar import holds
from edge.config.site import Span

PARIS = ZoneInfo("Europe/Paris")
MONDAY, SUNDAY = 0, 6
DAY_MIN = 1440

_SPANS = st.builds(
    Span,
    days=st.frozensets(st.integers(MONDAY, SUNDAY), min_size=1),
    start_min=st.integers(0, DAY_MIN - 1),
    end_min=st.integers(0, DAY_MIN - 1),
)


def _minutes(span: Span) -> set[tuple[int, int]]:
    """List the (day, minute) of a week that a span covers, walked one by one."""
    length = (span.end_min - span.start_min) % DAY_MIN or DAY_MIN
    week = 7 * DAY_MIN
    starts = [day * DAY_MIN + span.start_min for day in span.days]
    return {divmod((start + step) % week, DAY_MIN) for start in starts for step in range(length)}


@given(span=_SPANS, minute=st.integers(0, 7 * DAY_MIN - 1))
def test_a_span_holds_in_just_its_minutes(span: Span, minute: int) -> None:
    at = datetime(2026, 6, 1, tzinfo=PARIS) + timedelta(minutes=minute)
    assert holds((span,), at.timestamp(), PARIS) is (divmod(minute, DAY_MIN) in _minutes(span))


def test_no_calendar_is_always_and_one_of_several_is_enough() -> None:
    night = Span(days=frozenset({SUNDAY}), start_min=22 * 60, end_min=6 * 60)
    noon = Span(days=frozenset({MONDAY}), start_min=12 * 60, end_min=13 * 60)
    at = datetime(2026, 6, 1, 12, 30, tzinfo=PARIS).timestamp()
    assert holds((), at, PARIS)
    assert not holds((night,), at, PARIS)
    assert holds((night, noon), at, PARIS)


def test_hours_are_those_on_the_wall_when_clocks_change() -> None:
    span = Span(days=frozenset({SUNDAY}), start_min=2 * 60, end_min=3 * 60)
    # In spring there is no such hour; in autumn there are two.
    for change, hours in ((datetime(2026, 3, 29, tzinfo=UTC), 0), (datetime(2026, 10, 25, tzinfo=UTC), 2)):
        held = [minute for minute in range(DAY_MIN) if holds((span,), change.timestamp() + minute * 60, PARIS)]
        assert len(held) == hours * 60
