"""The `traffic-flow` payload: vehicles over one line in one direction, in the words of TrafficFlowObserved.

https://github.com/smart-data-models/dataModel.Transportation/tree/master/TrafficFlowObserved
Speeds are in km/h as there, times in seconds. Ours are the space-mean speed, the speeds' error, the rate per hour, the
level of congestion, sums by weight, and turns.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from edge.config.site import Line, Site
from edge.contract import bounds
from edge.contract.report import (
    VEHICLE_KINDS,
    Congestion,
    DirectionCounts,
    DirectionFlow,
    LineReport,
    RoadUser,
    TurnReport,
)
from edge.publisher.events.envelope import TRAFFIC_FLOW, Draft
from edge.publisher.events.provenance import Provenance
from edge.units import kmh_from_mps

# Each class's name in the payload. `vehicle` is ours: something of a vehicle's size that no class was found for.
VEHICLE_TYPES = tuple(kind.name.lower() for kind in VEHICLE_KINDS)
# What is light and what is heavy; a bicycle is neither, nor is what was never named.
WEIGHTS = {
    "light": (RoadUser.MOTORCYCLE.name.lower(), RoadUser.CAR.name.lower()),
    "heavy": (RoadUser.BUS.name.lower(), RoadUser.LORRY.name.lower()),
}
_HOUR_S = 3600
_CM_PER_M = 100
_TENTHS_A_S = 10
DIRECTIONS = ("forward", "backward")


def listed_classes(counts: DirectionCounts) -> dict[str, int]:
    """List the classes that were released, by name; withheld ones are missing."""
    found = ((name, getattr(counts, name)) for name in VEHICLE_TYPES)
    return {name: count for name, count in found if count is not None}


def withheld_classes(counts: DirectionCounts) -> list[str]:
    """Name the classes that were withheld: none where the listed ones already make up the total."""
    listed = listed_classes(counts)
    if sum(listed.values()) == counts.vehicles:
        return []
    return [name for name in VEHICLE_TYPES if name not in listed]


def weights(counts: DirectionCounts) -> dict[str, int]:
    """Add up classes by weight, as far as the event's other numbers tell them anyway.

    So a sum never tells more than they do, in no revision either: both of its classes are listed, or none of the total
    is withheld, or just these two are, and are what is left of the total.
    """
    listed, withheld = listed_classes(counts), withheld_classes(counts)
    rest = counts.vehicles - sum(listed.values())
    found = {}
    for name, classes in WEIGHTS.items():
        if withheld == list(classes):
            found[name] = rest
        elif not set(classes) & set(withheld):
            found[name] = sum(listed.get(one, 0) for one in classes)
    return {name: count for name, count in found.items() if count == 0 or count >= bounds.LEAST_OBJECTS}


def kmh(cm_s: int | None) -> float | None:
    """Write a speed as payloads do: km/h with one digit; None where there is none."""
    return None if cm_s is None else round(kmh_from_mps(cm_s / _CM_PER_M), 1)


def drafts(source: str, site: Site, index: int, found: LineReport, provenance: Provenance) -> Iterator[Draft]:
    """Draft one event for each direction of a line, by its index in the site file."""
    report, line = provenance.report, site.lines[index]
    for direction, counts, flow in zip(
        DIRECTIONS, (found.forward, found.backward), (found.forward_flow, found.backward_flow), strict=True
    ):
        moving = _moving(flow, provenance)
        given = {name: value for name, value in moving.items() if value is not None}
        yield Draft(
            kind=TRAFFIC_FLOW,
            source=source,
            subject=f"line/{line.id}/{direction}",
            place=f"{line.id}.{direction}",
            window_start_s=report.window_start_s,
            window_s=report.window_s,
            revision=report.revision,
            data={
                "window": provenance.window(),
                "laneDirection": direction,
                **_counted(counts, provenance),
                **given,
                **_congestion(flow),
                **_turns(site.lines, report.turns, index, direction),
                **provenance.blocks([*_withheld(counts), *(name for name in moving if name not in given)]),
            },
        )


def _counted(counts: DirectionCounts, provenance: Provenance) -> dict[str, Any]:
    """Write the counts, and where the window was observed, how many in an hour that rate would be."""
    told: dict[str, Any] = {"intensity": counts.vehicles}
    if provenance.observed_s is not None:
        told["intensityPerHour"] = round(counts.vehicles * _HOUR_S / provenance.observed_s)
    return {**told, "byVehicleType": listed_classes(counts), "byWeight": weights(counts)}


def _withheld(counts: DirectionCounts) -> list[str]:
    summed = weights(counts)
    return [
        *(f"byVehicleType.{name}" for name in withheld_classes(counts)),
        *(f"byWeight.{name}" for name in WEIGHTS if name not in summed),
    ]


def _moving(flow: DirectionFlow, provenance: Provenance) -> dict[str, float | None]:
    """Write the averages: those that need metres only where there are any."""
    speeds = {
        "averageVehicleSpeed": kmh(flow.speed_time_mean_cm_s),
        "spaceMeanSpeed": kmh(flow.speed_space_mean_cm_s),
        "speedError": kmh(flow.speed_error_cm_s),
    }
    return {
        **(speeds if provenance.is_measured else {}),
        "averageHeadwayTime": None if flow.headway_tenths is None else flow.headway_tenths / _TENTHS_A_S,
        "occupancy": None if flow.occupancy_permille is None else flow.occupancy_permille / bounds.PERMILLE.most,
    }


def _congestion(flow: DirectionFlow) -> dict[str, Any]:
    """Write the level; traffic is `congested` from `slow` on. Where nobody can tell, nothing is said."""
    if flow.congestion is None:
        return {}
    level = Congestion(flow.congestion)
    return {"levelOfCongestion": level.name.lower(), "congested": level >= Congestion.SLOW}


def _turns(lines: Sequence[Line], turns: Sequence[TurnReport], entry: int, direction: str) -> dict[str, Any]:
    """List where those went who had entered over this line; a single line has no turns."""
    if len(lines) == 1:
        return {}
    went = (turn for turn in turns if turn.entry == entry and _way(forward=turn.entry_forward) == direction)
    return {
        "turns": [
            {"to": f"{lines[turn.exit].id}.{_way(forward=turn.exit_forward)}", "count": turn.count} for turn in went
        ]
    }


def _way(*, forward: bool) -> str:
    return DIRECTIONS[0] if forward else DIRECTIONS[1]
