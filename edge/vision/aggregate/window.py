"""Windows of time, aligned to UTC: passes and presence are summed up until the window is over."""

from dataclasses import dataclass, field
from typing import Final

from edge.contract.report import RoadUser
from edge.units import NS_PER_S
from edge.vision.aggregate.tally import LineTally, Presence, Tally, ZoneTally
from edge.vision.measure.lines import Direction
from edge.vision.measure.passes import Passage
from edge.vision.measure.zones import Occupancy

# A longer gap between two frames was not observed; cameras give one a second at least.
LONGEST_GAP_NS: Final = 5 * NS_PER_S // 4


@dataclass(kw_only=True, slots=True, eq=False)
class _Zone:
    object_ns: list[int] = field(default_factory=lambda: [0, 0])
    most: list[int] = field(default_factory=lambda: [0, 0])
    seen: tuple[set[int], set[int]] = field(default_factory=lambda: (set(), set()))

    def see(self, occupancy: Occupancy, covered_ns: int) -> None:
        for i, present in enumerate((occupancy.people, occupancy.vehicles)):
            self.object_ns[i] += len(present) * covered_ns
            self.most[i] = max(self.most[i], len(present))
            self.seen[i].update(present & occupancy.entered)

    def tally(self) -> ZoneTally:
        people, vehicles = (
            Presence(object_ns=self.object_ns[i], most=self.most[i], distinct=max(self.most[i], len(self.seen[i])))
            for i in range(2)
        )
        return ZoneTally(people=people, vehicles=vehicles)


@dataclass(kw_only=True, slots=True, eq=False)
class Window:
    """The window in progress, for so many lines and zones."""

    start_ns: int
    length_ns: int
    lines: int
    zones: int
    observed_ns: int = 0
    _counts: list[dict[Direction, list[int]]] = field(init=False)
    _zones: list[_Zone] = field(init=False)

    def __post_init__(self) -> None:
        """Start all sums at zero."""
        self._counts = [{way: [0] * len(RoadUser) for way in Direction} for _ in range(self.lines)]
        self._zones = [_Zone() for _ in range(self.zones)]

    @property
    def end_ns(self) -> int:
        """The first instant after the window."""
        return self.start_ns + self.length_ns

    def see(self, occupancies: list[Occupancy], covered_ns: int) -> None:
        """Take in who is present in one frame, which stands for `covered_ns` of time."""
        self.observed_ns += covered_ns
        for occupancy in occupancies:
            self._zones[occupancy.zone].see(occupancy, covered_ns)

    def count(self, passages: list[Passage]) -> None:
        """Add passes."""
        for passage in passages:
            self._counts[passage.line][passage.direction][passage.kind] += 1

    def tally(self) -> Tally:
        """Sum up."""
        return Tally(
            start_ns=self.start_ns,
            length_ns=self.length_ns,
            observed_ns=self.observed_ns,
            lines=tuple(
                LineTally(forward=tuple(c[Direction.FORWARD]), backward=tuple(c[Direction.BACKWARD]))
                for c in self._counts
            ),
            zones=tuple(zone.tally() for zone in self._zones),
        )
