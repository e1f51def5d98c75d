"""Days on which nothing is wrong: ordinary life, lamps, flashes, bushes in the wind, vans with permits.

Stretches in which nothing is in the picture and no place of nothing is named surely are not stepped: nothing can begin
in them. The street is quiet, and how many passed is told with the figures.
"""

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.cli.bench.world.actor import Actor, body_of, walked
from edge.cli.bench.world.noise import Noise
from edge.cli.bench.world.show import FPS, Camera, shown_at
from edge.cli.bench.world.stage import BEGIN_S, PROMENADE, Stage, stage_of
from edge.cli.bench.world.traffic import BESIDE_M, cyclist, driver, walkers
from edge.config.site import Permit
from edge.contract.report import AlarmKind, AlarmPhase, RoadUser

Floats = NDArray[np.float64]
DAY_S: Final = 86_400.0
# By day from six to six.
DAWN_S, DUSK_S = 21_600.0, 64_800.0
# How many come by day, and by night: groups on foot, bicycles, vehicles on the carriageway.
GROUPS_A_DAY: Final = (20, 4)
BICYCLES_A_DAY: Final = (5, 1)
VEHICLES_A_DAY: Final = (40, 12)
# Vans and lorries with a permit, in the morning; how many may be there at once.
PERMITTED_A_DAY: Final = 2
PERMIT_S: Final = (21_600.0, 36_000.0)
PERMITTED: Final = 2
# Where one who delivers is known at: as it comes, stands, sets off and goes.
DELIVERY_STOPS: Final = 4
# Gusts in which a bush sways, clouds and lamps that change the light, and nights with lightning.
GUSTS_A_DAY: Final = 6
GUST_S: Final = (6.0, 20.0)
CHANGES_A_DAY: Final = 8
STORMY: Final = 0.1
FLASHES: Final = 15
# A stretch begins a little before anybody comes, and goes on until all that was seen is forgotten.
BEFORE_S: Final = 1.0
AFTER_S: Final = 3.0
IDLE_LOOK_S: Final = 2.0
# Once all have left, what is still tracked stands, and frames may be taken less often: a named track lives 1.6 s.
MOST_CHASE_S: Final = 30.0
CHASE_STEP_S: Final = 0.5


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Unrest:
    """What moves or shines and is nobody, for a while: a bush at (x, y, side) px, or None for light."""

    begin_s: float
    end_s: float
    bush: tuple[float, float, float] | None
    glare: float = 0.0


@dataclass(kw_only=True, slots=True)
class Diary:
    """What some days brought: false alarms by kind and light, how many passed, frames stepped."""

    days: float = 0.0
    alarms: Counter[tuple[AlarmKind, bool]] = field(default_factory=Counter)
    passed: Counter[RoadUser] = field(default_factory=Counter)
    frames: int = 0
    notes: list[str] = field(default_factory=list)

    def add(self, other: "Diary") -> None:
        """Add another's days."""
        self.days += other.days
        self.alarms += other.alarms
        self.passed += other.passed
        self.frames += other.frames
        self.notes += other.notes


def live(seed: tuple[int, ...], noise: Noise) -> Diary:
    """Live one day on a stage of its own; any alarm is a false one."""
    rng = np.random.default_rng(seed)
    stage = _with_permits(stage_of(seed[0], int(rng.integers(1 << 30))))
    actors, unrest = _passers(stage, rng), _unrest(stage, rng)
    camera = Camera(stage=stage, noise=noise, rng=rng, night=True)
    diary = Diary(days=1.0, passed=Counter(actor.kind for actor in actors))
    at_s = rng.uniform(0.0, 1.0 / FPS)
    busy = list(_stretches(actors, unrest))
    for begin_s, end_s in [*busy, (DAY_S, DAY_S)]:
        at_s = _idle(camera, diary, at_s, begin_s)
        at_s = _step(camera, diary, (max(at_s, begin_s), end_s), actors, unrest, seed)
    diary.frames = camera.frames
    return diary


