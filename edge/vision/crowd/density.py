"""A density network's count of each zone that asks for one: looked at now and then, since a look costs much."""

from typing import TYPE_CHECKING, Final, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.config.site import Site, Zone
from edge.contract.report import AlarmKind, CrowdEstimator
from edge.units import NS_PER_S
from edge.vision.crowd.scale import Scale, person_heights
from edge.vision.detect.crowd import Density
from edge.vision.frame import Frame, Pixels
from edge.vision.measure.crowd import Headcount

if TYPE_CHECKING:
    from edge.vision.measure.ground import GroundView

Cover = NDArray[np.float32]

# A look takes some times as long as one of the detector for road users, and the loop waits for it.
INTERVAL_NS: Final = 5 * NS_PER_S
# The network marks heads: who stands in a zone has the head this share of a person higher.
HEAD_SHARE: Final = 0.93


class Crowds(Protocol):
    """What tells how many people are where."""

    @property
    def error(self) -> float | None:
        """Its mean error over its mean count where it was measured, 0..1."""
        ...

    def look(self, pixels: Pixels) -> Density:
        """Look at a picture, uint8 (H, W, 3) BGR."""
        ...


def asks(zone: Zone) -> bool:
    """Tell whether a zone is to be counted by a network where there is one: it raises density, and has no fit."""
    return zone.crowd is None and AlarmKind.DENSITY in zone.alarms


class DensityCounter:
    """Counts the zones that ask for it, in pictures of `size` (w, h) px."""

    def __init__(self, site: Site, size: tuple[int, int], ground: "GroundView | None", net: Crowds) -> None:
        self._zones = [zone if asks(zone) else None for zone in site.zones]
        self._size = size
        self._ground = ground
        self._net = net
        self._covers: dict[tuple[int, ...], list[Cover | None]] = {}
        self._looked_ns: int | None = None
        self._counts: tuple[Headcount | None, ...] = (None,) * len(self._zones)

    def see(self, frame: Frame) -> tuple[Headcount | None, ...]:
        """Count in a frame, or say what the last look has counted; one entry for each zone of the site."""
        elapsed_ns = None if self._looked_ns is None else frame.taken_ns - self._looked_ns
        if elapsed_ns is None or not 0 <= elapsed_ns < INTERVAL_NS:
            self._looked_ns = frame.taken_ns
            self._counts = self._counted(self._net.look(frame.pixels))
        return self._counts

    def _counted(self, density: Density) -> tuple[Headcount | None, ...]:
        covers = self._covers.get(density.people.shape) or self._drawn(density)
        self._covers = {density.people.shape: covers}
        return tuple(None if cover is None else self._headcount(density, cover) for cover in covers)

    def _headcount(self, density: Density, cover: Cover) -> Headcount:
        people = float((density.people * cover).sum())
        return Headcount(people=people, estimator=CrowdEstimator.DENSITY_NET, error=self._net.error)

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
