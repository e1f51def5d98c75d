"""Permits: how many vehicles of some kinds may be in a zone at once. Counts, not plates."""

from collections.abc import Sequence

from edge.config.site import Permit
from edge.contract.report import RoadUser
from edge.vision.judge.view import Thing


def unpermitted(permits: Sequence[Permit], things: Sequence[Thing], unix_s: float) -> int:
    """Count the things for which there is no room left under the permits that hold at a Unix time.

    Things are taken in by the fewest permits they fit, so that no permit is used up by one that another would take.
    What was never named fits any.
    """
    room = [(permit.kinds, permit.count) for permit in permits if permit.start_s <= unix_s < permit.end_s]
    fits = sorted(([i for i, (kinds, _) in enumerate(room) if _fits(thing, kinds)] for thing in things), key=len)
    left = [count for _, count in room]
    excess = 0
    for choices in fits:
        free = [i for i in choices if left[i]]
        if not free:
            excess += 1
            continue
        # The narrowest permit first: a wide one may be needed by another kind.
        left[min(free, key=lambda i: len(room[i][0]))] -= 1
    return excess


def _fits(thing: Thing, kinds: frozenset[RoadUser]) -> bool:
    kind = thing.track.kind
    return kind is RoadUser.VEHICLE or kind in kinds
