"""The scripts of the drawn scenes: who comes from where, how often and how fast. Seeded, so always the same."""

from dataclasses import dataclass, replace
from enum import Enum, unique
from typing import TypedDict, Unpack

import numpy as np

from edge.contract.report import VEHICLE_KINDS, RoadUser
from edge.vision.camera.source import CameraError
from edge.vision.camera.world import GroundPoint, Passer

LENGTH_S = 300.0
_NIGHT = "-night"
_SIDE = 0.714
"""How far to the side the picture reaches, in metres per metre ahead: half the width over the focal length."""


@unique
class Fault(Enum):
    """What a camera does when it fails."""

    BLACK = "black"
    FROZEN = "frozen"
    GONE = "gone"


@dataclass(frozen=True, kw_only=True, slots=True)
class Stream:
    """Passers of one kind who go one way."""

    kind: RoadUser
    begin: GroundPoint
    end: GroundPoint
    speed_m_s: tuple[float, float]
    # The mean time between two, in s.
    every_s: float
    # How far beside the straight way each one keeps, at most, in m.
    spread_m: float = 0.0
    # Shares that turn round half-way, and that stand still for a while half-way.
    turning: float = 0.0
    pausing: float = 0.0
    # They set off only in the first `green_s[1]` of each 40 s, from `green_s[0]` on.
    green_s: tuple[float, float] = (0.0, 40.0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Patch:
    """A piece of ground of one colour (blue, green, red), by its extent in metres."""

    x: tuple[float, float]
    z: tuple[float, float]
    colour: tuple[int, int, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Scene:
    """A drawn world: its ground, its streams, its light and its failures by media time in s."""

    streams: tuple[Stream, ...] = ()
    patches: tuple[Patch, ...] = ()
    night: bool = False
    faults: tuple[tuple[float, float, Fault], ...] = ()

    def fault_at(self, at_s: float) -> Fault | None:
        """Look up what is wrong with the camera at this instant."""
        return next((fault for begins, ends, fault in self.faults if begins <= at_s < ends), None)


class _Manner(TypedDict, total=False):
    """The ways of a stream that not all have, as in `Stream`."""

    spread_m: float
    turning: float
    pausing: float
    green_s: tuple[float, float]


_WALK = (1.0, 1.7)
_ASPHALT = (82, 80, 78)
_STONE = (150, 158, 165)
_WHITE = (205, 208, 210)


def _across(kind: RoadUser, z: float, every_s: float, *, left: bool = False, **manner: Unpack[_Manner]) -> Stream:
    """Make a stream from one side of the picture to the other, `z` metres ahead, beginning and ending out of sight."""
    reach = _SIDE * (z + 2) + (7.0 if kind in VEHICLE_KINDS else 1.5)
    begin, end = ((reach, z), (-reach, z)) if left else ((-reach, z), (reach, z))
    speed = (8.0, 8.0) if kind in {RoadUser.CAR, RoadUser.BUS, RoadUser.LORRY} else (4.0, 5.0)
    if kind is RoadUser.PERSON:
        speed = _WALK
    return Stream(kind=kind, begin=begin, end=end, speed_m_s=speed, every_s=every_s, **manner)


def _away(x: float, every_s: float, *, nearer: bool = False, **manner: Unpack[_Manner]) -> Stream:
    """Make a stream of people who walk away from the camera, or towards it."""
    begin, end = ((x, 32.0), (x, 4.0)) if nearer else ((x, 4.0), (x, 32.0))
    return Stream(kind=RoadUser.PERSON, begin=begin, end=end, speed_m_s=_WALK, every_s=every_s, **manner)


_PROMENADE = Scene(
    streams=(
        _across(RoadUser.PERSON, 9.5, 7.0, spread_m=1.0, turning=0.1),
        _across(RoadUser.PERSON, 12.0, 8.0, spread_m=1.0, left=True, pausing=0.15),
        _away(3.5, 25.0, spread_m=0.8, nearer=True),
        _across(RoadUser.BICYCLE, 14.2, 40.0),
        _across(RoadUser.CAR, 18.0, 14.0),
        _across(RoadUser.LORRY, 21.5, 55.0, left=True),
    ),
    patches=(
        Patch(x=(-90, 90), z=(4, 15.5), colour=_STONE),
        Patch(x=(-90, 90), z=(15.5, 24), colour=_ASPHALT),
        Patch(x=(-90, 90), z=(19.7, 19.9), colour=_WHITE),
    ),
)
_CROSSING = Scene(
    streams=(
        _across(RoadUser.CAR, 13.0, 5.0, green_s=(0.0, 16.0)),
        _across(RoadUser.CAR, 17.0, 6.0, left=True, green_s=(0.0, 16.0)),
        _across(RoadUser.BUS, 17.0, 45.0, left=True, green_s=(19.0, 1.0)),
        _away(-1.2, 3.0, spread_m=1.2, green_s=(22.0, 4.0)),
        _away(1.2, 3.5, spread_m=1.2, nearer=True, green_s=(22.0, 4.0)),
    ),
    patches=(
        Patch(x=(-90, 90), z=(4, 10.5), colour=_STONE),
        Patch(x=(-90, 90), z=(10.5, 19.5), colour=_ASPHALT),
        Patch(x=(-90, 90), z=(19.5, 30), colour=_STONE),
        *(Patch(x=(-2.7, 2.7), z=(10.9 + 1.2 * n, 11.5 + 1.2 * n), colour=_WHITE) for n in range(7)),
    ),
)
_SQUARE = Scene(
    streams=(
        _across(RoadUser.PERSON, 10.0, 10.0, spread_m=1.5, pausing=0.3),
        _across(RoadUser.PERSON, 14.0, 9.0, spread_m=2.0, left=True, pausing=0.3),
        _across(RoadUser.PERSON, 19.0, 9.0, spread_m=2.5, turning=0.2),
        _away(-4.0, 14.0, spread_m=2.0, pausing=0.3),
        _away(4.0, 14.0, spread_m=2.0, nearer=True, turning=0.1),
    ),
    patches=(Patch(x=(-90, 90), z=(4, 40), colour=_STONE),),
)
_BUSY = Scene(
    streams=(
        _across(RoadUser.PERSON, 9.0, 2.5, spread_m=1.0, turning=0.05),
        _across(RoadUser.PERSON, 11.0, 2.5, spread_m=1.0, left=True, pausing=0.05),
        _across(RoadUser.BICYCLE, 13.5, 12.0),
        _across(RoadUser.CAR, 16.5, 4.0),
        _across(RoadUser.CAR, 20.0, 4.0, left=True),
        _across(RoadUser.BUS, 23.5, 30.0, left=True),
        _across(RoadUser.PERSON, 27.0, 3.0, spread_m=1.0),
    ),
    patches=(
        Patch(x=(-90, 90), z=(4, 14.5), colour=_STONE),
        Patch(x=(-90, 90), z=(14.5, 25.5), colour=_ASPHALT),
        Patch(x=(-90, 90), z=(25.5, 29), colour=_STONE),
    ),
)
# Crowds, for counting where boxes fail: they come in waves, or stop and stand about.
_PARADE = Scene(
    streams=(
        *(_across(RoadUser.PERSON, z, 1.2, spread_m=1.2, green_s=(0.0, 22.0)) for z in (8.0, 10.5, 13.0)),
        *(_across(RoadUser.PERSON, z, 1.6, spread_m=1.2, left=True, green_s=(10.0, 26.0)) for z in (9.0, 12.0)),
    ),
    patches=_PROMENADE.patches,
)
_MARKET = Scene(
    streams=(
        *(_across(RoadUser.PERSON, z, 2.4, spread_m=2.0, pausing=0.6) for z in (8.5, 12.0)),
        *(_across(RoadUser.PERSON, z, 2.4, spread_m=2.0, left=True, pausing=0.6) for z in (10.0, 13.0)),
        _away(-3.0, 6.0, spread_m=2.0, pausing=0.5),
        _away(3.0, 6.0, spread_m=2.0, nearer=True, pausing=0.5),
    ),
    patches=_SQUARE.patches,
)
# What a field test would do with a hand over the lens and a pulled cable.
_FAULTY = Scene(
    streams=_PROMENADE.streams,
    patches=_PROMENADE.patches,
    faults=((20, 40, Fault.BLACK), (60, 80, Fault.FROZEN), (100, LENGTH_S, Fault.GONE)),
)
_SCENES = {
    "promenade": _PROMENADE,
    "crossing": _CROSSING,
    "square": _SQUARE,
    "still": Scene(patches=_SQUARE.patches),
    "busy": _BUSY,
    "parade": _PARADE,
    "market": _MARKET,
    "faulty": _FAULTY,
}
NAMES = tuple(_SCENES)


def scene_named(name: str) -> Scene:
    """Look up a scene; a name with `-night` behind it is the same at night. Raises CameraError."""
    scene = _SCENES.get(name.removesuffix(_NIGHT))
    if scene is None:
        raise CameraError(
            f"synthetic:{name}: there is no such scene; there are {', '.join(NAMES)}, each also with {_NIGHT} behind it"
        )
    if not name.endswith(_NIGHT):
        return scene
    return replace(scene, night=True)


def passers(scene: Scene, seed: int) -> tuple[Passer, ...]:
    """Make everyone who passes in `LENGTH_S`, in order of their coming; all have left by then."""
    everyone: list[Passer] = []
    for number, stream in enumerate(scene.streams):
        everyone += _members(stream, np.random.default_rng([seed, number]))
    return tuple(sorted(everyone, key=lambda passer: passer.starts_s))


def _members(stream: Stream, rng: np.random.Generator) -> list[Passer]:
    # Vehicles of a lane keep apart; people may walk beside each other.
    headway_s = min(2.0, stream.every_s / 2) if stream.kind in VEHICLE_KINDS else 0.0
    members: list[Passer] = []
    at_s = 0.0
    while at_s < LENGTH_S:
        at_s += headway_s + rng.exponential(stream.every_s - headway_s)
        passer = _member(stream, _when_green(stream, at_s), rng)
        if passer.ends_s < LENGTH_S and (not members or passer.starts_s - members[-1].starts_s >= headway_s):
            members.append(passer)
    return members


def _when_green(stream: Stream, at_s: float) -> float:
    """Squeeze an instant into the part of its 40 s in which the stream may set off."""
    begin_s, length_s = stream.green_s
    cycle, within_s = divmod(at_s, 40.0)
    return cycle * 40.0 + begin_s + within_s * length_s / 40.0


def _member(stream: Stream, starts_s: float, rng: np.random.Generator) -> Passer:
    speed = rng.uniform(*stream.speed_m_s)
    aside = rng.uniform(-stream.spread_m, stream.spread_m)
    fate, half, look = rng.random(), rng.uniform(0.35, 0.65), rng.random()
    (bx, bz), (ex, ez) = stream.begin, stream.end
    length = np.hypot(ex - bx, ez - bz)
    sx, sz = (ez - bz) / length * aside, (bx - ex) / length * aside
    begin, end = (bx + sx, bz + sz), (ex + sx, ez + sz)
    middle = (begin[0] + half * (end[0] - begin[0]), begin[1] + half * (end[1] - begin[1]))
    until_middle_s, all_s = half * length / speed, length / speed
    steps = [(0.0, begin), (all_s, end)]
    if fate < stream.turning:
        steps = [(0.0, begin), (until_middle_s, middle), (2 * until_middle_s, begin)]
    elif fate < stream.turning + stream.pausing:
        pause_s = rng.uniform(8.0, 30.0)
        steps = [(0.0, begin), (until_middle_s, middle), (until_middle_s + pause_s, middle), (all_s + pause_s, end)]
    return Passer(
        kind=stream.kind,
        instants_s=tuple(float(starts_s + after_s) for after_s, _ in steps),
        waypoints=tuple((float(x), float(z)) for _, (x, z) in steps),
        look=float(look),
    )
