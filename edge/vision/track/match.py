"""Which measurement belongs to which track: overlap of boxes and the assignment of least cost."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.vision.frame import Boxes

Pairs = tuple[NDArray[np.intp], NDArray[np.intp]]
NONE: Final[Pairs] = (np.empty(0, np.intp), np.empty(0, np.intp))
# A newcomer that overlaps a track by more than this share of itself is part of it.
MOST_SHARED: Final = 0.3
# ... or lies so far within reach of a track so much larger.
FRINGE_OF: Final = 1.5
FRINGE_REACH: Final = 0.35
MOST_FRINGE: Final = 0.5


def grown(boxes: Boxes, share: float) -> Boxes:
    """Widen boxes (n, 4) by a share of their sides on each side."""
    margin = (boxes[:, 2:] - boxes[:, :2]) * share
    return np.concatenate((boxes[:, :2] - margin, boxes[:, 2:] + margin), axis=1)


def intersections(a: Boxes, b: Boxes) -> NDArray[np.float32]:
    """Compute the common area of each pair, (len(a), len(b)) in px²."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    sides = np.maximum(high - low, 0)
    return (sides[..., 0] * sides[..., 1]).astype(np.float32)


def areas(boxes: Boxes) -> NDArray[np.float32]:
    """Compute the areas of boxes (n, 4) in px²."""
    return np.asarray((boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1]), np.float32)


def overlaps(a: Boxes, b: Boxes, reach: NDArray[np.float64]) -> NDArray[np.float32]:
    """Compute intersection over union of each pair, (len(a), len(b)), both widened by the reach (len(a),) of the first.

    Small fast things do not overlap from frame to frame; widened ones do (Yang et al. 2023, "Hard to track objects with
    irregular motions and similar appearances? Make it easier by buffering the matching space").
    """
    share = reach[:, None, None]
    side_a, side_b = (a[:, 2:] - a[:, :2])[:, None], (b[:, 2:] - b[:, :2])[None]
    low = np.maximum(a[:, None, :2] - share * side_a, b[None, :, :2] - share * side_b)
    high = np.minimum(a[:, None, 2:] + share * side_a, b[None, :, 2:] + share * side_b)
    sides = np.maximum(high - low, 0)
    common = sides[..., 0] * sides[..., 1]
    growth = ((1 + 2 * reach) ** 2)[:, None]
    union = growth * (areas(a)[:, None] + areas(b)[None]) - common
    return np.asarray(common / np.maximum(union, 1e-9), np.float32)


def within(a: Boxes, b: Boxes) -> NDArray[np.float32]:
    """Compute how much of the smaller of each pair lies in the larger, (len(a), len(b)), 0..1."""
    smaller = np.minimum(areas(a)[:, None], areas(b)[None, :])
    return intersections(a, b) / np.maximum(smaller, 1e-9)


def assign(similarity: NDArray[np.float32], least: float) -> Pairs:
    """Pair rows with columns so that the sum of similarities is greatest; pairs under `least` do not exist.

    Returns row and column indices. Only what competes is solved together, so that crowds stay cheap.
    """
    possible = similarity >= least
    rows_left, columns_left = possible.any(axis=1), possible.any(axis=0)
    if not rows_left.any():
        return NONE
    rows, columns = np.flatnonzero(rows_left), np.flatnonzero(columns_left)
    # To stay alone costs what no similarity at all would: two poor pairs do not outweigh a good one.
    cost = np.where(possible, 1.0 - similarity, 1.0)[np.ix_(rows, columns)].astype(np.float64)
    flipped = cost.shape[0] > cost.shape[1]
    chosen = _least_cost(cost.T if flipped else cost)
    first, second = np.arange(len(chosen)), chosen
    r, c = (second, first) if flipped else (first, second)
    r, c = rows[r], columns[c]
    real = possible[r, c]
    return r[real], c[real]


def _least_cost(cost: NDArray[np.float64]) -> NDArray[np.intp]:
    """Solve the assignment problem for (n, m), n <= m: the column of each row.

    Shortest augmenting paths with potentials (Jonker and Volgenant 1987), a row of the matrix a step.
    """
    n, m = cost.shape
    row_potential, column_potential = np.zeros(n + 1), np.zeros(m + 1)
    row_of = np.zeros(m + 1, np.intp)  # 1-based; 0 is free
    for row in range(1, n + 1):
        row_of[0] = row
        column = 0
        shortest = np.full(m + 1, np.inf)
        before = np.zeros(m + 1, np.intp)
        used = np.zeros(m + 1, bool)
        while row_of[column]:
            used[column] = True
            at = row_of[column]
            reduced = cost[at - 1] - row_potential[at] - column_potential[1:]
            better = ~used[1:] & (reduced < shortest[1:])
            shortest[1:][better] = reduced[better]
            before[1:][better] = column
            open_ones = np.where(used[1:], np.inf, shortest[1:])
            following = int(open_ones.argmin()) + 1
            step = open_ones[following - 1]
            row_potential[row_of[used]] += step
            column_potential[used] -= step
            shortest[1:][~used[1:]] -= step
            column = following
        while column:
            row_of[column] = row_of[before[column]]
            column = int(before[column])
    answer = np.empty(n, np.intp)
    answer[row_of[1:][row_of[1:] > 0] - 1] = np.flatnonzero(row_of[1:] > 0)
    return answer


def belongs(strays: Boxes, known: Boxes) -> NDArray[np.bool_]:
    """Tell which strays overlap what is known, or are a fringe of something larger: a shadow, a glare, a trailer."""
    area = np.maximum(areas(strays), 1.0)
    shared = intersections(strays, known).sum(axis=1) / area
    larger = areas(known)[None, :] >= FRINGE_OF * area[:, None]
    fringe = (intersections(strays, grown(known, FRINGE_REACH)) * larger).sum(axis=1) / area
    return (shared > MOST_SHARED) | (fringe > MOST_FRINGE)
