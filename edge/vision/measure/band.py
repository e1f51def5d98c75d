"""When vehicles stand over a line: what an induction loop in the road would say, told from boxes.

A vehicle is over the line while the line's segment meets the lower half of its box, which is about the ground it
covers. There is nothing to be measured in metres, so a site without them has an occupancy too.
"""

import math
from dataclasses import dataclass, field
from typing import Final

from edge.config.site import Line, Point
from edge.contract.report import RoadUser
from edge.vision.measure.lines import Direction
from edge.vision.measure.zones import MOST_UNSEEN_S
from edge.vision.track.tracker import STANDING, Scene, Track

# The part of a box, from below, that counts as the ground a vehicle covers.
GROUND_SHARE: Final = 0.5


@dataclass(kw_only=True, slots=True, eq=False)
class Band:
    """The memory of one line: which way each vehicle was last going, so that one that stands still belongs to it."""

    line: Line
    _ways: dict[int, Direction] = field(default_factory=dict)

    def see(self, scene: Scene) -> frozenset[Direction]:
        """Take in the tracks of one frame; gives the directions in which a vehicle now stands over the line."""
        for track in scene.ended:
            self._ways.pop(track.id, None)
        vehicles = [track for track in scene.tracks if track.confirmed and track.kind is not RoadUser.PERSON]
        for track in vehicles:
            self._note(track)
        return frozenset(
            self._ways[track.id]
            for track in vehicles
            if track.id in self._ways and track.unseen_s <= MOST_UNSEEN_S and self._is_over(track)
        )

    def _note(self, track: Track) -> None:
        x0, y0, x1, y1 = track.box
        if math.hypot(*track.velocity) < STANDING * math.sqrt(max(0.0, (x1 - x0) * (y1 - y0))):
            return
        (ax, ay), (bx, by) = self.line.start, self.line.end
        through = (bx - ax) * track.velocity[1] - (by - ay) * track.velocity[0]
        self._ways[track.id] = Direction.FORWARD if through > 0 else Direction.BACKWARD

    def _is_over(self, track: Track) -> bool:
        x0, y0, x1, y1 = track.box
        return meets(self.line.start, self.line.end, (x0, y1 - GROUND_SHARE * (y1 - y0), x1, y1))


def meets(start: Point, end: Point, box: tuple[float, float, float, float]) -> bool:
    """Tell whether a segment meets a box (x0, y0, x1, y1): whether any of it lies in all (Liang, Barsky)."""
    enters, leaves = 0.0, 1.0
    for begin, finish, low, high in (
        (start[0], end[0], box[0], box[2]),
        (start[1], end[1], box[1], box[3]),
    ):
        step = finish - begin
        if step == 0:
            if not low <= begin <= high:
                return False
            continue
        near, far = sorted(((low - begin) / step, (high - begin) / step))
        enters, leaves = max(enters, near), min(leaves, far)
    return enters <= leaves
