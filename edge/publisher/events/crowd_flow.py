"""The `crowd-flow` payload: people over a line or in a zone, in the words of CrowdFlowObserved.

https://github.com/smart-data-models/dataModel.Transportation/tree/master/CrowdFlowObserved
The zone's mean and maximum are ours: CrowdFlowObserved has none.
"""

from typing import Any

from edge.config.site import Line, Zone
from edge.contract.report import LineReport, ZoneReport
from edge.publisher.events.envelope import CROWD_FLOW, Draft
from edge.publisher.events.provenance import Provenance


def of_line(source: str, line: Line, found: LineReport, provenance: Provenance) -> Draft:
    """Draft the event of a line: towards is forward, away is backward."""
    towards, away = found.forward.people, found.backward.people
    counts = {"peopleCount": towards + away, "peopleCountTowards": towards, "peopleCountAway": away}
    return _draft(source, f"line/{line.id}", line.id, counts, provenance)


def of_zone(source: str, zone: Zone, found: ZoneReport, provenance: Provenance) -> Draft:
    """Draft the event of a zone: how many were present, mean and maximum over the window."""
    values = {
        "peopleMean": _whole(found.people_mean_hundredths),
        "peopleMax": found.people_max,
        "vehiclesMean": _whole(found.vehicles_mean_hundredths),
        "vehiclesMax": found.vehicles_max,
    }
    return _draft(source, f"zone/{zone.id}", zone.id, values, provenance)


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
