"""A play on a stage, seen by a camera at so many frames a second: from actors to alarms, through the real code."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from edge.cli.bench.world.actor import Actor
from edge.cli.bench.world.lens import shown_of
from edge.cli.bench.world.noise import Noise
from edge.cli.bench.world.senses import Senses, Truth, hidden_shares
from edge.cli.bench.world.stage import BEGIN_S, Stage
from edge.cli.bench.world.witness import MovementSense
from edge.contract.report import RoadUser
from edge.units import NS_PER_S
from edge.vision.detect.attention import Attention
from edge.vision.detect.motion import blobs
from edge.vision.frame import NO_BOXES
from edge.vision.judge.judge import Judge
from edge.vision.pipeline import LEAST_ACTIVE_PX
from edge.vision.reckoning import Look, Reckoning

if TYPE_CHECKING:
    from edge.vision.judge.alarm import Alarm
    from edge.vision.measure.crowd import Headcount

Floats = NDArray[np.float64]
FPS: Final = 5.0
# The background takes in what stands for about so long.
ABSORBED_S: Final = 3.0
LEAST_MOVE_M_S: Final = 0.15
# Of a box at least so much lies in the picture, else it is not there.
LEAST_INSIDE: Final = 0.05


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Moving:
    """What is in one frame: the truth, the ground places (n, 2) m and speeds (n,) m/s, and who has moved lately."""

    truth: Truth
    places: Floats
    moving: NDArray[np.bool_]


@dataclass(kw_only=True, slots=True, eq=False)
class Camera:
    """The whole appliance but its pixels, on one stage; frames must come in their order."""

    stage: Stage
    noise: Noise
    rng: np.random.Generator
    night: bool = False
    # What estimates the people of each zone, if anything: from the truth of a frame.
    estimate: Callable[[Moving], "tuple[Headcount | None, ...]"] | None = None
    senses: Senses = field(init=False)
    frames: int = 0

    def __post_init__(self) -> None:
        """Set the real tracker, attention and judge up."""
        size = self.stage.lens.size
        self.senses = Senses(noise=self.noise, size=size, rng=self.rng, night=self.night)
        self._movement = MovementSense(noise=self.noise, size=size, rng=self.rng, night=self.night)
        self._attention = Attention(size, None)
        judge = Judge(self.stage.site, size, self.stage.view)
        self.reckoning = Reckoning(self.stage.site, size, judge=judge, ground=self.stage.view)

    _movement: MovementSense = field(init=False)
    _attention: Attention = field(init=False)
    reckoning: Reckoning = field(init=False)

    def turn(self, *, night: bool) -> None:
        """Make it day or night."""
        self.night = self.senses.night = self._movement.night = night

    def see(
        self, actors: Sequence[Actor], at_s: float, glare: float = 0.0, bushes: Sequence[Floats] = ()
    ) -> "tuple[Alarm, ...]":
        """Take a picture `at_s` into the play and reckon with it.

        `glare` is the share of the picture that light floods, `bushes` (4,) px what else moves and is nobody.
        """
        self.frames += 1
        shown = shown_at(self.stage, actors, at_s)
        taken_ns = round(at_s * NS_PER_S)
        look = self._look(shown, at_s, taken_ns, (glare, bushes))
        self.reckoning.close_due(BEGIN_S * NS_PER_S + taken_ns)
        return self.reckoning.see(look, taken_ns, BEGIN_S * NS_PER_S + taken_ns)

    def _look(self, shown: Moving, at_s: float, taken_ns: int, unrest: tuple[float, Sequence[Floats]]) -> Look:
        counts = () if self.estimate is None else self.estimate(shown)
        tracker = self.reckoning.tracker
        if not self._attention.due(tracker.pace(), taken_ns):
            return Look(found=None, counts=counts)
        truth = shown.truth
        rows = np.flatnonzero(shown.moving)
        motion = self._movement.see(
            truth.boxes[rows], [truth.who[n] for n in rows], [truth.kinds[n] for n in rows], at_s, unrest
        )
        moving = blobs(motion.mask, motion.scale, LEAST_ACTIVE_PX) if motion.trusted else NO_BOXES
        regions = self._attention.plan(tracker.active(moving), taken_ns)
        found = self.senses.detect(truth, regions, at_s) if regions else None
        return Look(found=found, looked=regions, motion=motion, counts=counts)


def shown_at(stage: Stage, actors: Sequence[Actor], at_s: float) -> Moving:
    """Find who of the actors is in the picture, and where."""
    present = [n for n, actor in enumerate(actors) if actor.starts_s <= at_s <= actor.ends_s]
    nobody = np.empty((0, 2))
    if not present:
        return _moving(np.empty((0, 4)), np.empty(0), [], [], (nobody, np.empty(0, bool)))
    instants = np.array((at_s - ABSORBED_S, at_s - 0.2, at_s))
    places, headings, moved, bodies = [], [], [], []
    for n in present:
        actor = actors[n]
        before, lately, now = actor.at(np.clip(instants, actor.starts_s, actor.ends_s))
        places.append(now)
        headings.append(actor.headings(instants[2:])[0])
        moved.append(
            math.dist(lately, now) > LEAST_MOVE_M_S * 0.2 or math.dist(before, now) > LEAST_MOVE_M_S * ABSORBED_S
        )
        bodies.append(actor.body)
    ground = np.array(places)
    boxes, shares, depths = shown_of(stage.lens, ground, np.array(headings), np.array(bodies))
    rows = np.flatnonzero((depths > 1.0) & (shares > LEAST_INSIDE))
    return _moving(
        boxes[rows],
        depths[rows],
        # Known by itself, not by where it stands in a list: a day's lists differ.
        [id(actors[present[n]]) for n in rows],
        [actors[present[n]].kind for n in rows],
        (ground[rows], np.array(moved, bool)[rows]),
    )


def _moving(
    boxes: Floats, depths: Floats, who: list[int], kinds: list[RoadUser], ground: tuple[Floats, NDArray[np.bool_]]
) -> Moving:
    truth = Truth(boxes=boxes, depths=depths, who=who, kinds=kinds, hidden=hidden_shares(boxes, depths))
    return Moving(truth=truth, places=ground[0], moving=ground[1])
