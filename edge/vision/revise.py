"""What a later report of the same window may add: two reports of one window tell their difference too."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from edge.contract import bounds
from edge.contract.report import VEHICLE_KINDS, DirectionCounts, LineReport, RoadUser, WindowReport, ZoneReport
from edge.vision.aggregate.tally import Counts, Presence, Tally

_NAMES: dict[RoadUser, str] = {kind: kind.name.lower() for kind in VEHICLE_KINDS}


@dataclass(frozen=True, kw_only=True, slots=True)
class Given:
    """What the last report of a window gave beside totals, and what was seen of the window since; None: nothing."""

    kinds: tuple[tuple[int, ...], ...]
    """The RoadUsers that were listed: forward and backward of each line in turn."""
    zones: tuple[tuple[bool, bool], ...]
    """Whether the mean and maximum of people, and of vehicles, were given for each zone."""
    since: Tally | None = None


def given_by(report: WindowReport) -> Given:
    """Tell what a report gives beside its totals."""
    directions = (direction for line in report.lines for direction in (line.forward, line.backward))
    return Given(
        kinds=tuple(_listed(direction) for direction in directions),
        zones=tuple(
            (zone.people_mean_hundredths is not None, zone.vehicles_mean_hundredths is not None)
            for zone in report.zones
        ),
    )


def totals_only(report: WindowReport) -> WindowReport:
    """Withhold all classes, means and maxima."""
    return replace(
        report,
        lines=tuple(
            LineReport(forward=_without(line.forward, VEHICLE_KINDS), backward=_without(line.backward, VEHICLE_KINDS))
            for line in report.lines
        ),
        zones=tuple(ZoneReport() for _ in report.zones),
    )


def revised(report: WindowReport, counts: Tally, given: Given | None) -> WindowReport:
    """Withhold from a later report what its difference from the one before would tell of fewer than 5.

    `counts` is what the whole report is made of. A class stays where the report before listed it and it rose by 0 or
    by at least 5; then, as in `listable`, no class may be the only one missing. A zone's mean and maximum stay where
    at least 5 different ones were seen since, or where they were given and nobody was. Without `given`, totals stay.
    """
    if given is None or given.since is None:
        return totals_only(report)
    since = given.since
    kinds = iter(given.kinds)
    return replace(
        report,
        lines=tuple(
            LineReport(
                forward=_direction(line.forward, whole.forward, new.forward, next(kinds)),
                backward=_direction(line.backward, whole.backward, new.backward, next(kinds)),
            )
            for line, whole, new in zip(report.lines, counts.lines, since.lines, strict=True)
        ),
        zones=tuple(
            _zone(zone, people=_may(new.people, people), vehicles=_may(new.vehicles, vehicles))
            for zone, new, (people, vehicles) in zip(report.zones, since.zones, given.zones, strict=True)
        ),
    )


def _direction(direction: DirectionCounts, whole: Counts, new: Counts, before: Sequence[int]) -> DirectionCounts:
    may = [
        kind for kind in _listed(direction) if kind in before and (new[kind] == 0 or new[kind] >= bounds.LEAST_OBJECTS)
    ]
    missing = [kind for kind in VEHICLE_KINDS if whole[kind] > 0 and kind not in may]
    if len(missing) == 1 and may:
        may.remove(min(may, key=lambda kind: whole[kind]))
    return _without(direction, [kind for kind in VEHICLE_KINDS if kind not in may])


def _may(new: Presence, was_given: bool) -> bool:  # noqa: FBT001  read as a pair with what it goes with
    nobody = new.distinct == 0 and new.object_ns == 0
    return new.distinct >= bounds.LEAST_OBJECTS or (was_given and nobody)


def _zone(zone: ZoneReport, *, people: bool, vehicles: bool) -> ZoneReport:
    kept = [name for name, may in (("people", people), ("vehicles", vehicles)) if may]
    return ZoneReport(
        **{one.name: getattr(zone, one.name) for one in fields(zone) if one.name.partition("_")[0] in kept}
    )


def _listed(direction: DirectionCounts) -> tuple[RoadUser, ...]:
    return tuple(kind for kind, name in _NAMES.items() if getattr(direction, name) is not None)


def _without(direction: DirectionCounts, kinds: Sequence[RoadUser]) -> DirectionCounts:
    withheld: dict[str, Any] = dict.fromkeys(_NAMES[kind] for kind in kinds)
    return replace(direction, **withheld)
