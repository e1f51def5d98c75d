"""A known camera over a known ground, and what a detector would find in its pictures: for `passant bench metres`."""

import math
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.cli.bench.world.noise import PERSON, SHARES, Grade, Noise
from edge.contract.report import RoadUser
from edge.vision.frame import Detections

Floats = NDArray[np.float64]

SIZE: Final = (1280, 720)
# Of a person's box.
STATURE_M: Final = 1.7
_WIDTH_M: Final = 0.5
# Behind others, with less of the box to be seen than this, nobody is found.
LEAST_VISIBLE: Final = 0.4
_LEAST_SIDE_PX: Final = 4.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Camera:
    """A pinhole `height_m` over the ground that looks down by `tilt` (radians); y is ahead of it, x to its right."""

    height_m: float = 6.0
    tilt: float = math.radians(27)
    focal_px: float = 1000.0

    def project(self, places: Floats, height_m: float = 0.0) -> Floats:
        """Project places (n, 2) m at a height over the ground into the picture: (n, 2) px."""
        sine, cosine = math.sin(self.tilt), math.cos(self.tilt)
        drop = self.height_m - height_m
        depth = places[:, 1] * cosine + drop * sine
        down = drop * cosine - places[:, 1] * sine
        scale = self.focal_px / np.maximum(depth, 0.1)
        return np.stack((SIZE[0] / 2 + scale * places[:, 0], SIZE[1] / 2 + scale * down), axis=1)

    def boxes(self, places: Floats) -> Floats:
        """Give the boxes (n, 4) px of upright people 1.7 m high and 0.5 m wide at places (n, 2) m."""
        feet, heads = self.project(places), self.project(places, STATURE_M)
        half = (feet[:, 1] - heads[:, 1]) * _WIDTH_M / STATURE_M / 2
        return np.stack((feet[:, 0] - half, heads[:, 1], feet[:, 0] + half, feet[:, 1]), axis=1)


def visible(boxes: Floats, depths: Floats) -> Floats:
    """Give the share of each box (n, 4) px that no nearer one hides: (n,); where three overlap, too little."""
    x0, y0, x1, y1 = (boxes[:, i] for i in range(4))
    wide = np.minimum(x1[:, None], x1[None]) - np.maximum(x0[:, None], x0[None])
    high = np.minimum(y1[:, None], y1[None]) - np.maximum(y0[:, None], y0[None])
    shared = np.maximum(0.0, wide) * np.maximum(0.0, high)
    nearer = depths[None] < depths[:, None]
    share: Floats = 1 - np.minimum(1.0, (shared * nearer).sum(axis=1) / ((x1 - x0) * (y1 - y0)))
    return share


@dataclass(kw_only=True, slots=True, eq=False)
class Eye:
    """Finds people as the real detector does: it misses some of them, and its boxes tremble by what was measured."""

    noise: Noise
    random: np.random.Generator
    _ranks: dict[int, float] = field(default_factory=dict)
    _missed: dict[int, bool] = field(default_factory=dict)

    def find(self, people: NDArray[np.intp], boxes: Floats, depths: Floats, gap_s: float) -> Detections:
        """Look at people (n,), each with its box (n, 4) px and depth, `gap_s` after the last look."""
        clear = visible(boxes, depths) >= LEAST_VISIBLE
        found = []
        for person, box, is_clear in zip(people.tolist(), boxes, clear, strict=True):
            grade = self.noise.grade(PERSON, math.sqrt((box[2] - box[0]) * (box[3] - box[1])), night=False)
            if not self._misses(person, grade, gap_s) and is_clear:
                found.append((self._trembling(box, grade), self._score(grade)))
        found.sort(key=lambda pair: -pair[1])
        return Detections(
            boxes=np.array([box for box, _ in found], np.float32).reshape(-1, 4),
            scores=np.array([score for _, score in found], np.float32),
            kinds=np.full(len(found), RoadUser.PERSON, np.int8),
        )

    def _misses(self, person: int, grade: Grade, gap_s: float) -> bool:
        """Miss a person as often as persons like it are missed; a miss lasts as misses do."""
        rank = self._ranks.setdefault(person, float(self.random.random()))
        share = float(np.interp(rank, SHARES, grade.miss))
        lasts = math.exp(-gap_s / grade.dropout_s) if grade.dropout_s > 0 else 0.0
        if person not in self._missed or self.random.random() >= lasts:
            self._missed[person] = bool(self.random.random() < share)
        return self._missed[person]

    def _score(self, grade: Grade) -> float:
        return float(np.interp(self.random.random(), SHARES, grade.score))

    def _trembling(self, box: Floats, grade: Grade) -> list[float]:
        width, height = box[2] - box[0], box[3] - box[1]
        size = math.sqrt(width * height)
        x, y, w, h = (size * float(np.interp(self.random.random(), SHARES, own)) for own in grade.jitter)
        foot_x, foot_y = (box[0] + box[2]) / 2 + x, box[3] + y
        width, height = max(_LEAST_SIDE_PX, width + w), max(_LEAST_SIDE_PX, height + h)
        return [foot_x - width / 2, foot_y - height, foot_x + width / 2, foot_y]
