"""Where tracks lately stood on the ground, and how fast each goes."""

import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from edge.units import NS_PER_S
from edge.vision.measure.ground import GroundView
from edge.vision.measure.speed import Place, Speed, fitted
from edge.vision.track.tracker import Scene

# A line is fitted to what was seen in this time, at instants so far apart at least.
SPAN_S: Final = 1.0
_STEP_NS: Final = NS_PER_S // 12
_SPAN_NS: Final = round(SPAN_S * NS_PER_S)


@dataclass(kw_only=True, slots=True, eq=False)
class _Way:
    instants_ns: deque[int] = field(default_factory=deque)
    places: deque[Place] = field(default_factory=deque)

    def add(self, at_ns: int, place: Place) -> None:
        if self.instants_ns and at_ns - self.instants_ns[-1] < _STEP_NS:
            return
        self.instants_ns.append(at_ns)
        self.places.append(place)
        self.forget(at_ns)

    def forget(self, now_ns: int) -> None:
        while self.instants_ns and now_ns - self.instants_ns[0] > _SPAN_NS:
            self.instants_ns.popleft()
            self.places.popleft()


class Speedometer:
    """The memory of where tracks stood in the last second; of a site without metres it knows nothing."""

    def __init__(self, ground: GroundView | None) -> None:
        self._ground = ground
        self._ways: dict[int, _Way] = {}
        self._places: dict[int, Place] = {}
        self._speeds: dict[int, Speed | None] = {}
        self._now_ns = 0

    @property
    def places(self) -> Mapping[int, Place]:
        """Where each track of the frame stands, by its id, in metres; of those on measured ground."""
        return self._places

    def see(self, scene: Scene, taken_ns: int) -> None:
        """Take in the tracks of one frame."""
        self._now_ns = taken_ns
        self._speeds.clear()
        self._places = {}
        if self._ground is None:
            return
        for track in scene.ended:
            self._ways.pop(track.id, None)
        if not scene.tracks:
            return
        boxes = np.array([track.box for track in scene.tracks], np.float32)
        kinds = np.array([track.kind for track in scene.tracks], np.int8)
        metres = self._ground.to_metres(self._ground.feet(boxes, kinds))
        for track, (x, y) in zip(scene.tracks, metres, strict=True):
            if not math.isfinite(x):
                self._ways.pop(track.id, None)
                continue
            place = (float(x), float(y))
            self._places[track.id] = place
            if track.seen:
                self._ways.setdefault(track.id, _Way()).add(taken_ns, place)

    def of(self, track: int) -> Speed | None:
        """Tell how fast a track goes, by its id; None where it was seen for too short a while."""
        if track not in self._speeds:
            self._speeds[track] = self._fitted(track)
        return self._speeds[track]

    def _fitted(self, track: int) -> Speed | None:
        way = self._ways.get(track)
        if way is None or self._ground is None:
            return None
        way.forget(self._now_ns)
        speed = fitted(way.instants_ns, way.places)
        return None if speed is None else replace(speed, calibration=self._ground.scale_error * speed.mps)
