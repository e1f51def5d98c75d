"""What is added up while a window goes on: each of these ends as its namesake in the tally."""

from dataclasses import dataclass, field
from typing import Final

from edge.contract.report import CrowdEstimator, RoadUser
from edge.vision.aggregate.tally import Crowding, Flow, Presence, Speeds, ZoneTally
from edge.vision.measure.crowd import Crowd
from edge.vision.measure.measures import ZoneScene
from edge.vision.measure.passes import Passage
from edge.vision.measure.speed import Speed
from edge.vision.measure.zones import Occupancy

_THOUSAND: Final = 1000
_TEN_THOUSAND: Final = 10_000
_PER_SLOWNESS: Final = 10**9
# What is slower than this, mm/s, stands as far as the inverse of its speed goes.
_LEAST_MM_S: Final = 100


@dataclass(kw_only=True, slots=True, eq=False)
class PresenceSum:
    """Some of a zone; see Presence."""

    object_ns: int = 0
    most: int = 0
    seen: set[int] = field(default_factory=set)
    sure: int = 0

    def see(self, present: frozenset[int], entered: frozenset[int], covered_ns: int) -> None:
        """Take in who is there in one frame, and which of those have come in at the picture's edge."""
        self.object_ns += len(present) * covered_ns
        self.most = max(self.most, len(present))
        self.sure = max(self.sure, len(present))
        self.seen.update(present & entered)

    def estimate(self, people: float, error: float | None, entered: frozenset[int], covered_ns: int) -> None:
        """Take in how many an estimator says are there; so many of them as are beyond its error are sure."""
        self.object_ns += round(people * covered_ns)
        self.most = max(self.most, round(people))
        self.seen.update(entered)
        if error is not None:
            self.sure = max(self.sure, int(people * (1 - 2 * error)))

    def tally(self) -> Presence:
        """Sum up."""
        return Presence(object_ns=self.object_ns, most=self.most, distinct=max(self.sure, len(self.seen)))


@dataclass(kw_only=True, slots=True, eq=False)
class SpeedSum:
    """Speeds of passes; see Speeds."""

    count: int = 0
    total: int = 0
    squares: int = 0
    slowness: int = 0
    calibration: int = 0
    seen: set[int] = field(default_factory=set)

    def add(self, track: int, speed: Speed) -> None:
        """Add one."""
        mm_s = round(speed.mps * _THOUSAND)
        self.count += 1
        self.total += mm_s
        self.squares += mm_s * mm_s
        self.slowness += round(_PER_SLOWNESS / max(mm_s, _LEAST_MM_S))
        self.calibration += round(speed.calibration * _THOUSAND)
        self.seen.add(track)

    def tally(self) -> Speeds:
        """Sum up."""
        return Speeds(
            count=self.count,
            distinct=len(self.seen),
            total=self.total,
            squares=self.squares,
            slowness=self.slowness,
            calibration=self.calibration,
        )


@dataclass(kw_only=True, slots=True, eq=False)
class FlowSum:
    """One line in one direction; see Flow."""

    vehicles: SpeedSum = field(default_factory=SpeedSum)
    people: SpeedSum = field(default_factory=SpeedSum)
    seen: set[int] = field(default_factory=set)
    gaps: int = 0
    gaps_ns: int = 0
    occupied_ns: int = 0
    free: int = 0

    def add(self, passage: Passage) -> None:
        """Add a pass."""
        is_person = passage.kind is RoadUser.PERSON
        if passage.speed is not None:
            (self.people if is_person else self.vehicles).add(passage.track, passage.speed)
        if is_person:
            return
        self.seen.add(passage.track)
        if passage.gap_ns is not None:
            self.gaps += 1
            self.gaps_ns += passage.gap_ns

    def tally(self) -> Flow:
        """Sum up."""
        return Flow(
            vehicles=self.vehicles.tally(),
            people=self.people.tally(),
            distinct=len(self.seen),
            gaps=self.gaps,
            gaps_ns=self.gaps_ns,
            occupied_ns=self.occupied_ns,
            free=self.free,
        )


