"""What may leave: the disclosure rules, applied to a window's sums on the way to the boundary."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from edge.contract import bounds
from edge.contract.report import VEHICLE_KINDS, DirectionCounts, LineReport, RoadUser, WindowReport, ZoneReport
from edge.units import NS_PER_S
from edge.vision.aggregate.tally import Counts, Presence, Tally

_HUNDRED: Final = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Header:
    """What a report says of itself; see WindowReport."""

    sequence: int
    site: int
    model: int
    revision: int
    replay: bool
    isolated: bool


def release(tally: Tally, header: Header) -> WindowReport:
    """Make the report of a window: counts in total always, classes and averages only of at least 5 objects.

    Numbers over a field's bound are cut to it.
    """
    return WindowReport(
        sequence=header.sequence,
        site=header.site,
        model=header.model,
        window_start_s=tally.start_ns // NS_PER_S,
        window_s=tally.length_ns // NS_PER_S,
        revision=header.revision,
        observed_permille=int(tally.coverage * bounds.PERMILLE.most),
        replay=header.replay,
        isolated=header.isolated,
        lines=tuple(
            LineReport(forward=_direction(line.forward), backward=_direction(line.backward)) for line in tally.lines
        ),
        zones=tuple(
            ZoneReport(
                people_mean_hundredths=_mean(zone.people, tally.observed_ns),
                people_max=_most(zone.people),
                vehicles_mean_hundredths=_mean(zone.vehicles, tally.observed_ns),
                vehicles_max=_most(zone.vehicles),
            )
            for zone in tally.zones
        ),
    )


def listable(counts: Sequence[int]) -> tuple[bool, ...]:
    """Tell which classes may be listed beside their total.

    Those of at least 5; and if just one class that occurred would be missing, the next smallest goes too, or
    subtracting the others from the total would tell it.
    """
    listed = [count >= bounds.LEAST_OBJECTS for count in counts]
    missing = [i for i, count in enumerate(counts) if 0 < count < bounds.LEAST_OBJECTS]
    if len(missing) == 1 and any(listed):
        smallest = min((i for i, is_listed in enumerate(listed) if is_listed), key=lambda i: counts[i])
        listed[smallest] = False
    return tuple(listed)


def _direction(counts: Counts) -> DirectionCounts:
    vehicles = [counts[kind] for kind in VEHICLE_KINDS]
    listed = {
        kind.name.lower(): min(count, bounds.LISTED_COUNT.most)
        for kind, count, may in zip(VEHICLE_KINDS, vehicles, listable(vehicles), strict=True)
        if may
    }
    return DirectionCounts(
        people=min(counts[RoadUser.PERSON], bounds.COUNT.most), vehicles=min(sum(vehicles), bounds.COUNT.most), **listed
    )


def _mean(presence: Presence, observed_ns: int) -> int | None:
    if presence.distinct < bounds.LEAST_OBJECTS:
        return None
    return min(round(presence.mean(observed_ns) * _HUNDRED), bounds.PRESENT_HUNDREDTHS.most)


def _most(presence: Presence) -> int | None:
    return None if presence.distinct < bounds.LEAST_OBJECTS else min(presence.most, bounds.PRESENT.most)
