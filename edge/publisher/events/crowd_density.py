"""The `crowd-density` payload: how dense the people of a zone were, and how freely they moved.

`averageCrowdSpeed` (km/h) is CrowdFlowObserved's; all else is ours, since no Smart Data Model has a density. Densities
are in people per m² of ground on which people can stand, the pressure in s⁻² (Helbing et al. 2007).
"""

from collections.abc import Iterator
from typing import Any, Final

from edge.config.site import Zone
from edge.contract import bounds
from edge.contract.levels import fruin
from edge.contract.report import CrowdEstimator, ZoneReport
from edge.publisher.events.envelope import CROWD_DENSITY, Draft
from edge.publisher.events.provenance import Provenance
from edge.publisher.events.traffic_flow import kmh

_THOUSANDTHS: Final = 1_000
_TEN_THOUSANDTHS: Final = 10_000
ESTIMATORS: Final = {
    CrowdEstimator.TRACKS: "tracks",
    CrowdEstimator.SITE_FIT: "site-fit",
    CrowdEstimator.DENSITY_NET: "density-net",
}


def drafts(source: str, zone: Zone, found: ZoneReport, provenance: Provenance) -> Iterator[Draft]:
    """Draft the event of a zone; none where there are no metres."""
    if not provenance.is_measured:
        return
    report = provenance.report
    values = _values(found)
    given = {name: value for name, value in values.items() if value is not None}
    yield Draft(
        kind=CROWD_DENSITY,
        source=source,
        subject=f"zone/{zone.id}",
        place=zone.id,
        window_start_s=report.window_start_s,
        window_s=report.window_s,
        revision=report.revision,
        data={
            "window": provenance.window(),
            **given,
            "calibration": {"state": report.metres.name.lower()},
            "estimator": _estimator(found),
            **provenance.blocks([name for name in values if name not in given]),
        },
    )


def _values(found: ZoneReport) -> dict[str, Any]:
    return {
        "densityMean": _part(found.density_mean_thousandths, _THOUSANDTHS),
        "levelOfService": _level(found.density_mean_thousandths),
        "densityMaxLocal": _part(found.density_most_thousandths, _THOUSANDTHS),
        "crowdPressureMax": _part(found.pressure_most_ten_thousandths, _TEN_THOUSANDTHS),
        "averageCrowdSpeed": kmh(found.walking_cm_s),
        "counterFlow": _part(found.counterflow_permille, bounds.PERMILLE.most),
        "observedArea": found.area_m2,
    }


def _level(density_thousandths: int | None) -> str | None:
    return None if density_thousandths is None else fruin(density_thousandths / _THOUSANDTHS).value


def _estimator(found: ZoneReport) -> dict[str, Any]:
    """Name what counted, with its error where that was measured: the mean one over the mean count."""
    named = {"name": ESTIMATORS[found.estimator]}
    error = _part(found.estimator_error_permille, bounds.PERMILLE.most)
    return named if error is None else {**named, "error": error}


def _part(value: int | None, whole: int) -> float | None:
    return None if value is None else value / whole
