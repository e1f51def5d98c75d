"""Plays: each with one thing that should be told, and when it truly begins."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.cli.bench.world.actor import Actor, Body, body_of, rounded, straight, walked
from edge.cli.bench.world.lens import shown_of
from edge.cli.bench.world.senses import MOST_HIDDEN
from edge.cli.bench.world.show import shown_at
from edge.cli.bench.world.stage import CARRIAGEWAY, PROMENADE, Stage
from edge.cli.bench.world.traffic import BESIDE_M, BEYOND_M, DRIVING, VANS, driver, lane, ordinary
from edge.contract.report import AlarmKind, RoadUser

Floats = NDArray[np.float64]
# The camera knows its street before anything happens, s.
SETTLED_S: Final = 3.0
# A thing is in a zone once so much of its outline on the ground is, and so much of it in the picture.
INSIDE: Final = 0.25
SHOWN: Final = 0.5
STEP_S: Final = 0.05
# After it is over an alarm may still come, s.
LATE_S: Final = 3.0


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Play:
    """Actors, and from when to when the thing lasts that should be told, s; `zone` is the index of where."""

    kind: AlarmKind
    actors: tuple[Actor, ...]
    onset_s: float
    over_s: float
    zone: int

    @property
    def length_s(self) -> float:
        """How long it is worth watching."""
        return self.over_s + LATE_S


def heavy_vehicle(stage: Stage, rng: np.random.Generator) -> Play | None:
    """Let a bus or a lorry drive along the promenade, from its end or off the carriageway; some stop there."""
    kind = RoadUser.LORRY if rng.random() < 0.7 else RoadUser.BUS  # noqa: PLR2004  more lorries than buses
    return _intruder(stage, rng, AlarmKind.HEAVY_VEHICLE, kind, body_of(kind, rng), rng.uniform(3.0, 14.0))


def vehicle(stage: Stage, rng: np.random.Generator) -> Play | None:
    """Let a car or a van do the same."""
    body = body_of(RoadUser.CAR, rng, van=rng.random() < VANS)
    return _intruder(stage, rng, AlarmKind.VEHICLE, RoadUser.CAR, body, rng.uniform(2.5, 12.0))


def wrong_way(stage: Stage, rng: np.random.Generator) -> Play | None:
    """Let a motor vehicle drive along the carriageway against its direction."""
    kind = RoadUser.CAR if rng.random() < 0.85 else RoadUser.LORRY  # noqa: PLR2004  mostly cars
    body = body_of(kind, rng, van=kind is RoadUser.CAR and rng.random() < VANS)
    low, high = stage.extents[CARRIAGEWAY]
    d, speed = lane(stage, rng, body[1]), rng.uniform(4.0, 14.0)
    begin, end = high + BEYOND_M, low - BEYOND_M
    start_s = SETTLED_S - 30.0 / speed + rng.uniform(0, 2)
    way = (stage.place(begin, d), stage.place(end, d))
    ghost = straight(kind, body, way, (start_s, start_s + (begin - end) / speed))
    # Nobody else is on the carriageway: they would collide.
    others = [one for one in ordinary(stage, rng, 20.0) if one.kind in {RoadUser.PERSON, RoadUser.BICYCLE}]
    return play_of(stage, AlarmKind.WRONG_WAY, ghost, others, CARRIAGEWAY)


def stopped_vehicle(stage: Stage, rng: np.random.Generator) -> Play | None:
    """Let a vehicle brake and stand on the carriageway; others pass it, or nobody comes."""
    low, high = stage.extents[CARRIAGEWAY]
    one = driver(stage, rng, 0.0, max(4.0, rng.normal(*DRIVING)))
    if one.kind in {RoadUser.BICYCLE, RoadUser.MOTORCYCLE}:
        return None
    share = rng.uniform(0.25, 0.75)
    halt = one.places[0] + stage.along * (BEYOND_M + share * (high - low))
    brake = halt - stage.along * 8.0
    stood_s = 60.0
    places = np.array((one.places[0], brake, halt, halt))
    speed = float(np.linalg.norm(one.places[1] - one.places[0])) / (one.ends_s - one.starts_s)
    speeds = np.array((speed, speed / 2, 1.0 / stood_s))
    began = SETTLED_S - 25.0 / speed
    actor = walked(one.kind, one.body, places, began, speeds)
    onset_s = float(actor.times[2])
    if not _inside(stage, actor, np.array((onset_s + 0.1,)), CARRIAGEWAY)[0]:
        return None
    others = [
        each
        for each in ordinary(stage, rng, onset_s + 35.0)
        if each.kind in {RoadUser.PERSON, RoadUser.BICYCLE} or _passes(stage, each, actor)
    ]
    return Play(
        kind=AlarmKind.STOPPED_VEHICLE,
        actors=(actor, *others),
        onset_s=onset_s,
        over_s=onset_s + 40.0,
        zone=CARRIAGEWAY,
    )


def person_on_carriageway(stage: Stage, rng: np.random.Generator) -> Play | None:
    """Let somebody walk along the carriageway, or cross it slowly."""
    low, high = stage.extents[CARRIAGEWAY]
    near, far = stage.carriageway
    s = rng.uniform(low + 0.2 * (high - low), low + 0.8 * (high - low))
    drift = rng.uniform(-8.0, 8.0)
    d0, d1 = (near - 1.5, far + 1.5) if stage.promenade[0] < near else (far + 1.5, near - 1.5)
    middle = (near + far) / 2
    places = np.array(
        (stage.place(s, d0), stage.place(s, middle), stage.place(s + drift, middle), stage.place(s + drift, d1))
    )
    speed = max(0.6, rng.normal(*WALKING_SLOWLY))
    actor = walked(RoadUser.PERSON, body_of(RoadUser.PERSON, rng), places, SETTLED_S, np.full(3, speed))
    others = [one for one in ordinary(stage, rng, 20.0) if one.kind in {RoadUser.PERSON, RoadUser.BICYCLE}]
    return play_of(stage, AlarmKind.PERSON_ON_CARRIAGEWAY, actor, others, CARRIAGEWAY)


WALKING_SLOWLY: Final = (1.2, 0.2)


def crowd_movement(stage: Stage, rng: np.random.Generator) -> Play | None:
    """Let many walk along the promenade, and then all run apart or all turn and run back."""
    low, high = stage.extents[PROMENADE]
    near, far = stage.promenade
    number, onset_s = int(rng.integers(14, 30)), SETTLED_S + rng.uniform(5.0, 8.0)
    turn = rng.random() < 0.5  # noqa: PLR2004  as often the one as the other
    centre = np.array(stage.place((low + high) / 2, (near + far) / 2))
    actors = []
    for _ in range(number):
        speed, run = max(0.7, rng.normal(1.2, 0.15)), rng.uniform(2.5, 4.0)
        at = stage.place(rng.uniform(low, high), rng.uniform(near + 0.4, far - 0.4))
        begin = at - stage.along * speed * (onset_s + 1.0)
        away = -stage.along if turn else (at - centre) / max(0.5, float(np.linalg.norm(at - centre)))
        places = np.array((begin, at, at + away * run * 8.0))
        actors.append(walked(RoadUser.PERSON, body_of(RoadUser.PERSON, rng), places, -1.0, np.array((speed, run))))
    return Play(
        kind=AlarmKind.CROWD_MOVEMENT, actors=tuple(actors), onset_s=onset_s, over_s=onset_s + 7.0, zone=PROMENADE
    )


PLAYS: Final[dict[AlarmKind, Callable[[Stage, np.random.Generator], Play | None]]] = {
    AlarmKind.HEAVY_VEHICLE: heavy_vehicle,
    AlarmKind.VEHICLE: vehicle,
    AlarmKind.WRONG_WAY: wrong_way,
    AlarmKind.STOPPED_VEHICLE: stopped_vehicle,
    AlarmKind.PERSON_ON_CARRIAGEWAY: person_on_carriageway,
    AlarmKind.CROWD_MOVEMENT: crowd_movement,
}


# Nobody gets off a carriageway in less time, s.
SWERVE_S: Final = 1.5


def _intruder(
    stage: Stage, rng: np.random.Generator, alarm: AlarmKind, kind: RoadUser, body: Body, speed: float
) -> Play | None:
    """Let a vehicle drive onto the promenade."""
    low, high = stage.extents[PROMENADE]
    near, far = (edge + sign * (body[1] / 2 + 0.2) for edge, sign in zip(stage.promenade, (1, -1), strict=True))
    d = rng.uniform(near, max(near + 0.01, far))
    begin, end = low - BESIDE_M - 18.0, high + BESIDE_M + 18.0
    if rng.random() < 0.5:  # noqa: PLR2004  from either end
        begin, end = end, begin
    places = [stage.place(begin, d), stage.place(end, d)]
    if rng.random() < 0.3:  # noqa: PLR2004  off the carriageway, over the kerb
        swerve = low + rng.uniform(0.2, 0.6) * (high - low)
        places = [
            stage.place(low - BESIDE_M - 18.0, lane(stage, rng, body[1])),
            stage.place(swerve, sum(stage.carriageway) / 2),
            stage.place(swerve + max(10.0, SWERVE_S * speed), d),
            stage.place(high + BESIDE_M + 18.0, d),
        ]
    way = np.array(places)
    speeds = np.full(len(way) - 1, speed)
    if rng.random() < 0.2:  # noqa: PLR2004  it stops there
        halt = way[-2] + rng.uniform(0.45, 0.6) * (way[-1] - way[-2])
        way = np.concatenate((way[:-1], (halt, halt)))
        speeds = np.array((*speeds[:-1], max(1.5, 0.6 * speed), 1.0 / 15.0))
    start_s = SETTLED_S - BESIDE_M / speed + rng.uniform(0.0, 2.0)
    driven, pace = rounded(way, speeds)
    actor = walked(kind, body, driven, start_s, pace)
    others = [one for one in ordinary(stage, rng, 15.0) if len(way) == 2 or one.kind is RoadUser.PERSON]  # noqa: PLR2004
    return play_of(stage, alarm, actor, others, PROMENADE)


def play_of(stage: Stage, alarm: AlarmKind, actor: Actor, others: list[Actor], zone: int) -> Play | None:
    """Find when an actor can be seen in a zone; None where it hardly can."""
    instants = np.arange(max(0.0, actor.starts_s), actor.ends_s, STEP_S)
    inside = instants[_inside(stage, actor, instants, zone)]
    seen = [at_s for at_s in inside if _in_sight(stage, (actor, *others), float(at_s))]
    if len(seen) < LEAST_INSIDE_S[alarm] / STEP_S or seen[0] < SETTLED_S - 1.0:
        return None
    onset_s, over_s = float(seen[0]), float(seen[-1])
    return Play(kind=alarm, actors=(actor, *others), onset_s=onset_s, over_s=over_s, zone=zone)


# What is there for less than this need not be told, s; what an alarm must hold is in the site file.
LEAST_INSIDE_S: Final = {
    AlarmKind.HEAVY_VEHICLE: 1.5,
    AlarmKind.VEHICLE: 1.5,
    AlarmKind.WRONG_WAY: 1.5,
    AlarmKind.PERSON_ON_CARRIAGEWAY: 4.0,
}


def _inside(stage: Stage, actor: Actor, instants: Floats, zone: int) -> NDArray[np.bool_]:
    """Tell at which instants enough of an actor is in a zone, and in the picture."""
    places, headings = actor.at(instants), actor.headings(instants)
    aside = np.stack((headings[:, 1], -headings[:, 0]), axis=1)
    length, width, _ = actor.body
    share = np.zeros(len(instants))
    spots = [(a, b) for a in (-0.5, -0.25, 0.0, 0.25, 0.5) for b in (-0.5, 0.0, 0.5)]
    for a, b in spots:
        share += stage.holds(zone, places + a * length * headings + b * width * aside) / len(spots)
    _, shown, depths = shown_of(stage.lens, places, headings, np.tile(actor.body, (len(instants), 1)))
    return np.asarray((share >= INSIDE) & (shown >= SHOWN) & (depths > 1.0))


def _in_sight(stage: Stage, actors: tuple[Actor, ...], at_s: float) -> bool:
    """Tell whether enough of the first of the actors is not hidden by the others."""
    truth = shown_at(stage, actors, at_s).truth
    return any(
        who == id(actors[0]) and hidden <= MOST_HIDDEN for who, hidden in zip(truth.who, truth.hidden, strict=True)
    )


def _passes(stage: Stage, other: Actor, stands: Actor) -> bool:
    """Tell whether a vehicle has room beside one that stands."""
    apart = abs(float((other.places[0] - stands.places[0]) @ stage.across))
    return apart > (other.body[1] + stands.body[1]) / 2 + 0.2
