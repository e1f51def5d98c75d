"""From sightings to the numbers of the noise model."""

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.cli.bench.noise_sightings import Sighting, Stray
from edge.cli.bench.world.noise import (
    GRADES_PX,
    GROUP_OF,
    GROUPS,
    LIGHT,
    P10,
    P90,
    SHARES,
    WITNESSED,
    Calls,
    Grade,
    Haunt,
    Jitter,
    Noise,
    Quantiles,
    Witness,
    mean_of,
)
from edge.contract.report import RoadUser

Floats = NDArray[np.float64]
# A grade rests on so many looks at so many things at least, else it borrows.
LEAST_LOOKS: Final = 60
LEAST_THINGS: Final = 6
# A thing's own share of misses is told by so many looks.
LEAST_OWN_LOOKS: Final = 5
# A place haunts if it is named so often over so long a time, never surely: what is sure and stands is parked there.
LEAST_HITS: Final = 3
LEAST_SPAN_S: Final = 3.0
MOST_SURE: Final = 0.35
SAME_PLACE: Final = 0.04
# What is rarer is a wrong match, not a measurement.
EXTREME: Final = 0.005
MOST_LASTING: Final = 0.98
# Movement is a witness where so much of a box moves.
LEAST_SUPPORT: Final = 0.3


@dataclass(frozen=True, kw_only=True, slots=True)
class Blob:
    """The blob of movement that covers most of a thing, over the thing: its width and height; None where none does."""

    clip: str
    night: bool
    group: str
    thing: int
    at_s: float
    dull: bool
    width: float | None
    height: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Material:
    """All that was gathered; `looks` by clip, `watched` how often movement was looked for blobs of nothing."""

    sightings: tuple[Sighting, ...]
    strays: tuple[Stray, ...]
    blobs: tuple[Blob, ...]
    stray_blobs: tuple[tuple[bool, float], ...]
    watched: dict[bool, int]
    looks: dict[str, int]

    def of(self, clips: Sequence[str]) -> "Material":
        """Draw clips, one as often as it is named: for the bootstrap."""
        return replace(
            self,
            sightings=tuple(
                replace(one, thing=one.thing + 100_000 * n)
                for n, clip in enumerate(clips)
                for one in self.sightings
                if one.clip == clip
            ),
        )


def fit(material: Material) -> Noise:
    """Fit all of it."""
    grades = [_grade(material.sightings, group, night=night, step=n) for group, night, n in _cells()]
    return Noise(
        grades=tuple(_with_loans(grades)),
        calls=tuple(_calls(material.sightings, group, night=night) for group in GROUPS for night in (False, True)),
        haunts=tuple(_haunt(material, group) for group in GROUPS),
        witness=tuple(_witness(material, group, night=night) for group in WITNESSED for night in (False, True)),
    )


def _cells() -> Iterator[tuple[str, bool, int]]:
    for group in GROUPS:
        for night in (False, True):
            for step in range(len(GRADES_PX)):
                yield group, night, step


def _grade(sightings: Sequence[Sighting], group: str, *, night: bool, step: int) -> Grade | None:
    most = (*GRADES_PX[1:], math.inf)[step]
    own = [
        one
        for one in sightings
        if GROUP_OF[one.kind] == group and one.night is night and GRADES_PX[step] <= one.side_px < most
    ]
    things = _by_thing(own)
    if len(own) < LEAST_LOOKS or len(things) < LEAST_THINGS:
        return None
    rates = [_missed(looks).mean() for looks in things if len(looks) >= LEAST_OWN_LOOKS]
    scores = [np.array([one.score for one in looks if one.score is not None]) for looks in things]
    told = [one for one in own if one.offset is not None]
    # Where too few of a grade tell, the group does.
    told = (
        told if len(told) >= LEAST_LOOKS else [one for one in sightings if one.offset and GROUP_OF[one.kind] == group]
    )
    offsets = np.array([one.offset for one in told]).reshape(-1, 4)
    return Grade(
        group=group,
        night=night,
        least_px=GRADES_PX[step],
        looks=len(own),
        things=len(things),
        miss=quantiles(rates or [_missed(own).mean()]),
        dropout_s=_lasting_misses(sightings, group, night=night),
        score=quantiles(np.concatenate(scores)),
        score_rho=_own_share(scores),
        jitter=_spread(offsets),
    )


