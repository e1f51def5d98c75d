import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from edge.vision.detect.centres import MOST_CANDIDATES, STRIDE, decode, distinct
from edge.vision.detect.decode import areas, iou
from edge.vision.frame import Boxes, Sightings

Floats = NDArray[np.float32]
NOTHING = -12.0


def maps(boxes: Boxes, scores: Floats, size: tuple[int, int]) -> tuple[Floats, Floats, Floats]:
    """The maps of a network that sees these boxes (n, 4) px in an input of `size` (width, height)."""
    shape = size[1] // STRIDE, size[0] // STRIDE
    heatmap = np.full((*shape, 1), NOTHING, np.float32)
    scale, offset = np.zeros((*shape, 2), np.float32), np.zeros((*shape, 2), np.float32)
    for (x0, y0, x1, y1), score in zip(boxes, scores, strict=True):
        x, y = (x0 + x1) / 2 / STRIDE, (y0 + y1) / 2 / STRIDE
        row, column = int(y), int(x)
        heatmap[row, column] = np.log(score / (1 - score))
        scale[row, column] = np.log((y1 - y0) / STRIDE), np.log((x1 - x0) / STRIDE)
        offset[row, column] = y - row - 0.5, x - column - 0.5
    return heatmap, scale, offset


def boxes_of(*sides: tuple[float, float, float, float]) -> Boxes:
    return np.array(sides, np.float32).reshape(-1, 4)


def test_maps_give_back_the_boxes_they_were_made_of() -> None:
    boxes = boxes_of((10, 20, 30, 50), (60.5, 3.25, 71.5, 20), (100, 60, 190, 120), (-10, 80, 20, 130))
    scores = np.array([0.9, 0.7, 0.5, 0.3], np.float32)
    found = decode(*maps(boxes, scores, (256, 128)), 0.2)
    np.testing.assert_allclose(found.boxes, boxes, atol=1e-3)
    np.testing.assert_allclose(found.scores, scores, atol=1e-5)


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_any_few_things_apart_are_found_again(seed: int) -> None:
    rng = np.random.default_rng(seed)
    cells = np.stack(np.meshgrid(np.arange(4), np.arange(3)), axis=-1).reshape(-1, 2)[rng.permutation(12)[:6]]
    middle = cells * 64 + rng.uniform(24, 40, (6, 2))
    half = rng.uniform(2, 20, (6, 2))
    boxes = np.concatenate([middle - half, middle + half], axis=1).astype(np.float32)
    scores = np.sort(rng.uniform(0.2, 0.95, 6)).astype(np.float32)[::-1]
    found = decode(*maps(boxes, scores, (256, 192)), 0.1)
    np.testing.assert_allclose(found.boxes, boxes, atol=1e-2)
    np.testing.assert_allclose(found.scores, scores, atol=1e-4)


@pytest.mark.parametrize(("threshold", "number"), [(0.05, 3), (0.2, 3), (0.21, 2), (0.5, 2), (0.6, 1), (0.91, 0)])
def test_what_does_not_reach_the_threshold_is_nothing(threshold: float, number: int) -> None:
    boxes = boxes_of((10, 20, 30, 50), (60, 20, 80, 50), (100, 20, 120, 50))
    found = decode(*maps(boxes, np.array([0.9, 0.5001, 0.2001], np.float32), (128, 64)), threshold)
    assert len(found) == number


def test_the_slope_of_a_peak_is_no_second_thing() -> None:
    heatmap, scale, offset = maps(boxes_of((40, 40, 48, 48)), np.array([0.9], np.float32), (96, 96))
    row, column = np.argwhere(heatmap[..., 0] > 0)[0]
    heatmap[row - 1 : row + 2, column - 1 : column + 2] = np.maximum(
        heatmap[row - 1 : row + 2, column - 1 : column + 2], 1.0
    )
    found = decode(heatmap, scale, offset, 0.1)
    assert len(found) == 1
    assert found.scores[0] == pytest.approx(0.9)


def test_an_even_peak_is_one_thing() -> None:
    heatmap, scale, offset = maps(boxes_of((20, 20, 60, 60)), np.array([0.9], np.float32), (96, 96))
    heatmap[9:11, 9:11] = heatmap.max()
    scale[9:11, 9:11] = np.log(10)
    assert len(decode(heatmap, scale, offset, 0.1)) == 1


def test_empty_maps_hold_nothing() -> None:
    found = decode(*maps(boxes_of(), np.empty(0, np.float32), (64, 64)), 0.1)
    assert len(found) == 0
    assert found.boxes.shape == (0, 4)


def test_a_sea_of_faces_is_bounded_and_keeps_the_best() -> None:
    rng = np.random.default_rng(7)
    heatmap = rng.uniform(-2, 4, (200, 200, 1)).astype(np.float32)
    zeros = np.full((200, 200, 2), -1.0, np.float32)
    found = decode(heatmap, zeros, np.zeros_like(zeros), 0.1)
    assert 0 < len(found) <= MOST_CANDIDATES
    assert found.scores[0] == pytest.approx(1 / (1 + np.exp(-heatmap.max())))


def test_of_two_boxes_of_one_thing_the_better_one_stays() -> None:
    found = keep(boxes_of((0, 0, 20, 20), (2, 2, 22, 22), (100, 0, 120, 20)), (0.5, 0.8, 0.6))
    assert found.boxes.tolist() == [[2, 2, 22, 22], [100, 0, 120, 20]]


def test_a_cut_box_gives_way_to_a_whole_one() -> None:
    found = keep(boxes_of((0, 0, 20, 20), (0, 0, 20, 14)), (0.5, 0.9), cut=(False, True))
    assert found.boxes.tolist() == [[0, 0, 20, 20]]


def test_a_box_inside_another_adds_nothing_and_the_larger_one_is_never_lost() -> None:
    large, small = (0, 0, 60, 60), (20, 20, 40, 40)
    assert keep(boxes_of(large, small), (0.9, 0.5)).boxes.tolist() == [list(large)]
    assert keep(boxes_of(large, small), (0.5, 0.9)).boxes.tolist() == [list(small), list(large)]


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 40))
def test_what_is_left_out_is_mostly_covered_by_what_is_kept(seed: int, number: int) -> None:
    rng = np.random.default_rng(seed)
    corner = rng.uniform(0, 100, (number, 2))
    boxes = np.concatenate([corner, corner + rng.uniform(1, 50, (number, 2))], axis=1).astype(np.float32)
    scores = rng.uniform(0, 1, number).astype(np.float32)
    kept = distinct(boxes, scores, rng.uniform(size=number) < 0.3)
    assert (np.diff(kept.scores) <= 0).all()
    if number:
        low = np.maximum(boxes[:, None, :2], kept.boxes[None, :, :2])
        high = np.minimum(boxes[:, None, 2:], kept.boxes[None, :, 2:])
        shared = np.prod(np.maximum(high - low, 0), axis=2) / areas(boxes)[:, None]
        assert ((iou(boxes, kept.boxes) > 0.3) | (shared > 0.8)).any(axis=1).all()


def keep(boxes: Boxes, scores: tuple[float, ...], cut: tuple[bool, ...] | None = None) -> Sightings:
    return distinct(boxes, np.array(scores, np.float32), np.array(cut or [False] * len(boxes)))
