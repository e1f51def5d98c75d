"""The detector's errors at work: from what is truly in a picture to what a look names of it."""

import math
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from edge.cli.bench.world.noise import GROUP_OF, GROUPS, HEAVY, PERSON, SHARES, Calls, Grade, Haunt, Noise
from edge.contract.report import RoadUser
from edge.vision.frame import Detections
from edge.vision.track.tracker import SURE_SCORE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge.vision.detect.region import Region

Floats = NDArray[np.float64]
INPUT_PIXELS: Final = 640 * 480
# Smaller things are never named: no such sighting was ever measured.
LEAST_SIDE_PX: Final = 10.0
# A look names what it shows so much of; of what is hidden by more, nothing is left to name.
LEAST_SHOWN: Final = 0.6
MOST_HIDDEN: Final = 0.6
# The detector keeps the surer of two boxes that share so much.
MOST_SAME: Final = 0.6
LEAST_SCORE: Final = 0.15
EDGE_PX: Final = 1.0
LEAST_BOX_PX: Final = 2.0
_NORMAL: Final = NormalDist()
# Of the wrong places' boxes: width over height.
ASPECTS: Final = {PERSON: 0.45, HEAVY: 1.5}


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Truth:
    """What is truly in one frame: boxes (n, 4) px, how far ahead (n,) m, who (n,), and by what share hidden (n,)."""

    boxes: Floats
    depths: Floats
    who: "Sequence[int]"
    kinds: "Sequence[RoadUser]"
    hidden: Floats


@dataclass(kw_only=True, slots=True, eq=False)
class _Fate:
    """One thing's luck: its own share of misses and of scores, and what the last look made of it."""

    luck: float
    look: float
    missed: bool
    seen_s: float
    called: int | None = None


@dataclass(kw_only=True, slots=True, eq=False)
class _Spot:
    """A place of nothing that is named now and then."""

    group: str
    box: Floats
    hit: float
    haunt: Haunt


