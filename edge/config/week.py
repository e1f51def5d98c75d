"""`when`: the hours of the week in which a line or a zone raises alarms."""

from typing import Final

from edge.config.clock import NO_ZONE, Clock, hour
from edge.config.site import Span
from edge.config.table import Table

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MOST_SPANS: Final = 32

_MEND: Final = 'write when = [{days = ["sat", "sun"], from = "22:00", to = "06:00"}]'
_DAY_MIN: Final = 1440
_EVERY_DAY: Final = frozenset(range(len(DAYS)))


def spans(table: Table, own: Clock) -> tuple[Span, ...]:
    """Read `when`; one that is left out is always, and an empty one, which might mean never, is a fault."""
    if "when" in table and table.raw("when") == []:
        table.fault("when", "is empty", "leave it out for always, or write the hours")
    found = [_span(entry, own) for entry in table.tables("when", ("days", "from", "to"), MOST_SPANS, _MEND)]
    return tuple(span for span in found if span)


def _span(entry: Table, own: Clock) -> Span | None:
    days = entry.words("days", {day: number for number, day in enumerate(DAYS)})
    for key, other in (("from", "to"), ("to", "from")):
        if key in entry and other not in entry:
            entry.fault(key, f"stands without {other}", f'write {other} = "06:00" too')
    start, end = hour(entry, "from", own), hour(entry, "to", own)
    if "days" in entry and "from" not in entry and "to" not in entry:
        start, end = 0, _DAY_MIN
        if not own.stated:
            entry.fault("days", *NO_ZONE)
    elif "days" not in entry and "from" not in entry:
        entry.fault("days", "is missing, and hours are too", 'write days = ["sat", "sun"], or from and to')
    if start is None or end is None:
        return None
    if start in {end, _DAY_MIN}:
        entry.fault("to", "leaves no hours, or all of them", 'write from = "00:00", to = "24:00" for a whole day')
        return None
    return Span(days=_EVERY_DAY if days is None else frozenset(days), start_min=start, end_min=end % _DAY_MIN)
