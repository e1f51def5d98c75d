"""The errors of the real detector and of the witness of movement, as numbers: measured by `passant bench noise`."""

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from edge.contract.report import RoadUser

FITTED: Final = Path(__file__).with_name("noise.json")
# The shares at which quantiles are kept: close where the tails are.
SHARES: Final = (0.0, 0.02, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.98, 1.0)
P10, P50, P90 = SHARES.index(0.1), SHARES.index(0.5), SHARES.index(0.9)
# The side of a thing's box in the network's input, in px: from each on, a grade of its own.
GRADES_PX: Final = (0, 48, 96)
PERSON, LIGHT, HEAVY = "person", "light", "heavy"
GROUPS: Final = (PERSON, LIGHT, HEAVY)
# Movement knows no names: vehicles are one.
WITNESSED: Final = (PERSON, LIGHT)
GROUP_OF: Final = {
    RoadUser.PERSON: PERSON,
    RoadUser.BICYCLE: LIGHT,
    RoadUser.MOTORCYCLE: LIGHT,
    RoadUser.CAR: LIGHT,
    RoadUser.VEHICLE: LIGHT,
    RoadUser.BUS: HEAVY,
    RoadUser.LORRY: HEAVY,
}
# A thing that was hardly ever named cannot be missed twice as often.
MOST_MISSED: Final = 0.97

Quantiles = tuple[float, ...]
"""The values at SHARES; the first and the last are those of one in two hundred, not the extremes."""
Jitter = tuple[Quantiles, Quantiles, Quantiles, Quantiles]


def mean_of(quantiles: Quantiles) -> float:
    """Give the mean of what has these quantiles, straight between them."""
    return sum((b - a) * (v + w) / 2 for a, b, v, w in zip(SHARES, SHARES[1:], quantiles, quantiles[1:], strict=False))


@dataclass(frozen=True, kw_only=True, slots=True)
class Grade:
    """How things of a group are seen, by the light and from a side of `least_px` in the network's input on.

    `miss` are the shares of looks at which a thing was missed, over things; what was missed is missed again with a
    correlation that falls to 1/e in `dropout_s`. `score` of what was named; `score_rho` is how much of it belongs to
    the thing, not the look. `jitter` is by how much foot x, foot y, width and height are off, in sizes of the thing.
    `looks` and `things` are what it rests on; `borrowed` says from where, if it rests on another grade.
    """

    group: str
    night: bool
    least_px: int
    looks: int
    things: int
    miss: Quantiles
    dropout_s: float
    score: Quantiles
    score_rho: float
    jitter: Jitter
    borrowed: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Calls:
    """What things of a group are called: a share for each RoadUser, and how often the last word is just repeated."""

    group: str
    night: bool
    looks: int
    shares: tuple[float, ...]
    again: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Haunt:
    """Places at which nothing is, called the same again and again: so many a camera, named in `hit` of the looks.

    `side` is the side of their boxes as a share of the picture's.
    """

    group: str
    places: float
    hit: Quantiles
    score: Quantiles
    side: Quantiles


@dataclass(frozen=True, kw_only=True, slots=True)
class Witness:
    """What movement shows of things that move: `dull` is the share of looks at which too little of one moved.

    `width` and `height` are those of the blob over the thing's. `strays` are blobs of nothing a look,
    with a side that is `stray_side` of the picture's.
    """

    group: str
    night: bool
    looks: int
    dull: float
    dropout_s: float
    width: Quantiles
    height: Quantiles
    strays: float
    stray_side: Quantiles


@dataclass(frozen=True, kw_only=True, slots=True)
class Noise:
    """All errors. `misses` and `flips` multiply the odds of a miss and the share of wrong names."""

    grades: tuple[Grade, ...]
    calls: tuple[Calls, ...]
    haunts: tuple[Haunt, ...]
    witness: tuple[Witness, ...]

    def grade(self, group: str, side_px: float, *, night: bool) -> Grade:
        """Look up how things of a group and a side in the network's input are seen."""
        own = [one for one in self.grades if one.group == group and one.night is night and one.least_px <= side_px]
        return max(own, key=lambda one: one.least_px)

    def called(self, group: str, *, night: bool) -> Calls:
        """Look up what things of a group are called."""
        return next(one for one in self.calls if one.group == group and one.night is night)

    def seen_moving(self, group: str, *, night: bool) -> Witness:
        """Look up what movement shows of a group."""
        own = PERSON if group == PERSON else LIGHT
        return next(one for one in self.witness if one.group == own and one.night is night)

    def worse(self, factor: float) -> "Noise":
        """Give the same with misses, dull looks and wrong names `factor` times as frequent."""
        return replace(
            self,
            grades=tuple(
                replace(one, miss=tuple(min(MOST_MISSED, factor * share) for share in one.miss)) for one in self.grades
            ),
            calls=tuple(replace(one, shares=_flipped(one, factor)) for one in self.calls),
            witness=tuple(replace(one, dull=min(MOST_MISSED, factor * one.dull)) for one in self.witness),
        )


def _flipped(calls: Calls, factor: float) -> tuple[float, ...]:
    """Make wrong names `factor` times as frequent, as far as there are right ones."""
    right = [n for n, _ in enumerate(calls.shares) if GROUP_OF[RoadUser(n)] == calls.group]
    wrong = 1.0 - sum(calls.shares[n] for n in right)
    if not 0.0 < wrong < 1.0:
        return calls.shares
    more = min(MOST_MISSED, factor * wrong)
    return tuple(
        share * ((1.0 - more) / (1.0 - wrong) if n in right else more / wrong) for n, share in enumerate(calls.shares)
    )


def to_json(noise: Noise) -> str:
    """Write it, a record a line."""
    parts = ("grades", "calls", "haunts", "witness")
    lists = {part: [json.dumps(_rounded(asdict(one))) for one in getattr(noise, part)] for part in parts}
    body = ",\n".join(f'"{part}": [\n' + ",\n".join(lines) + "\n]" for part, lines in lists.items())
    return f"{{\n{body}\n}}\n"


def of_json(text: str) -> Noise:
    """Read it."""
    told = json.loads(text)
    return Noise(
        grades=tuple(Grade(**_tuples(one)) for one in told["grades"]),
        calls=tuple(Calls(**_tuples(one)) for one in told["calls"]),
        haunts=tuple(Haunt(**_tuples(one)) for one in told["haunts"]),
        witness=tuple(Witness(**_tuples(one)) for one in told["witness"]),
    )


def fitted() -> Noise:
    """Read the errors as they were measured last."""
    return of_json(FITTED.read_text(encoding="ascii"))


def _rounded(record: dict[str, Any]) -> dict[str, Any]:
    return {name: _short(value) for name, value in record.items()}


def _short(value: Any) -> Any:  # noqa: ANN401 - a JSON value
    if isinstance(value, float):
        return round(value, 4)
    return [_short(one) for one in value] if isinstance(value, tuple | list) else value


def _tuples(record: dict[str, Any]) -> dict[str, Any]:
    return {name: _tupled(value) for name, value in record.items()}


def _tupled(value: Any) -> Any:  # noqa: ANN401 - a JSON value
    return tuple(_tupled(one) for one in value) if isinstance(value, list) else value
