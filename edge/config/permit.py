"""`[[zones.permits]]`: how many vehicles may be where none may, and until when. They are counts, not plates."""

from typing import Final

from edge.config.clock import Clock, instant
from edge.config.site import Permit
from edge.config.table import Table
from edge.contract.report import VEHICLE_KINDS, AlarmKind, RoadUser

MOST_PERMITS: Final = 64

HEAVY: Final = frozenset({RoadUser.BUS, RoadUser.LORRY})
KINDS: Final = {
    "lorry": frozenset({RoadUser.LORRY}),
    "bus": frozenset({RoadUser.BUS}),
    "heavy": HEAVY,
    "car": frozenset({RoadUser.CAR}),
    "motorcycle": frozenset({RoadUser.MOTORCYCLE}),
    # Nobody is alarmed by a bicycle, so none needs a permit.
    "vehicle": frozenset(VEHICLE_KINDS) - {RoadUser.BICYCLE},
}
"""Whom a permit may be for, by its word."""

_REFUSED: Final = {AlarmKind.HEAVY_VEHICLE: HEAVY, AlarmKind.VEHICLE: KINDS["vehicle"]}

_KEYS: Final = ("kind", "count", "from", "to")
_MOST: Final = 1_000


def permits(zone: Table, alarms: frozenset[AlarmKind], own: Clock) -> tuple[Permit, ...]:
    """Read the permits of a zone that raises these alarms; faulty ones are noted and left out."""
    refused = frozenset[RoadUser]().union(*(_REFUSED[kind] for kind in alarms if kind in _REFUSED))
    if "permits" in zone and not refused:
        mend = 'take them out, or write closed_to = ["heavy"]'
        zone.fault("permits", "are of a zone in which no vehicle raises an alarm", mend)
    found: list[Permit] = []
    for table in zone.tables("permits", _KEYS, MOST_PERMITS):
        permit = _permit(table, own)
        if permit is None:
            continue
        if refused and not permit.kinds & refused:
            table.fault("kind", "is not refused in this zone, and needs no permit", "take it out, or mend closed_to")
        if any(_collide(permit, other) for other in found):
            mend = "end one before the other begins, or write one with the count of both"
            table.fault("from", "is in the time of another permit of this kind", mend)
        found.append(permit)
    return tuple(found)


def _collide(first: Permit, second: Permit) -> bool:
    """Tell whether two permits are of one kind at the same time: nobody can tell whether the other was forgotten.

    Those of other kinds add up: a lorry fits one for lorries, and then one for heavy vehicles.
    """
    return first.kinds == second.kinds and first.start_s < second.end_s and second.start_s < first.end_s


def _permit(table: Table, own: Clock) -> Permit | None:
    table.require("kind", 'kind = "lorry"')
    table.require("count", "count = 2")
    table.require("from", "from = 2026-07-14T22:00:00")
    table.require("to", "to = 2026-07-15T06:00:00")
    kinds, count = table.word("kind", KINDS), table.whole("count", 1, _MOST)
    start_s, end_s = instant(table, "from", own), instant(table, "to", own)
    if start_s is not None and end_s is not None and start_s >= end_s:
        table.fault("to", "is not after from", "write the later of the two in to")
        return None
    if kinds is None or count is None or start_s is None or end_s is None:
        return None
    return Permit(kinds=kinds, count=count, start_s=start_s, end_s=end_s)
