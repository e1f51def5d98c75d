"""The plate detector: regions of a picture in, plates' boxes and what to mask out.

The network was made by `models/build_plates.py` from drawn plates only. It gives three maps with a cell for every 4x4
px of its input: `heat`, highest in a plate's middle, `mask`, high wherever a plate is, and `sides`, the logarithms of
the distances to the box's sides. Boxes come out short on small plates; the mask does the covering.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.vision.detect.decode import greedy, iou
from edge.vision.detect.letterbox import Letterbox, input_size
from edge.vision.detect.litert import Effort, Network
from edge.vision.detect.manifest import Model, Task, load_model
from edge.vision.detect.region import Region
from edge.vision.frame import MASKED, SHOWN, Boxes, Cover, Pixels

MODEL: Final = "plates"
STRIDE: Final = 4
# A plate's middle is at least so warm; a cell is masked from such a probability on.
THRESHOLD: Final = 0.2
MASK_THRESHOLD: Final = 0.35
# What is masked round a box, as a multiple of its sides.
MARGIN: Final = 1.2
# Boxes that share more than this show one plate.
SAME_PLATE_IOU: Final = 0.4
# The network has learnt plates 13 to 215 px wide. In an input of about so many pixels those of a vehicle that fills
# the region are; a region of more pixels is looked at a second time, finer, for plates far away.
NEAR_PIXELS: Final = 320 * 192
FAR_PIXELS: Final = 640 * 384
INPUT_MULTIPLE: Final = 64
# Regions have few shapes. Each takes about 2 MB at 320x192.
MOST_NETWORKS: Final = 12
# exp(6.5) px is wider than any input.
_LARGEST_SIDE: Final = 6.5


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


class PlateDetector:
    """A model that finds licence plates; not for more than one thread."""

    def __init__(self, model: Model, *, threads: int = 1) -> None:
        self._model = model
        self._threads = threads
        self._effort = Effort()
        # The one used last stands last.
        self._networks: dict[tuple[int, int], Network] = {}

    @property
    def hash64(self) -> int:
        """The first 64 bits of the model file's SHA-256."""
        return self._model.entry.hash64

    @property
    def invocations(self) -> int:
        """How often the network ran."""
        return self._effort.invocations

    @property
    def invoke_cpu_s(self) -> float:
        """The processor time in seconds spent inside the interpreter's invoke only."""
        return self._effort.cpu_s

    def detect(
        self,
        pixels: Pixels,
        regions: Sequence[Region],
        threshold: float = THRESHOLD,
        mask_threshold: float = MASK_THRESHOLD,
    ) -> PlateSightings:
        """Find plates in the regions of a picture, uint8 (H, W, 3) BGR; boxes and cover are the whole picture's.

        Thresholds lie between 0 and 1. What several regions show is given once. Raises ModelError when a first region
        of its shape shows that the interpreter cannot take the model.
        """
        cover = np.full(pixels.shape[:2], SHOWN, np.uint8)
        found: list[tuple[Boxes, NDArray[np.float32]]] = []
        for region in regions:
            for size in sizes_of(region):
                letterbox = Letterbox.fit(region, size)
                heat, mask, sides = self._network(size).run(letterbox.draw(pixels))
                _mask(cover, letterbox, mask[..., 0] >= _logit(mask_threshold))
                boxes, scores = decoded(heat[..., 0], sides, threshold)
                found.append((letterbox.restore(boxes), scores))
        boxes, scores = _unique(found)
        for box in boxes:
            _mask_box(cover, box)
        return PlateSightings(boxes=boxes, scores=scores, cover=cover)

    def _network(self, size: tuple[int, int]) -> Network:
        network = self._networks.pop(size, None)
        if network is None:
            if len(self._networks) == MOST_NETWORKS:
                del self._networks[next(iter(self._networks))]
            network = Network(self._model, size, self._threads, self._effort)
        self._networks[size] = network
        return network


def sizes_of(region: Region) -> tuple[tuple[int, int], ...]:
    """Choose the inputs (width, height) in which a region is shown: one, or a near and a far look."""
    near = input_size(region, NEAR_PIXELS, INPUT_MULTIPLE)
    if region.width * region.height <= 2 * NEAR_PIXELS:
        return (near,)
    return near, input_size(region, FAR_PIXELS, INPUT_MULTIPLE)


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
    boxes = np.concatenate([np.empty((0, 4), np.float32), *(boxes for boxes, _ in found)])
    scores = np.concatenate([np.empty(0, np.float32), *(scores for _, scores in found)])
    order = np.argsort(-scores, kind="stable")
    boxes, scores = boxes[order], scores[order]
    kept = greedy(iou(boxes, boxes) > SAME_PLATE_IOU)
    return boxes[kept], scores[kept]


def _mask(cover: Cover, letterbox: Letterbox, cells: NDArray[np.bool_]) -> None:
    """Mask in the picture what the cells (h, w) show, grown by one cell."""
    if not cells.any():
        return
    grown = cv2.dilate(cells.astype(np.uint8) * np.uint8(MASKED), np.ones((3, 3), np.uint8))
    width, height = letterbox.shown
    shown = grown.repeat(STRIDE, axis=0).repeat(STRIDE, axis=1)[:height, :width]
    region = letterbox.region
    part = cover[region.y0 : region.y1, region.x0 : region.x1]
    part |= np.asarray(cv2.resize(shown, (region.width, region.height), interpolation=cv2.INTER_NEAREST), np.uint8)


def _mask_box(cover: Cover, box: NDArray[np.float32]) -> None:
    middle, half = (box[:2] + box[2:]) / 2, (box[2:] - box[:2]) / 2 * MARGIN
    x0, y0 = np.floor(np.maximum(middle - half, 0)).astype(int)
    x1, y1 = np.ceil(middle + half).astype(int)
    cover[y0:y1, x0:x1] = MASKED


def _logit(probability: float) -> float:
    return float(np.log(probability / (1 - probability)))


def load_plate_detector(threads: int = 1) -> PlateDetector:
    """Load the plate detector that ships; raises ModelError."""
    return PlateDetector(load_model(MODEL, task=Task.PLATES), threads=threads)
