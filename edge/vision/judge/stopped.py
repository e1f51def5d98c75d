"""`stopped-vehicle`: one that stands where the others drive.

Traffic that all stands is a queue, not an alarm: it is raised for one that stands alone, for those that at least as
many have passed while they stood, and for any that stands for many times as long as it takes to raise one. Set
`hold_s` longer than the lights are red.
"""

import math
from dataclasses import dataclass
from typing import Final

from edge.config.site import AlarmSetting, Point, Zone
from edge.contract.report import RoadUser, Severity
from edge.units import ns_from_seconds
from edge.vision.judge.presence import Area, distinct
from edge.vision.judge.sign import NOTHING, Sign
from edge.vision.judge.view import Thing, View
from edge.vision.judge.weight import is_vehicle

# What was still for so long may come to stand there; it stands after as long as it takes to be more than braking.
LEAST_STILL_S: Final = 0.6
LEAST_STOOD_S: Final = 3.0
# In own sizes per second: who is quicker drives.
DRIVES: Final = 0.8
# A spot is the same for a vehicle lost and found again, within so much of its size and so long.
SAME_SPOT: Final = 0.6
# The detector misses who stands for many seconds, and nothing moves there to call it.
MOST_LOST_NS: Final = ns_from_seconds(10.0)
# Votes enough for what stands; a bush is called a car now and then, too, but by fewer.
LEAST_VOTES: Final = 0.6
LEAST_SHARE: Final = 0.6
# After so many holds a vehicle stands in the way, whatever the others do.
STUCK_HOLDS: Final = 6.0


@dataclass(kw_only=True, slots=True, eq=False)
class Spot:
    """Where a vehicle stands: since when, and when it was last seen there; `passed` are those that drove meanwhile."""

    foot: Point
    size_px: float
    since_ns: int
    seen_ns: int
    thing: Thing
    passed: set[int]


class StoppedVehicle:
    """Vehicles that stand in a zone."""

    def __init__(self, zone: Zone, setting: AlarmSetting) -> None:
        self._area = Area(zone)
        self._hold_s = setting.hold_s
        self._spots: list[Spot] = []

    def see(self, view: View, things: tuple[Thing, ...]) -> Sign:
        """Take in a frame."""
        now_ns = view.moment.taken_ns
        inside = distinct(
            [
                thing
                for thing in things
                # What is only predicted drifts on.
                if thing.track.seen
                and thing.track.kind not in {RoadUser.PERSON, RoadUser.BICYCLE}
                and self._area.holds_foot(thing.track)
                and self._counts(thing, view)
            ]
        )
        self._leave(inside)
        self._stand(inside, now_ns)
        driving = {thing.track.id for thing in inside if thing.pace >= DRIVES}
        for spot in self._spots:
            spot.passed |= driving
        return self._sign(now_ns)

    def _counts(self, thing: Thing, view: View) -> bool:
        """Tell whether it is a vehicle, or where a vehicle stood and so that one, whatever it is called now."""
        known = _called_vehicle(thing) or is_vehicle(thing, view.moment.taken_ns, settled=view.settled)
        return known or any(_same(spot, thing) for spot in self._spots)

    def _leave(self, inside: tuple[Thing, ...]) -> None:
        """Forget the spots that a vehicle was seen to leave."""
        self._spots = [spot for spot in self._spots if not any(_left(spot, thing) for thing in inside)]

    def _stand(self, inside: tuple[Thing, ...], now_ns: int) -> None:
        for thing in inside:
            stood_s = thing.trail.stood_s(now_ns)
            spot = next((spot for spot in self._spots if _same(spot, thing)), None)
            if spot is not None:
                spot.seen_ns, spot.thing = now_ns, thing
            elif stood_s >= LEAST_STILL_S:
                foot, size = thing.trail.anchor.foot, thing.size_px
                since_ns = thing.trail.anchor.at_ns
                self._spots.append(
                    Spot(foot=foot, size_px=size, since_ns=since_ns, seen_ns=now_ns, thing=thing, passed=set())
                )
        self._spots = [spot for spot in self._spots if now_ns - spot.seen_ns <= MOST_LOST_NS]

    def _sign(self, now_ns: int) -> Sign:
        standing = [spot for spot in self._spots if now_ns - spot.since_ns >= ns_from_seconds(LEAST_STOOD_S)]
        stopped = [spot for spot in standing if self._in_the_way(spot, len(standing), now_ns)]
        if not standing:
            return NOTHING
        held_s = max(((now_ns - spot.since_ns) / 1e9 for spot in stopped), default=0.0)
        return Sign(
            # It need not be seen now: it was, and was not seen to leave.
            on=held_s >= self._hold_s,
            kept=bool(stopped),
            severity=Severity.MEDIUM,
            held_s=held_s,
            things=tuple(spot.thing for spot in stopped),
            certain=any(spot.thing.certain for spot in stopped),
        )

    def _in_the_way(self, spot: Spot, standing: int, now_ns: int) -> bool:
        stuck = (now_ns - spot.since_ns) / 1e9 >= STUCK_HOLDS * self._hold_s
        return standing == 1 or len(spot.passed) >= standing or stuck


def _left(spot: Spot, thing: Thing) -> bool:
    """Tell whether something elsewhere is what stood there, or drives and began there."""
    if _same(spot, thing):
        return False
    began = math.dist(spot.foot, thing.trail.first) <= SAME_SPOT * max(spot.size_px, thing.size_px)
    return thing.track.id == spot.thing.track.id or (began and thing.pace >= DRIVES)


def _called_vehicle(thing: Thing) -> bool:
    ballot = thing.ballot
    motor = ballot.light + ballot.heavy
    return motor >= LEAST_VOTES and motor >= LEAST_SHARE * (motor + ballot.person + ballot.bicycle)


def _same(spot: Spot, thing: Thing) -> bool:
    return math.dist(spot.foot, thing.track.foot) <= SAME_SPOT * max(spot.size_px, thing.size_px)
