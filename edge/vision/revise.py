"""What a later report of the same window may add: two reports of one window tell their difference too."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Final

from edge.contract import bounds
from edge.contract.report import (
    VEHICLE_KINDS,
    DirectionCounts,
    DirectionFlow,
    LineReport,
    RoadUser,
    TurnReport,
    WindowReport,
    ZoneReport,
)
from edge.vision.aggregate.averages import enough, nobody
from edge.vision.aggregate.tally import Counts, Flow, Presence, Tally, TurnTally, ZoneTally

_NAMES: dict[RoadUser, str] = {kind: kind.name.lower() for kind in VEHICLE_KINDS}
# What of a report rests on the same people or vehicles.
_FLOW_FIELDS: Final = (
    ("occupancy_permille", "headway_tenths"),
    ("speed_time_mean_cm_s", "speed_space_mean_cm_s", "speed_error_cm_s", "congestion"),
    ("walking_cm_s", "walking_error_cm_s"),
)
_ZONE_FIELDS: Final = (
    (
        *("people_max", "people_mean_hundredths", "density_mean_thousandths", "density_most_thousandths"),
        *("pressure_most_ten_thousandths", "area_m2", "estimator", "estimator_error_permille"),
    ),
    ("vehicles_max", "vehicles_mean_hundredths"),
    ("walking_cm_s", "counterflow_permille"),
    ("stopped_most",),
    ("queue_most_dm",),
)
ZONE_GROUPS: Final = len(_ZONE_FIELDS)


@dataclass(frozen=True, kw_only=True, slots=True)
class Given:
    """What the last report of a window gave beside totals, and what was seen of the window since; None: nothing."""

    kinds: tuple[tuple[int, ...], ...]
    """The RoadUsers that were listed: forward and backward of each line in turn."""
    zones: tuple[tuple[bool, ...], ...]
    """Whether those figures of each zone were given that rest on people, vehicles, who walks, stops and queues."""
    flows: tuple[tuple[bool, ...], ...] = ()
    """Whether passes' figures, vehicles' speeds and people's were given: forward and backward of each line in turn."""
    turns: tuple[tuple[int, ...], ...] = ()
    """The turns that were listed: entry, forward or not, exit, forward or not."""
    since: Tally | None = None


def given_by(report: WindowReport) -> Given:
    """Tell what a report gives beside its totals."""
    return Given(
        kinds=tuple(_listed(direction) for line in report.lines for direction in (line.forward, line.backward)),
        zones=tuple(_given(zone, _ZONE_FIELDS) for zone in report.zones),
        flows=tuple(
            _given(flow, _FLOW_FIELDS) for line in report.lines for flow in (line.forward_flow, line.backward_flow)
        ),
        turns=tuple(_way(turn) for turn in report.turns),
    )


def totals_only(report: WindowReport) -> WindowReport:
    """Withhold all classes, means, maxima and turns."""
    return replace(
        report,
        lines=tuple(
            LineReport(forward=_without(line.forward, VEHICLE_KINDS), backward=_without(line.backward, VEHICLE_KINDS))
            for line in report.lines
        ),
        zones=tuple(ZoneReport() for _ in report.zones),
        turns=(),
    )


def revised(report: WindowReport, counts: Tally, given: Given | None) -> WindowReport:
    """Withhold from a later report what its difference from the one before would tell of fewer than 5.

    `counts` is what the whole report is made of. A class stays where the report before listed it and it rose by 0 or
    by at least 5; then, as in `listable`, no class may be the only one missing. Means and maxima stay where they rest
    on at least 5 different ones seen since, or where they were given and nobody was. Turns stay where they were listed
    and each turn of the window rose by 0 or by at least 5. Without `given`, totals stay.
    """
    if given is None or given.since is None:
        return totals_only(report)
    since = given.since
    kinds, flows = iter(given.kinds), iter(given.flows or ((False,) * len(_FLOW_FIELDS),) * 2 * len(report.lines))
    return replace(
        report,
        lines=tuple(
            LineReport(
                forward=_direction(line.forward, whole.forward, new.forward, next(kinds)),
                backward=_direction(line.backward, whole.backward, new.backward, next(kinds)),
                forward_flow=_flow(line.forward_flow, new.forward_flow, new.forward, next(flows)),
                backward_flow=_flow(line.backward_flow, new.backward_flow, new.backward, next(flows)),
            )
            for line, whole, new in zip(report.lines, counts.lines, since.lines, strict=True)
        ),
        zones=tuple(
            _zone(zone, new, was) for zone, new, was in zip(report.zones, since.zones, given.zones, strict=True)
        ),
        turns=_turns(report.turns, since.turns, given.turns),
    )