def _lasting_misses(sightings: Sequence[Sighting], group: str, *, night: bool) -> float:
    """Find how long misses last, over all sizes: a thing's stay in one is too short to tell."""
    own = _by_thing([one for one in sightings if GROUP_OF[one.kind] == group and one.night is night])
    return _lasting([(_times(looks), _missed(looks)) for looks in own])


def _with_loans(grades: list[Grade | None]) -> Iterator[Grade]:
    """Fill the grades that too little was seen for: from the nearest size, and for the night from the day."""
    known = {(one.group, one.night, one.least_px): one for one in grades if one is not None}
    for group, night, step in _cells():
        px = GRADES_PX[step]
        own = known.get((group, night, px))
        if own is not None:
            yield own
            continue
        near = _nearest(known, group, px, night=night)
        if near is not None:
            yield replace(near, least_px=px, borrowed=f"{'night' if night else 'day'} from {near.least_px} px")
            continue
        day = known.get((group, False, px)) or _nearest(known, group, px, night=False)
        if day is None:
            raise ValueError(f"nothing was seen of the group {group}")
        yield _darkened(known, day, px)


def _nearest(known: dict[tuple[str, bool, int], Grade], group: str, px: int, *, night: bool) -> Grade | None:
    own = [one for (name, dark, _), one in known.items() if name == group and dark is night]
    return min(own, key=lambda one: abs(one.least_px - px), default=None)


def _darkened(known: dict[tuple[str, bool, int], Grade], day: Grade, px: int) -> Grade:
    """Make a night of a day, by what it does to light vehicles of that size: odds of a miss, scores and jitter."""
    light_day, light_night = (_nearest(known, LIGHT, px, night=night) for night in (False, True))
    if light_day is None or light_night is None:
        return replace(day, night=True, least_px=px, borrowed="day as it is")
    factor = _odds(mean_of(light_night.miss)) / _odds(mean_of(light_day.miss))
    miss = tuple(factor * _odds(share) / (1.0 + factor * _odds(share)) for share in day.miss)
    return replace(
        day,
        night=True,
        least_px=px,
        miss=miss,
        dropout_s=light_night.dropout_s,
        score=_dimmed(day.score, light_day.score, light_night.score),
        jitter=_shaken(day.jitter, light_day.jitter, light_night.jitter),
        borrowed="day, by what the night does to light vehicles",
    )


def _dimmed(own: Quantiles, before: Quantiles, after: Quantiles) -> Quantiles:
    return tuple(sorted(a * min(1.0, c / b) for a, b, c in zip(own, before, after, strict=True)))


def _shaken(own: Jitter, before: Jitter, after: Jitter) -> Jitter:
    x, y, w, h = (
        tuple(v * max(1.0, (c[P90] - c[P10]) / (b[P90] - b[P10])) for v in a)
        for a, b, c in zip(own, before, after, strict=True)
    )
    return x, y, w, h


def _odds(share: float) -> float:
    kept = min(max(share, 0.005), 0.995)
    return kept / (1.0 - kept)


def _calls(sightings: Sequence[Sighting], group: str, *, night: bool) -> Calls:
    own = [one for one in sightings if GROUP_OF[one.kind] == group and one.night is night and one.called is not None]
    if len(own) < LEAST_LOOKS and night:
        return replace(_calls(sightings, group, night=False), night=True)
    counts = np.bincount([int(one.called or 0) for one in own], minlength=len(RoadUser))
    shares = counts / max(1, counts.sum())
    pairs = [(a.called, b.called) for looks in _by_thing(own) for a, b in pairwise(looks)]
    same = float(np.mean([a is b for a, b in pairs])) if pairs else 1.0
    chance = float((shares**2).sum())
    again = (same - chance) / (1.0 - chance) if chance < 1.0 else 0.0
    return Calls(group=group, night=night, looks=len(own), shares=tuple(shares.tolist()), again=max(0.0, again))


