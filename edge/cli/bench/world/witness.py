"""Movement's errors at work: a mask of what moves, drawn from boxes, with the measured dull looks and odd outlines."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.cli.bench.world.noise import GROUP_OF, PERSON, SHARES, Noise, Witness
from edge.cli.bench.world.senses import cut_as
from edge.contract.report import RoadUser
from edge.vision.detect.motion import FOREGROUND, MOST_MOVING, SETTLING_FRAMES, WIDEST_PX, Motion

Floats = NDArray[np.float64]
# Half of what an outline is off belongs to the thing and half to the look: not measured apart.
OWN_SHARE: Final = 0.5
# Of what is dull, a part of so much of each side still moves.
DULL_SIDE: Final = 0.4
# A blob of nothing stays for another look this often.
STAYS: Final = 0.5


@dataclass(kw_only=True, slots=True, eq=False)
class _Outline:
    """One thing's luck with movement."""

    own: tuple[float, float]
    dull: bool
    seen_s: float


@dataclass(kw_only=True, slots=True, eq=False)
class MovementSense:
    """The witness of movement for pictures of `size` px, by day or night."""

    noise: Noise
    size: tuple[int, int]
    rng: np.random.Generator
    night: bool = False
    _outlines: dict[int, _Outline] = field(default_factory=dict)
    _strays: list[Floats] = field(default_factory=list)
    _unsettled: int = 0

    def see(
        self,
        boxes: Floats,
        who: list[int],
        kinds: list[RoadUser],
        at_s: float,
        unrest: tuple[float, Sequence[Floats]] = (0.0, ()),
    ) -> Motion:
        """Draw what moves: boxes (n, 4) px of things that do, and what is none of them.

        `unrest` is the share of the picture that light floods, and boxes (4,) px of bushes in the wind.
        """
        scale = max(1.0, self.size[0] / WIDEST_PX)
        shape = (round(self.size[1] / scale), round(self.size[0] / scale))
        mask = np.zeros(shape, np.uint8)
        for box, one, kind in zip(boxes, who, kinds, strict=True):
            witness = self.noise.seen_moving(GROUP_OF[kind], night=self.night)
            self._draw(mask, scale, self._blob(box, one, witness, at_s), kind)
        self._drawn_strays(mask, scale, self.noise.seen_moving(PERSON, night=self.night), boxes)
        for bush in unrest[1]:
            self._draw(mask, scale, bush, RoadUser.PERSON)
        if unrest[0] > 0:
            self._flood(mask, unrest[0])
        return self._settled(mask, scale)

    def _settled(self, mask: NDArray[np.uint8], scale: float) -> Motion:
        """Start again where nearly everything moved, as the real background does."""
        if self._unsettled:
            self._unsettled -= 1
            return Motion(mask=mask, scale=scale, trusted=False)
        if np.count_nonzero(mask) > MOST_MOVING * mask.size:
            self._unsettled = SETTLING_FRAMES
            return Motion(mask=np.zeros_like(mask), scale=scale, trusted=False)
        return Motion(mask=mask, scale=scale, trusted=True)

    def _blob(self, box: Floats, one: int, witness: Witness, at_s: float) -> Floats:
        outline = self._outlines.get(one)
        if outline is None:
            own = (self.rng.normal(), self.rng.normal())
            outline = _Outline(own=own, dull=bool(self.rng.random() < witness.dull), seen_s=at_s)
            self._outlines[one] = outline
        lasts = math.exp(-(at_s - outline.seen_s) / witness.dropout_s) if witness.dropout_s > 0 else 0.0
        outline.dull = bool(self.rng.random() < witness.dull + lasts * (float(outline.dull) - witness.dull))
        outline.seen_s = at_s
        width = (box[2] - box[0]) * self._ratio(outline.own[0], witness.width)
        height = (box[3] - box[1]) * self._ratio(outline.own[1], witness.height)
        x, y = (box[0] + box[2]) / 2, box[3]
        if outline.dull:
            x += self.rng.uniform(-0.25, 0.25) * width
            y -= self.rng.uniform(0.0, 0.5) * height
            width, height = DULL_SIDE * width, DULL_SIDE * height
        blob = np.array((x - width / 2, y - height, x + width / 2, y))
        return blob if outline.dull else cut_as(blob, box, self.size)

    def _ratio(self, own: float, quantiles: tuple[float, ...]) -> float:
        mixed = math.sqrt(OWN_SHARE) * own + math.sqrt(1 - OWN_SHARE) * self.rng.normal()
        return float(np.interp(0.5 * (1 + math.erf(mixed / math.sqrt(2))), SHARES, quantiles))

    def _draw(self, mask: NDArray[np.uint8], scale: float, box: Floats, kind: RoadUser) -> None:
        x0, y0, x1, y1 = (round(float(v) / scale) for v in box)
        if kind is RoadUser.PERSON:
            middle, axes = ((x0 + x1) // 2, (y0 + y1) // 2), (max(1, (x1 - x0) // 2), max(1, (y1 - y0) // 2))
            cv2.ellipse(mask, middle, axes, 0, 0, 360, (FOREGROUND,), -1)
        else:
            cv2.rectangle(mask, (x0, y0), (x1, y1), (FOREGROUND,), -1)

    def _drawn_strays(self, mask: NDArray[np.uint8], scale: float, witness: Witness, boxes: Floats) -> None:
        """Draw blobs of nothing: measured where things move, they come where things do, as glare and shade."""
        self._strays = [box + self.rng.normal(0, 4) for box in self._strays if self.rng.random() < STAYS]
        if len(boxes):
            for _ in range(int(self.rng.poisson((1 - STAYS) * witness.strays))):
                self._strays.append(self._stray(witness, boxes))
        for box in self._strays:
            self._draw(mask, scale, box, RoadUser.PERSON)

    def _stray(self, witness: Witness, boxes: Floats) -> Floats:
        side = float(np.interp(self.rng.random(), SHARES, witness.stray_side))
        side *= math.sqrt(self.size[0] * self.size[1])
        x, y = self.rng.uniform((0, 0), self.size)
        if self.rng.random() < 0.5:  # noqa: PLR2004  half of them beside what moves
            near = boxes[int(self.rng.integers(len(boxes)))]
            reach = np.array((near[2] - near[0], near[3] - near[1]))
            x, y = np.array(((near[0] + near[2]) / 2, near[3])) + self.rng.uniform(-1.5, 1.5, 2) * reach
        return np.array((x - side / 2, y - side / 2, x + side / 2, y + side / 2))

    def _flood(self, mask: NDArray[np.uint8], share: float) -> None:
        """Light up a share of the picture in patches: a flash, a lamp that is switched, a cloud."""
        h, w = mask.shape
        while np.count_nonzero(mask) < share * mask.size:
            side = self.rng.uniform(0.1, 0.6) * w
            x, y = self.rng.uniform(0, w), self.rng.uniform(0, h)
            cv2.ellipse(mask, (round(x), round(y)), (round(side / 2), round(side / 3)), 0, 0, 360, (FOREGROUND,), -1)
