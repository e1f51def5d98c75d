"""The `traffic-flow` payload: vehicles over one line in one direction, in the words of TrafficFlowObserved.

https://github.com/smart-data-models/dataModel.Transportation/tree/master/TrafficFlowObserved
"""

from collections.abc import Iterator

from edge.config.site import Line
from edge.contract.report import VEHICLE_KINDS, DirectionCounts, LineReport
from edge.publisher.events.envelope import TRAFFIC_FLOW, Draft
from edge.publisher.events.provenance import Provenance

# Each class's name in the payload. `vehicle` is ours: something of a vehicle's size that no class was found for.
VEHICLE_TYPES = tuple(kind.name.lower() for kind in VEHICLE_KINDS)


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


def drafts(source: str, line: Line, found: LineReport, provenance: Provenance) -> Iterator[Draft]:
    """Draft one event for each direction of a line."""
    report = provenance.report
    for direction, counts in (("forward", found.forward), ("backward", found.backward)):
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
                "intensity": counts.vehicles,
                "byVehicleType": listed_classes(counts),
                **provenance.blocks([f"byVehicleType.{name}" for name in withheld_classes(counts)]),
            },
        )