@dataclass(kw_only=True, slots=True, eq=False)
class CrowdSum:
    """The densities of one zone; see Crowding."""

    measured_ns: int = 0
    density: int = 0
    density_most: int = 0
    pressure_most: int = 0
    area_m2: int = 0
    counted_ns: list[int] = field(default_factory=lambda: [0] * len(CrowdEstimator))
    error: list[int] = field(default_factory=lambda: [-1] * len(CrowdEstimator))

    def see(self, crowd: Crowd, covered_ns: int) -> None:
        """Take in one frame."""
        self.counted_ns[crowd.estimator] += covered_ns
        if crowd.error is not None:
            self.error[crowd.estimator] = round(crowd.error * _THOUSAND)
        if crowd.density_mean is None or crowd.density_most is None or crowd.area_m2 is None:
            return
        self.measured_ns += covered_ns
        self.area_m2 = round(crowd.area_m2)
        self.density += round(crowd.density_mean * _THOUSAND * covered_ns)
        self.density_most = max(self.density_most, round(crowd.density_most * _THOUSAND))
        self.pressure_most = max(self.pressure_most, round((crowd.pressure or 0.0) * _TEN_THOUSAND))

    def tally(self) -> Crowding:
        """Sum up."""
        return Crowding(
            measured_ns=self.measured_ns,
            density=self.density,
            density_most=self.density_most,
            pressure_most=self.pressure_most,
            area_m2=self.area_m2,
            counted_ns=tuple(self.counted_ns),
            error=tuple(self.error),
        )


@dataclass(kw_only=True, slots=True, eq=False)
class ZoneSum:
    """One zone; see ZoneTally."""

    people: PresenceSum = field(default_factory=PresenceSum)
    vehicles: PresenceSum = field(default_factory=PresenceSum)
    crowding: CrowdSum = field(default_factory=CrowdSum)
    walkers: PresenceSum = field(default_factory=PresenceSum)
    stopped: PresenceSum = field(default_factory=PresenceSum)
    queued: PresenceSum = field(default_factory=PresenceSum)
    walked: int = 0
    against_ns: int = 0
    queue_most_dm: int = 0
    queue_ns: int = 0

    def see(self, present: Occupancy, covered_ns: int) -> None:
        """Take in who is there in one frame."""
        self.people.see(present.people, present.entered, covered_ns)
        self.vehicles.see(present.vehicles, present.entered, covered_ns)

    def take(self, scene: ZoneScene, covered_ns: int) -> None:
        """Take in all that was measured in one frame."""
        present, crowd, walk = scene.present, scene.crowd, scene.walk
        if crowd.estimator is CrowdEstimator.TRACKS:
            self.people.see(present.people, present.entered, covered_ns)
        else:
            self.people.estimate(crowd.people, crowd.error, present.people & present.entered, covered_ns)
        self.vehicles.see(present.vehicles, present.entered, covered_ns)
        self.crowding.see(crowd, covered_ns)
        self.walkers.see(walk.walkers, present.entered, covered_ns)
        self.walked += round(walk.speeds_mps * _THOUSAND * covered_ns)
        self.against_ns += walk.against * covered_ns
        self.stopped.see(scene.stopped, present.entered, covered_ns)
        if scene.queue is not None:
            self.queue_ns += covered_ns
            self.queued.see(scene.queue.tracks, present.entered, covered_ns)
            self.queue_most_dm = max(self.queue_most_dm, round(scene.queue.metres * 10))

    def tally(self) -> ZoneTally:
        """Sum up."""
        return ZoneTally(
            people=self.people.tally(),
            vehicles=self.vehicles.tally(),
            crowding=self.crowding.tally(),
            walkers=self.walkers.tally(),
            walked=self.walked,
            against_ns=self.against_ns,
            stopped=self.stopped.tally(),
            queued=self.queued.tally(),
            queue_most_dm=self.queue_most_dm,
            queue_ns=self.queue_ns,
        )
