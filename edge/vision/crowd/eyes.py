"""Crowds by two eyes: a detector for heads where they are large enough, a density network where they are packed.

Each fails where the other is good: of heads under some ten pixels a face detector sees none, and the network, taught on
drawn people only, takes large heads and real surfaces for several small ones or for none. So the picture is parted, and
in each part the heads that were found count, unless the network tells of many more.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.config.site import Site
from edge.vision.crowd.density import asks
from edge.vision.detect.crowd import CrowdNet, Density, load_crowd_net
from edge.vision.detect.faces import FaceDetector, load_face_detector
from edge.vision.detect.region import Region, tiles_of
from edge.vision.frame import Boxes, Pixels

# Tuned on the 46 photographs of `passant bench crowd`, as the network's input size was; `models/crowd.md` tells more.
PARTS: Final = (4, 4)
HEAD_THRESHOLD: Final = 0.15
# Fewer heads in one cell are surfaces, not people.
LEAST_IN_CELL: Final = 0.3
# The network counts where the detector finds less than this share of what it tells.
LEAST_FOUND: Final = 0.25


class CrowdEyes:
    """Counts crowds in pictures, in steps that take no longer than a look for road users."""

    def __init__(self, net: CrowdNet, faces: FaceDetector | None) -> None:
        """Without `faces` the network alone counts: an operator's own is for all crowds."""
        self._net = net
        self._faces = faces

    @property
    def error(self) -> float | None:
        """The mean error over the mean count where it was measured, 0..1; None: not known."""
        return self._net.error

    def look(self, pixels: Pixels) -> Density:
        """Look at a whole picture at once, uint8 (H, W, 3) BGR."""
        survey = self.survey((pixels.shape[1], pixels.shape[0]))
        while (density := survey.step(pixels)) is None:
            pass
        return density

    def survey(self, size: tuple[int, int]) -> "Survey":
        """Begin a look at pictures of `size` (w, h) px that is done in steps."""
        return Survey(self._net, self._faces, size)


class Survey:
    """One look at a place, part by part; the parts may be of pictures some seconds apart."""

    def __init__(self, net: CrowdNet, faces: FaceDetector | None, size: tuple[int, int]) -> None:
        self._net = net
        self._faces = faces
        self._size = size
        self._parts = tiles_of(size, *PARTS) if faces is not None else ()
        self._found: list[Boxes] = []

    def step(self, pixels: Pixels) -> Density | None:
        """Look at the next part of a picture; after the last one gives who is where."""
        if self._faces is not None and len(self._found) < len(self._parts):
            part = self._parts[len(self._found)]
            self._found.append(self._faces.detect(pixels, (part,), HEAD_THRESHOLD).boxes)
            return None
        density = self._net.look(pixels)
        return density if self._faces is None else fused(density, self._found, self._size)


def fused(density: Density, found: Sequence[Boxes], size: tuple[int, int]) -> Density:
    """Put the heads found in each part, row by row, for what the network tells of it, unless that is many more.

    `size` (w, h) px is the picture's.
    """
    people = np.where(density.people >= LEAST_IN_CELL, density.people, 0).astype(np.float32)
    heads = np.zeros_like(people)
    columns, rows = ((np.linspace(0, side, number + 1)) for side, number in zip(people.shape[::-1], PARTS, strict=True))
    for index, boxes in enumerate(found):
        row, column = divmod(index, PARTS[0])
        own = Region(
            x0=round(columns[column]), y0=round(rows[row]), x1=round(columns[column + 1]), y1=round(rows[row + 1])
        )
        part = _marked(boxes, own, people.shape, size)
        inside = (slice(own.y0, own.y1), slice(own.x0, own.x1))
        heads[inside] = part[inside] if part[inside].sum() >= LEAST_FOUND * people[inside].sum() else people[inside]
    return Density(people=heads, cell=density.cell)


def _marked(boxes: Boxes, own: Region, shape: tuple[int, ...], size: tuple[int, int]) -> NDArray[np.float32]:
    """Mark the middles of heads that lie in a part's own cells: parts overlap, and each head is to count once."""
    marked = np.zeros(shape, np.float32)
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2 * (np.array(shape[::-1]) / np.array(size))
    columns, rows = (np.clip(middles[:, axis].astype(int), 0, shape[1 - axis] - 1) for axis in (0, 1))
    mine = (columns >= own.x0) & (columns < own.x1) & (rows >= own.y0) & (rows < own.y1)
    np.add.at(marked, (rows[mine], columns[mine]), 1.0)
    return marked


def load_crowd_eyes(net: CrowdNet | None, *, threads: int = 1) -> CrowdEyes | None:
    """Make eyes of a network, with a face detector beside ours; None where there is no network. Raises ModelError."""
    if net is None:
        return None
    return CrowdEyes(net, load_face_detector(threads) if net.ours else None)


def crowd_eyes_for(site: Site) -> CrowdEyes | None:
    """Load what counts the site's crowds; None where no zone asks for it, or there is none. Raises ModelError."""
    if not any(map(asks, site.zones)):
        return None
    return load_crowd_eyes(load_crowd_net(threads=site.detector.threads), threads=site.detector.threads)