def _haunt(material: Material, group: str) -> Haunt:
    """Find the places at which the same nothing is named again and again."""
    hits, scores, sides = [], [], []
    clips = {clip: [one for one in material.strays if one.clip == clip] for clip in material.looks}
    for clip, strays in clips.items():
        for place in _places([one for one in strays if GROUP_OF[one.kind] == group]):
            if len(place) < LEAST_HITS or place[-1].at_s - place[0].at_s < LEAST_SPAN_S:
                continue
            if float(np.median([one.score for one in place])) >= MOST_SURE:
                continue
            hits.append(min(1.0, len(place) / material.looks[clip]))
            scores += [one.score for one in place]
            sides += [one.side_px / math.sqrt(640 * 480) for one in place]
    return Haunt(
        group=group,
        # Cars that stand in a street are cars: only people and heavy vehicles can be told to be nothing.
        places=0.0 if group == LIGHT else len(hits) / len(clips),
        hit=quantiles(hits or [0.0]),
        score=quantiles(scores or [0.15]),
        side=quantiles(sides or [0.1]),
    )


def _places(strays: Sequence[Stray]) -> list[list[Stray]]:
    places: list[list[Stray]] = []
    for one in strays:
        for place in places:
            if max(abs(a - b) for a, b in zip(place[0].place, one.place, strict=True)) <= SAME_PLACE:
                place.append(one)
                break
        else:
            places.append([one])
    return places


def _witness(material: Material, group: str, *, night: bool) -> Witness:
    own = [one for one in material.blobs if one.night is night and one.group == group]
    if len(own) < LEAST_LOOKS and night:
        # Nobody on foot was recorded by night: what moves is seen as vehicles are.
        return replace(_witness(material, LIGHT, night=True), group=group)
    by: dict[tuple[str, int], list[Blob]] = defaultdict(list)
    for one in own:
        by[one.clip, one.thing].append(one)
    strays = [side for dark, side in material.stray_blobs if dark is night]
    return Witness(
        group=group,
        night=night,
        looks=len(own),
        dull=float(np.mean([one.dull for one in own])) if own else 0.0,
        dropout_s=_lasting(
            [(np.array([b.at_s for b in blobs]), np.array([b.dull for b in blobs])) for blobs in by.values()]
        ),
        width=quantiles([one.width for one in own if one.width is not None] or [1.0]),
        height=quantiles([one.height for one in own if one.height is not None] or [1.0]),
        strays=len(strays) / max(1, material.watched.get(night, 0)),
        stray_side=quantiles(strays or [0.03]),
    )


# -- statistics ----------------------------------------------------------------------------------------------------


def quantiles(values: "Sequence[float] | Floats") -> Quantiles:
    """Give the values at SHARES."""
    shares = np.clip(SHARES, EXTREME, 1 - EXTREME)
    return tuple(float(v) for v in np.quantile(np.asarray(values, np.float64), shares))


def _by_thing(own: Sequence[Sighting]) -> list[list[Sighting]]:
    things: dict[tuple[str, int], list[Sighting]] = defaultdict(list)
    for one in own:
        things[one.clip, one.thing].append(one)
    return list(things.values())


def _missed(looks: Sequence[Sighting]) -> Floats:
    return np.array([one.score is None for one in looks], np.float64)


def _times(looks: Sequence[Sighting]) -> Floats:
    return np.array([one.at_s for one in looks])


def _lasting(series: list[tuple[Floats, Floats]]) -> float:
    """Find how long a state lasts from each look to the next, its thing's mean left out: -gap / ln(correlation)."""
    gaps, first, second = [], [], []
    for times, states in series:
        off = states - states.mean()
        gaps += np.diff(times).tolist()
        first += off[:-1].tolist()
        second += off[1:].tolist()
    power = float(np.mean(np.square(first))) if first else 0.0
    if power <= 0.0:
        return 0.0
    rho = float(np.mean(np.multiply(first, second))) / power
    # A short series' own mean hides part of its correlation (Marriott and Pope 1954): about (1 + 3 rho) / n of it.
    rho = min(MOST_LASTING, rho + (1.0 + 3.0 * rho) / (1.0 + len(first) / len(series)))
    return float(np.median(gaps)) / -math.log(rho) if 0.0 < rho < 1.0 else 0.0


def _own_share(scores: list[Floats]) -> float:
    """Find which share of the variance lies between things."""
    several = [own for own in scores if len(own) > 1]
    if not several:
        return 0.0
    everything = np.concatenate(several)
    within = np.concatenate([own - own.mean() for own in several])
    freed = len(everything) / max(1, len(everything) - len(several))
    return float(np.clip(1.0 - freed * within.var() / max(1e-9, everything.var()), 0.0, 1.0))


def _spread(offsets: Floats) -> Jitter:
    x, y, w, h = (quantiles(one) for one in (offsets - np.median(offsets, axis=0)).T)
    return x, y, w, h
