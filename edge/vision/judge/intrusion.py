"""Vehicles where none may be: `heavy-vehicle` and `vehicle`."""

from collections.abc import Callable, Iterable
from typing import Final

from edge.config.site import Zone
from edge.contract.report import AlarmKind, RoadUser, Severity
from edge.units import NS_PER_S
from edge.vision.judge.permit import unpermitted
from edge.vision.judge.presence import Area, distinct
from edge.vision.judge.sign import Sign
from edge.vision.judge.view import Thing, View
from edge.vision.judge.weight import is_heavy, is_vehicle

# From 30 km/h on, a lorry among people is an attack or an accident; from 20 km/h a car is.
CRITICAL_HEAVY_MPS: Final = 8.3
HIGH_VEHICLE_MPS: Final = 5.6
# Who was not seen for longer is not said to be there.
MOST_UNSEEN_S: Final = 1.0

Test = Callable[[Thing], bool]


class HeavyVehicle:
    """More buses and lorries in a zone than its permits have room for."""

    def __init__(self, zone: Zone) -> None:
        self._area = Area(zone)

    def see(self, view: View, things: tuple[Thing, ...]) -> Sign:
        """Take in a frame."""
        now_ns = view.moment.taken_ns
        present = _present(things)
        self._area.see(present, now_ns)
        heavy = [thing for thing in present if is_heavy(thing, now_ns, settled=view.settled)]
        found = _sign(self._area, view, heavy, heavy)
        fast = any((thing.speed or 0.0) >= CRITICAL_HEAVY_MPS for thing in found.things)
        return _with(found, Severity.CRITICAL if fast else Severity.HIGH)


class Vehicle:
    """Motor vehicles in a zone; heavy ones are left to their own alarm where the zone raises it."""

    def __init__(self, zone: Zone) -> None:
        self._area = Area(zone)
        self._but_heavy = AlarmKind.HEAVY_VEHICLE in zone.alarms

    def see(self, view: View, things: tuple[Thing, ...]) -> Sign:
        """Take in a frame."""
        now_ns = view.moment.taken_ns
        present = _present(things)
        self._area.see(present, now_ns)
        known = [thing for thing in present if is_vehicle(thing, now_ns, settled=view.settled)]
        light = [thing for thing in known if not (self._but_heavy and thing.trail.body.heavy)]
        found = _sign(self._area, view, light, known)
        fast = any((thing.speed or 0.0) >= HIGH_VEHICLE_MPS for thing in found.things)
        return _with(found, Severity.HIGH if fast else Severity.MEDIUM)


def _present(things: Iterable[Thing]) -> list[Thing]:
    return [
        thing for thing in things if thing.track.kind is not RoadUser.PERSON and thing.track.unseen_s <= MOST_UNSEEN_S
    ]


def _sign(area: Area, view: View, sought: list[Thing], known: list[Thing]) -> Sign:
    """Count those sought inside against the permits; those known that still touch the zone keep an alarm up."""
    unix_s = view.moment.at_ns / NS_PER_S
    permits = area.zone.permits
    found = distinct([thing for thing in sought if area.holds(thing)])
    touching = distinct([thing for thing in known if area.touches(thing)])
    return Sign(
        on=any(thing.track.seen for thing in found) and unpermitted(permits, found, unix_s) > 0,
        kept=unpermitted(permits, touching, unix_s) > 0,
        things=found or touching,
        certain=any(thing.certain for thing in found),
    )


def _with(sign: Sign, severity: Severity) -> Sign:
    return Sign(on=sign.on, kept=sign.kept, severity=severity, things=sign.things, certain=sign.certain)
