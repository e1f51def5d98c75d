"""Where on the ground a thing stands: the footprint whose outline in the picture ends where the thing's box does.

A body of a known length and width heads one way. Where it stands has two unknowns, and its box tells two things: where
the lowest of it is seen, and where it ends aside (where the picture cuts it off on one side: on the other). Found by
Newton's method, with the derivatives as differences.
"""

from typing import Final

import numpy as np

from edge.vision.judge.frame import Cut
from edge.vision.judge.ground import Floats, Ground

# The corners as a ring, in shares of length and width.
CORNERS: Final = np.array([(-0.5, -0.5), (-0.5, 0.5), (0.5, 0.5), (0.5, -0.5)])
# Where a footprint is looked at.
SPOTS: Final = np.array([(a, b) for a in (-0.4, -0.2, 0.0, 0.2, 0.4) for b in (-0.4, 0.0, 0.4)])
# Each step comes closer: what is nearer is larger.
STEPS: Final = 4
NUDGE_M: Final = 0.1
MOST_STEP_M: Final = 4.0
NUDGES: Final = np.array(((0.0, 0.0), (NUDGE_M, 0.0), (0.0, NUDGE_M)))


# A box, how the picture cuts it off, and the picture's width.
Seen = tuple[tuple[float, ...], Cut, int]


def lay(ground: Ground, foot: Floats, heading: float, body: tuple[float, ...], seen: Seen) -> Floats:
    """Find the middle (2,) m of where a body (length, width) m stands.

    `foot` (2,) m is about where that is and `heading` where it goes, in radians; `seen` is its box (x0, y0, x1, y1),
    how the picture cuts it off, and the picture's width, in px.
    """
    box, cut, width = seen
    outline = spread(CORNERS, heading, body)
    target = np.array((_aside(box[0], box[2], cut), box[3]))
    middle = foot
    for _ in range(STEPS):
        rings = ground.to_pixels((middle + NUDGES[:, None] + outline[None]).reshape(-1, 2)).reshape(3, -1, 2)
        if not np.isfinite(rings).all():
            break
        here, there_x, there_y = (_told(ring, cut, width) for ring in rings)
        slopes = np.stack((there_x - here, there_y - here), axis=1) / NUDGE_M
        if abs(np.linalg.det(slopes)) < LEAST_SLOPE:
            break
        step = np.linalg.solve(slopes, target - here)
        middle = middle + step * min(1.0, MOST_STEP_M / max(float(np.hypot(*step)), 1e-9))
    return middle


# Of the two slopes' area, in px² for each m²: what is less lies on the horizon.
LEAST_SLOPE: Final = 1.0


def spread(shares: Floats, heading: float, body: tuple[float, ...]) -> Floats:
    """Give the places (n, 2) m that lie in these shares (n, 2) of a body's length and width about its middle."""
    ahead = np.array((np.cos(heading), np.sin(heading)))
    aside = np.array((-ahead[1], ahead[0]))
    return np.asarray(shares[:, :1] * body[0] * ahead + shares[:, 1:] * body[1] * aside)


def _told(ring: Floats, cut: Cut, width: int) -> Floats:
    """Give what a box would tell of a footprint's outline (4, 2) px: where it ends aside, and its lowest row."""
    (left, _), (right, _) = ring.min(axis=0), ring.max(axis=0)
    return np.array((_aside(left, right, cut), lowest_shown(ring, width)))


def _aside(left: float, right: float, cut: Cut) -> float:
    if cut.left is cut.right:
        return (left + right) / 2
    return right if cut.left else left


def lowest_shown(ring: Floats, width: int) -> float:
    """Find the lowest row of an outline (n, 2) px within the columns 0..width; of all of it where none is."""
    x, y = ring.T
    rows = y[(x >= 0) & (x <= width)].tolist()
    beyond, below = np.roll(x, -1), np.roll(y, -1)
    for column in (0.0, float(width)):
        crossed = (x < column) != (beyond < column)
        share = (column - x[crossed]) / (beyond[crossed] - x[crossed])
        rows += (y[crossed] + share * (below[crossed] - y[crossed])).tolist()
    return float(max(rows, default=y.max()))
