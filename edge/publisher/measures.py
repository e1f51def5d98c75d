"""What the figures of one report cannot be, whoever made it.

Averages of too few, parts above their total, metres where there are none, counts of a time that nobody saw.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from edge.contract import bounds
from edge.contract.report import (
    CameraState,
    DirectionCounts,
    DirectionFlow,
    LineReport,
    TurnReport,
    WindowReport,
    ZoneReport,
)

_HUNDRED: Final = 100


def is_possible(zone: ZoneReport) -> bool:
    """Tell whether no mean is above its maximum."""
    pairs = (
        (zone.people_mean_hundredths, zone.people_max, _HUNDRED),
        (zone.vehicles_mean_hundredths, zone.vehicles_max, _HUNDRED),
    )
    return all(mean is None or most is None or mean <= most * parts for mean, most, parts in pairs)


def flow_is_possible(counts: DirectionCounts, flow: DirectionFlow) -> bool:
    """Tell whether each average of a direction can be of enough that passed in it."""
    of_vehicles = (
        flow.speed_time_mean_cm_s,
        flow.speed_space_mean_cm_s,
        flow.speed_error_cm_s,
        flow.headway_tenths,
        flow.occupancy_permille,
        flow.congestion,
    )
    of_people = (flow.walking_cm_s, flow.walking_error_cm_s)
    return _are_of_enough(of_vehicles, counts.vehicles) and _are_of_enough(of_people, counts.people)


def observation_is_possible(report: WindowReport) -> bool:
    """Tell whether nothing was counted where nothing was observed, and nothing was wrong where all was."""
    if report.observed_permille == bounds.PERMILLE.most:
        return report.trouble is CameraState.STREAMING
    if report.observed_permille:
        return True
    return not any(way.people or way.vehicles for line in report.lines for way in (line.forward, line.backward))


def turns_are_possible(turns: Sequence[TurnReport], told: Sequence[LineReport]) -> bool:
    """Tell whether turns are between two different lines of these, each pair of ways once, and no more than passed."""
    lines = len(told)
    ways = {(turn.entry, turn.entry_forward, turn.exit, turn.exit_forward) for turn in turns}
    return (
        len(ways) == len(turns)
        and all(turn.entry < lines and turn.exit < lines and turn.entry != turn.exit for turn in turns)
        and _fit_their_ends(turns, told)
    )


def _fit_their_ends(turns: Sequence[TurnReport], told: Sequence[LineReport]) -> bool:
    """Tell whether no more turns end at a line than passed it; where they began, some passed in the window before."""
    ends: Counter[tuple[int, bool]] = Counter()
    for turn in turns:
        ends[turn.exit, turn.exit_forward] += turn.count
    return all(
        count <= (told[line].forward if forward else told[line].backward).vehicles
        for (line, forward), count in ends.items()
    )


def _are_of_enough(averages: Iterable[int | None], count: int) -> bool:
    return count >= bounds.LEAST_OBJECTS or all(average is None for average in averages)


def has_metres(report: WindowReport) -> bool:
    """Tell whether a report says anything that is measured in metres."""
    return any(map(_line_has_metres, report.lines)) or any(map(_zone_has_metres, report.zones))


def _line_has_metres(line: LineReport) -> bool:
    return any(map(_flow_has_metres, (line.forward_flow, line.backward_flow)))


def _flow_has_metres(flow: DirectionFlow) -> bool:
    speeds = (
        flow.speed_time_mean_cm_s,
        flow.speed_space_mean_cm_s,
        flow.speed_error_cm_s,
        flow.walking_cm_s,
        flow.walking_error_cm_s,
        flow.congestion,
    )
    return any(value is not None for value in speeds)


def _zone_has_metres(zone: ZoneReport) -> bool:
    measured = (
        zone.density_mean_thousandths,
        zone.density_most_thousandths,
        zone.pressure_most_ten_thousandths,
        zone.walking_cm_s,
        zone.counterflow_permille,
        zone.queue_most_dm,
        zone.area_m2,
    )
    return any(value is not None for value in measured)
