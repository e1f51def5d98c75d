"""Windows of time, aligned to UTC: passes and presence are summed up until the window is over."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from edge.contract.report import CameraState, Metres, RoadUser
from edge.units import NS_PER_S
from edge.vision.aggregate.sums import FlowSum, ZoneSum
from edge.vision.aggregate.tally import LineTally, Tally, TurnTally
from edge.vision.measure.lines import Direction
from edge.vision.measure.measures import Measured, Settled
from edge.vision.measure.passes import Passage
from edge.vision.measure.turns import Turn
from edge.vision.measure.zones import Occupancy

# A longer gap between two frames was not observed; cameras give one a second at least.
LONGEST_GAP_NS: Final = 5 * NS_PER_S // 4
_MM: Final = 1000


@dataclass(kw_only=True, slots=True, eq=False)
class _Way:
    """One line in one direction."""

    counts: list[int] = field(default_factory=lambda: [0] * len(RoadUser))
    flow: FlowSum = field(default_factory=FlowSum)


@dataclass(kw_only=True, slots=True, eq=False)
class Window:
    """The window in progress, for so many lines and zones; `metres` is what they are worth here."""

    start_ns: int
    length_ns: int
    lines: int
    zones: int
    metres: Metres = Metres.NONE
    observed_ns: int = 0
    _lines: list[dict[Direction, _Way]] = field(init=False)
    _zones: list[ZoneSum] = field(init=False)
    _turns: Counter[Turn] = field(default_factory=Counter)
    _lost_ns: list[int] = field(default_factory=lambda: [0] * len(CameraState))

    def __post_init__(self) -> None:
        """Start all sums at zero."""
        self._lines = [{way: _Way() for way in Direction} for _ in range(self.lines)]
        self._zones = [ZoneSum() for _ in range(self.zones)]

    @property
    def end_ns(self) -> int:
        """The first instant after the window."""
        return self.start_ns + self.length_ns

    def take(self, measured: Measured, covered_ns: int) -> None:
        """Take in what was measured in one frame, which stands for `covered_ns` of time."""
        self.observed_ns += covered_ns
        self.settle(measured.settled)
        for ways, over, free in zip(self._lines, measured.over, measured.free_mps, strict=True):
            for direction, way in ways.items():
                way.flow.occupied_ns += covered_ns * (direction in over)
                way.flow.free = round(free.get(direction, 0.0) * _MM)
        for zone, scene in zip(self._zones, measured.zones, strict=True):
            zone.take(scene, covered_ns)

    def settle(self, settled: Settled) -> None:
        """Add passes and turns."""
        self.count(settled.passages)
        self._turns.update(settled.turns)

    def see(self, occupancies: Sequence[Occupancy], covered_ns: int) -> None:
        """Take in who is present in one frame of which nothing else was measured."""
        self.observed_ns += covered_ns
        for occupancy in occupancies:
            self._zones[occupancy.zone].see(occupancy, covered_ns)

    def count(self, passages: Sequence[Passage]) -> None:
        """Add passes."""
        for passage in passages:
            way = self._lines[passage.line][passage.direction]
            way.counts[passage.kind] += 1
            way.flow.add(passage)

    def lose(self, state: CameraState, lost_ns: int) -> None:
        """Note that for so long the picture was worth nothing, and why."""
        self._lost_ns[state] += lost_ns

    def tally(self) -> Tally:
        """Sum up."""
        return Tally(
            start_ns=self.start_ns,
            length_ns=self.length_ns,
            observed_ns=self.observed_ns,
            lines=tuple(_line(ways[Direction.FORWARD], ways[Direction.BACKWARD]) for ways in self._lines),
            zones=tuple(zone.tally() for zone in self._zones),
            turns=tuple(sorted(_turn(turn, count) for turn, count in self._turns.items())),
            metres=self.metres,
            lost_ns=tuple(self._lost_ns),
        )


def _line(forward: _Way, backward: _Way) -> LineTally:
    return LineTally(
        forward=tuple(forward.counts),
        backward=tuple(backward.counts),
        forward_flow=forward.flow.tally(),
        backward_flow=backward.flow.tally(),
    )


def _turn(turn: Turn, count: int) -> TurnTally:
    return TurnTally(
        entry=turn.entry,
        entry_forward=turn.entry_direction is Direction.FORWARD,
        exit=turn.exit,
        exit_forward=turn.exit_direction is Direction.FORWARD,
        count=count,
    )
