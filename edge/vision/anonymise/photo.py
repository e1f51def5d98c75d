"""Masks over a single picture: it is looked at whole and in ever smaller parts, and hidden by what is found."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from edge.config.site import Point, PrivacyLevel
from edge.vision.anonymise import parts
from edge.vision.anonymise.cover import regions_in
from edge.vision.anonymise.eyes import Eyes
from edge.vision.anonymise.fill import solid
from edge.vision.anonymise.level import Known, cover_of
from edge.vision.anonymise.polygon import polygon_cover
from edge.vision.anonymise.verdict import Blackout, Verdict
from edge.vision.detect.faces import head_regions, widened
from edge.vision.detect.motion import Motion
from edge.vision.detect.region import whole, zoomed
from edge.vision.frame import Pixels

# Each zoom looks at the whole picture in parts that show it so much larger.
ZOOMS: Final = (1.6, 2.4)
# So many finds of people, several for each, as they come from looks at several scales.
CROWD: Final = 60
PART_PX: Final = 640
# So many looks at one picture name much that is nobody: at the detector's own threshold half of it was hidden.
THRESHOLD: Final = 0.3


class PhotoMasker:
    """Masks pictures that have no before and after; not for more than one thread."""

    def __init__(self, eyes: Eyes, level: PrivacyLevel, polygons: Sequence[Sequence[Point]] = ()) -> None:
        self._eyes = eyes
        self._level = level
        self._polygons = polygons

    def judge(self, pixels: Pixels) -> Verdict:
        """Decide what is hidden of a picture, uint8 (H, W, 3); where a detector fails, all of it."""
        size = (pixels.shape[1], pixels.shape[0])
        burnt = polygon_cover(size, self._polygons)
        try:
            known = known_of(self._eyes, solid(pixels, burnt) if self._polygons else pixels)
        except Exception:  # noqa: BLE001  a detector may fail in any way, and its words may hold what it saw
            return Verdict.black(Blackout.FAILED)
        level = PrivacyLevel.ALL_BUT_BACKGROUND if is_crowd(known) else self._level
        cover = np.maximum(cover_of(known, level, size), burnt)
        return Verdict(cover=cover, why=None, regions=regions_in(cover))


def is_crowd(known: Known) -> bool:
    """Tell whether there are so many people that some were not found: then nothing is proven to be background."""
    return len(known.people) >= CROWD


def known_of(eyes: Eyes, pixels: Pixels, motion: Motion | None = None) -> Known:
    """Look closely at one picture, uint8 (H, W, 3)."""
    size = (pixels.shape[1], pixels.shape[0])
    everywhere = (whole(size), *(part for zoom in zooms(size) for part in zoomed(size, zoom)))
    found = eyes.road.detect(pixels, everywhere, THRESHOLD)
    people, vehicles = parts.people_of(found), parts.vehicles_of(found)
    faces = eyes.faces.detect(pixels, (whole(size), *zoomed(size, ZOOMS[0])), heads=head_regions(people, size))
    plates = eyes.plates.detect(pixels, (whole(size), *parts.regions_of(vehicles, size)))
    return Known(
        people=people,
        vehicles=vehicles,
        always=np.concatenate((widened(faces.boxes), parts.whole_plates(plates.cover))),
        motion=motion,
    )


def zooms(size: tuple[int, int]) -> tuple[float, ...]:
    """Choose how closely to look: in large pictures once more, at parts no larger than the network's input."""
    closest = max(size) / PART_PX
    return (*ZOOMS, closest) if closest > ZOOMS[-1] else ZOOMS