def _idle(camera: Camera, diary: Diary, at_s: float, until_s: float) -> float:
    """Let the idle looks go by in which no place of nothing is named surely; step the others."""
    while True:
        looks = camera.senses.next_sure()
        if at_s + looks * IDLE_LOOK_S >= until_s:
            return at_s
        at_s += looks * IDLE_LOOK_S
        camera.turn(night=not DAWN_S <= at_s < DUSK_S)
        camera.senses.certain = True
        at_s = _step(camera, diary, (at_s, min(until_s, at_s + 0.1)), (), (), (0,))


def _step(
    camera: Camera,
    diary: Diary,
    span_s: tuple[float, float],
    actors: "list[Actor] | tuple[Actor, ...]",
    unrest: "list[Unrest] | tuple[Unrest, ...]",
    seed: tuple[int, ...],
) -> float:
    """Take pictures over a stretch, and on until no track is left of it."""
    at_s, end_s = span_s
    here = [one for one in actors if one.ends_s >= at_s and one.starts_s <= end_s]
    while at_s < end_s or (camera.reckoning.scene.tracks and at_s < end_s + MOST_CHASE_S):
        camera.turn(night=not DAWN_S <= at_s < DUSK_S)
        now = [one for one in unrest if one.begin_s <= at_s < one.end_s]
        bushes = [_swaying(one.bush, at_s) for one in now if one.bush]
        glare = max((one.glare for one in now if one.bush is None), default=0.0)
        for alarm in camera.see(here, at_s, glare, bushes):
            if alarm.phase is AlarmPhase.RAISED:
                diary.alarms[alarm.kind, camera.night] += 1
                diary.notes.append(f"{alarm.kind.name.lower()} {seed} at {at_s:.1f} s")
        at_s += 1.0 / FPS if at_s < end_s else CHASE_STEP_S
    return at_s


def _stretches(actors: list[Actor], unrest: list[Unrest]) -> Iterator[tuple[float, float]]:
    """Join the times at which anybody is there or anything moves."""
    spans = [(one.starts_s, one.ends_s) for one in actors] + [(one.begin_s, one.end_s) for one in unrest]
    begin_s, end_s = -math.inf, -math.inf
    for first, last in sorted(spans):
        if first - BEFORE_S > end_s + AFTER_S:
            if end_s > 0:
                yield max(0.0, begin_s - BEFORE_S), end_s + AFTER_S
            begin_s, end_s = first, last
        end_s = max(end_s, last)
    if end_s > 0:
        yield max(0.0, begin_s - BEFORE_S), min(DAY_S, end_s + AFTER_S)


def _passers(stage: Stage, rng: np.random.Generator) -> list[Actor]:
    actors: list[Actor] = []
    for at_s in _times(rng, GROUPS_A_DAY):
        actors += walkers(stage, rng, at_s, int(rng.choice((1, 2, 3, 5, 8), p=(0.45, 0.3, 0.12, 0.08, 0.05))))
    actors += [cyclist(stage, rng, at_s) for at_s in _times(rng, BICYCLES_A_DAY)]
    free_s = 0.0
    for at_s in _times(rng, VEHICLES_A_DAY):
        if at_s > free_s:
            actors.append(driver(stage, rng, at_s, rng.uniform(5.0, 12.0)))
            free_s = at_s + 2.0
    actors += [_permitted(stage, rng) for _ in range(int(rng.poisson(PERMITTED_A_DAY)))]
    return [_in_the_picture(stage, one) for one in _few_permitted(actors)]


def _times(rng: np.random.Generator, numbers: tuple[int, int]) -> list[float]:
    """Draw when they come, by day and by night."""
    by_day = rng.uniform(DAWN_S, DUSK_S, int(rng.poisson(numbers[0])))
    by_night = (DUSK_S + rng.uniform(0.0, DAY_S - DUSK_S + DAWN_S, int(rng.poisson(numbers[1])))) % DAY_S
    return sorted([*by_day.tolist(), *by_night.tolist()])


def _permitted(stage: Stage, rng: np.random.Generator) -> Actor:
    """Make a van or a lorry that delivers: it drives on, stands, and drives off."""
    heavy = rng.random() < 0.4  # noqa: PLR2004  mostly vans
    kind = RoadUser.LORRY if heavy else RoadUser.CAR
    body = body_of(kind, rng, van=not heavy)
    low, high = stage.extents[PROMENADE]
    d = sum(stage.promenade) / 2
    halt = low + rng.uniform(0.3, 0.7) * (high - low)
    places = np.array([stage.place(s, d) for s in (low - 18 - BESIDE_M, halt, halt, high + 18 + BESIDE_M)])
    speed = rng.uniform(2.0, 5.0)
    begin_s = rng.uniform(PERMIT_S[0] + 600.0, PERMIT_S[1] - 1200.0)
    return walked(kind, body, places, begin_s, np.array((speed, 1.0 / rng.uniform(10.0, 40.0), speed)))


