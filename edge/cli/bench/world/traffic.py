"""Ordinary life on a stage: who walks on the promenade, and who drives where driving is allowed."""

import math
from typing import Final

import numpy as np

from edge.cli.bench.world.actor import Actor, body_of, straight, walked
from edge.cli.bench.world.stage import CARRIAGEWAY, PROMENADE, Stage
from edge.contract.report import RoadUser

# Weidmann 1993, "Transporttechnik der Fussgänger": free walking speed, m/s.
WALKING: Final = (1.34, 0.26)
CYCLING: Final = (4.2, 0.8)
DRIVING: Final = (8.5, 2.0)
LEAST_DRIVING: Final = 3.5
# They come from so far beyond what the zone shows, m.
BEYOND_M: Final = 45.0
BESIDE_M: Final = 12.0
# What drives where it may, in shares.
VEHICLES: Final = {
    RoadUser.CAR: 0.78,
    RoadUser.LORRY: 0.06,
    RoadUser.BUS: 0.04,
    RoadUser.MOTORCYCLE: 0.05,
    RoadUser.BICYCLE: 0.07,
}
VANS: Final = 0.15


def walkers(stage: Stage, rng: np.random.Generator, start_s: float, number: int) -> list[Actor]:
    """Make a group that walks along the promenade beside each other."""
    begin, end = _ends(stage, PROMENADE, BESIDE_M)
    if rng.random() < 0.5:  # noqa: PLR2004  as many come as go
        begin, end = end, begin
    low, high = stage.promenade
    lane = rng.uniform(low + 0.5, high - 0.5)
    speed = max(0.5, rng.normal(*WALKING))
    pause = rng.random() < 0.15  # noqa: PLR2004  some stop and look
    at, still_s = rng.uniform(0.3, 0.7), rng.uniform(3.0, 20.0)
    group = []
    for n in range(number):
        d = float(np.clip(lane + 0.7 * (n % 3 - 1) * (number > 1) + rng.normal(0, 0.1), low + 0.2, high - 0.2))
        back = 0.9 * (n // 3) * math.copysign(1, begin - end) + rng.normal(0, 0.2)
        s = [begin + back, begin + at * (end - begin) + back, end + back]
        places = np.array([stage.place(each, d) for each in (s[0], s[1], s[1], s[2])])
        speeds = np.array((speed, 1.0 / still_s if pause else 1000.0, speed))
        group.append(walked(RoadUser.PERSON, body_of(RoadUser.PERSON, rng), places, start_s, speeds))
    return group


def cyclist(stage: Stage, rng: np.random.Generator, start_s: float) -> Actor:
    """Make somebody who cycles along the promenade: bicycles may."""
    begin, end = _ends(stage, PROMENADE, BESIDE_M)
    if rng.random() < 0.5:  # noqa: PLR2004  as many come as go
        begin, end = end, begin
    d = rng.uniform(stage.promenade[0] + 0.5, stage.promenade[1] - 0.5)
    way = (stage.place(begin, d), stage.place(end, d))
    spent_s = abs(end - begin) / max(2.0, rng.normal(*CYCLING))
    return straight(RoadUser.BICYCLE, body_of(RoadUser.BICYCLE, rng), way, (start_s, start_s + spent_s))


def drivers(stage: Stage, rng: np.random.Generator, span_s: tuple[float, float], every_s: float) -> list[Actor]:
    """Make vehicles that drive along the carriageway one after another; they come within a span of time."""
    speed = max(LEAST_DRIVING, rng.normal(*DRIVING))
    found, at_s = [], span_s[0] + rng.exponential(every_s)
    while at_s < span_s[1]:
        found.append(driver(stage, rng, at_s, speed * rng.uniform(0.97, 1.03)))
        at_s += 2.0 + rng.exponential(max(0.1, every_s - 2.0))
    return found


def driver(stage: Stage, rng: np.random.Generator, start_s: float, speed: float) -> Actor:
    """Make one vehicle that drives along the carriageway at a speed in m/s."""
    kind = list(VEHICLES)[int(rng.choice(len(VEHICLES), p=list(VEHICLES.values())))]
    body = body_of(kind, rng, van=kind is RoadUser.CAR and rng.random() < VANS)
    begin, end = _ends(stage, CARRIAGEWAY, BEYOND_M)
    d = lane(stage, rng, body[1])
    way = (stage.place(begin, d), stage.place(end, d))
    return straight(kind, body, way, (start_s, start_s + (end - begin) / speed))


def lane(stage: Stage, rng: np.random.Generator, width: float) -> float:
    """Draw where across the carriageway a vehicle of this width in m drives."""
    low, high = stage.carriageway
    edge = width / 2 + 0.3
    return float(rng.uniform(low + edge, max(low + edge + 0.01, high - edge)))


def ordinary(stage: Stage, rng: np.random.Generator, length_s: float) -> list[Actor]:
    """Make what usually goes on: a few groups on foot, somebody on a bicycle, vehicles where they may."""
    actors: list[Actor] = []
    for _ in range(int(rng.poisson(1.2))):
        actors += walkers(stage, rng, rng.uniform(-25.0, length_s), 1 + int(rng.integers(3)))
    if rng.random() < 0.2:  # noqa: PLR2004  one play in five
        actors.append(cyclist(stage, rng, rng.uniform(-5.0, length_s)))
    if rng.random() < 0.6:  # noqa: PLR2004  three in five
        actors += drivers(stage, rng, (-8.0, length_s), rng.uniform(4.0, 15.0))
    return actors


def _ends(stage: Stage, zone: int, beyond_m: float) -> tuple[float, float]:
    low, high = stage.extents[zone]
    return low - beyond_m, high + beyond_m
