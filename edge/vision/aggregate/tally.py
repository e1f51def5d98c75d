"""The sums of one window: whole numbers only, exact, before anything is withheld. They never cross the boundary.

All can be added up, so that two parts of one window make the whole. Who was there before a restart can't be known
again: `distinct` is counted low, so that more is withheld, not less.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Self

from edge.contract.report import CameraState, CrowdEstimator, Metres

Counts = tuple[int, ...]
"""A count per RoadUser, in its order."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Speeds:
    """The speeds of passes: how many, of how many different ones at least, and sums over them.

    `total` is of speeds in mm/s, `squares` of their squares, `slowness` of their inverses in µs/m, `calibration` of
    what the ground's calibration may be off by, mm/s.
    """

    count: int = 0
    distinct: int = 0
    total: int = 0
    squares: int = 0
    slowness: int = 0
    calibration: int = 0

    def plus(self, later: Self) -> "Speeds":
        """Add up."""
        return Speeds(
            count=self.count + later.count,
            distinct=max(self.distinct, later.distinct),
            total=self.total + later.total,
            squares=self.squares + later.squares,
            slowness=self.slowness + later.slowness,
            calibration=self.calibration + later.calibration,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Flow:
    """How those moved who crossed one line in one direction.

    `distinct` is how many different vehicles at least; `gaps` lie between their passes, `gaps_ns` long in all;
    `occupied_ns` for how long one stood over the line; `free` is the free flow's speed in mm/s, 0: not known.
    """

    vehicles: Speeds = Speeds()
    people: Speeds = Speeds()
    distinct: int = 0
    gaps: int = 0
    gaps_ns: int = 0
    occupied_ns: int = 0
    free: int = 0

    def plus(self, later: Self) -> "Flow":
        """Add up; the free flow is what is known last."""
        return Flow(
            vehicles=self.vehicles.plus(later.vehicles),
            people=self.people.plus(later.people),
            distinct=max(self.distinct, later.distinct),
            gaps=self.gaps + later.gaps,
            gaps_ns=self.gaps_ns + later.gaps_ns,
            occupied_ns=self.occupied_ns + later.occupied_ns,
            free=later.free or self.free,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class LineTally:
    """Passes of one line."""

    forward: Counts
    backward: Counts
    forward_flow: Flow = Flow()
    backward_flow: Flow = Flow()

    def plus(self, later: Self) -> "LineTally":
        """Add up."""
        return LineTally(
            forward=_sum(self.forward, later.forward),
            backward=_sum(self.backward, later.backward),
            forward_flow=self.forward_flow.plus(later.forward_flow),
            backward_flow=self.backward_flow.plus(later.backward_flow),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Presence:
    """Some of one zone: object-nanoseconds, the most at once, and how many different ones at least."""

    object_ns: int = 0
    most: int = 0
    distinct: int = 0

    def mean(self, observed_ns: int) -> float:
        """Compute how many were present on average over the time observed."""
        return self.object_ns / observed_ns if observed_ns else 0.0

    def plus(self, later: Self) -> "Presence":
        """Add up."""
        return Presence(
            object_ns=self.object_ns + later.object_ns,
            most=max(self.most, later.most),
            distinct=max(self.distinct, later.distinct),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Crowding:
    """How dense the people of one zone were, over `measured_ns` with metres.

    `density` is the sum of densities in people per 1000 m² times ns, `density_most` the greatest local one, in the same
    unit; `pressure_most` is in 1e-4 s⁻². `counted_ns` is for how long each CrowdEstimator counted, `error` the last
    error of each in thousandths, -1: not known.
    """

    measured_ns: int = 0
    density: int = 0
    density_most: int = 0
    pressure_most: int = 0
    area_m2: int = 0
    counted_ns: tuple[int, ...] = (0,) * len(CrowdEstimator)
    error: tuple[int, ...] = (-1,) * len(CrowdEstimator)

    def plus(self, later: Self) -> "Crowding":
        """Add up."""
        return Crowding(
            measured_ns=self.measured_ns + later.measured_ns,
            density=self.density + later.density,
            density_most=max(self.density_most, later.density_most),
            pressure_most=max(self.pressure_most, later.pressure_most),
            area_m2=later.area_m2 or self.area_m2,
            counted_ns=_sum(self.counted_ns, later.counted_ns),
            error=tuple(b if b >= 0 else a for a, b in zip(self.error, later.error, strict=True)),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class ZoneTally:
    """Who was present in one zone.

    `walkers` are those who walk over measured ground: `walked` is the sum of their speeds in mm/s times ns,
    `against_ns` for how long how many went against the greater flow. `stopped` and `queued` are vehicles,
    `queue_most_dm` is the longest queue, looked for in `queue_ns`.
    """

    people: Presence
    vehicles: Presence
    crowding: Crowding = Crowding()
    walkers: Presence = Presence()
    walked: int = 0
    against_ns: int = 0
    stopped: Presence = Presence()
    queued: Presence = Presence()
    queue_most_dm: int = 0
    queue_ns: int = 0

    def plus(self, later: Self) -> "ZoneTally":
        """Add up."""
        return ZoneTally(
            people=self.people.plus(later.people),
            vehicles=self.vehicles.plus(later.vehicles),
            crowding=self.crowding.plus(later.crowding),
            walkers=self.walkers.plus(later.walkers),
            walked=self.walked + later.walked,
            against_ns=self.against_ns + later.against_ns,
            stopped=self.stopped.plus(later.stopped),
            queued=self.queued.plus(later.queued),
            queue_most_dm=max(self.queue_most_dm, later.queue_most_dm),
            queue_ns=self.queue_ns + later.queue_ns,
        )


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class TurnTally:
    """How many vehicles passed one line and then another: lines by index, True is forward."""

    entry: int
    entry_forward: bool
    exit: int
    exit_forward: bool
    count: int

    @property
    def way(self) -> tuple[int, bool, int, bool]:
        """Which turn it is."""
        return self.entry, self.entry_forward, self.exit, self.exit_forward


@dataclass(frozen=True, kw_only=True, slots=True)
class Tally:
    """One window, [start_ns, start_ns + length_ns) in Unix nanoseconds, of which observed_ns were seen.

    `lost_ns` is for how long the picture was worth nothing, for each CameraState that says why.
    """

    start_ns: int
    length_ns: int
    observed_ns: int
    lines: tuple[LineTally, ...]
    zones: tuple[ZoneTally, ...]
    turns: tuple[TurnTally, ...] = ()
    metres: Metres = Metres.NONE
    lost_ns: tuple[int, ...] = field(default=(0,) * len(CameraState))

    @property
    def coverage(self) -> float:
        """Share of the window that was observed, 0..1."""
        return min(1.0, self.observed_ns / self.length_ns) if self.length_ns else 0.0


def merge(earlier: Tally, later: Tally) -> Tally:
    """Add up two parts of the same window, seen before and after a restart."""
    if (earlier.start_ns, earlier.length_ns) != (later.start_ns, later.length_ns):
        raise ValueError("only parts of the same window can be merged")
    return Tally(
        start_ns=earlier.start_ns,
        length_ns=earlier.length_ns,
        observed_ns=earlier.observed_ns + later.observed_ns,
        lines=tuple(a.plus(b) for a, b in zip(earlier.lines, later.lines, strict=True)),
        zones=tuple(a.plus(b) for a, b in zip(earlier.zones, later.zones, strict=True)),
        turns=turned(earlier.turns + later.turns),
        metres=later.metres,
        lost_ns=_sum(earlier.lost_ns, later.lost_ns),
    )


def turned(turns: tuple[TurnTally, ...]) -> tuple[TurnTally, ...]:
    """Add up the counts of the same turns; gives each once, in the order of the lines."""
    counts: Counter[tuple[int, bool, int, bool]] = Counter()
    for turn in turns:
        counts[turn.way] += turn.count
    return tuple(
        TurnTally(entry=entry, entry_forward=entry_forward, exit=exit_, exit_forward=exit_forward, count=count)
        for (entry, entry_forward, exit_, exit_forward), count in sorted(counts.items())
    )


def _sum(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(x + y for x, y in zip(a, b, strict=True))
