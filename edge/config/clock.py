"""The site's own time: `[place] time_zone`, and the dates and hours that are told in it.

A local time that daylight saving skips, or brings twice, names no one instant; it is a fault, never a guess.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from difflib import get_close_matches
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from edge.config.fault import quoted
from edge.config.site import UTC
from edge.config.table import Table, kind_name

NO_ZONE: Final = ("is local time, and no [place] says of where", 'write [place] with time_zone = "Europe/Paris"')
"""Cause and mend where something is told in local time, and the site has none."""

_MOMENT_MEND: Final = "write date and time without quotes, such as 2026-07-14T22:00:00"
_HOUR_MEND: Final = 'write hours and minutes, such as "22:00"'
_HOUR: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|24:00")
_MINUTES_AN_HOUR: Final = 60
# What the boundary can tell: 2020-01-01 to 2100-01-01.
_FIRST_YEAR, _LAST_YEAR = 2020, 2099


@dataclass(frozen=True, kw_only=True, slots=True)
class Clock:
    """The site's time zone, and whether the site file says one: else nothing may be told in local time."""

    zone: tzinfo = UTC
    stated: bool = False


def clock(root: Table) -> Clock:
    """Read `[place]`; without it the site's own time is UTC."""
    table = root.table("place", ("time_zone",))
    if "place" in root:
        table.require("time_zone", 'time_zone = "Europe/Paris"')
    name = table.text("time_zone")
    if name is None:
        # A fault of its own is noted already where [place] is there and says nothing.
        return Clock(stated="place" in root)
    try:
        return Clock(zone=ZoneInfo(name), stated=True)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        table.fault("time_zone", *_unknown(name))
    return Clock(stated=True)


def instant(table: Table, key: str, own: Clock) -> int | None:
    """Look up a date with a time; gives Unix seconds. Without an offset it is in the site's own time."""
    value = table.raw(key)
    if value is None:
        return None
    if not isinstance(value, datetime):
        cause = "is a date without a time" if isinstance(value, date) else f"is {kind_name(value)}"
        table.fault(key, cause, _MOMENT_MEND)
    elif not _FIRST_YEAR <= value.year <= _LAST_YEAR:
        table.fault(key, f"is in the year {value.year}", f"write one from {_FIRST_YEAR} to {_LAST_YEAR}")
    elif value.tzinfo is not None:
        return int(value.timestamp())
    elif not own.stated:
        table.fault(key, *NO_ZONE)
    else:
        return _local(table, key, value, own.zone)
    return None


def hour(table: Table, key: str, own: Clock) -> int | None:
    """Look up an hour of the day in the site's own time; gives minutes from midnight, 24:00 as 1440."""
    value = table.raw(key)
    if value is None:
        return None
    match = _HOUR.fullmatch(value) if isinstance(value, str) else None
    if match:
        minutes = int(match[1]) * _MINUTES_AN_HOUR + int(match[2]) if match[1] else 24 * _MINUTES_AN_HOUR
    elif isinstance(value, time) and value.second == value.microsecond == 0:
        minutes = value.hour * _MINUTES_AN_HOUR + value.minute
    else:
        table.fault(key, f"{quoted(value)} is no time of day" if isinstance(value, str) else "is no hour", _HOUR_MEND)
        return None
    if own.stated:
        return minutes
    table.fault(key, *NO_ZONE)
    return None


def _local(table: Table, key: str, value: datetime, zone: tzinfo) -> int | None:
    """Tell the one instant of a local time; both readings of it differ where there is none, or two (PEP 495)."""
    first, second = value.replace(tzinfo=zone, fold=0), value.replace(tzinfo=zone, fold=1)
    before, after = first.utcoffset(), second.utcoffset()
    if before is None or after is None or before == after:
        return int(first.timestamp())
    if before > after:
        mend = f"write {first.isoformat()} for the first time, or {second.isoformat()} for the second"
        table.fault(key, "comes twice: the clocks are put back then", mend)
    else:
        # Read by the offset before the change, it is as long after the change as was meant.
        meant = datetime.fromtimestamp(first.timestamp(), zone)
        table.fault(key, "never comes: the clocks are put forward then", f"write {meant.isoformat()}")
    return None


def _unknown(name: str) -> tuple[str, str]:
    """Say why a name is no time zone, and what to do."""
    known = sorted(available_timezones())
    if not known:
        return "cannot be looked up: this system knows no time zones", "apt-get install tzdata"
    by_lower = {zone.lower(): zone for zone in known}
    # A city alone, as people say it.
    cities = [zone for zone in known if zone.rpartition("/")[2].lower() == name.lower()]
    near = [city.lower() for city in cities] or get_close_matches(name.lower(), by_lower, n=1)
    mend = f"did you mean {by_lower[near[0]]}?" if near else "write region and city, such as Europe/Paris"
    return f"{quoted(name)} is no time zone", mend
