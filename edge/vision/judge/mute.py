"""Places that raise false alarms again and again: a bush in the wind, a reflection, a parked car lost and found.

A thing is certain when the detector named it and it has left its place. What is certain is always heard: muting cannot
silence a lorry that drives in. An alarm in whose life nothing certain was seen counts against the spot where it was
raised: 2 where the thing never left its place, 1 where it moved but was never named. A spot that comes to 8 within half
an hour is muted for half an hour, and twice as long each time after, up to four hours.
"""

import math
from dataclasses import dataclass
from typing import Final

from edge.config.site import Point
from edge.units import ns_from_seconds
from edge.vision.judge.view import Thing

MOST_BLAME: Final = 8
STAYED_BLAME: Final = 2
MOVED_BLAME: Final = 1
MEMORY_NS: Final = ns_from_seconds(1800.0)
FIRST_MUTE_NS: Final = ns_from_seconds(1800.0)
LONGEST_MUTE_NS: Final = ns_from_seconds(4 * 3600.0)
# Two alarms are of one spot within so much of the thing's size, and at least in px.
SPOT_SIZES: Final = 1.0
LEAST_SPOT_PX: Final = 24.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Blame:
    """An alarm that nothing certain stood behind: where, how large, when, how much it counts."""

    foot: Point
    radius_px: float
    at_ns: int
    weight: int


@dataclass(kw_only=True, slots=True, eq=False)
class Quiet:
    """A muted spot; `length_ns` is for how long it was muted last."""

    foot: Point
    radius_px: float
    until_ns: int
    length_ns: int


class Mute:
    """What one kind of alarm no longer hears at one place."""

    def __init__(self) -> None:
        self._blames: list[Blame] = []
        self._quiet: list[Quiet] = []

    def hears(self, thing: Thing, now_ns: int) -> bool:
        """Tell whether a thing may raise an alarm."""
        if not self._quiet or thing.certain:
            return True
        return not any(
            now_ns < quiet.until_ns and math.dist(quiet.foot, thing.track.foot) <= quiet.radius_px
            for quiet in self._quiet
        )

    def blame(self, thing: Thing, now_ns: int) -> None:
        """Note the end of an alarm behind which nothing certain stood; `thing` raised it."""
        radius = max(LEAST_SPOT_PX, SPOT_SIZES * thing.size_px)
        weight = STAYED_BLAME if thing.trail.travelled < 1.0 else MOVED_BLAME
        self._blames = [old for old in self._blames if now_ns - old.at_ns <= MEMORY_NS]
        self._blames.append(Blame(foot=thing.trail.anchor.foot, radius_px=radius, at_ns=now_ns, weight=weight))

    def closes(self, now_ns: int) -> bool:
        """Mute the spot of the newest blame where it is one too many; gives whether it was."""
        newest = self._blames[-1]
        same = [old for old in self._blames if math.dist(old.foot, newest.foot) <= newest.radius_px]
        if sum(old.weight for old in same) < MOST_BLAME:
            return False
        self._blames = [old for old in self._blames if old not in same]
        before = next((q for q in self._quiet if math.dist(q.foot, newest.foot) <= q.radius_px), None)
        length_ns = FIRST_MUTE_NS if before is None else min(2 * before.length_ns, LONGEST_MUTE_NS)
        self._quiet = [quiet for quiet in self._quiet if quiet is not before]
        self._quiet.append(
            Quiet(
                foot=newest.foot,
                radius_px=newest.radius_px,
                until_ns=now_ns + length_ns,
                length_ns=length_ns,
            )
        )
        return True
