"""What the crowd's eyes count in each zone that asks for it: looked at in steps, since a whole look costs much.

A network takes a fence or a lit facade for a crowd now and then, and does so all day. So only what is not the slow
background counts; and where most of what the eyes tell is background, nobody knows which of the two is wrong, and the
zone is left to the tracks.
"""

from typing import TYPE_CHECKING, Final, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.config.site import Site, Zone
from edge.contract.report import AlarmKind, CrowdEstimator
from edge.units import NS_PER_S
from edge.vision.crowd.backdrop import Backdrop, shrunk
from edge.vision.crowd.scale import Scale, person_heights
from edge.vision.detect.crowd import Density
from edge.vision.frame import Frame, Pixels
from edge.vision.measure.crowd import Headcount

if TYPE_CHECKING:
    from edge.vision.measure.ground import GroundView

Cover = NDArray[np.float32]

# The loop waits for a step no longer than for a look for road users; a whole look takes PARTS and one more of them.
STEP_NS: Final = NS_PER_S // 2
# Heads are what is marked: who stands in a zone has the head this share of a person higher.
HEAD_SHARE: Final = 0.93
# So much of what the eyes tell must be before the background, or be no more than so many people.
LEAST_BEFORE: Final = 0.6
FEW_PEOPLE: Final = 3.0
# A cell is before the background where so much of it was, during a whole look, or of one beside it.
LEAST_OF_CELL: Final = 0.1


class Steps(Protocol):
    """A look that is done in steps."""

    def step(self, pixels: Pixels) -> Density | None:
        """Look at the next part of a picture, uint8 (H, W, 3) BGR; after the last one gives who is where."""
        ...


class Crowds(Protocol):
    """What tells how many people are where: `CrowdEyes`."""

    @property
    def error(self) -> float | None:
        """Its mean error over its mean count where it was measured, 0..1."""
        ...

    def survey(self, size: tuple[int, int]) -> Steps:
        """Begin a look at pictures of `size` (w, h) px."""
        ...


def asks(zone: Zone) -> bool:
    """Tell whether a zone is to be counted by a network where there is one: it raises density, and has no fit."""
    return zone.crowd is None and AlarmKind.DENSITY in zone.alarms


class DensityCounter:
    """Counts the zones that ask for it, in pictures of `size` (w, h) px."""

    def __init__(self, site: Site, size: tuple[int, int], ground: "GroundView | None", eyes: Crowds) -> None:
        self._zones = [zone if asks(zone) else None for zone in site.zones]
        self._size = size
        self._ground = ground
        self._eyes = eyes
        self._survey = eyes.survey(size)
        self._backdrop = Backdrop()
        self._before: NDArray[np.uint8] | None = None
        self._covers: dict[tuple[int, ...], list[Cover | None]] = {}
        self._stepped_ns: int | None = None
        self._counts: tuple[Headcount | None, ...] = (None,) * len(self._zones)

    def see(self, frame: Frame) -> tuple[Headcount | None, ...]:
        """Take a step, if it is time to; gives what the last whole look has counted, for each zone of the site."""
        elapsed_ns = None if self._stepped_ns is None else frame.taken_ns - self._stepped_ns
        if elapsed_ns is None or not 0 <= elapsed_ns < STEP_NS:
            self._stepped_ns = frame.taken_ns
            self._watch(frame)
            density = self._survey.step(frame.pixels)
            if density is not None:
                self._counts = self._counted(density)
                self._survey, self._before = self._eyes.survey(self._size), None
        return self._counts

    def learn(self, frame: Frame) -> None:
        """Learn what the place looks like from a frame that is not counted."""
        self._backdrop.learn(shrunk(frame))

    def _watch(self, frame: Frame) -> None:
        """Add what is before the background now to what was since the look began."""
        mask = self._backdrop.see(shrunk(frame), frame.taken_ns)
        if self._backdrop.settled:
            self._before = mask if self._before is None else np.maximum(self._before, mask)

    def _counted(self, density: Density) -> tuple[Headcount | None, ...]:
        if self._before is None:
            return (None,) * len(self._zones)
        covers = self._covers.get(density.people.shape) or self._drawn(density)
        self._covers = {density.people.shape: covers}
        before = density.people * _cells(self._before, density.people.shape)
        return tuple(
            None
            if cover is None
            else self._headcount(float((density.people * cover).sum()), float((before * cover).sum()))
            for cover in covers
        )

    def _headcount(self, told: float, before: float) -> Headcount | None:
        if told - before > FEW_PEOPLE and before < LEAST_BEFORE * told:
            return None
        return Headcount(people=before, estimator=CrowdEstimator.DENSITY_NET, error=self._eyes.error)

    def _drawn(self, density: Density) -> list[Cover | None]:
        height, width = density.people.shape
        heights = person_heights((height, width), self._size[0] / width, self._ground)
        metres = self._ground is not None
        return [None if zone is None else _heads(zone, density.cell, heights, metres=metres) for zone in self._zones]


def _heads(zone: Zone, cell: tuple[float, float], heights: Scale, *, metres: bool) -> Cover:
    """Draw where the heads of people are whose feet stand in a zone: (h, w), 1 or 0; without metres, the zone."""
    height, width = heights.shape
    corners = np.array(zone.polygon) / np.array(cell)
    if metres:
        columns, rows = (np.clip(corners[:, axis].astype(int), 0, side - 1) for axis, side in ((0, width), (1, height)))
        corners[:, 1] -= HEAD_SHARE * heights[rows, columns]
    cover = np.zeros(heights.shape, np.uint8)
    cv2.fillPoly(cover, [np.round(corners).astype(np.int32)], (1,))
    return cover.astype(np.float32)


def _cells(mask: NDArray[np.uint8], shape: tuple[int, ...]) -> Cover:
    """Tell in which cells (h, w), or beside which, a mask covers something: 1 or 0."""
    share = cv2.resize(mask, shape[::-1], interpolation=cv2.INTER_AREA)
    covered = np.where(share >= LEAST_OF_CELL * 255, 1, 0).astype(np.uint8)
    return np.asarray(cv2.dilate(covered, np.ones((3, 3), np.uint8)), np.float32)
