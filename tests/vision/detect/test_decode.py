"""Decoding against the same thing said slowly, in plain Python."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from edge.contract.report import RoadUser
from edge.vision.detect.decode import (
    CENTRE_SCALE,
    MOST_CANDIDATES,
    SAME_THING_IOU,
    SAME_VEHICLE_IOU,
    SIDE_SCALE,
    VOTER_IOU,
    decode,
    iou,
    unique,
)
from edge.vision.frame import Detections

LABELS = (RoadUser.PERSON, RoadUser.BICYCLE, RoadUser.CAR, RoadUser.MOTORCYCLE, RoadUser.BUS, RoadUser.LORRY)
Floats = NDArray[np.float32]
Candidate = tuple[tuple[float, ...], float, int]


def slow_iou(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    shared = max(width, 0.0) * max(height, 0.0)
    total = sum(max(b[2] - b[0], 0.0) * max(b[3] - b[1], 0.0) for b in (one, other)) - shared
    return shared / total if total > 0 else 0.0


def slow_candidates(encodings: Floats, logits: Floats, anchors: Floats, threshold: float) -> list[Candidate]:
    found: list[Candidate] = []
    for encoding, row, anchor in zip(encodings.tolist(), logits.tolist(), anchors.tolist(), strict=True):
        for column, logit in enumerate(row):
            score = 1 / (1 + math.exp(-logit))
            if score >= threshold:
                x = encoding[1] / CENTRE_SCALE * anchor[2] + anchor[0]
                y = encoding[0] / CENTRE_SCALE * anchor[3] + anchor[1]
                width = math.exp(encoding[3] / SIDE_SCALE) * anchor[2]
                height = math.exp(encoding[2] / SIDE_SCALE) * anchor[3]
                box = (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
                found.append((box, score, LABELS[column]))
    return found


def slow_decode(encodings: Floats, logits: Floats, anchors: Floats, threshold: float) -> list[Candidate]:
    candidates = slow_candidates(encodings, logits, anchors, threshold)
    kept: list[Candidate] = []
    for box, score, kind in sorted(candidates, key=lambda one: -one[1]):
        rival = False
        for other, _, other_kind in kept:
            both_vehicles = kind != RoadUser.PERSON != other_kind
            overlap = slow_iou(box, other)
            rival |= kind == other_kind and overlap > SAME_THING_IOU
            rival |= both_vehicles and overlap > SAME_VEHICLE_IOU
        if not rival:
            kept.append((box, score, kind))
    voted = []
    for box, score, kind in kept:
        voters = [c for c in candidates if c[2] == kind and slow_iou(box, c[0]) >= VOTER_IOU]
        weight = sum(c[1] for c in voters)
        mean = tuple(sum(c[0][i] * c[1] for c in voters) / weight for i in range(4))
        voted.append((mean, score, kind))
    return voted


def outputs(seed: int, count: int) -> tuple[Floats, Floats, Floats]:
    """Random outputs around few anchors, so that boxes meet."""
    rng = np.random.default_rng(seed)
    places = rng.uniform(40, 260, (4, 2))
    anchors = np.concatenate([places[rng.integers(0, 4, count)], rng.choice([60.0, 85.0], (count, 2))], axis=1)
    encodings = rng.normal(0, 0.8, (count, 4))
    logits = rng.normal(-2, 1.5, (count, len(LABELS)))
    return encodings.astype(np.float32), logits.astype(np.float32), anchors.astype(np.float32)


@given(st.integers(0, 10_000), st.integers(0, 60), st.sampled_from([0.1, 0.3, 0.6]))
def test_it_is_what_plain_python_says(seed: int, count: int, threshold: float) -> None:
    encodings, logits, anchors = outputs(seed, count)
    fast = decode((encodings, logits), anchors, LABELS, threshold)
    slow = slow_decode(encodings, logits, anchors, threshold)
    assert len(fast) == len(slow)
    np.testing.assert_allclose(fast.scores, [score for _, score, _ in slow], rtol=1e-5)
    assert fast.kinds.tolist() == [kind for _, _, kind in slow]
    np.testing.assert_allclose(fast.boxes, np.array([box for box, _, _ in slow]).reshape(-1, 4), atol=0.01)


@given(st.integers(0, 10_000))
def test_a_higher_threshold_only_takes_away(seed: int) -> None:
    encodings, logits, anchors = outputs(seed, 50)
    some = decode((encodings, logits), anchors, LABELS, 0.5)
    more = decode((encodings, logits), anchors, LABELS, 0.1)
    assert set(some.scores.tolist()) <= set(more.scores.tolist())
    assert (some.scores >= 0.5).all()


def test_nothing_over_the_threshold_is_nothing() -> None:
    encodings, logits, anchors = outputs(3, 50)
    assert len(decode((encodings, logits - 100), anchors, LABELS, 0.1)) == 0


def test_no_more_candidates_than_the_time_allows_and_the_best_of_them() -> None:
    count = 3 * MOST_CANDIDATES
    anchors = np.stack([np.arange(count) * 100.0, np.zeros(count), np.full(count, 50), np.full(count, 50)], axis=1)
    logits = np.full((count, len(LABELS)), -9, np.float32)
    logits[:, 0] = np.linspace(0, 3, count)
    found = decode((np.zeros((count, 4), np.float32), logits), anchors.astype(np.float32), LABELS, 0.1)
    assert len(found) == MOST_CANDIDATES
    assert found.boxes[:, 0].min() > 100 * (count - MOST_CANDIDATES - 1)


def detections(*rows: tuple[list[float], float, RoadUser]) -> Detections:
    return Detections(
        boxes=np.array([box for box, _, _ in rows], np.float32),
        scores=np.array([score for _, score, _ in rows], np.float32),
        kinds=np.array([kind for _, _, kind in rows], np.int8),
    )


def test_one_vehicle_has_one_name_and_its_rider_stays() -> None:
    box = [10.0, 10, 110, 60]
    found = unique(
        detections(
            (box, 0.5, RoadUser.CAR),
            (box, 0.6, RoadUser.LORRY),
            (box, 0.4, RoadUser.MOTORCYCLE),
            (box, 0.3, RoadUser.PERSON),
        )
    )
    assert found.kinds.tolist() == [RoadUser.LORRY, RoadUser.PERSON]


def test_vehicles_that_hide_each_other_in_part_stay_two() -> None:
    found = unique(detections(([0, 0, 100, 50], 0.9, RoadUser.CAR), ([30, 0, 130, 50], 0.8, RoadUser.CAR)))
    assert len(found) == 2


@pytest.mark.parametrize("empty", [0, 1])
def test_boxes_without_area_share_nothing(empty: int) -> None:
    boxes = np.zeros((empty + 1, 4), np.float32)
    assert iou(boxes, boxes).tolist() == np.zeros((empty + 1, empty + 1)).tolist()