@dataclass(kw_only=True, slots=True, eq=False)
class Senses:
    """A detector with the measured errors, for pictures of `size` px, by day or night."""

    noise: Noise
    size: tuple[int, int]
    rng: np.random.Generator
    night: bool = False
    # The next look names a place of nothing surely: what the idle looks were skipped for.
    certain: bool = False
    _fates: dict[int, _Fate] = field(default_factory=dict)
    _spots: list[_Spot] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Draw the places of nothing of this camera."""
        for haunt in self.noise.haunts:
            for _ in range(int(self.rng.poisson(haunt.places))):
                self._spots.append(self._spot(haunt))

    def detect(self, truth: Truth, regions: "Sequence[Region]", at_s: float) -> Detections:
        """Look at regions of a frame."""
        found: list[tuple[float, int, Floats]] = []
        for row in np.argsort(truth.depths):
            side, box = self._shown(truth.boxes[row], regions)
            if side >= LEAST_SIDE_PX and truth.hidden[row] <= MOST_HIDDEN:
                found += self._named(truth.who[row], truth.kinds[row], (side, box), at_s)
        found = _once(found)
        found += [hit for spot in self._spots for hit in self._haunted(spot, regions)]
        if self.certain:
            found += self._surely(found)
        return _detections(found, self.size)

    def _surely(self, found: list[tuple[float, int, Floats]]) -> list[tuple[float, int, Floats]]:
        """Name the place of nothing for which idle looks were skipped, unless this look did by itself."""
        self.certain = False
        if any(score >= SURE_SCORE for score, _, _ in found):
            return []
        weights = np.array([spot.hit * _share_over(spot.haunt.score, SURE_SCORE) for spot in self._spots])
        spot = self._spots[int(self.rng.choice(len(weights), p=weights / weights.sum()))]
        least = 1.0 - _share_over(spot.haunt.score, SURE_SCORE)
        return [self._hit(spot, float(np.interp(self.rng.uniform(least, 1.0), SHARES, spot.haunt.score)))]

    def next_sure(self) -> float:
        """Draw after how many idle looks a place of nothing is named surely next; infinite if never."""
        chance = sum(spot.hit * _share_over(spot.haunt.score, SURE_SCORE) for spot in self._spots)
        return math.inf if chance <= 0 else float(self.rng.geometric(min(1.0, chance)))

    def _shown(self, box: Floats, regions: "Sequence[Region]") -> tuple[float, Floats]:
        """Find the look that shows a box best: its side in the network's input, and the part of it that is shown."""
        area = max(1e-6, float((box[2] - box[0]) * (box[3] - box[1])))
        best, part = 0.0, box
        for region in regions:
            low = np.maximum(box[:2], (region.x0, region.y0))
            high = np.minimum(box[2:], (region.x1, region.y1))
            w, h = high - low
            if w > 0 and h > 0 and w * h >= LEAST_SHOWN * area:
                side = math.sqrt(w * h * INPUT_PIXELS / (region.width * region.height))
                if side > best:
                    best, part = side, np.concatenate((low, high))
        return best, part

    def _named(
        self, who: int, kind: RoadUser, shown: tuple[float, Floats], at_s: float
    ) -> list[tuple[float, int, Floats]]:
        side, box = shown
        group = GROUP_OF[kind]
        grade = self.noise.grade(group, side, night=self.night)
        fate = self._fates.get(who)
        share = float(np.interp(fate.luck if fate else (luck := self.rng.random()), SHARES, grade.miss))
        if fate is None:
            fate = _Fate(luck=luck, look=self.rng.random(), missed=self.rng.random() < share, seen_s=at_s)
            self._fates[who] = fate
        lasts = math.exp(-(at_s - fate.seen_s) / grade.dropout_s) if grade.dropout_s > 0 else 0.0
        fate.missed = self.rng.random() < share + lasts * (float(fate.missed) - share)
        fate.seen_s = at_s
        if fate.missed:
            return []
        fate.called = self._call(fate, group, kind)
        return [(self._score(grade, fate), fate.called, self._jittered(box, grade))]

    def _call(self, fate: _Fate, group: str, kind: RoadUser) -> int:
        calls = self.noise.called(group, night=self.night)
        if fate.called is not None and self.rng.random() < calls.again:
            return fate.called
        called = int(self.rng.choice(len(calls.shares), p=np.array(calls.shares) / sum(calls.shares)))
        # Of light vehicles nearly all measured ones were cars: two wheels are called what they are as often.
        return int(kind) if _is_two_wheeled(kind) and called == RoadUser.CAR else called

    def _score(self, grade: Grade, fate: _Fate) -> float:
        own = _NORMAL.inv_cdf(min(max(fate.look, 1e-6), 1 - 1e-6))
        mixed = math.sqrt(grade.score_rho) * own + math.sqrt(1 - grade.score_rho) * self.rng.normal()
        return float(np.interp(_NORMAL.cdf(mixed), SHARES, grade.score))

    def _jittered(self, box: Floats, grade: Grade) -> Floats:
        size = math.sqrt((box[2] - box[0]) * (box[3] - box[1]))
        dx, dy, dw, dh = (size * float(np.interp(self.rng.random(), SHARES, own)) for own in grade.jitter)
        x, y = (box[0] + box[2]) / 2 + dx, box[3] + dy
        w, h = max(2.0, box[2] - box[0] + dw), max(2.0, box[3] - box[1] + dh)
        return cut_as(np.array((x - w / 2, y - h, x + w / 2, y)), box, self.size)

    def _spot(self, haunt: Haunt) -> _Spot:
        side = float(np.interp(self.rng.random(), SHARES, haunt.side)) * math.sqrt(self.size[0] * self.size[1])
        aspect = ASPECTS.get(haunt.group, 1.2)
        w, h = side * math.sqrt(aspect), side / math.sqrt(aspect)
        x, y = self.rng.uniform(0, self.size[0]), self.rng.uniform(h, max(h + 1, self.size[1]))
        return _Spot(
            group=haunt.group,
            box=np.array((x - w / 2, y - h, x + w / 2, y)),
            hit=float(np.interp(self.rng.random(), SHARES, haunt.hit)),
            haunt=haunt,
        )

    def _haunted(self, spot: _Spot, regions: "Sequence[Region]") -> list[tuple[float, int, Floats]]:
        if self._shown(spot.box, regions)[0] < LEAST_SIDE_PX or self.rng.random() >= spot.hit:
            return []
        return [self._hit(spot, float(np.interp(self.rng.random(), SHARES, spot.haunt.score)))]

    def _hit(self, spot: _Spot, score: float) -> tuple[float, int, Floats]:
        calls = self.noise.called(spot.group, night=False)
        kinds = [n for n, _ in enumerate(calls.shares) if GROUP_OF[RoadUser(n)] == spot.group]
        shares = np.array([calls.shares[n] for n in kinds]) + 1e-9
        jitter = self.rng.normal(0.0, 0.05, 4) * math.sqrt(float(np.prod(spot.box[2:] - spot.box[:2])))
        return score, int(self.rng.choice(kinds, p=shares / shares.sum())), spot.box + jitter


