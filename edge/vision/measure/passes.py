"""Passes with the name of what passed: one for each thing, however many tracks it had."""

import math
from dataclasses import dataclass
from typing import Final

from edge.contract.report import RoadUser
from edge.units import NS_PER_S
from edge.vision.measure.lines import Crossing, Direction
from edge.vision.measure.speed import Speed
from edge.vision.track.identity import Proof
from edge.vision.track.tracker import Scene, Track

# Two tracks that pass one line so soon after each other, so near in their own sizes, are one thing in two pieces. A
# second vehicle in the same lane comes later, one beside it passes farther off.
SAME_THING_NS: Final = round(0.7 * NS_PER_S)
SAME_THING_SIZES: Final = 0.5
# Two that the detector both named need to be nearer to be the same.
SAME_NAMED_SIZES: Final = 0.4


@dataclass(frozen=True, kw_only=True, slots=True)
class Passage:
    """Somebody or something passed a line, by the line's index in the site file.

    `track` is local to this process; `at_ns` is of the source's clock; `speed` None: not known. `gap_ns` is what a
    vehicle adds to the time between successive passes, None where none before it is known.
    """

    line: int
    direction: Direction
    kind: RoadUser
    track: int
    at_ns: int
    speed: Speed | None = None
    gap_ns: int | None = None


class Ledger:
    """Passes wait here until it is known what passed: when the track ends, or when a window does.

    Those of a track that is never confirmed are dropped.
    """

    def __init__(self) -> None:
        self._waiting: list[Crossing] = []
        self._settled: list[Crossing] = []

    def see(self, crossings: list[Crossing], scene: Scene, now_ns: int) -> list[Passage]:
        """Take in the passes of one frame; gives those that are settled by it."""
        for crossing in crossings:
            self._enter(crossing)
        self._settled = [old for old in self._settled if now_ns - old.at_ns <= SAME_THING_NS]
        return self._settle({track.id: track for track in scene.ended}) if self._waiting else []

    def flush(self, scene: Scene) -> list[Passage]:
        """Settle the passes of all confirmed tracks as they are known now."""
        return self._settle({track.id: track for track in scene.tracks if track.confirmed})

    def _enter(self, crossing: Crossing) -> None:
        for i, other in enumerate(self._waiting):
            # Of two that are both unproven, either may turn out to be nothing: both wait.
            if _same(other, crossing) and max(crossing.proof, other.proof) > Proof.TENTATIVE:
                if crossing.proof > other.proof:
                    self._waiting[i] = crossing
                return
        if not any(_same(other, crossing) for other in self._settled):
            self._waiting.append(crossing)

    def _settle(self, known: dict[int, Track]) -> list[Passage]:
        counted: list[Crossing] = []
        for crossing in self._waiting:
            confirmed = crossing.track in known and known[crossing.track].confirmed
            if confirmed and not any(_same(one, crossing) for one in counted):
                counted.append(crossing)
        self._waiting = [
            crossing
            for crossing in self._waiting
            if crossing.track not in known and not any(_same(one, crossing) for one in counted)
        ]
        self._settled += counted
        return [
            Passage(
                line=one.line,
                direction=one.direction,
                kind=known[one.track].kind,
                track=one.track,
                at_ns=one.at_ns,
                speed=one.speed,
            )
            for one in counted
        ]


def _same(a: Crossing, b: Crossing) -> bool:
    if (a.line, a.direction) != (b.line, b.direction) or a.track == b.track:
        return False
    both_named = a.proof is Proof.NAMED and b.proof is Proof.NAMED
    near = (SAME_NAMED_SIZES if both_named else SAME_THING_SIZES) * max(a.size_px, b.size_px)
    return abs(a.at_ns - b.at_ns) <= SAME_THING_NS and math.dist(a.foot, b.foot) <= near
