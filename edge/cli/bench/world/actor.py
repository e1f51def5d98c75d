"""Who is in the world: bodies that go along paths."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.contract.report import RoadUser

Floats = NDArray[np.float64]
Body = tuple[float, float, float]
"""Length, width, height in m."""

# Of each kind the smallest and the largest body: people with their stride, riders with their machine; cars to vans;
# lorries from 7.5 t, as the sizes that alarms are about begin.
BODIES: Final[dict[RoadUser, tuple[Body, Body]]] = {
    RoadUser.PERSON: ((0.45, 0.45, 1.55), (0.7, 0.6, 1.95)),
    RoadUser.BICYCLE: ((1.6, 0.5, 1.6), (1.8, 0.65, 1.85)),
    RoadUser.MOTORCYCLE: ((1.9, 0.7, 1.5), (2.2, 0.85, 1.7)),
    RoadUser.CAR: ((3.6, 1.65, 1.45), (5.0, 1.95, 1.9)),
    RoadUser.BUS: ((9.0, 2.5, 2.9), (12.5, 2.55, 3.3)),
    RoadUser.LORRY: ((7.0, 2.35, 2.9), (12.0, 2.55, 3.8)),
}
VAN: Final[tuple[Body, Body]] = ((5.0, 1.95, 2.0), (6.0, 2.05, 2.6))


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Actor:
    """Somebody or something: at `times` (k,) s it is at `places` (k, 2) m, straight and steady in between."""

    kind: RoadUser
    body: Body
    times: Floats
    places: Floats

    @property
    def starts_s(self) -> float:
        """When it comes."""
        return float(self.times[0])

    @property
    def ends_s(self) -> float:
        """When it is gone."""
        return float(self.times[-1])

    def at(self, at_s: Floats) -> Floats:
        """Give its places (n, 2) m at instants (n,); nan before and after its time."""
        x = np.interp(at_s, self.times, self.places[:, 0], left=math.nan, right=math.nan)
        y = np.interp(at_s, self.times, self.places[:, 1], left=math.nan, right=math.nan)
        return np.stack((x, y), axis=1)

    def headings(self, at_s: Floats) -> Floats:
        """Give the unit vectors (n, 2) it faces along at instants (n,): of its leg, or the last on which it moved."""
        legs = np.diff(self.places, axis=0)
        lengths = np.linalg.norm(legs, axis=1)
        moving = np.flatnonzero(lengths > 1e-6)  # noqa: PLR2004  a micrometre is no way
        if not len(moving):
            return np.tile((1.0, 0.0), (len(at_s), 1))
        leg = np.clip(np.searchsorted(self.times, at_s, side="right") - 1, 0, len(legs) - 1)
        last = moving[np.clip(np.searchsorted(moving, leg, side="right") - 1, 0, None)]
        return np.asarray(legs[last] / lengths[last, None])


def body_of(kind: RoadUser, rng: np.random.Generator, *, van: bool = False) -> Body:
    """Draw a body."""
    low, high = VAN if van else BODIES[kind]
    share = rng.random()
    length, width, height = (
        a + (b - a) * np.clip(share + rng.normal(0, 0.1), 0, 1) for a, b in zip(low, high, strict=True)
    )
    return float(length), float(width), float(height)


def straight(kind: RoadUser, body: Body, way: tuple[Floats, Floats], times: tuple[float, float]) -> Actor:
    """Make one who goes straight from one place to another between two instants."""
    return Actor(kind=kind, body=body, times=np.array(times), places=np.stack(way))


def walked(kind: RoadUser, body: Body, places: Floats, start_s: float, speeds: Floats) -> Actor:
    """Make one who goes through places (k, 2) at speeds (k - 1,) m/s; on a leg of no way it stands for 1/speed s."""
    ways = np.linalg.norm(np.diff(places, axis=0), axis=1)
    spent = np.where(ways > 0, ways, 1.0) / speeds
    return Actor(kind=kind, body=body, times=start_s + np.concatenate(((0.0,), np.cumsum(spent))), places=places)


# A lorry may turn with so much across it, m/s²; it begins to turn so far before a corner at most, m.
MOST_ACROSS: Final = 2.0
MOST_REACH_M: Final = 9.0
ARC_STEPS: Final = 8


def rounded(places: Floats, speeds: Floats) -> tuple[Floats, Floats]:
    """Round the corners of a way (k, 2) m that is driven at speeds (k - 1,) m/s, as far as there is room.

    Nobody turns on the spot: a corner becomes a parabola that leaves the one leg and meets the other at its tangents.
    """
    way, pace = [places[:1]], []
    for before, corner, after, into, out in zip(places, places[1:], places[2:], speeds, speeds[1:], strict=False):
        first, second = corner - before, after - corner
        lengths = float(np.linalg.norm(first)), float(np.linalg.norm(second))
        turns = min(lengths) > 0 and abs(float(np.cross(first, second))) > STRAIGHT * lengths[0] * lengths[1]
        if not turns:
            way.append(corner[None])
            pace.append(into)
            continue
        angle = math.acos(float(np.clip(first @ second / (lengths[0] * lengths[1]), -1, 1)))
        # An arc of the radius at which a speed pulls so much across takes up this much of each leg.
        reach = min(MOST_REACH_M, 0.45 * min(lengths), max(into, out) ** 2 / MOST_ACROSS * math.tan(angle / 2))
        enter, leave = corner - first / lengths[0] * reach, corner + second / lengths[1] * reach
        share = np.linspace(0.0, 1.0, ARC_STEPS + 1)[:, None]
        way.append((1 - share) ** 2 * enter + 2 * share * (1 - share) * corner + share**2 * leave)
        pace += [into, *[min(into, out)] * ARC_STEPS]
    way.append(places[-1:])
    pace.append(speeds[-1])
    return np.concatenate(way), np.array(pace)


# The sine of the least angle that is a corner.
STRAIGHT: Final = 0.02
