"""Queues: chains of slow vehicles along a carriageway, in metres."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.config.site import Zone
from edge.contract.report import RoadUser
from edge.vision.measure.ground import GroundView
from edge.vision.measure.speed import Place

# Vehicles slower than this wait, or creep.
MOST_MPS: Final = 2.0
# One that has stood for so long is slow, whatever its last speed was.
STANDS_S: Final = 1.5
# A chain goes on over gaps of at most so many metres between one vehicle and the next.
MOST_GAP_M: Final = 10.0
# How long vehicles are, on average, m: their places are those of one end.
LENGTHS_M: Final = {
    RoadUser.BICYCLE: 1.8,
    RoadUser.MOTORCYCLE: 2.2,
    RoadUser.CAR: 4.5,
    RoadUser.BUS: 12.0,
    RoadUser.LORRY: 9.0,
    RoadUser.VEHICLE: 4.5,
}
_LEAST_VEHICLES: Final = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """A slow vehicle: its track's id, what it is, where it stands."""

    track: int
    kind: RoadUser
    place: Place


@dataclass(frozen=True, kw_only=True, slots=True)
class Queue:
    """The longest chain in a zone: how many metres of the carriageway, and which tracks."""

    metres: float = 0.0
    tracks: frozenset[int] = frozenset()


def axis_of(zone: Zone, ground: GroundView) -> NDArray[np.float64] | None:
    """Give the unit vector (2,) along which a carriageway runs: its arrow, or else the way it is longest.

    None where it lies outside the measured ground.
    """
    if zone.direction is not None:
        start, end = ground.to_metres(np.array(zone.direction, np.float64))
        along = end - start
    else:
        corners = ground.to_metres(np.array(zone.polygon, np.float64))
        corners = corners[np.isfinite(corners).all(axis=1)]
        if len(corners) < 2:  # noqa: PLR2004  two places make a way
            return None
        _, _, ways = np.linalg.svd(corners - corners.mean(axis=0))
        along = ways[0]
    length = float(np.hypot(*along))
    return along / length if length > 0 and np.isfinite(length) else None


def longest(waiting: Sequence[Waiting], axis: NDArray[np.float64]) -> Queue:
    """Find the longest chain of slow vehicles along an axis (2,); lanes beside one another are one queue."""
    along = sorted(((float(np.dot(one.place, axis)), one) for one in waiting), key=lambda pair: pair[0])
    best = Queue()
    chain: list[tuple[float, Waiting]] = []
    reach = 0.0
    for at_m, one in along:
        half = LENGTHS_M[one.kind] / 2
        if chain and at_m - half - reach > MOST_GAP_M:
            best = max(best, _queue(chain), key=lambda queue: queue.metres)
            chain = []
        reach = max(reach, at_m + half) if chain else at_m + half
        chain.append((at_m, one))
    return max(best, _queue(chain), key=lambda queue: queue.metres)


def _queue(chain: Sequence[tuple[float, Waiting]]) -> Queue:
    if len(chain) < _LEAST_VEHICLES:
        return Queue()
    halves = [LENGTHS_M[one.kind] / 2 for _, one in chain]
    begin = min(at_m - half for (at_m, _), half in zip(chain, halves, strict=True))
    end = max(at_m + half for (at_m, _), half in zip(chain, halves, strict=True))
    return Queue(metres=end - begin, tracks=frozenset(one.track for _, one in chain))
