"""Crowds that grow or thin out on a promenade, and what is told of their density."""

import math
from collections import deque
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.cli.bench.world.actor import Actor, body_of, walked
from edge.cli.bench.world.noise import Noise
from edge.cli.bench.world.show import FPS, Camera, Moving
from edge.cli.bench.world.stage import BEGIN_S, FARTHEST_M, PROMENADE, Stage, stage_of
from edge.contract.report import AlarmKind, AlarmPhase, CrowdEstimator, RoadUser
from edge.vision.measure.crowd import Headcount
from edge.vision.measure.plot import Plot

Floats = NDArray[np.float64]
# A density for so long, then another for so long, s; an alarm's level needs 30 s.
PHASES_S: Final = (45.0, 45.0)
# People per m² in the patch where they gather, whose radius is this, m; and half the side of the zone in it.
DENSITIES: Final = (0.5, 6.0)
PATCH_M: Final = 3.0
HALF_M: Final = 2.5
# Who stands in a crowd shifts about by so much, m.
SHIFT_M: Final = 0.15
SUSTAINED_S: Final = 30.0
LEVELS: Final = (2, 3, 4, 5)
# What a site's own fit may be off and still be used: half of it steady, half from moment to moment.
FIT_ERROR: Final = 0.15
# A level that is reached is told by then, s after it has held for as long as it must.
LATE_S: Final = 10.0


@dataclass(kw_only=True, slots=True)
class Levels:
    """How well levels were told: seconds in all and right within one step; of those that rose to a level, how many."""

    scenes: int = 0
    seconds: int = 0
    right: int = 0
    reachable: int = 0
    reached: int = 0
    latencies_s: list[float] = field(default_factory=list)
    missed: list[tuple[int, ...]] = field(default_factory=list)

    @property
    def share(self) -> float:
        """The share of time at which the level was right within one step."""
        return self.right / self.seconds if self.seconds else math.nan

    def add(self, other: "Levels") -> None:
        """Add another's."""
        for name in ("scenes", "seconds", "right", "reachable", "reached", "latencies_s", "missed"):
            setattr(self, name, getattr(self, name) + getattr(other, name))


def crowded(seed: tuple[int, ...], noise: Noise, *, fit: bool = True) -> Levels:
    """Let a crowd change on a stage; `fit` is whether the site counts crowds by a fit of its own, or by boxes alone."""
    rng = np.random.default_rng(seed)
    stage, plot, centre = _stage(seed, rng)
    actors = _crowd(stage, rng, centre)
    estimate = _Fit(stage=stage, rng=rng) if fit else None
    camera = Camera(stage=stage, noise=noise, rng=rng, estimate=estimate)
    told, truth = _Told(), _Sustained()
    result = Levels(scenes=1)
    for frame in range(round(sum(PHASES_S) * FPS)):
        at_s = frame / FPS
        for alarm in camera.see(actors, at_s):
            if alarm.kind is AlarmKind.DENSITY:
                told.hear(alarm.phase, alarm.level, alarm.at_ns / 1e9 - BEGIN_S)
        if frame % round(FPS) == 0:
            truth.see(_densest(stage, plot, actors, at_s), at_s)
            result.seconds += 1
            result.right += abs(_step(told.level) - _step(truth.level)) <= 1
    _first_raise(result, told, truth, seed)
    return result


@dataclass(kw_only=True, slots=True)
class _Told:
    """The level that stands, and when the first was told."""

    level: int = 0
    first_s: float | None = None

    def hear(self, phase: AlarmPhase, level: int | None, at_s: float) -> None:
        open_ = phase in {AlarmPhase.RAISED, AlarmPhase.UPDATED}
        self.level = (level or 0) if open_ else 0
        if open_ and self.first_s is None:
            self.first_s = at_s


@dataclass(kw_only=True, slots=True)
class _Sustained:
    """The level that the true density has held for as long as it must, by the median of that time."""

    level: int = 0
    first_s: float | None = None
    seconds: deque[float] = field(default_factory=lambda: deque(maxlen=round(SUSTAINED_S)))

    def see(self, density: float, at_s: float) -> None:
        self.seconds.append(density)
        full = len(self.seconds) == self.seconds.maxlen
        middle = float(np.median(self.seconds)) if full else 0.0
        self.level = max((level for level in LEVELS if middle >= level), default=0)
        if self.level and self.first_s is None:
            self.first_s = at_s


def _first_raise(result: Levels, told: _Told, truth: _Sustained, seed: tuple[int, ...]) -> None:
    """Score the first level that is truly reached, unless it is so late that nobody could tell it in time."""
    if truth.first_s is None or truth.first_s + LATE_S > sum(PHASES_S):
        return
    result.reachable = 1
    if told.first_s is None:
        result.missed = [seed]
        return
    result.reached = 1
    result.latencies_s = [max(0.0, told.first_s - truth.first_s)]


def _step(level: int) -> int:
    return LEVELS.index(level) + 1 if level else 0


