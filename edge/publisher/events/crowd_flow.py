"""The `crowd-flow` payload: people over a line or in a zone, in the words of CrowdFlowObserved.

https://github.com/smart-data-models/dataModel.Transportation/tree/master/CrowdFlowObserved
Ours are the walking speeds by direction (km/h), and of a zone means and maxima of who is present, the longest queue (m)
and how many vehicles stood still: CrowdFlowObserved has none of them.
"""

from typing import Any

from edge.config.site import Line, Zone, ZoneUse
from edge.contract.report import DirectionFlow, LineReport, ZoneReport
from edge.publisher.events.envelope import CROWD_FLOW, Draft
from edge.publisher.events.provenance import Provenance
from edge.publisher.events.traffic_flow import kmh

_DM_PER_M = 10


def of_line(source: str, line: Line, found: LineReport, provenance: Provenance) -> Draft:
    """Draft the event of a line: towards is forward, away is backward."""
    towards, away = found.forward.people, found.backward.people
    values = {"peopleCount": towards + away, "peopleCountTowards": towards, "peopleCountAway": away}
    if provenance.is_measured:
        values |= _walking("Towards", found.forward_flow) | _walking("Away", found.backward_flow)
    return _draft(source, f"line/{line.id}", line.id, values, provenance)


def of_zone(source: str, zone: Zone, found: ZoneReport, provenance: Provenance) -> Draft:
    """Draft the event of a zone: how many were present, mean and maximum over the window."""
    values = {
        "peopleMean": _whole(found.people_mean_hundredths),
        "peopleMax": found.people_max,
        "vehiclesMean": _whole(found.vehicles_mean_hundredths),
        "vehiclesMax": found.vehicles_max,
    }
    if zone.use is ZoneUse.CARRIAGEWAY:
        values |= _waiting(found, measured=provenance.is_measured)
    return _draft(source, f"zone/{zone.id}", zone.id, values, provenance)


def _walking(way: str, flow: DirectionFlow) -> dict[str, Any]:
    return {
        f"averageWalkingSpeed{way}": kmh(flow.walking_cm_s),
        f"walkingSpeedError{way}": kmh(flow.walking_error_cm_s),
    }


def _waiting(found: ZoneReport, *, measured: bool) -> dict[str, Any]:
    stopped = {"stoppedVehiclesMax": found.stopped_most}
    queue = None if found.queue_most_dm is None else found.queue_most_dm / _DM_PER_M
    return {**stopped, "queueLengthMax": queue} if measured else stopped


def _draft(source: str, subject: str, place: str, values: dict[str, Any], provenance: Provenance) -> Draft:
    report = provenance.report
    given = {name: value for name, value in values.items() if value is not None}
    withheld = [name for name in values if name not in given]
    return Draft(
        kind=CROWD_FLOW,
        source=source,
        subject=subject,
        place=place,
        window_start_s=report.window_start_s,
        window_s=report.window_s,
        revision=report.revision,
        data={"window": provenance.window(), **given, **provenance.blocks(withheld)},
    )


def _whole(hundredths: int | None) -> float | None:
    return None if hundredths is None else hundredths / 100
