"""What the judge remembers of a thing, however many tracks it had.

Large things that come in fast, cut off by the picture's edge, are lost and found again: a track that begins where
another is seen no more goes on with what that one had. Evidence is summed up over them.
"""

from collections import deque
from dataclasses import dataclass, field
from statistics import median, pstdev
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.contract.report import RoadUser
from edge.units import ns_from_seconds
from edge.vision.track.identity import NO_VOTES, Ballot
from edge.vision.track.tracker import Track

REMEMBERED_SIZES: Final = 15
# Sizes whose standard deviation is less than this share of their median are those of one thing; the least and the most
# are left out: one wrong look is no other thing.
MOST_VARIATION: Final = 0.25
LEAST_SIZES: Final = 4
# A track goes on from one that was seen so lately, but not now, if so much of the smaller of both boxes, widened by a
# share of their sides, lies in the other.
MOST_GAP_NS: Final = ns_from_seconds(1.0)
LEAST_COMMON: Final = 0.4
REACH: Final = 0.25
# ... and with so many votes at most.
MOST_INHERITED: Final = 2.0

Box = tuple[float, float, float, float]


@dataclass(kw_only=True, slots=True, eq=False)
class Body:
    """The evidence on one thing.

    `ballot` sums the votes on all its tracks; `sizes` are in px, `in_cars` and `in_usual_cars` in cars, by the measured
    ground and by the cars that passed before; `least_in_cars` is what is seen of it where the picture cuts it off;
    `stood` is where it was when its foot was seen last; `heading` is where it went on the ground when it last moved,
    in radians; `heavy` is whether it was taken for a bus or a lorry.
    """

    number: int
    box: Box
    seen_ns: int
    ballot: Ballot = NO_VOTES
    sizes: deque[float] = field(default_factory=lambda: deque(maxlen=REMEMBERED_SIZES))
    in_cars: deque[float] = field(default_factory=lambda: deque(maxlen=REMEMBERED_SIZES))
    in_usual_cars: deque[float] = field(default_factory=lambda: deque(maxlen=REMEMBERED_SIZES))
    least_in_cars: float = 0.0
    stood: "Stood | None" = None
    heading: float | None = None
    heavy: bool = False

    @property
    def consistent(self) -> bool:
        """Whether it keeps its size as a thing does, and a cone of light or a knot of people does not."""
        # What comes nearer grows in the picture, and does not on the ground.
        sizes = self.in_cars if len(self.in_cars) >= LEAST_SIZES else self.sizes
        if len(sizes) < LEAST_SIZES:
            return False
        inner = sorted(sizes)[1:-1]
        return pstdev(inner) <= MOST_VARIATION * median(inner)

    @property
    def on_foot(self) -> bool:
        """Whether it is somebody on foot or on a bicycle rather than a vehicle."""
        own = self.ballot
        return own.person + own.bicycle > own.light + own.heavy

    def vote(self, before: Ballot, now: Ballot) -> None:
        """Add what a track's votes have gained."""
        own = self.ballot
        self.ballot = Ballot(
            person=own.person + now.person - before.person,
            bicycle=own.bicycle + now.bicycle - before.bicycle,
            light=own.light + now.light - before.light,
            heavy=own.heavy + now.heavy - before.heavy,
            in_cars=now.in_cars,
        )

    def doubt(self) -> None:
        """Cut its votes down: it may be another thing that began where it was."""
        own = self.ballot
        share = min(1.0, MOST_INHERITED / max(own.person + own.bicycle + own.light + own.heavy, MOST_INHERITED))
        self.ballot = Ballot(
            person=share * own.person,
            bicycle=share * own.bicycle,
            light=share * own.light,
            heavy=share * own.heavy,
            in_cars=own.in_cars,
        )


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Stood:
    """A footprint, spots (n, 2) m on the ground, at an instant, and the velocity (2,) m/s with which it went on."""

    at_ns: int
    spots: NDArray[np.float64]
    velocity: NDArray[np.float64]

    def at(self, now_ns: int) -> NDArray[np.float64]:
        """Reckon where the spots are now."""
        return self.spots + self.velocity * ((now_ns - self.at_ns) / 1e9)


class Bodies:
    """The bodies that there are, or were a moment ago."""

    def __init__(self) -> None:
        self._bodies: list[Body] = []
        self._count = 0

    def of(self, track: Track, now_ns: int) -> Body:
        """Find whose track a new one is."""
        lost = [body for body in self._bodies if body.seen_ns < now_ns and not body.on_foot]
        known = [] if track.kind is RoadUser.PERSON else lost
        shares = [(common(body.box, track.box), body) for body in known]
        share, body = max(shares, key=lambda pair: pair[0], default=(0.0, None))
        if body is None or share < LEAST_COMMON:
            self._count += 1
            body = Body(number=self._count, box=track.box, seen_ns=now_ns)
            self._bodies.append(body)
        body.doubt()
        return body

    def forget(self, now_ns: int) -> None:
        """Forget those that were not seen of late."""
        self._bodies = [body for body in self._bodies if now_ns - body.seen_ns <= MOST_GAP_NS]


def common(a: Box, b: Box) -> float:
    """Compute how much of the smaller of two boxes, both widened, lies in the larger, 0..1."""
    (ax0, ay0, ax1, ay1), (bx0, by0, bx1, by1) = _grown(a), _grown(b)
    width, height = min(ax1, bx1) - max(ax0, bx0), min(ay1, by1) - max(ay0, by0)
    smaller = min((ax1 - ax0) * (ay1 - ay0), (bx1 - bx0) * (by1 - by0))
    return max(0.0, width) * max(0.0, height) / max(smaller, 1.0)


def _grown(box: Box) -> Box:
    x0, y0, x1, y1 = box
    dx, dy = REACH * (x1 - x0), REACH * (y1 - y0)
    return x0 - dx, y0 - dy, x1 + dx, y1 + dy
