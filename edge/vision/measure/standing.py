"""Vehicles that stand: for how long each has not moved from where it is."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from edge.config.site import Point
from edge.units import NS_PER_S, seconds_from_ns
from edge.vision.measure.speed import Place
from edge.vision.track.tracker import Scene, Track

# Within so many metres, or so much of its own size, a vehicle has not moved: its box trembles more than it does.
MOST_MOVED_M: Final = 0.5
MOST_MOVED_SIZES: Final = 0.15
# It has stopped when it has stood for so long.
STOPPED_S: Final = 10.0
STOPPED_NS: Final = round(STOPPED_S * NS_PER_S)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Anchor:
    foot: Point
    place: Place | None
    since_ns: int


class Standing:
    """Where each track came to stand, and since when."""

    def __init__(self) -> None:
        self._anchors: dict[int, _Anchor] = {}
        self._now_ns = 0

    def see(self, scene: Scene, places: Mapping[int, Place], taken_ns: int) -> None:
        """Take in the tracks of one frame and where they stand on the ground, by id, where that is known."""
        self._now_ns = taken_ns
        for track in scene.ended:
            self._anchors.pop(track.id, None)
        for track in scene.tracks:
            anchor = self._anchors.get(track.id)
            if anchor is None or _moved(anchor, track, places.get(track.id)):
                self._anchors[track.id] = _Anchor(foot=track.foot, place=places.get(track.id), since_ns=taken_ns)

    def seconds(self, track: int) -> float:
        """Tell for how long a track has stood, by its id."""
        anchor = self._anchors.get(track)
        return 0.0 if anchor is None else seconds_from_ns(self._now_ns - anchor.since_ns)


def _moved(anchor: _Anchor, track: Track, place: Place | None) -> bool:
    x0, y0, x1, y1 = track.box
    size = math.sqrt(max(0.0, (x1 - x0) * (y1 - y0)))
    if math.dist(anchor.foot, track.foot) <= MOST_MOVED_SIZES * size:
        return False
    return place is None or anchor.place is None or math.dist(anchor.place, place) > MOST_MOVED_M
