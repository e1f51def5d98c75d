"""Plays performed: what was raised, and how long after it truly began."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from edge.cli.bench.world.noise import Noise
from edge.cli.bench.world.plays import PLAYS, Play
from edge.cli.bench.world.show import FPS, Camera
from edge.cli.bench.world.stage import Stage, stage_of
from edge.contract.report import AlarmKind, AlarmPhase

if TYPE_CHECKING:
    from edge.vision.judge.alarm import Alarm

# So much before what is told truly begins, it is told of that: zones are drawn, and boxes are wide. What is told sooner
# is early, and counts as told if it is still open then.
EARLY_S: Final = 1.0
_OPENS: Final = frozenset({AlarmPhase.RAISED, AlarmPhase.UPDATED})


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What became of one play: after how many s it was told, None if never; `early` where it was told too soon."""

    kind: AlarmKind
    night: bool
    latency_s: float | None
    early: bool
    frames: int
    seed: tuple[int, ...] = ()


def perform(kind: AlarmKind, seed: tuple[int, ...], noise: Noise, *, night: bool) -> Outcome:
    """Draw a play and put it on."""
    rng = np.random.default_rng(seed)
    stage, play = _drawn(kind, seed, rng)
    return replace(shown(stage, play, noise, rng, night=night), seed=seed)


def shown(stage: Stage, play: Play, noise: Noise, rng: np.random.Generator, *, night: bool) -> Outcome:
    """Put a play on."""
    camera = Camera(stage=stage, noise=noise, rng=rng, night=night)
    phase, early = rng.uniform(0.0, 1.0 / FPS), False
    opened: set[int] = set()
    for frame in range(int((play.length_s - phase) * FPS)):
        at_s = phase + frame / FPS
        for alarm in camera.see(play.actors, at_s):
            if _about(alarm, play):
                (opened.add if alarm.phase in _OPENS else opened.discard)(alarm.number)
        # What is open when it begins was told before it began: whoever acts on it knows already.
        if opened and at_s >= play.onset_s - EARLY_S:
            latency_s = max(0.0, at_s - play.onset_s)
            return Outcome(kind=play.kind, night=night, latency_s=latency_s, early=early, frames=camera.frames)
        early = early or bool(opened)
    return Outcome(kind=play.kind, night=night, latency_s=None, early=early, frames=camera.frames)


def _drawn(kind: AlarmKind, seed: tuple[int, ...], rng: np.random.Generator) -> tuple[Stage, Play]:
    """Draw until there is a play in which the thing is there for long enough to be told."""
    while True:
        stage = stage_of(seed[0], int(rng.integers(1 << 30)))
        play = PLAYS[kind](stage, rng)
        if play is not None:
            return stage, play


def _about(alarm: "Alarm", play: Play) -> bool:
    return alarm.kind is play.kind and (alarm.at_line or alarm.place == play.zone)
