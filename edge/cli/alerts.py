"""The alarms of a recording, one entry for each, as `passant analyse` tells them."""

from datetime import datetime
from typing import TYPE_CHECKING, Final

from edge.config.calendar import holds
from edge.config.site import LegalMode
from edge.contract.report import AlarmPhase
from edge.units import NS_PER_S, seconds_from_ns

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from edge.config.site import Line, Site, Zone
    from edge.vision.judge.alarm import Alarm

_ENDS = (AlarmPhase.CLEARED, AlarmPhase.EXPIRED)
_MINUTE_S: Final = 60


def alerts(site: "Site", told: "Sequence[Alarm]", start_ns: int) -> list[dict[str, object]]:
    """Sum up what was said about each alarm; times in seconds from the recording's begin.

    `since_s` is when what it is about was first seen, `cleared_s` None while it still stands at the end. `severity` is
    the gravest it had.
    """
    lives: dict[int, list[Alarm]] = {}
    for alarm in told:
        if alarm.phase is not AlarmPhase.MUTED:
            lives.setdefault(alarm.number, []).append(alarm)
    return [_alert(site, life, start_ns) for life in lives.values()]


def idle(site: "Site", start_ns: int, length_s: float) -> "Iterator[str]":
    """Say why no alarm could be raised in a recording, or of some places; nothing of a site of statistics."""
    legal, start_s = site.legal, start_ns / NS_PER_S
    if legal.mode is LegalMode.STATISTICS:
        return
    # Hours begin and end with minutes: none of a recording falls between these.
    times = [start_s, *(start_s // _MINUTE_S * _MINUTE_S + n for n in _minutes(start_s, length_s))]
    spelt = datetime.fromtimestamp(start_s, site.time_zone).isoformat()
    lawful = [at_s for at_s in times if legal.start_s <= at_s < legal.end_s]
    if not lawful:
        yield f"alarms: none in force: [legal] does not cover {spelt} — say with --from when it was taken"
        return
    places: tuple[Line | Zone, ...] = (*site.lines, *site.zones)
    raising = [place for place in places if place.alarms and place.id in legal.perimeter]
    for place in raising:
        if not any(holds(place.when, at_s, site.time_zone) for at_s in lawful):
            yield f"alarms: none in force at {place.id}: its `when` does not cover {spelt}"


def _minutes(start_s: float, length_s: float) -> range:
    """List the whole minutes after the one of the start that a recording reaches, in seconds after that one."""
    return range(_MINUTE_S, int(start_s % _MINUTE_S + length_s) + 1, _MINUTE_S)


def _alert(site: "Site", life: "Sequence[Alarm]", start_ns: int) -> dict[str, object]:
    first, last = life[0], life[-1]
    places = site.lines if first.at_line else site.zones
    levels = [alarm.level for alarm in life if alarm.level is not None]
    return {
        "kind": first.kind.name.lower().replace("_", "-"),
        "object": places[first.place].id,
        "since_s": _seconds(first.since_ns, start_ns),
        "raised_s": _seconds(first.at_ns, start_ns),
        "cleared_s": _seconds(last.at_ns, start_ns) if last.phase in _ENDS else None,
        "severity": max(alarm.severity for alarm in life).name.lower(),
        **({"level": max(levels)} if levels else {}),
    }


def _seconds(at_ns: int, start_ns: int) -> float:
    return round(seconds_from_ns(at_ns - start_ns), 2)
