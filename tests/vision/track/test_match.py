"""Assignment: the best there is, against trying everything; overlaps against counting pixels."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from edge.vision.track.match import areas, assign, grown, intersections, overlaps, within

shapes = st.tuples(st.integers(0, 5), st.integers(0, 5))
similarities = shapes.flatmap(
    lambda shape: arrays(np.float32, shape, elements=st.sampled_from([0.0, 0.25, 0.3125, 0.375, 0.5, 0.75, 1.0]))
)
LEAST = 0.3125


def best_sum(similarity: np.ndarray) -> float:
    """Try every assignment of rows to columns, where any may stay alone."""
    rows, columns = similarity.shape
    worth = np.where(similarity >= LEAST, similarity, 0)
    padded = np.zeros((rows, columns + rows))
    padded[:, :columns] = worth
    return max(
        (
            sum(padded[row, column] for row, column in enumerate(chosen))
            for chosen in permutations(range(columns + rows), rows)
        ),
        default=0.0,
    )


@settings(max_examples=100, deadline=None)
@given(similarities.filter(lambda s: s.shape[0] <= 3 or s.shape[1] <= 3))
def test_assignment_is_the_best_of_all(similarity: np.ndarray) -> None:
    smaller = similarity if similarity.shape[0] <= similarity.shape[1] else similarity.T
    rows, columns = assign(similarity, LEAST)
    assert len(set(rows.tolist())) == len(set(columns.tolist())) == len(rows) == len(columns)
    assert (similarity[rows, columns] >= LEAST).all()
    assert similarity[rows, columns].sum() == pytest.approx(best_sum(smaller), abs=1e-5)


def test_a_sure_pair_is_not_given_up_for_two_poor_ones() -> None:
    similarity = np.array([[0.9, 0.34], [0.34, 0.0]], np.float32)
    assert [one.tolist() for one in assign(similarity, LEAST)] == [[0], [0]]


def test_two_fair_pairs_are_better_than_the_best_one() -> None:
    similarity = np.array([[0.9, 0.6], [0.6, 0.0]], np.float32)
    assert sorted(zip(*assign(similarity, LEAST), strict=True)) == [(0, 1), (1, 0)]


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (3, 0), (2, 2)])
def test_where_nothing_is_alike_nothing_is_paired(shape: tuple[int, int]) -> None:
    rows, columns = assign(np.zeros(shape, np.float32), LEAST)
    assert len(rows) == len(columns) == 0


def test_a_shuffled_crowd_is_put_in_order_again() -> None:
    rng = np.random.default_rng(3)
    for n in (1, 2, 7, 40):
        order = rng.permutation(n)
        similarity = rng.uniform(0, 0.5, (n, n)).astype(np.float32)
        similarity[np.arange(n), order] = 0.9
        rows, columns = assign(similarity, LEAST)
        assert dict(zip(rows.tolist(), columns.tolist(), strict=True)) == dict(enumerate(order.tolist()))


corners = st.tuples(st.integers(0, 20), st.integers(0, 20))
boxes = st.lists(st.tuples(corners, st.integers(1, 12), st.integers(1, 12)), min_size=1, max_size=4).map(
    lambda all_: np.array([(x, y, x + w, y + h) for (x, y), w, h in all_], np.float32)
)


def painted(box: np.ndarray) -> np.ndarray:
    """Paint a box with whole corners; the canvas reaches 40 px beyond the origin on each side."""
    canvas = np.zeros((120, 120), bool)
    x0, y0, x1, y1 = (round(float(edge)) + 40 for edge in box)
    canvas[y0:y1, x0:x1] = True
    return canvas


@settings(max_examples=50, deadline=None)
@given(boxes, boxes)
def test_overlaps_are_those_of_counted_pixels(a: np.ndarray, b: np.ndarray) -> None:
    common, inside = intersections(a, b), within(a, b)
    unwidened = overlaps(a, b, np.zeros(len(a)))
    # Widened by a whole box on each side, so that corners stay whole numbers.
    widened = overlaps(a, b, np.ones(len(a)))
    for i, one in enumerate(a):
        for j, other in enumerate(b):
            p, q = painted(one), painted(other)
            both = np.count_nonzero(p & q)
            assert common[i, j] == both
            assert inside[i, j] == pytest.approx(both / min(p.sum(), q.sum()))
            assert unwidened[i, j] == pytest.approx(both / np.count_nonzero(p | q))
            p, q = painted(grown(one[None], 1.0)[0]), painted(grown(other[None], 1.0)[0])
            assert widened[i, j] == pytest.approx(np.count_nonzero(p & q) / np.count_nonzero(p | q))
        assert areas(a)[i] == painted(one).sum()
