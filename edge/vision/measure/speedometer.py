"""Where tracks lately stood on the ground, and how fast each goes."""

import math
from collections.abc import Mapping
from typing import Final

import numpy as np

from edge.contract.report import RoadUser
from edge.units import NS_PER_S
from edge.vision.measure.ground import EDGE_PX, GroundView
from edge.vision.measure.speed import Floats, Place, Speed, fits, speed_of
from edge.vision.track.tracker import Scene, Track

# A line is fitted to what was seen in this time, at instants so far apart at least.
SPAN_S: Final = 1.0
_A_SPAN: Final = 25
_SPAN_NS: Final = round(SPAN_S * NS_PER_S)
_STEP_NS: Final = _SPAN_NS // _A_SPAN
_PLACES: Final = _A_SPAN + 1
_NEVER_NS: Final = -(2**62)


class Speedometer:
    """The memory of where tracks stood in the last second; of a site without metres it knows nothing."""

    def __init__(self, ground: GroundView | None) -> None:
        self._ground = ground
        # A row a track: the instants and places of its newest looks, round and round.
        self._rows: dict[int, int] = {}
        self._free: list[int] = []
        self._instants_ns = np.empty((0, _PLACES), np.int64)
        self._ways: Floats = np.empty((0, _PLACES, 2))
        self._newest: list[int] = []
        self._places: dict[int, Place] = {}
        self._fits: tuple[list[list[float]], list[list[float]]] | None = None
        self._now_ns = 0

    @property
    def places(self) -> Mapping[int, Place]:
        """Where each track of the frame stands, by its id, in metres; of those on measured ground."""
        return self._places

    def see(self, scene: Scene, taken_ns: int) -> None:
        """Take in the tracks of one frame."""
        if self._ground is None:
            return
        self._now_ns, self._fits, self._places = taken_ns, None, {}
        for track in scene.ended:
            self._forget(track.id)
        if not scene.tracks:
            return
        kinds = [track.kind for track in scene.tracks] * 2
        # Where somebody is, is told from the smoothed box; a line is fitted to what was measured: smoothing it twice
        # would only make it late.
        boxes = np.array(
            [track.box for track in scene.tracks] + [_outline(track) for track in scene.tracks], np.float32
        )
        metres = self._ground.to_metres(self._ground.feet(boxes, kinds)).tolist()
        for track, (x, y), measured in zip(scene.tracks, metres, metres[len(scene.tracks) :], strict=False):
            if not math.isfinite(x):
                self._forget(track.id)
                continue
            self._places[track.id] = (x, y)
            if track.seen and math.isfinite(measured[0]) and not _is_cut(track, self._ground.size):
                self._add(track.id, (measured[0], measured[1]))

    def of(self, track: int) -> Speed | None:
        """Tell how fast a track goes, by its id; None where it was seen for too short a while."""
        row = self._rows.get(track)
        if row is None or self._ground is None:
            return None
        velocities, variances = self._fitted()
        (vx, vy), (x_variance, y_variance) = velocities[row], variances[row]
        if math.isnan(vx):
            return None
        return speed_of((vx, vy), (x_variance, y_variance), self._ground.scale_error)

    def _fitted(self) -> tuple[list[list[float]], list[list[float]]]:
        """Fit all rows at once, once a frame."""
        if self._fits is None:
            ages_ns = self._now_ns - self._instants_ns
            velocities, variances = fits(np.where(ages_ns <= _SPAN_NS, ages_ns / NS_PER_S, np.nan), self._ways)
            self._fits = velocities.tolist(), variances.tolist()
        return self._fits

    def _add(self, track: int, place: Place) -> None:
        row = self._rows.get(track)
        if row is None:
            row = self._rows[track] = self._free.pop() if self._free else self._grown()
            self._instants_ns[row] = _NEVER_NS
        newest = self._newest[row]
        if self._now_ns - self._instants_ns[row, newest] < _STEP_NS:
            return
        newest = self._newest[row] = (newest + 1) % _PLACES
        self._instants_ns[row, newest] = self._now_ns
        self._ways[row, newest] = place

    def _grown(self) -> int:
        """Make room for more tracks; gives a free row."""
        size = len(self._newest)
        more = max(8, size)
        self._instants_ns = np.concatenate((self._instants_ns, np.full((more, _PLACES), _NEVER_NS)))
        self._ways = np.concatenate((self._ways, np.zeros((more, _PLACES, 2))))
        self._newest += [0] * more
        self._free += range(size + 1, size + more)
        return size

    def _forget(self, track: int) -> None:
        row = self._rows.pop(track, None)
        if row is not None:
            self._instants_ns[row] = _NEVER_NS
            self._free.append(row)


def _outline(track: Track) -> tuple[float, float, float, float]:
    return track.outline or track.box


def _is_cut(track: Track, size: tuple[int, int]) -> bool:
    """Tell whether the edge of a picture of `size` cuts a track: the middle of what is left moves at half its speed."""
    x0, _, x1, y1 = _outline(track)
    # Of people whose feet are below the picture it is known where they are.
    below = y1 > size[1] - EDGE_PX and track.kind is not RoadUser.PERSON
    return x0 < EDGE_PX or x1 > size[0] - EDGE_PX or below
