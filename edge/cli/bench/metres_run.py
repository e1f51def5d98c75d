"""What the product makes of a scene of `passant bench metres`, beside what was so."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, pstdev
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.cli.bench.metres_camera import SIZE
from edge.cli.bench.metres_scene import FPS, Instant, Place, site_of, watched
from edge.cli.bench.world.noise import Noise
from edge.config.site import Site
from edge.contract.report import RoadUser
from edge.units import NS_PER_S, ns_from_seconds
from edge.vision.aggregate.tally import Tally
from edge.vision.aggregate.window import Window
from edge.vision.measure.crowds import LEAST_WALK_MPS
from edge.vision.measure.ground import GroundView
from edge.vision.measure.lines import Direction, LineCounter
from edge.vision.measure.measures import Measures
from edge.vision.measure.passes import Passage
from edge.vision.measure.plot import Plot
from edge.vision.track.identity import Proof
from edge.vision.track.tracker import Scene, Track

Floats = NDArray[np.float64]

WINDOW_NS: Final = 60 * NS_PER_S
_FRAME_NS: Final = ns_from_seconds(1 / FPS)
# A minute in which fewer were there on average is left out: a share of next to nobody is noise.
_LEAST_PRESENT: Final = 1.0
# A pass that is measured belongs to the one that was made nearest in time, if that is no farther off than this.
_MOST_APART_NS: Final = NS_PER_S


@dataclass(frozen=True, kw_only=True, slots=True)
class Offset:
    """How far measured figures are off, as shares of the true ones: of all together, and their scatter one by one."""

    truth: float
    bias: float
    spread: float
    count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One place under one calibration.

    `found` and `followed` are shares of people times frames in the zone: found by the look at that very frame, and
    followed by the tracker. Speeds in m/s over windows of a minute, and of passes one by one; densities per m².
    """

    place: str
    people: int
    most_present: int
    found: float
    followed: float
    residual: float
    walking: Offset
    passing: Offset
    density: Offset
    densest: Offset


@dataclass(kw_only=True, slots=True, eq=False)
class _Truth:
    """Sums over one window."""

    frames: int = 0
    present: int = 0
    walking: int = 0
    speeds: float = 0.0
    densest: float = 0.0


def rows_of(place: Place, noise: Noise, calibrations: int, seed: int) -> list[Row]:
    """Look at a place once, and measure it under as many calibrations, each with clicks of its own."""
    random = np.random.default_rng(seed)
    instants = list(watched(place, noise, random))
    exact = site_of(place, None)
    return [_row(place, instants, exact, site_of(place, random)) for _ in range(calibrations)]


def _row(place: Place, instants: Sequence[Instant], exact: Site, site: Site) -> Row:
    ground = GroundView.of(site, SIZE)
    if ground is None:
        raise ValueError(f"{place.name}: the calibration is refused")
    tallies, passages = _measured(instants, site, ground)
    truths = _truths(place, instants, exact)
    pairs = [(tallies[n], truths[n]) for n in sorted(truths) if truths[n].present >= _LEAST_PRESENT * truths[n].frames]
    zones = [(tally.zones[0], tally, truth) for tally, truth in pairs]
    present = sum(int(one.present.sum()) for one in instants)
    return Row(
        place=place.name,
        people=len(place.walkers),
        most_present=max(int(one.present.sum()) for one in instants),
        found=sum(one.found for one in instants) / present,
        followed=sum(tally.zones[0].people.object_ns for tally in tallies.values()) / _FRAME_NS / present,
        residual=ground.calibration.residual or 0.0,
        walking=_offset(
            [
                (zone.walked / zone.walkers.object_ns / 1000, truth.speeds / truth.walking, truth.walking)
                for zone, _, truth in zones
                if zone.walkers.object_ns and truth.walking
            ]
        ),
        passing=_offset([(measured, true, 1) for measured, true in _passes(passages, instants, exact)]),
        density=_offset(
            [
                (
                    zone.crowding.density / zone.crowding.measured_ns / 1000,
                    truth.present / truth.frames / place.area_m2,
                    truth.frames,
                )
                for zone, _, truth in zones
            ]
        ),
        densest=_offset([(zone.crowding.density_most / 1000, truth.densest, 1) for zone, _, truth in zones]),
    )


def _measured(instants: Sequence[Instant], site: Site, ground: GroundView) -> tuple[dict[int, Tally], list[Passage]]:
    measures = Measures(site, ground)
    windows: dict[int, Window] = {}
    passages: list[Passage] = []
    for one in instants:
        number = one.taken_ns // WINDOW_NS
        window = windows.get(number)
        if window is None:
            window = windows[number] = Window(start_ns=number * WINDOW_NS, length_ns=WINDOW_NS, lines=2, zones=1)
        measured = measures.see(one.scene, one.taken_ns, _FRAME_NS)
        window.take(measured, _FRAME_NS)
        passages += measured.settled.passages
    passages += measures.flush(instants[-1].scene).passages
    return {number: window.tally() for number, window in windows.items()}, passages


