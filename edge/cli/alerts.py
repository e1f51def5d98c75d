"""The alarms of a recording, one entry for each, as `passant analyse` tells them."""

from typing import TYPE_CHECKING

from edge.contract.report import AlarmPhase
from edge.units import seconds_from_ns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge.config.site import Site
    from edge.vision.judge.alarm import Alarm

_ENDS = (AlarmPhase.CLEARED, AlarmPhase.EXPIRED)


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