def _stage(seed: tuple[int, ...], rng: np.random.Generator) -> tuple[Stage, Plot, Floats]:
    """Draw a stage whose zone is the narrow place where people gather, and that place's middle."""
    while True:
        stage = stage_of(seed[0], int(rng.integers(1 << 30)))
        low, high = stage.extents[PROMENADE]
        centre = stage.place(rng.uniform(low, high), sum(stage.promenade) / 2)
        sides = np.array(((-1, -1), (1, -1), (1, 1), (-1, 1))) * HALF_M
        corners = centre + sides[:, :1] * stage.along + sides[:, 1:] * stage.across
        pixels = stage.lens.to_pixels(corners)
        if not ((pixels > 0) & (pixels < np.array(stage.lens.size))).all() or corners[:, 1].max() > FARTHEST_M:
            continue
        stage = replace(stage, polygons=(corners, stage.polygons[1]))
        zones = (
            replace(stage.site.zones[0], polygon=tuple((float(x), float(y)) for x, y in pixels)),
            stage.site.zones[1],
        )
        stage = replace(stage, site=replace(stage.site, zones=zones))
        plot = Plot.of(zones[PROMENADE], stage.view)
        if plot is not None:
            return stage, plot, centre


def _crowd(stage: Stage, rng: np.random.Generator, centre: Floats) -> list[Actor]:
    """Make those who are there all the time, and those who come or go when the density changes."""
    first, second = rng.uniform(*DENSITIES, 2)
    homes = _homes(centre, max(first, second), rng)
    stay = round(len(homes) * min(first, second) / max(first, second))
    span = (0.0, PHASES_S[0]) if first > second else (PHASES_S[0], sum(PHASES_S))
    spans = [(0.0, sum(PHASES_S))] * stay + [span] * (len(homes) - stay)
    return [_member(stage, home, rng, each) for home, each in zip(homes, spans, strict=True)]


def _homes(centre: Floats, density: float, rng: np.random.Generator) -> Floats:
    """Spread as many over the patch as there are per m²; nobody stands in anybody: a shaken grid, in any order."""
    side = 1.0 / math.sqrt(density)
    reach = np.arange(-PATCH_M, PATCH_M + side, side)
    grid = (
        np.stack(np.meshgrid(reach, reach), axis=-1).reshape(-1, 2)
        + rng.uniform(-0.25, 0.25, (len(reach) ** 2, 2)) * side
    )
    homes = centre + grid[np.linalg.norm(grid, axis=1) <= PATCH_M]
    return np.asarray(rng.permutation(homes))


def _member(stage: Stage, home: Floats, rng: np.random.Generator, span_s: tuple[float, float]) -> Actor:
    """Make one who comes within some seconds, shifts about where there is room, and goes."""
    way = stage.along * rng.choice((-14.0, 14.0)) + stage.across * rng.normal(0, 0.5)
    spots = [home + rng.uniform(-SHIFT_M, SHIFT_M, 2) for _ in range(1 + round((span_s[1] - span_s[0]) / 5.0))]
    places, speeds = list(spots), rng.uniform(0.1, 0.35, len(spots) - 1).tolist()
    start_s = span_s[0] + rng.uniform(-3.0, 3.0)
    if span_s[0] > 0:
        places, speeds = [home + way, *places], [1.4, *speeds]
        start_s -= 10.0
    if span_s[1] < sum(PHASES_S):
        places, speeds = [*places, home + way], [*speeds, 1.4]
    return walked(
        RoadUser.PERSON, body_of(RoadUser.PERSON, rng), np.array(places), start_s, _paced(places, speeds, span_s)
    )


def _paced(places: list[Floats], speeds: list[float], span_s: tuple[float, float]) -> Floats:
    """Slow the milling so that it lasts for the span."""
    ways = np.linalg.norm(np.diff(np.array(places), axis=0), axis=1)
    milling = np.array(speeds) < 1.0
    spent_s = float((ways / np.array(speeds))[milling].sum())
    return np.where(milling, np.array(speeds) * spent_s / (span_s[1] - span_s[0]), speeds)


def _densest(stage: Stage, plot: Plot, actors: list[Actor], at_s: float) -> float:
    """Find the greatest true local density in the zone."""
    places = np.concatenate([one.at(np.array((at_s,))) for one in actors]) if actors else np.empty((0, 2))
    places = places[np.isfinite(places).all(axis=1)]
    places = places[stage.holds(PROMENADE, places)]
    if not len(places):
        return 0.0
    return max(float(plot.at(places, places).max()), float(plot.map(places).max()))


@dataclass(kw_only=True, slots=True)
class _Fit:
    """A site's own fit: the true number in the zone, and its error."""

    stage: Stage
    rng: np.random.Generator
    bias: float | None = None

    def __call__(self, shown: Moving) -> tuple[Headcount | None, ...]:
        """Count the people of the promenade; nobody counts those of the carriageway."""
        if self.bias is None:
            self.bias = float(self.rng.normal(0.0, FIT_ERROR / math.sqrt(2)))
        inside = self.stage.holds(PROMENADE, shown.places).sum() if len(shown.places) else 0
        noise = self.rng.normal(0.0, FIT_ERROR / math.sqrt(2))
        people = max(0.0, float(inside) * (1.0 + self.bias + noise))
        return Headcount(people=people, estimator=CrowdEstimator.SITE_FIT, error=FIT_ERROR), None
