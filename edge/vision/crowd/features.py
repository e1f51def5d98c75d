"""What a zone shows of a crowd at one moment, as a few numbers: how much of it is covered, how full of edges that is.

After Chan, Liang and Vasconcelos, "Privacy preserving crowd monitoring: counting people without people models or
tracking", 2008: the area before the background and the edges in it, each pixel weighted by how much of a person it is
where it lies. Nothing of a person is in these numbers.
"""

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.config.site import Point, Zone
from edge.contract.report import RoadUser
from edge.vision.crowd.scale import PERSON_HIGH_M, PERSON_WIDE_M, Scale
from edge.vision.frame import Grey
from edge.vision.measure.zones import contains
from edge.vision.track.tracker import Scene

Features = NDArray[np.float64]
NAMES: Final = ("constant", "covered", "edges", "tracks")
"""The features in the order of a fit's weights: 1; areas of a person covered; heights of a person of edges; tracks."""

# Steps of grey between neighbours that make an edge, by Sobel's kernel of weight 8.
LEAST_STEP: Final = 120
# Of a zone's ground someone hides what is behind; who stands at its far edge rises above it by this share of a person.
RISE: Final = 0.5


class ZoneEye:
    """Looks at one zone in small pictures of one size; `heights` as in `scale`."""

    def __init__(self, zone: Zone, zoom: float, heights: Scale) -> None:
        self._zone = zone
        cover = _cover(zone, zoom, heights)
        # A pixel's share of a person's area, and of a person's height.
        aspect = PERSON_WIDE_M / PERSON_HIGH_M
        self._areas = (cover / (aspect * heights**2)).astype(np.float32)
        self._lengths = (cover / heights).astype(np.float32)

    def see(self, foreground: Grey, edges: Grey, scene: Scene) -> Features:
        """Compute the features of a moment: (len(NAMES),); `foreground`, `edges` (h, w): 255 where there is one."""
        covered = foreground > 0
        return np.array([
            1.0,
            float(self._areas[covered].sum()),
            float(self._lengths[covered & (edges > 0)].sum()),
            float(_followed(self._zone.polygon, scene)),
        ])  # fmt: skip


def grey_edges(small: NDArray[np.uint8]) -> Grey:
    """Find edges in a small picture (h, w, 3): (h, w), 255 where there is one."""
    grey = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY)
    steps = np.abs(cv2.Sobel(grey, cv2.CV_16S, 1, 0)) + np.abs(cv2.Sobel(grey, cv2.CV_16S, 0, 1))
    return np.where(steps >= LEAST_STEP, 255, 0).astype(np.uint8)


def _followed(polygon: Sequence[Point], scene: Scene) -> int:
    return sum(
        track.confirmed and track.kind is RoadUser.PERSON and contains(tuple(polygon), track.foot)
        for track in scene.tracks
    )


def _cover(zone: Zone, zoom: float, heights: Scale) -> NDArray[np.float32]:
    """Draw where bodies are whose feet stand in a zone: the zone, moved up by half a person: (h, w), 1 or 0."""
    shape = heights.shape
    corners = np.array(zone.polygon) / zoom
    rows, columns = (np.clip(corners[:, axis].round().astype(int), 0, shape[1 - axis] - 1) for axis in (1, 0))
    corners[:, 1] -= RISE * heights[rows, columns]
    cover = np.zeros(shape, np.uint8)
    cv2.fillPoly(cover, [np.round(corners).astype(np.int32)], (1,))
    return cover.astype(np.float32)
