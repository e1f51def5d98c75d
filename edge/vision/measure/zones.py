"""Zones: whose foot stands in a polygon now."""

from dataclasses import dataclass
from typing import Final

from edge.config.site import Point, Zone
from edge.contract.report import RoadUser
from edge.vision.track.tracker import Scene

# Someone only predicted for longer than this is no longer said to be present.
MOST_UNSEEN_S: Final = 0.6


@dataclass(frozen=True, kw_only=True, slots=True)
class Occupancy:
    """The tracks present in one zone in one frame, by the zone's index in the site file.

    `entered` are those of them that came into the picture at its edge. A track that begins amid the picture may be
    somebody seen before, lost behind a column, so it proves nobody new.
    """

    zone: int
    people: frozenset[int]
    vehicles: frozenset[int]
    entered: frozenset[int]


def occupancy(index: int, zone: Zone, scene: Scene) -> Occupancy:
    """Find who is present in a zone."""
    inside = [
        track
        for track in scene.tracks
        if track.confirmed and track.unseen_s <= MOST_UNSEEN_S and contains(zone.polygon, track.foot)
    ]
    return Occupancy(
        zone=index,
        people=frozenset(track.id for track in inside if track.kind is RoadUser.PERSON),
        vehicles=frozenset(track.id for track in inside if track.kind is not RoadUser.PERSON),
        entered=frozenset(track.id for track in inside if track.entered),
    )


def contains(polygon: tuple[Point, ...], point: Point) -> bool:
    """Tell whether a point lies in a polygon, by counting the sides to its right (even-odd rule)."""
    x, y = point
    inside = False
    for (x0, y0), (x1, y1) in zip(polygon, (*polygon[1:], polygon[0]), strict=True):
        if (y0 > y) != (y1 > y) and x < x0 + (y - y0) / (y1 - y0) * (x1 - x0):
            inside = not inside
    return inside
