"""From what is known of a picture to what is hidden of it, level by level; each hides all that the one before hides."""

from dataclasses import dataclass, field

import cv2
import numpy as np

from edge.config.site import PrivacyLevel
from edge.vision.anonymise import parts
from edge.vision.anonymise.cover import cover_boxes
from edge.vision.detect import motion as movement
from edge.vision.detect.motion import Motion
from edge.vision.frame import MASKED, NO_BOXES, SHOWN, Boxes, Cover

# What moves and is smaller, px² of the picture, is noise: a head of so few pixels is nobody's.
LEAST_MOVING_PX = 40.0
# Movement that a known thing explains: its shadow and its fringe.
EXPLAINED_MARGIN = 0.3


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class Known:
    """All that is known of one picture; boxes are float32 (n, 4) px.

    `people` and `vehicles` are hidden as the level says, `always` as it is: faces, plates, what moves and has no name.
    `plates` is None or a cover of the picture; `motion` is None where there is no before.
    """

    people: Boxes = field(default_factory=NO_BOXES.copy)
    vehicles: Boxes = field(default_factory=NO_BOXES.copy)
    always: Boxes = field(default_factory=NO_BOXES.copy)
    plates: Cover | None = None
    motion: Motion | None = None

    @property
    def number(self) -> int:
        """How many things there are to be hidden."""
        return len(self.people) + len(self.vehicles) + len(self.always)


def cover_of(known: Known, level: PrivacyLevel, size: tuple[int, int]) -> Cover:
    """Give what is hidden of a picture of `size` (width, height).

    At ALL_BUT_BACKGROUND, whoever has no memory of the place hides everything: one picture proves no background.
    """
    if level is PrivacyLevel.ALL_BUT_BACKGROUND:
        return np.full((size[1], size[0]), MASKED, np.uint8)
    if level is PrivacyLevel.PEOPLE_AND_VEHICLES:
        boxes = (parts.whole_people(known.people), parts.whole_vehicles(known.vehicles))
        unexplained = NO_BOXES
    else:
        boxes = (NO_BOXES, NO_BOXES)
        unexplained = np.concatenate((known.people, known.vehicles))
    always = (parts.heads(known.people), parts.lower_parts(known.vehicles), known.always)
    cover = cover_boxes(size, np.concatenate((*boxes, *always)))
    for more in (known.plates, _moving(known.motion, unexplained, size)):
        if more is not None:
            cv2.bitwise_or(cover, more, dst=cover)
    return cover


def _moving(motion: Motion | None, explained: Boxes, size: tuple[int, int]) -> Cover | None:
    """Cover what moves and is not explained, grown by one cell of the motion mask on every side."""
    if motion is None:
        return None
    rest = movement.without(motion.mask, motion.scale, explained, EXPLAINED_MARGIN)
    number, labels, stats, _ = cv2.connectedComponentsWithStats(rest, connectivity=8, ltype=cv2.CV_32S)
    if number == 1:
        return None
    large = stats[:, cv2.CC_STAT_AREA] * motion.scale**2 >= LEAST_MOVING_PX
    large[0] = False
    kept = np.where(large[labels], MASKED, SHOWN).astype(np.uint8)
    grown = cv2.dilate(kept, np.ones((3, 3), np.uint8))
    return np.asarray(cv2.resize(grown, size, interpolation=cv2.INTER_NEAREST), np.uint8)
