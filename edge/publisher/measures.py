"""What the figures of one report cannot be, whoever made it: a mean above its maximum, metres where there are none."""

from collections.abc import Sequence
from typing import Final

from edge.contract.report import DirectionFlow, LineReport, TurnReport, WindowReport, ZoneReport

_HUNDRED: Final = 100


def is_possible(zone: ZoneReport) -> bool:
    """Tell whether no mean is above its maximum."""
    pairs = (
        (zone.people_mean_hundredths, zone.people_max, _HUNDRED),
        (zone.vehicles_mean_hundredths, zone.vehicles_max, _HUNDRED),
    )
    return all(mean is None or most is None or mean <= most * parts for mean, most, parts in pairs)


def turns_are_possible(turns: Sequence[TurnReport], lines: int) -> bool:
    """Tell whether turns are between two different lines of so many, each pair of ways listed once."""
    ways = {(turn.entry, turn.entry_forward, turn.exit, turn.exit_forward) for turn in turns}
    return len(ways) == len(turns) and all(
        turn.entry < lines and turn.exit < lines and turn.entry != turn.exit for turn in turns
    )


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
