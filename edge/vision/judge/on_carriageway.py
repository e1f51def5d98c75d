"""`person-on-carriageway`: somebody on foot where vehicles drive."""

from typing import Final

from edge.config.site import Zone
from edge.contract.report import RoadUser, Severity
from edge.vision.judge.presence import Area, shared
from edge.vision.judge.sign import NOTHING, Sign
from edge.vision.judge.view import Thing, View
from edge.vision.measure.zones import contains
from edge.vision.track.identity import Proof

# Who is so far within a vehicle's box drives or rides it; who overlaps a bicycle so much rides it.
INSIDE_VEHICLE: Final = 0.7
ON_BICYCLE: Final = 0.3
TWO_WHEELS: Final = frozenset({RoadUser.BICYCLE, RoadUser.MOTORCYCLE})
# A vote or two for a person is a bollard or a lamp post.
LEAST_VOTES: Final = 1.2
MOST_UNSEEN_S: Final = 1.0


class PersonOnCarriageway:
    """People on foot in a zone."""

    def __init__(self, zone: Zone) -> None:
        self._area = Area(zone)

    def see(self, view: View, things: tuple[Thing, ...]) -> Sign:
        """Take in a frame."""
        walkers = [thing for thing in things if _walker(thing)]
        inside = [thing for thing in walkers if self._area.holds_foot(thing.track) and not _rides(thing, view.things)]
        touching = any(contains(self._area.zone.polygon, thing.track.foot) for thing in walkers)
        if not inside and not touching:
            return NOTHING
        return Sign(
            on=any(thing.track.seen for thing in inside),
            kept=touching,
            severity=Severity.MEDIUM,
            things=tuple(inside),
            certain=any(thing.certain for thing in inside),
        )


def _walker(thing: Thing) -> bool:
    track = thing.track
    return (
        track.kind is RoadUser.PERSON
        and track.proof is Proof.NAMED
        and thing.ballot.person >= LEAST_VOTES
        and track.unseen_s <= MOST_UNSEEN_S
    )


def _rides(thing: Thing, others: tuple[Thing, ...]) -> bool:
    for other in others:
        kind = other.track.kind
        if kind is RoadUser.PERSON:
            continue
        most = ON_BICYCLE if kind in TWO_WHEELS else INSIDE_VEHICLE
        if shared(thing.track, other.track) >= most:
            return True
    return False
