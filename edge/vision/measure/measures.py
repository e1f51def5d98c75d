"""All that is measured of one camera's tracks, frame by frame: passes, turns, presence, speeds, crowds, queues."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from edge.config.site import Site, ZoneUse
from edge.contract.report import Metres, RoadUser
from edge.vision.measure.band import Band
from edge.vision.measure.crowd import Crowd, Headcount
from edge.vision.measure.crowds import CrowdMeter, Walk
from edge.vision.measure.freeflow import FreeFlow
from edge.vision.measure.ground import GroundView
from edge.vision.measure.headway import Headway
from edge.vision.measure.lines import Direction, LineCounter
from edge.vision.measure.passes import Ledger, Passage
from edge.vision.measure.queues import MOST_MPS, STANDS_S, Queue, Waiting, axis_of, longest
from edge.vision.measure.speedometer import Speedometer
from edge.vision.measure.standing import STOPPED_S, Standing
from edge.vision.measure.turns import Turn, Turns
from edge.vision.measure.zones import Occupancy, occupancy
from edge.vision.track.tracker import Scene

_NO_SCENE: Final = Scene(tracks=(), ended=())


@dataclass(frozen=True, kw_only=True, slots=True)
class Settled:
    """What became certain: passes, and the turns that they end."""

    passages: list[Passage]
    turns: list[Turn]


@dataclass(frozen=True, kw_only=True, slots=True)
class ZoneScene:
    """One zone in one frame: who is present, the people as a crowd, those who walk, vehicles that stopped or queue.

    `queue` is None where there are no metres or no carriageway.
    """

    present: Occupancy
    crowd: Crowd
    walk: Walk
    stopped: frozenset[int]
    queue: Queue | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """One frame: `over` are the directions in which a vehicle stands over each line, `free_mps` their free speeds."""

    settled: Settled
    over: tuple[frozenset[Direction], ...]
    free_mps: tuple[dict[Direction, float], ...]
    zones: tuple[ZoneScene, ...]

    @property
    def crowds(self) -> tuple[Crowd | None, ...]:
        """The people of each zone."""
        return tuple(zone.crowd for zone in self.zones)


class Measures:
    """The memory of one site's measures.

    `ground` None: no metres, so no speeds over ground, no densities, no queues.
    """

    def __init__(self, site: Site, ground: GroundView | None) -> None:
        self._site = site
        self.metres = _worth(site, ground)
        self._speeds = Speedometer(ground)
        self._counters = [LineCounter(index=i, line=line) for i, line in enumerate(site.lines)]
        self._bands = [Band(line=line) for line in site.lines]
        self._free = [{way: FreeFlow() for way in Direction} for _ in site.lines]
        self._headways = [{way: Headway() for way in Direction} for _ in site.lines]
        self._ledger = Ledger()
        self._turns = Turns()
        self._standing = Standing()
        self._crowds = CrowdMeter(site, ground)
        self._axes = [
            axis_of(zone, ground) if ground is not None and zone.use is ZoneUse.CARRIAGEWAY else None
            for zone in site.zones
        ]

    def see(self, scene: Scene, taken_ns: int, covered_ns: int, counts: Sequence[Headcount | None] = ()) -> Measured:
        """Take in the tracks of one frame, and what estimators say of how many people are in each zone.

        The frame stands for `covered_ns`; 0: it was not seen what happened since the one before.
        """
        if not covered_ns:
            self._interrupt(taken_ns)
        self._speeds.see(scene, taken_ns)
        self._standing.see(scene, self._speeds.places, taken_ns)
        crossings = [
            replace(crossing, speed=self._speeds.of(crossing.track))
            for counter in self._counters
            for crossing in counter.see(scene, taken_ns)
        ]
        settled = self._settled(self._ledger.see(crossings, scene, taken_ns), scene)
        present = [occupancy(i, zone, scene) for i, zone in enumerate(self._site.zones)]
        crowds = self._crowds.see(scene, present, self._speeds, counts)
        return Measured(
            settled=settled,
            over=tuple(band.see(scene) for band in self._bands),
            free_mps=self.free_mps,
            zones=tuple(self._zone(one, *crowd, scene) for one, crowd in zip(present, crowds, strict=True)),
        )

    def flush(self, scene: Scene) -> Settled:
        """Settle the passes of all that is confirmed, as it is known now."""
        return self._settled(self._ledger.flush(scene), replace(_NO_SCENE, tracks=scene.tracks))

    @property
    def free_mps(self) -> tuple[dict[Direction, float], ...]:
        """How fast vehicles go over each line in each direction when they are free, m/s; only where it is known."""
        return tuple({way: mps for way, flow in ways.items() if (mps := flow.mps) is not None} for ways in self._free)

    def _interrupt(self, taken_ns: int) -> None:
        for headways in self._headways:
            for headway in headways.values():
                headway.interrupt(taken_ns)

    def _settled(self, passages: list[Passage], scene: Scene) -> Settled:
        known = [one if one.kind is RoadUser.PERSON else self._placed(one) for one in passages]
        return Settled(passages=known, turns=self._turns.see(known, scene))

    def _placed(self, passage: Passage) -> Passage:
        """Note a vehicle among those that passed the same line the same way."""
        if passage.speed is not None:
            self._free[passage.line][passage.direction].see(passage.speed.mps, passage.at_ns)
        return replace(passage, gap_ns=self._headways[passage.line][passage.direction].add(passage.at_ns))

    def _zone(self, present: Occupancy, crowd: Crowd, walk: Walk, scene: Scene) -> ZoneScene:
        stopped = frozenset(one for one in present.vehicles if self._standing.seconds(one) >= STOPPED_S)
        return ZoneScene(present=present, crowd=crowd, walk=walk, stopped=stopped, queue=self._queue(present, scene))

    def _queue(self, present: Occupancy, scene: Scene) -> Queue | None:
        axis = self._axes[present.zone]
        if axis is None:
            return None
        waiting = [
            Waiting(track=track.id, kind=track.kind, place=self._speeds.places[track.id])
            for track in scene.tracks
            if track.id in present.vehicles and track.id in self._speeds.places and self._is_slow(track.id)
        ]
        return longest(waiting, axis)

    def _is_slow(self, track: int) -> bool:
        if self._standing.seconds(track) >= STANDS_S:
            return True
        speed = self._speeds.of(track)
        return speed is not None and speed.mps < MOST_MPS


def _worth(site: Site, ground: GroundView | None) -> Metres:
    if ground is not None:
        return ground.state
    return Metres.NONE if site.ground is None else Metres.REFUSED