def _few_permitted(actors: list[Actor]) -> list[Actor]:
    """Leave out those for whom there would be no permit left, or whom another one blocks."""
    kept: list[Actor] = []
    for one in actors:
        if not (_delivers(one) and any(_delivers(each) and _meet(one, each) for each in kept)):
            kept.append(one)
    return kept


def _delivers(one: Actor) -> bool:
    return one.kind in {RoadUser.CAR, RoadUser.LORRY} and len(one.times) == DELIVERY_STOPS


def _meet(one: Actor, other: Actor) -> bool:
    return one.starts_s < other.ends_s + 20.0 and other.starts_s < one.ends_s + 20.0


def _in_the_picture(stage: Stage, actor: Actor) -> Actor:
    """Cut an actor's time to when it is in the picture: before and after there is nothing to step."""
    instants = np.arange(actor.starts_s, actor.ends_s, 0.5)
    inside = [at_s for at_s in instants if len(shown_at(stage, [actor], float(at_s)).truth.who)]
    if not inside:
        return replace(
            actor, times=actor.times[:1].repeat(2) + np.array((0.0, 1e-3)), places=actor.places[:1].repeat(2, axis=0)
        )
    begin_s, end_s = max(actor.starts_s, inside[0] - 0.5), min(actor.ends_s, inside[-1] + 0.5)
    middle = actor.times[(actor.times > begin_s) & (actor.times < end_s)]
    times = np.concatenate(((begin_s,), middle, (end_s,)))
    return replace(actor, times=times, places=actor.at(times))


def _unrest(stage: Stage, rng: np.random.Generator) -> list[Unrest]:
    width, height = stage.lens.size
    bush = (rng.uniform(0, width), rng.uniform(0.2 * height, height), rng.uniform(0.05, 0.15) * width)
    found = [
        Unrest(begin_s=at_s, end_s=at_s + rng.uniform(*GUST_S), bush=bush)
        for at_s in rng.uniform(0.0, DAY_S, int(rng.poisson(GUSTS_A_DAY)))
    ]
    found += [
        _change(rng, at_s, rng.uniform(0.05, 0.9)) for at_s in rng.uniform(0, DAY_S, int(rng.poisson(CHANGES_A_DAY)))
    ]
    found += [_change(rng, at_s, 0.9) for at_s in (DAWN_S, DUSK_S)]
    if rng.random() < STORMY:
        storm_s = DUSK_S + rng.uniform(0.0, 18_000.0)
        found += [_change(rng, storm_s + at_s, rng.uniform(0.1, 1.0)) for at_s in rng.uniform(0, 600.0, FLASHES)]
    return found


def _change(rng: np.random.Generator, at_s: float, share: float) -> Unrest:
    return Unrest(begin_s=at_s, end_s=at_s + rng.uniform(0.2, 0.8), bush=None, glare=share)


def _swaying(bush: tuple[float, float, float], at_s: float) -> Floats:
    x, y, side = bush
    x += 0.25 * side * math.sin(2 * math.pi * 0.6 * at_s)
    half = side * (0.5 + 0.15 * math.sin(2 * math.pi * 1.1 * at_s))
    return np.array((x - half, y - 1.6 * half, x + half, y))


def _with_permits(stage: Stage) -> Stage:
    permit = Permit(
        kinds=frozenset({RoadUser.CAR, RoadUser.LORRY, RoadUser.BUS, RoadUser.VEHICLE}),
        count=PERMITTED,
        start_s=BEGIN_S + round(PERMIT_S[0]),
        end_s=BEGIN_S + round(PERMIT_S[1]),
    )
    zones = list(stage.site.zones)
    zones[PROMENADE] = replace(zones[PROMENADE], permits=(permit,))
    return replace(stage, site=replace(stage.site, zones=tuple(zones)))
