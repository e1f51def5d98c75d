"""The plate detector: regions of a picture in, plates' boxes and what to mask out.

The network was made by `models/build_plates.py` from drawn plates only. It gives three maps with a cell for every 4x4
px of its input: `heat`, highest in a plate's middle, `mask`, high wherever a plate is, and `sides`, the logarithms of
the distances to the box's sides. The mask does the covering: boxes come out short on small plates.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.vision.detect.decode import greedy, iou
from edge.vision.detect.letterbox import Letterbox, input_size
from edge.vision.detect.manifest import Model, Task, load_model
from edge.vision.detect.networks import ModelDetector, at_most
from edge.vision.detect.region import Region
from edge.vision.frame import MASKED, NO_BOXES, SHOWN, Boxes, Cover, Pixels

MODEL: Final = "plates"
STRIDE: Final = 4
# A plate's middle is at least so warm.
THRESHOLD: Final = 0.3
# Boxes that share more than this show one plate.
SAME_PLATE_IOU: Final = 0.4
# The network has learnt plates 13 to 215 px wide. A region is shown in an input of about so many pixels, and in a finer
# one too, unless that enlarges it beyond sense: what both agree on is a plate, and its edges are sharp.
NEAR_PIXELS: Final = 320 * 192
FINE_PIXELS: Final = 640 * 384
MOST_ENLARGED: Final = 4
INPUT_MULTIPLE: Final = 32
# Regions have few shapes. Each takes about 2 MB at 320x192.
MOST_NETWORKS: Final = 12
# exp(6.5) px is wider than any input.
_LARGEST_SIDE: Final = 6.5


@dataclass(frozen=True, kw_only=True, slots=True)
class Doubt:
    """How much is masked for what the network says of a region; probabilities, px of the input.

    A patch begins where the mask reaches `mask`; it counts where it is somewhere as high as `sure` and as warm as
    `heat`; it is made a rectangle and grown by `grown`. Boxes on it are masked with their sides times `margin`.
    """

    mask: float
    sure: float
    heat: float
    grown: int
    margin: float


SHARP: Final = Doubt(mask=0.2, sure=0.9, heat=0.2, grown=3, margin=1.0)
# A plate 20 px wide is a smear of a few px: to mask too much of its neighbourhood is cheap.
COARSE: Final = Doubt(mask=0.07, sure=0.4, heat=0.03, grown=5, margin=1.2)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class PlateSightings:
    """The plates seen in a picture, and what to mask for them.

    `boxes` float32 (n, 4), half-open `[x0, y0, x1, y1)` in pixels; `scores` float32 (n,) in 0..1, sorted by falling
    score; `cover` uint8 (H, W), MASKED or SHOWN: more than the boxes, and not only where there is one.
    """

    boxes: Boxes
    scores: NDArray[np.float32]
    cover: Cover

    def __post_init__(self) -> None:
        """Check shapes and types, and make the arrays read-only."""
        n = len(self.scores)
        for name, array, shape, dtype in (
            ("boxes", self.boxes, (n, 4), np.float32),
            ("scores", self.scores, (n,), np.float32),
            ("cover", self.cover, self.cover.shape[:2], np.uint8),
        ):
            if array.shape != shape or array.dtype != dtype:
                raise ValueError(f"{name} must be {np.dtype(dtype)} {shape}, not {array.dtype} {array.shape}")
            array.flags.writeable = False

    def __len__(self) -> int:
        """How many there are."""
        return len(self.scores)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class _Look:
    """What the network answered for a region in one input: `heat` and `mask` float32 (h, w), `sides` (h, w, 4)."""

    letterbox: Letterbox
    heat: NDArray[np.float32]
    mask: NDArray[np.float32]
    sides: NDArray[np.float32]

    def spread(self, cells: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
        """Spread a map over the shown part of the input, in `size` (width, height) px, between cells linearly."""
        height, width = cells.shape
        large = cv2.resize(cells, (width * STRIDE, height * STRIDE), interpolation=cv2.INTER_LINEAR)
        shown = large[: self.letterbox.shown[1], : self.letterbox.shown[0]]
        return np.asarray(cv2.resize(shown, size, interpolation=cv2.INTER_LINEAR), np.float32)

    def boxes(self, threshold: float) -> tuple[Boxes, NDArray[np.float32]]:
        """Decode the boxes, (n, 4) in the picture's px, and their scores."""
        boxes, scores = decoded(self.heat, self.sides, threshold)
        return self.letterbox.restore(boxes), scores


class PlateDetector(ModelDetector):
    """A model that finds licence plates; not for more than one thread."""

    def __init__(self, model: Model, *, threads: int = 1) -> None:
        super().__init__(model, threads=threads, fit=at_most(MOST_NETWORKS))

    def detect(self, pixels: Pixels, regions: Sequence[Region], threshold: float = THRESHOLD) -> PlateSightings:
        """Find plates in the regions of a picture, uint8 (H, W, 3) BGR; boxes and cover are the whole picture's.

        The threshold, between 0 and 1, is the boxes'; the cover holds all of them and more. What several regions show
        is given once. Raises ModelError when a first region of its shape shows that the interpreter cannot take the
        model.
        """
        cover = np.full(pixels.shape[:2], SHOWN, np.uint8)
        found = []
        for region in regions:
            looks = [self._look(pixels, region, size) for size in sizes_of(region)]
            doubt = SHARP if len(looks) > 1 else COARSE
            patches = _patches(looks, doubt)
            part = cover[region.y0 : region.y1, region.x0 : region.x1]
            part |= np.asarray(cv2.resize(patches, part.shape[::-1], interpolation=cv2.INTER_NEAREST), np.uint8)
            boxes, scores = _unique([look.boxes(threshold) for look in looks])
            kept = _lie_on(boxes, cover)
            found.append((boxes[kept], scores[kept]))
            for box in boxes[kept]:
                _mask_box(cover, box, doubt.margin)
        boxes, scores = _unique(found)
        return PlateSightings(boxes=boxes, scores=scores, cover=cover)

    def _look(self, pixels: Pixels, region: Region, size: tuple[int, int]) -> "_Look":
        letterbox = Letterbox.fit(region, size)
        heat, mask, sides = self.network(size).run(letterbox.draw(pixels))
        return _Look(letterbox=letterbox, heat=heat[..., 0], mask=mask[..., 0], sides=sides)