def _direction(direction: DirectionCounts, whole: Counts, new: Counts, before: Sequence[int]) -> DirectionCounts:
    may = [
        kind for kind in _listed(direction) if kind in before and (new[kind] == 0 or new[kind] >= bounds.LEAST_OBJECTS)
    ]
    missing = [kind for kind in VEHICLE_KINDS if whole[kind] > 0 and kind not in may]
    if len(missing) == 1 and may:
        may.remove(min(may, key=lambda kind: whole[kind]))
    return _without(direction, [kind for kind in VEHICLE_KINDS if kind not in may])


def _flow(flow: DirectionFlow, new: Flow, passed: Counts, was: Sequence[bool]) -> DirectionFlow:
    vehicles, people = sum(passed[kind] for kind in VEHICLE_KINDS), passed[RoadUser.PERSON]
    idle = not vehicles and not new.occupied_ns
    may = (
        enough(new.distinct) or (was[0] and idle),
        # Whose speed is not known was there all the same.
        enough(new.vehicles.distinct) or (was[1] and idle),
        enough(new.people.distinct) or (was[2] and not people),
    )
    return DirectionFlow(**_kept(flow, _FLOW_FIELDS, may))


def _zone(zone: ZoneReport, new: ZoneTally, was: Sequence[bool]) -> ZoneReport:
    # Who does not walk, stop or queue is there all the same.
    people, vehicles = ((enough(one.distinct) or nobody(one)) for one in (new.people, new.vehicles))
    may = (
        _may(new.people, was[0]),
        _may(new.vehicles, was[1]),
        people and _may(new.walkers, was[2]),
        vehicles and _may(new.stopped, was[3]),
        vehicles and _may(new.queued, was[4]),
    )
    return ZoneReport(**_kept(zone, _ZONE_FIELDS, may))


def _may(new: Presence, was_given: bool) -> bool:  # noqa: FBT001  read as a pair with what it goes with
    return enough(new.distinct) or (was_given and nobody(new))


def _turns(
    turns: tuple[TurnReport, ...], new: tuple[TurnTally, ...], before: Sequence[tuple[int, ...]]
) -> tuple[TurnReport, ...]:
    if not all(enough(turn.count) for turn in new):
        return ()
    # A part of what was listed would leave a turn the only one missing at a line.
    return turns if all(_way(turn) in before for turn in turns) else ()


def _way(turn: TurnReport) -> tuple[int, ...]:
    return turn.entry, turn.entry_forward, turn.exit, turn.exit_forward


def _given(part: DirectionFlow | ZoneReport, groups: tuple[tuple[str, ...], ...]) -> tuple[bool, ...]:
    nothing = type(part)()
    return tuple(any(getattr(part, name) != getattr(nothing, name) for name in group) for group in groups)


def _kept(part: DirectionFlow | ZoneReport, groups: tuple[tuple[str, ...], ...], may: Sequence[bool]) -> dict[str, Any]:
    kept = {name for group, is_kept in zip(groups, may, strict=True) if is_kept for name in group}
    return {one.name: getattr(part, one.name) for one in fields(part) if one.name in kept}


def _listed(direction: DirectionCounts) -> tuple[RoadUser, ...]:
    return tuple(kind for kind, name in _NAMES.items() if getattr(direction, name) is not None)


def _without(direction: DirectionCounts, kinds: Sequence[RoadUser]) -> DirectionCounts:
    withheld: dict[str, Any] = dict.fromkeys(_NAMES[kind] for kind in kinds)
    return replace(direction, **withheld)
