"""Recorded tracks of vehicles among people, played before a drawn camera: CITR, and Stanford Drone's deathCircle."""

import csv
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.cli.bench.truth import TruthError
from edge.cli.bench.world.actor import Actor, body_of
from edge.cli.bench.world.noise import fitted
from edge.cli.bench.world.plays import Play, play_of
from edge.cli.bench.world.run import shown
from edge.cli.bench.world.stage import PROMENADE, Stage, stage_of
from edge.contract.report import AlarmKind, RoadUser

Floats = NDArray[np.float64]
FPS: Final = 29.97
# The small electric car of CITR, and carts: length, width, height in m.
CART: Final = (2.4, 1.2, 1.8)
KINDS: Final = {
    "Pedestrian": RoadUser.PERSON,
    "Skater": RoadUser.PERSON,
    "Biker": RoadUser.BICYCLE,
    "Cart": RoadUser.CAR,
    "Car": RoadUser.CAR,
    "Bus": RoadUser.BUS,
}
# What goes less far than this, in m, is parked.
LEAST_WAY_M: Final = 8.0
# People this near in time and place are played too.
AROUND_S: Final = 3.0
AROUND_M: Final = 15.0
# Stages are drawn until one shows the track for long enough.
MOST_STAGES: Final = 40
# Few such tracks are recorded: each is seen by so many cameras.
CAMERAS: Final = 10
# Drone boxes tremble by a pixel; a track is known so often a second.
STEPS_A_S: Final = 2.0


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Track:
    """A recorded way: instants (k,) s and places (k, 2) m."""

    label: str
    times: Floats
    places: Floats


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """One vehicle among people: after how long it was told, None if never."""

    name: str
    expected: str
    length_s: float
    latency_s: float | None


def among_people(data: Path, seed: int) -> Iterator[Told]:
    """Play every recorded vehicle that drives; raises TruthError where there are no such tracks."""
    sets = {"citr": _citr(data), "SDD": _drone(data)}
    if not any(sets.values()):
        raise TruthError(f"{data}: no tracks of vehicles among people (trajectories/citr, trajectories/SDD)")
    noise = fitted()
    for name, tracks in sets.items():
        vehicles = [track for track in tracks if KINDS[track.label] in {RoadUser.CAR, RoadUser.BUS} and _drives(track)]
        for number, vehicle in enumerate(vehicles * CAMERAS):
            rng = np.random.default_rng((seed, number))
            drawn = _play(vehicle, tracks, seed, rng)
            if drawn is None:
                continue
            stage, play = drawn
            outcome = shown(stage, play, noise, rng, night=False)
            yield Told(
                name=f"{name} {vehicle.label.lower()}, camera {number + 1}",
                expected=play.kind.name.lower().replace("_", "-"),
                length_s=play.over_s - play.onset_s,
                latency_s=outcome.latency_s,
            )


def _play(vehicle: Track, tracks: list[Track], seed: int, rng: np.random.Generator) -> tuple[Stage, Play] | None:
    """Lay the track along a promenade so that its middle is the zone's."""
    kind = AlarmKind.HEAVY_VEHICLE if vehicle.label == "Bus" else AlarmKind.VEHICLE
    others = [track for track in tracks if track is not vehicle and _around(track, vehicle)]
    for _ in range(MOST_STAGES):
        stage = stage_of(seed, int(rng.integers(1 << 30)))
        centre = stage.place(sum(stage.extents[PROMENADE]) / 2, sum(stage.promenade) / 2)
        actors = [_actor(track, vehicle, (stage, centre), rng) for track in (vehicle, *others)]
        play = play_of(stage, kind, actors[0], actors[1:], PROMENADE)
        if play is not None:
            return stage, play
    return None


def _actor(track: Track, vehicle: Track, onto: tuple[Stage, Floats], rng: np.random.Generator) -> Actor:
    stage, centre = onto
    way = vehicle.places[-1] - vehicle.places[0]
    ahead = way / np.linalg.norm(way)
    off = track.places - vehicle.places[len(vehicle.places) // 2]
    along, aside = off @ ahead, off @ np.array((-ahead[1], ahead[0]))
    places = centre + along[:, None] * stage.along + aside[:, None] * stage.across
    kind = KINDS[track.label]
    body = CART if track.label == "Cart" else body_of(kind, rng)
    # The camera knows its place for 3 s before the track begins.
    return Actor(kind=kind, body=body, times=track.times - vehicle.times[0] + 3.0, places=places)


def _drives(track: Track) -> bool:
    return float(np.linalg.norm(track.places[-1] - track.places[0])) >= LEAST_WAY_M


def _around(track: Track, vehicle: Track) -> bool:
    if track.times[-1] < vehicle.times[0] - AROUND_S or track.times[0] > vehicle.times[-1] + AROUND_S:
        return False
    middle = vehicle.places[len(vehicle.places) // 2]
    near = np.linalg.norm(track.places - middle, axis=1).min() <= AROUND_M
    return bool(near) and KINDS[track.label] in {RoadUser.PERSON, RoadUser.BICYCLE}


def _citr(data: Path) -> list[Track]:
    tracks = []
    for path in sorted((data / "trajectories" / "citr").rglob("vci_*/*/[pv]*.csv")):
        with path.open(encoding="ascii", newline="") as file:
            rows = list(csv.DictReader(file))
        x, y = ("x_c", "y_c") if path.stem.startswith("v") else ("x", "y")
        times = np.array([float(row["frame"]) / FPS for row in rows])
        places = np.array([(float(row[x]), float(row[y])) for row in rows])
        tracks.append(_thinned("Cart" if path.stem.startswith("v") else "Pedestrian", times, places))
    return tracks


def _drone(data: Path) -> list[Track]:
    folder = data / "trajectories" / "SDD"
    path = folder / "deathCircle" / "video2" / "annotations.txt"
    if not path.is_file():
        return []
    scale = _scale((folder / "estimated_scales.yaml").read_text(encoding="utf-8"), "deathCircle", "video2")
    rows: dict[str, list[tuple[float, float, float]]] = defaultdict(list)
    labels: dict[str, str] = {}
    for line in path.read_text(encoding="ascii").splitlines():
        one, x0, y0, x1, y1, frame, lost, _, _, label = line.split()
        if lost == "0":
            rows[one].append(
                (float(frame) / FPS, (float(x0) + float(x1)) / 2 * scale, (float(y0) + float(y1)) / 2 * scale)
            )
            labels[one] = label.strip('"')
    known = {one: np.array(each) for one, each in rows.items() if labels[one] in KINDS and len(each) > FPS}
    return [_thinned(labels[one], each[:, 0], each[:, 1:]) for one, each in known.items()]


def _scale(text: str, place: str, video: str) -> float:
    """Read metres a pixel from the scales' YAML: a place, its videos, each with its scale."""
    found = re.search(rf"^{place}:.*?^\s+{video}:\s*\n\s+scale:\s*([0-9.]+)", text, re.MULTILINE | re.DOTALL)
    if found is None:
        raise TruthError(f"estimated_scales.yaml: no scale for {place} {video}")
    return float(found.group(1))


def _thinned(label: str, times: Floats, places: Floats) -> Track:
    step = max(1, round(FPS / STEPS_A_S))
    keep = np.unique(np.append(np.arange(0, len(times), step), len(times) - 1))
    return Track(label=label, times=times[keep], places=places[keep])
