"""One list from the lists of several regions: what two regions both see, or each a part of, is one thing."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.contract.report import RoadUser
from edge.vision.detect.decode import iou, unique
from edge.vision.detect.region import Region
from edge.vision.frame import Boxes, Detections

# Two regions' boxes that agree so far on what both regions show are one thing.
AGREEMENT_IOU: Final = 0.5
# A box that comes this near its region's edge, as a share of the region's side, may go on beyond it.
EDGE_SHARE: Final = 0.02


def merge(lists: Sequence[Detections], regions: Sequence[Region], size: tuple[int, int]) -> Detections:
    """Merge what was found in each region of a picture of `size` (width, height); boxes in the picture's pixels.

    A box that a region's edge cuts gives way to a whole one of the same thing, and cut ones are united.
    """
    every = joined(lists)
    if len(lists) <= 1 or not len(every):
        return every
    region = np.repeat(np.arange(len(lists)), [len(found) for found in lists])
    bounds = np.array([(r.x0, r.y0, r.x1, r.y1) for r in regions], np.float32)[region]
    cut = _cut(every.boxes, bounds, size)
    order = np.lexsort((-every.scores, cut))
    same = _same(every, bounds, region, cut)[np.ix_(order, order)]
    taken = _take(same, region[order], cut[order])
    boxes, scores, kinds = every.boxes[order], every.scores[order], every.kinds[order]
    groups = [np.array(group) for group in taken]
    best = [int(group[scores[group].argmax()]) for group in groups]
    return unique(
        Detections(
            boxes=np.array([_union(boxes[group], cut[order][group]) for group in groups], np.float32),
            scores=scores[best],
            kinds=kinds[best],
        )
    )


def joined(lists: Sequence[Detections]) -> Detections:
    """Put lists one after the other, sorted by falling score only where there is one list."""
    if not lists:
        return Detections.none()
    if len(lists) == 1:
        return lists[0]
    return Detections(
        boxes=np.concatenate([found.boxes for found in lists]),
        scores=np.concatenate([found.scores for found in lists]),
        kinds=np.concatenate([found.kinds for found in lists]),
    )


def _cut(boxes: Boxes, bounds: Boxes, size: tuple[int, int]) -> NDArray[np.bool_]:
    """Tell which boxes touch an edge of their region that is not the picture's."""
    near = EDGE_SHARE * np.tile(bounds[:, 2:] - bounds[:, :2], 2)
    picture = np.array([0, 0, *size], np.float32)
    return np.any((np.abs(boxes - bounds) <= near) & (bounds != picture), axis=1)


def _same(found: Detections, bounds: Boxes, region: NDArray[np.intp], cut: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell which boxes of different regions, at least one of them cut, agree on what both regions show, (n, n)."""
    vehicles = found.kinds != RoadUser.PERSON
    alike = vehicles[:, None] == vehicles
    apart = region[:, None] != region
    low = np.maximum(bounds[:, None, :2], bounds[None, :, :2])
    high = np.minimum(bounds[:, None, 2:], bounds[None, :, 2:])
    shared = np.concatenate([low, high], axis=2)
    mine = _clipped(found.boxes[:, None, :], shared)
    theirs = _clipped(found.boxes[None, :, :], shared)
    flat = _paired_iou(mine.reshape(-1, 4), theirs.reshape(-1, 4)).reshape(mine.shape[:2])
    agreed = (flat > AGREEMENT_IOU) & (cut[:, None] | cut)
    return (agreed | (iou(found.boxes, found.boxes) > AGREEMENT_IOU)) & alike & apart


def _clipped(boxes: Boxes, shared: Boxes) -> Boxes:
    return np.concatenate(
        [np.maximum(boxes[..., :2], shared[..., :2]), np.minimum(boxes[..., 2:], shared[..., 2:])], axis=2
    )


def _paired_iou(these: Boxes, those: Boxes) -> NDArray[np.float32]:
    low, high = np.maximum(these[:, :2], those[:, :2]), np.minimum(these[:, 2:], those[:, 2:])
    shared, one, other = (
        np.prod(np.maximum(ends - starts, 0), axis=1, dtype=np.float32)
        for starts, ends in ((low, high), (these[:, :2], these[:, 2:]), (those[:, :2], those[:, 2:]))
    )
    union = one + other - shared
    return np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)


def _take(same: NDArray[np.bool_], region: NDArray[np.intp], cut: NDArray[np.bool_]) -> list[list[int]]:
    """Group boxes around the first that is left: a whole one takes all that agree, a cut one the best per region."""
    left = np.ones(len(same), bool)
    groups = []
    while left.any():
        leader = int(left.argmax())
        left[leader] = False
        agreeing = np.flatnonzero(same[leader] & left)
        if cut[leader]:
            agreeing = agreeing[np.unique(region[agreeing], return_index=True)[1]]
        left[agreeing] = False
        groups.append([leader, *agreeing.tolist()])
    return groups


def _union(boxes: Boxes, cut: NDArray[np.bool_]) -> Boxes:
    """Give the first box where it is whole, else the box around all."""
    if not cut[0]:
        return boxes[0]
    return np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])