def _truths(place: Place, instants: Sequence[Instant], exact: Site) -> dict[int, _Truth]:
    ground = GroundView.of(exact, SIZE)
    plot = None if ground is None else Plot.of(exact.zones[0], ground)
    if plot is None:
        raise ValueError(f"{place.name}: the exact calibration is refused")
    truths: dict[int, _Truth] = {}
    for one in instants:
        truth = truths.setdefault(one.taken_ns // WINDOW_NS, _Truth())
        places = one.places[one.present]
        speeds = np.hypot(*one.velocities[one.present].T)
        walking = speeds >= LEAST_WALK_MPS
        truth.frames += 1
        truth.present += len(places)
        truth.walking += int(walking.sum())
        truth.speeds += float(speeds[walking].sum())
        if len(places):
            densest = max(float(plot.map(places).max()), float(plot.at(places, places).max()))
            truth.densest = max(truth.densest, densest)
    return truths


def _passes(passages: Sequence[Passage], instants: Sequence[Instant], exact: Site) -> list[tuple[float, float]]:
    """Pair measured speeds of passes with true ones, in m/s."""
    true: dict[tuple[int, Direction], list[tuple[int, float]]] = {}
    counters = [LineCounter(index=i, line=line) for i, line in enumerate(exact.lines)]
    ground = GroundView.of(exact, SIZE)
    if ground is None:
        return []
    for one in instants:
        speeds = dict(zip(one.people.tolist(), np.hypot(*one.velocities.T).tolist(), strict=True))
        scene = _scene(one, ground)
        for counter in counters:
            for crossing in counter.see(scene, one.taken_ns):
                true.setdefault((crossing.line, crossing.direction), []).append(
                    (crossing.at_ns, speeds[crossing.track])
                )
    pairs = []
    for passage in passages:
        near = true.get((passage.line, passage.direction), [])
        if passage.speed is None or not near:
            continue
        at_ns, mps = min(near, key=lambda pair: abs(pair[0] - passage.at_ns))
        if abs(at_ns - passage.at_ns) <= _MOST_APART_NS and np.isfinite(mps) and mps >= LEAST_WALK_MPS:
            pairs.append((passage.speed.mps, mps))
    return pairs


def _scene(one: Instant, ground: GroundView) -> Scene:
    """Show the people as tracks that nobody errs about."""
    tracks = []
    for person, (x, y) in zip(one.people.tolist(), ground.to_pixels(one.places).tolist(), strict=True):
        tracks.append(
            Track(
                id=person,
                box=(x - 1, y - 1, x + 1, y),
                foot=(x, y),
                velocity=(0.0, 0.0),
                kind=RoadUser.PERSON,
                proof=Proof.NAMED,
                seen=True,
                unseen_s=0.0,
                entered=True,
            )
        )
    return Scene(tracks=tuple(tracks), ended=())


def _offset(triples: Sequence[tuple[float, float, float]]) -> Offset:
    """Compare (measured, true, weight): the bias is of the weighted sums, the spread of the shares one by one."""
    if not triples:
        return Offset(truth=float("nan"), bias=float("nan"), spread=float("nan"), count=0)
    weight = sum(w for _, _, w in triples)
    true = sum(t * w for _, t, w in triples) / weight
    measured = sum(m * w for m, _, w in triples) / weight
    return Offset(
        truth=true, bias=measured / true - 1, spread=pstdev([m / t - 1 for m, t, _ in triples]), count=len(triples)
    )


def mean_row(rows: Sequence[Row]) -> Row:
    """Put the calibrations of one place together: the mean of each figure."""
    first = rows[0]
    return Row(
        place=first.place,
        people=first.people,
        most_present=first.most_present,
        found=first.found,
        followed=fmean(row.followed for row in rows),
        residual=fmean(row.residual for row in rows),
        walking=_mean([row.walking for row in rows]),
        passing=_mean([row.passing for row in rows]),
        density=_mean([row.density for row in rows]),
        densest=_mean([row.densest for row in rows]),
    )


def _mean(offsets: Sequence[Offset]) -> Offset:
    return Offset(
        truth=fmean(one.truth for one in offsets),
        bias=fmean(one.bias for one in offsets),
        spread=fmean(one.spread for one in offsets),
        count=offsets[0].count,
    )
