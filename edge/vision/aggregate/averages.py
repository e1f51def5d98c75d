"""Averages of a window's sums, each of at least 5 different ones, in the units of the report."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from edge.contract import bounds
from edge.contract.bounds import Range
from edge.contract.report import Congestion, CrowdEstimator, DirectionFlow, ZoneReport
from edge.vision.aggregate.tally import Crowding, Flow, Presence, Speeds, ZoneTally

_HUNDRED: Final = 100
_THOUSAND: Final = 1000
_MM_PER_CM: Final = 10
_NS_PER_TENTH: Final = 10**8
_PER_SLOWNESS: Final = 10**9
# Shares of the free flow's speed down to which traffic is free, dense and slow. The first two are where levels of
# service B and D of an urban street end (Highway Capacity Manual 2010, exhibit 17-2: 67 % and 40 %); below the last
# it goes no faster than people walk beside it.
_SHARES: Final = (
    (0.67, Congestion.FREE),
    (0.40, Congestion.DENSE),
    (0.15, Congestion.SLOW),
)


def enough(distinct: int) -> bool:
    """Tell whether an average of so many different ones may be given."""
    return distinct >= bounds.LEAST_OBJECTS


def flow(flow: Flow, observed_ns: int) -> DirectionFlow:
    """Give how those moved who crossed a line in one direction."""
    released = DirectionFlow()
    if enough(flow.vehicles.distinct):
        mean, error = time_mean(flow.vehicles)
        space_mean = _space_mean(flow.vehicles)
        released = replace(
            released,
            speed_time_mean_cm_s=_cm(mean, bounds.SPEED_CM_S),
            speed_space_mean_cm_s=_cm(space_mean, bounds.SPEED_CM_S),
            speed_error_cm_s=_cm(error, bounds.SPEED_CM_S),
            congestion=None if flow.free == 0 else int(congestion(space_mean / flow.free)),
        )
    if enough(flow.distinct):
        released = replace(
            released,
            headway_tenths=_cut(flow.gaps_ns / flow.gaps / _NS_PER_TENTH, bounds.HEADWAY_TENTHS)
            if enough(flow.gaps)
            else None,
            occupancy_permille=_cut(_THOUSAND * flow.occupied_ns / observed_ns, bounds.PERMILLE)
            if observed_ns
            else None,
        )
    if enough(flow.people.distinct):
        mean, error = time_mean(flow.people)
        released = replace(
            released,
            walking_cm_s=_cm(mean, bounds.WALKING_CM_S),
            walking_error_cm_s=_cm(error, bounds.WALKING_CM_S),
        )
    return released


def zone(tally: ZoneTally, observed_ns: int) -> ZoneReport:
    """Give how many were present in a zone, how dense they were and how they moved."""
    released = ZoneReport()
    if enough(tally.people.distinct):
        released = _people(tally, observed_ns)
    if enough(tally.walkers.distinct) and tally.walkers.object_ns:
        released = replace(
            released,
            walking_cm_s=_cm(tally.walked / tally.walkers.object_ns, bounds.WALKING_CM_S),
            counterflow_permille=_cut(_THOUSAND * tally.against_ns / tally.walkers.object_ns, bounds.PERMILLE),
        )
    if not enough(tally.vehicles.distinct):
        return released
    return replace(
        released,
        vehicles_mean_hundredths=_mean(tally.vehicles, observed_ns),
        vehicles_max=_cut(tally.vehicles.most, bounds.PRESENT),
        # Beside five vehicles, that none of them stopped may be told; that one did may not.
        stopped_most=_cut(tally.stopped.most, bounds.PRESENT) if none_or_enough(tally.stopped) else None,
        queue_most_dm=_cut(tally.queue_most_dm, bounds.QUEUE_DM)
        if tally.queue_ns and none_or_enough(tally.queued)
        else None,
    )


def none_or_enough(presence: Presence) -> bool:
    """Tell whether nobody was there, or enough different ones."""
    return nobody(presence) or enough(presence.distinct)


def nobody(presence: Presence) -> bool:
    """Tell whether nobody was ever there."""
    return presence.distinct == 0 and presence.object_ns == 0


def time_mean(speeds: Speeds) -> tuple[float, float]:
    """Compute the mean of speeds and its standard error, mm/s.

    The error of sampling falls with their number; that of the calibration, which all have in common, does not.
    """
    mean = speeds.total / speeds.count
    spread = max(0.0, speeds.squares / speeds.count - mean * mean) / max(1, speeds.count - 1)
    return mean, math.hypot(math.sqrt(spread), speeds.calibration / speeds.count)


def congestion(share: float) -> Congestion:
    """Tell how vehicles move at a share of the speed they go at when nothing hinders them."""
    return next((word for least, word in _SHARES if share >= least), Congestion.STANDING)


def _space_mean(speeds: Speeds) -> float:
    """Compute the harmonic mean of speeds, mm/s: that of the vehicles on a stretch of road at one instant."""
    return speeds.count * _PER_SLOWNESS / speeds.slowness


def _people(tally: ZoneTally, observed_ns: int) -> ZoneReport:
    crowding = tally.crowding
    estimator = _estimator(crowding.counted_ns)
    error = crowding.error[estimator]
    released = ZoneReport(
        people_mean_hundredths=_mean(tally.people, observed_ns),
        people_max=_cut(tally.people.most, bounds.PRESENT),
        estimator=estimator,
        estimator_error_permille=None if error < 0 else _cut(error, bounds.PERMILLE),
    )
    return _dense(released, crowding) if crowding.measured_ns else released


def _dense(released: ZoneReport, crowding: Crowding) -> ZoneReport:
    return replace(
        released,
        density_mean_thousandths=_cut(crowding.density / crowding.measured_ns, bounds.DENSITY_THOUSANDTHS),
        density_most_thousandths=_cut(crowding.density_most, bounds.DENSITY_THOUSANDTHS),
        pressure_most_ten_thousandths=_cut(crowding.pressure_most, bounds.PRESSURE_TEN_THOUSANDTHS),
        area_m2=_cut(crowding.area_m2, bounds.COUNT),
    )


def _estimator(counted_ns: Sequence[int]) -> CrowdEstimator:
    """Give the one that counted for most of the time."""
    return max(CrowdEstimator, key=lambda one: counted_ns[one])


def _mean(presence: Presence, observed_ns: int) -> int:
    return _cut(presence.mean(observed_ns) * _HUNDRED, bounds.PRESENT_HUNDREDTHS)


def _cm(mm: float, most: Range) -> int:
    return _cut(mm / _MM_PER_CM, most)


def _cut(value: float, to: Range) -> int:
    return min(max(round(value), to.least), to.most)
