"""Turns: a vehicle that passed one line and then another."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from edge.contract.report import RoadUser
from edge.units import NS_PER_S
from edge.vision.measure.lines import Direction
from edge.vision.measure.passes import Passage
from edge.vision.track.tracker import Scene

# What takes longer from line to line has stopped on the way, and is no turn of a junction.
MOST_NS: Final = 120 * NS_PER_S


@dataclass(frozen=True, kw_only=True, slots=True)
class Turn:
    """From a line, by its index in the site file, in a direction to the next one."""

    entry: int
    entry_direction: Direction
    exit: int
    exit_direction: Direction


class Turns:
    """The last pass of each vehicle that is still followed."""

    def __init__(self) -> None:
        self._last: dict[int, Passage] = {}

    def see(self, passages: Sequence[Passage], scene: Scene) -> list[Turn]:
        """Take in the passes that are settled, in one frame; gives the turns that they end."""
        turns = []
        for passage in sorted(passages, key=lambda one: one.at_ns):
            if passage.kind is RoadUser.PERSON:
                continue
            before, self._last[passage.track] = self._last.get(passage.track), passage
            if before is not None and before.line != passage.line and passage.at_ns - before.at_ns <= MOST_NS:
                turns.append(
                    Turn(
                        entry=before.line,
                        entry_direction=before.direction,
                        exit=passage.line,
                        exit_direction=passage.direction,
                    )
                )
        for track in scene.ended:
            self._last.pop(track.id, None)
        return turns
