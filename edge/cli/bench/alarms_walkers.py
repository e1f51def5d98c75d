"""Recorded people who just walk, before drawn cameras: ETH and UCY's zara01. No alarm is due."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from edge.cli.bench.world.actor import Actor, body_of
from edge.cli.bench.world.noise import fitted
from edge.cli.bench.world.show import FPS, Camera
from edge.cli.bench.world.stage import PROMENADE, Stage, stage_of
from edge.contract.report import AlarmPhase, RoadUser

if TYPE_CHECKING:
    from edge.vision.judge.alarm import Alarm

Floats = NDArray[np.float64]
SETS: Final = {"ETH": Path("ETH", "seq_eth", "obsmat.txt"), "UCY zara01": Path("UCY", "zara01", "obsmat.txt")}
# Both are annotated two and a half times a second.
STEP_S: Final = 0.4
# So many cameras watch so long a part each, s.
CAMERAS: Final = 4
PART_S: Final = 90.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Walk:
    """What one camera told of people who walked before it."""

    name: str
    length_s: float
    told: "tuple[tuple[float, Alarm], ...]"


def walking(data: Path, seed: int) -> Iterator[Walk]:
    """Let the recorded people walk before cameras that watch nothing but a promenade; those that are there."""
    for name, path in SETS.items():
        file = data / "trajectories" / path
        if not file.is_file():
            continue
        rows = np.loadtxt(file)
        for number in range(CAMERAS):
            rng = np.random.default_rng((seed, number))
            stage = _promenade(stage_of(seed, int(rng.integers(1 << 30))))
            actors = _actors(rows, stage, rng)
            yield Walk(name=f"{name}, camera {number + 1}", length_s=PART_S, told=_watched(stage, actors, rng))


def _watched(stage: Stage, actors: list[Actor], rng: np.random.Generator) -> "tuple[tuple[float, Alarm], ...]":
    camera = Camera(stage=stage, noise=fitted(), rng=rng)
    told = []
    for frame in range(round(PART_S * FPS)):
        at_s = frame / FPS
        told += [(at_s, alarm) for alarm in camera.see(actors, at_s) if alarm.phase is AlarmPhase.RAISED]
    return tuple(told)


def _promenade(stage: Stage) -> Stage:
    """Leave the carriageway out: recorded people walk wherever they walked."""
    return replace(stage, site=replace(stage.site, zones=stage.site.zones[:1], lines=()))


def _actors(rows: Floats, stage: Stage, rng: np.random.Generator) -> list[Actor]:
    """Lay a part of a recording over the promenade: columns are frame, id, x, height, y, ... in metres."""
    frames = np.unique(rows[:, 0])
    times = (rows[:, 0] - frames[0]) / np.diff(frames).min() * STEP_S
    begin_s = rng.uniform(0.0, max(0.0, times.max() - PART_S))
    places = rows[:, [2, 4]] - np.median(rows[:, [2, 4]], axis=0)
    centre = stage.place(sum(stage.extents[PROMENADE]) / 2, sum(stage.promenade) / 2)
    laid = centre + places[:, :1] * stage.along + places[:, 1:] * stage.across
    actors = []
    for one in np.unique(rows[:, 1]):
        own = (rows[:, 1] == one) & (times >= begin_s) & (times <= begin_s + PART_S)
        if own.sum() > 1:
            body = body_of(RoadUser.PERSON, rng)
            actors.append(Actor(kind=RoadUser.PERSON, body=body, times=times[own] - begin_s, places=laid[own]))
    return actors
