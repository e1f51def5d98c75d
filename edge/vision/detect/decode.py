"""From the network's numbers to boxes with a kind, each thing once."""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.contract.report import RoadUser
from edge.vision.frame import Boxes, Detections

# How the box encodings were scaled in training: centres by 10, logarithms of sides by 5.
CENTRE_SCALE: Final = 10.0
SIDE_SCALE: Final = 5.0
# Boxes of one kind that share more than this are one thing.
SAME_THING_IOU: Final = 0.6
# Vehicles of different kinds that share more than this are one thing under two names.
SAME_VEHICLE_IOU: Final = 0.7
# A thing's box is the mean of those of its kind that share as much with the best one, weighted by score: steadier than
# any one of them (Gidaris and Komodakis, "Object detection via a multi-region and semantic segmentation-aware CNN
# model", 2015, section 5).
VOTER_IOU: Final = 0.65
MOST_CANDIDATES: Final = 400


def decode(
    outputs: tuple[NDArray[np.float32], NDArray[np.float32]],
    anchors: NDArray[np.float32],
    labels: Sequence[RoadUser],
    threshold: float,
) -> Detections:
    """Turn encodings (n, 4) and logits (n, labels) into boxes in the input's pixels, each thing once.

    Encodings are (y, x, height, width) relative to their anchors (x, y, width, height). Only what reaches the
    threshold, 0 < threshold < 1, is decoded.
    """
    encodings, logits = outputs
    rows, columns = np.nonzero(logits >= math.log(threshold / (1 - threshold)))
    found = logits[rows, columns]
    if len(found) > MOST_CANDIDATES:
        best = np.argpartition(found, -MOST_CANDIDATES)[-MOST_CANDIDATES:]
        rows, columns, found = rows[best], columns[best], found[best]
    kinds = np.array([label.value for label in labels], np.int8)[columns]
    candidates = Detections(boxes=_boxes(encodings[rows], anchors[rows]), scores=_sigmoid(found), kinds=kinds)
    return _voted(unique(candidates), candidates)


def unique(found: Detections) -> Detections:
    """Keep of boxes that show one thing the one with the best score; sorted by falling score."""
    order = np.argsort(-found.scores, kind="stable")
    boxes, kinds = found.boxes[order], found.kinds[order]
    overlap = iou(boxes, boxes)
    vehicles = kinds != RoadUser.PERSON
    same_kind = kinds[:, None] == kinds
    rivals = (overlap > SAME_THING_IOU) & same_kind
    rivals |= (overlap > SAME_VEHICLE_IOU) & vehicles[:, None] & vehicles
    kept = order[greedy(rivals)]
    return Detections(boxes=found.boxes[kept], scores=found.scores[kept], kinds=found.kinds[kept])


def greedy(rivals: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Choose from the first to the last whatever no chosen one is a rival of; each is a rival of itself."""
    rivals = rivals | np.eye(len(rivals), dtype=bool)
    alive = np.ones(len(rivals), bool)
    kept = []
    while alive.any():
        first = int(alive.argmax())
        kept.append(first)
        alive &= ~rivals[first]
    return np.array(kept, np.intp)


def iou(these: Boxes, those: Boxes) -> NDArray[np.float32]:
    """Compute intersection over union of each box with each, (n, m); 0 where both are empty."""
    low = np.maximum(these[:, None, :2], those[None, :, :2])
    high = np.minimum(these[:, None, 2:], those[None, :, 2:])
    shared = np.prod(np.maximum(high - low, 0), axis=2)
    union = areas(these)[:, None] + areas(those)[None, :] - shared
    return np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)


def areas(boxes: Boxes) -> NDArray[np.float32]:
    """Compute the area of each box, (n,), in px²."""
    return np.prod(np.maximum(boxes[:, 2:] - boxes[:, :2], 0), axis=1, dtype=np.float32)


def _voted(kept: Detections, candidates: Detections) -> Detections:
    """Replace each box by the mean of the candidates that agree with it."""
    agree = (iou(kept.boxes, candidates.boxes) >= VOTER_IOU) & (kept.kinds[:, None] == candidates.kinds)
    weights = agree * candidates.scores
    boxes = weights @ candidates.boxes / np.maximum(weights.sum(axis=1, keepdims=True), np.float32(1e-6))
    return Detections(boxes=boxes.astype(np.float32), scores=kept.scores, kinds=kept.kinds)


def _boxes(encodings: NDArray[np.float32], anchors: NDArray[np.float32]) -> Boxes:
    centres, sides = anchors[:, :2], anchors[:, 2:]
    middle = encodings[:, 1::-1] / CENTRE_SCALE * sides + centres
    half = np.exp(encodings[:, :1:-1] / SIDE_SCALE) * sides / 2
    return np.concatenate([middle - half, middle + half], axis=1).astype(np.float32)


def _sigmoid(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    return (1 / (1 + np.exp(-logits))).astype(np.float32)