def sizes_of(region: Region) -> tuple[tuple[int, int], ...]:
    """Choose the inputs (width, height) in which a region is shown."""
    near = input_size(region, NEAR_PIXELS, INPUT_MULTIPLE)
    if region.width * region.height * MOST_ENLARGED**2 < FINE_PIXELS:
        return (near,)
    return near, input_size(region, FINE_PIXELS, INPUT_MULTIPLE)


def decoded(
    heat: NDArray[np.float32], sides: NDArray[np.float32], threshold: float
) -> tuple[Boxes, NDArray[np.float32]]:
    """Turn the maps into boxes (n, 4) in the input's px and scores (n,).

    A plate is where the heat (h, w), before the sigmoid, is highest among its neighbours and reaches the threshold
    (Zhou et al., "Objects as points", 2019, section 4); `sides` (h, w, 4) are logarithms of px to the left, top, right
    and bottom.
    """
    highest = cv2.dilate(heat, np.ones((3, 3), np.uint8))
    rows, columns = np.nonzero((heat >= highest) & (heat >= _logit(threshold)))
    middles = STRIDE * (np.stack([columns, rows], axis=1) + np.float32(0.5))
    away = np.exp(np.minimum(sides[rows, columns], _LARGEST_SIDE))
    boxes = np.concatenate([middles - away[:, :2], middles + away[:, 2:]], axis=1)
    return boxes.astype(np.float32), (1 / (1 + np.exp(-heat[rows, columns]))).astype(np.float32)


def _unique(found: Sequence[tuple[Boxes, NDArray[np.float32]]]) -> tuple[Boxes, NDArray[np.float32]]:
    """Keep of boxes that show one plate the one with the best score; sorted by falling score."""
    boxes = np.concatenate([NO_BOXES, *(boxes for boxes, _ in found)])
    scores = np.concatenate([np.empty(0, np.float32), *(scores for _, scores in found)])
    order = np.argsort(-scores, kind="stable")
    boxes, scores = boxes[order], scores[order]
    kept = greedy(iou(boxes, boxes) > SAME_PLATE_IOU)
    return boxes[kept], scores[kept]


def _patches(looks: Sequence[_Look], doubt: Doubt) -> Cover:
    """Mask what the looks at a region agree on, in the px of the finest, (h, w)."""
    width, height = max(look.letterbox.shown for look in looks)
    mask = np.mean([look.spread(look.mask, (width, height)) for look in looks], axis=0)
    heat = np.mean([look.spread(look.heat, (width, height)) for look in looks], axis=0)
    number, names = cv2.connectedComponents((mask >= _logit(doubt.mask)).astype(np.uint8), connectivity=8)
    sure, warm = np.zeros(number, bool), np.zeros(number, bool)
    sure[names[mask >= _logit(doubt.sure)]] = True
    warm[names[heat >= _logit(doubt.heat)]] = True
    patches = np.full((height, width), SHOWN, np.uint8)
    for name in np.flatnonzero(sure & warm):
        if name:
            points = np.argwhere(names == name)[:, ::-1].astype(np.float32)
            corners = cv2.boxPoints(cv2.minAreaRect(points))
            cv2.fillConvexPoly(patches, np.round(corners).astype(np.int32), (MASKED,))
    side = 2 * doubt.grown + 1
    return np.asarray(cv2.dilate(patches, np.ones((side, side), np.uint8)), np.uint8)


def _lie_on(boxes: Boxes, cover: Cover) -> NDArray[np.bool_]:
    """Tell which boxes have their middle on what is masked: of what only one of the maps says, none is a plate."""
    height, width = cover.shape
    columns, rows = np.clip((boxes[:, :2] + boxes[:, 2:]) / 2, 0, (width - 1, height - 1)).astype(int).T
    return cover[rows, columns] == MASKED


def _mask_box(cover: Cover, box: NDArray[np.float32], margin: float) -> None:
    middle, half = (box[:2] + box[2:]) / 2, (box[2:] - box[:2]) / 2 * margin
    x0, y0 = np.floor(np.maximum(middle - half, 0)).astype(int)
    x1, y1 = np.ceil(middle + half).astype(int)
    cover[y0:y1, x0:x1] = MASKED


def _logit(probability: float) -> float:
    return float(np.log(probability / (1 - probability)))


def load_plate_detector(threads: int = 1) -> PlateDetector:
    """Load the plate detector that ships; raises ModelError."""
    return PlateDetector(load_model(MODEL, task=Task.PLATES), threads=threads)
