"""What a track is: the detector's votes, and what its movement alone proves.

Identity here means the kind of road user, never who somebody is: nothing of a person's look is kept.
"""

import math
from dataclasses import dataclass, field
from enum import IntEnum, unique
from statistics import median
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.contract.report import RoadUser
from edge.vision.track.sizes import HEAVY, LEAST_HEAVY, CarSizes

# A kind is believed from so many votes, a vote being a score in 0..1, one of them at least so sure.
LEAST_VOTES: Final = 0.9
LEAST_SURE: Final = 0.35
LEAST_LOOKS: Final = 2
# So many votes for somebody on foot, most of all, and it is no vehicle.
SURELY_ON_FOOT: Final = 2.0
# Without a name a vehicle is proven by its way: so many of its own sizes, so straight, for so long.
LEAST_WAY_SIZES: Final = 1.2
LEAST_STRAIGHTNESS: Final = 0.75
LEAST_LIFE_S: Final = 0.3
LEAST_SEEN: Final = 4
# Vehicles are long in the direction they move; someone walking is high across it.
LEAST_ALONG_ACROSS: Final = 0.75
# ... and either quick for their size, or large in the picture.
LEAST_SIZES_PER_S: Final = 1.0
LARGE_SHARE: Final = 0.02


@unique
class Proof(IntEnum):
    """How well a track is known."""

    TENTATIVE = 0
    MOVING = 1
    NAMED = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Ballot:
    """The detector's votes on one track, each the sum of scores: `light` motor vehicles are motorcycles and cars.

    `in_cars` is its size, by the square root of its area, in that of the cars that passed the same height of the
    picture; None where too few are known.
    """

    person: float = 0.0
    bicycle: float = 0.0
    light: float = 0.0
    heavy: float = 0.0
    in_cars: float | None = None


NO_VOTES: Final = Ballot()


@dataclass(kw_only=True, slots=True, eq=False)
class Identity:
    """The evidence on one track; `picture_px` is the picture's area, `entered` whether it began at its edge.

    `outline` is the box (x0, y0, x1, y1) in px as it was measured last.
    """

    id: int
    born_ns: int
    foot: tuple[float, float]
    picture_px: float
    entered: bool = False
    outline: tuple[float, float, float, float] | None = None
    votes: NDArray[np.float64] = field(default_factory=lambda: np.zeros(len(RoadUser)))
    surest: float = 0.0
    looks: int = 0
    seen: int = 1
    parts: int = 0
    bands: set[int] = field(default_factory=set)
    ratios: list[float] = field(default_factory=list)
    unseen_s: float = 0.0
    way_px: float = 0.0
    proof: Proof = Proof.TENTATIVE
    _last: tuple[float, float] | None = None

    def name(self, kind: int, score: float) -> None:
        """Add the detector's vote for a kind."""
        self.votes[kind] += score
        self.surest = max(self.surest, score)
        self.looks += 1
        if self.surest >= LEAST_SURE and self.votes.sum() >= LEAST_VOTES and self.looks >= LEAST_LOOKS:
            self.proof = Proof.NAMED

    def move(self, foot: tuple[float, float], size: tuple[float, float], now_ns: int) -> None:
        """Add a place where it was seen: foot point and (width, height) in px."""
        self.seen += 1
        self.unseen_s = 0.0
        self.way_px += math.dist(self._last or self.foot, foot)
        self._last = foot
        if self.proof is Proof.TENTATIVE and self._moves_like_a_vehicle(foot, size, now_ns):
            self.proof = Proof.MOVING

    @property
    def on_foot(self) -> bool:
        """Whether it was named as somebody on foot so often that it is no vehicle."""
        person = self.votes[RoadUser.PERSON]
        return bool(person >= SURELY_ON_FOOT and person > self.votes.sum() / 2)

    def kind(self) -> RoadUser:
        """Tell what it is, as far as is known now."""
        if self.proof is not Proof.NAMED:
            return RoadUser.VEHICLE
        kind = RoadUser(int(self.votes.argmax()))
        too_small = bool(self.ratios) and median(self.ratios) < LEAST_HEAVY
        return RoadUser.CAR if kind in HEAVY and too_small else kind

    def ballot(self, in_cars: float | None) -> Ballot:
        """Count the votes, for a size told in cars."""
        person, bicycle, motorcycle, car, bus, lorry, _ = self.votes.tolist()
        return Ballot(person=person, bicycle=bicycle, light=motorcycle + car, heavy=bus + lorry, in_cars=in_cars)

    def compare(self, sizes: CarSizes, band: int, size_px: float) -> None:
        """Compare it with the cars of a band it has just come into, and if it is a car, let others be compared."""
        if band in self.bands or self.proof is not Proof.NAMED:
            return
        self.bands.add(band)
        if (ratio := sizes.ratio(band, size_px)) is not None:
            self.ratios.append(ratio)
        if int(self.votes.argmax()) == RoadUser.CAR:
            sizes.learn(band, size_px)

    def _moves_like_a_vehicle(self, foot: tuple[float, float], size: tuple[float, float], now_ns: int) -> bool:
        dx, dy = foot[0] - self.foot[0], foot[1] - self.foot[1]
        way = math.hypot(dx, dy)
        area = size[0] * size[1]
        own = math.sqrt(area)
        life_s = (now_ns - self.born_ns) / 1e9
        if self.seen < LEAST_SEEN or life_s < LEAST_LIFE_S or way < LEAST_WAY_SIZES * own:
            return False
        along = (size[0] * abs(dx) + size[1] * abs(dy)) / way
        across = (size[0] * abs(dy) + size[1] * abs(dx)) / way
        return (
            way >= LEAST_STRAIGHTNESS * self.way_px
            and along >= LEAST_ALONG_ACROSS * across
            and (way / life_s >= LEAST_SIZES_PER_S * own or area >= LARGE_SHARE * self.picture_px)
            and self.votes[RoadUser.PERSON] < LEAST_SURE
        )