def hidden_shares(boxes: Floats, depths: Floats) -> Floats:
    """Find by what share each box (n, 4) is hidden by nearer ones, as if each hid its share of what is left: (n,)."""
    low = np.maximum(boxes[:, None, :2], boxes[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], boxes[None, :, 2:])
    common = np.prod(np.maximum(high - low, 0), axis=2) * (depths[None, :] < depths[:, None])
    area = np.maximum(1e-6, np.prod(boxes[:, 2:] - boxes[:, :2], axis=1))
    return np.asarray(1.0 - np.prod(1.0 - np.minimum(1.0, common / area[:, None]), axis=1))


def cut_as(box: Floats, truth: Floats, size: tuple[int, int]) -> Floats:
    """Lay on the picture's edge the sides that truly lie on it: what is cut off is seen to be."""
    low, high = truth[:2] <= EDGE_PX, truth[2:] >= np.array(size) - EDGE_PX
    start = np.where(low, 0.0, np.minimum(box[:2], np.array(size) - 3.0))
    end = np.where(high, size, np.maximum(box[2:], start + 2.0))
    return np.concatenate((start, end))


def _is_two_wheeled(kind: RoadUser) -> bool:
    return kind in {RoadUser.BICYCLE, RoadUser.MOTORCYCLE}


def _once(found: list[tuple[float, int, Floats]]) -> list[tuple[float, int, Floats]]:
    """Leave out of two boxes that are nearly the same the less sure one, as the detector does."""
    kept: list[tuple[float, int, Floats]] = []
    for one in sorted(found, key=lambda each: -each[0]):
        if all(_iou(one[2], other[2]) < MOST_SAME for other in kept):
            kept.append(one)
    return kept


def _iou(a: Floats, b: Floats) -> float:
    w, h = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    if w <= 0 or h <= 0:
        return 0.0
    both = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1])
    return float(w * h / (both - w * h))


def _detections(found: list[tuple[float, int, Floats]], size: tuple[int, int]) -> Detections:
    cut = [(score, kind, np.clip(box, 0, (*size, *size))) for score, kind, box in found]
    inside = [one for one in cut if (one[2][2:] - one[2][:2] >= LEAST_BOX_PX).all() and one[0] >= LEAST_SCORE]
    inside.sort(key=lambda one: -one[0])
    return Detections(
        boxes=np.array([box for _, _, box in inside], np.float32).reshape(-1, 4),
        scores=np.array([score for score, _, _ in inside], np.float32),
        kinds=np.array([kind for _, kind, _ in inside], np.int8),
    )


def _share_over(quantiles: "Sequence[float]", least: float) -> float:
    """Find which share of what has these quantiles is at least so large."""
    below = float(np.interp(least, quantiles, SHARES))
    return 1.0 - below


__all__ = ["GROUPS", "Calls", "Senses", "Truth", "hidden_shares"]
