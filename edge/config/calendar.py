"""When a rule of the site holds: hours of days in the site's own time, daylight saving included."""

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Final

from edge.config.site import Span

_MINUTES_A_DAY: Final = 1440
_DAYS_A_WEEK: Final = 7


def holds(calendar: Sequence[Span], unix_s: float, zone: tzinfo) -> bool:
    """Tell whether a calendar holds at a Unix time; an empty one always does.

    Hours are those on the wall clock: one that is skipped in spring has none, one that comes twice in autumn has both.
    """
    if not calendar:
        return True
    local = datetime.fromtimestamp(unix_s, zone)
    minute, day = local.hour * 60 + local.minute, local.weekday()
    return any(_covers(span, day, minute) for span in calendar)


def _covers(span: Span, day: int, minute: int) -> bool:
    length = (span.end_min - span.start_min) % _MINUTES_A_DAY or _MINUTES_A_DAY
    today = day in span.days and 0 <= minute - span.start_min < length
    yesterday = (day - 1) % _DAYS_A_WEEK in span.days and minute + _MINUTES_A_DAY - span.start_min < length
    return today or yesterday
