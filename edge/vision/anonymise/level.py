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
# Pieces of movement so near each other, as a share of the picture's width, belong together.
REACH = 0.04
# Movement that a known thing explains: its shadow and its fringe.
EXPLAINED_MARGIN = 0.3


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class Known:
    """All that is known of one picture; boxes are float32 (n, 4) px.

    `people` and `vehicles` are hidden as the level says, `always` as it is: faces, plates, what moves and has no name.
    `motion` is None where there is no before.
    """

    people: Boxes = field(default_factory=NO_BOXES.copy)
    vehicles: Boxes = field(default_factory=NO_BOXES.copy)
    always: Boxes = field(default_factory=NO_BOXES.copy)
    motion: Motion | None = None


def cover_of(known: Known, level: PrivacyLevel, size: tuple[int, int]) -> Cover:
    """Give what is hidden of a picture of `size` (width, height).

    At ALL_BUT_BACKGROUND, whoever has no memory of the place hides everything: one picture proves no background.
    """
    if level is PrivacyLevel.ALL_BUT_BACKGROUND:
        return np.full((size[1], size[0]), MASKED, np.uint8)
    explained = np.concatenate((known.people, known.vehicles))
    hidden = [parts.heads(known.people), parts.lower_parts(known.vehicles), known.always]
    more = [_unknown(known.motion, explained, size)]
    if level is PrivacyLevel.PEOPLE_AND_VEHICLES:
        hidden += [parts.whole_people(known.people), parts.whole_vehicles(known.vehicles)]
        more += [_moving(known.motion, size)]
    cover = cover_boxes(size, np.concatenate(hidden))
    for one in more:
        if one is not None:
            cv2.bitwise_or(cover, one, dst=cover)
    return cover


def _moving(motion: Motion | None, size: tuple[int, int]) -> Cover | None:
    """Cover what moves, grown by one cell of the motion mask on every side."""
    if motion is None or not motion.mask.any():
        return None
    return _enlarged(np.asarray(cv2.dilate(motion.mask, np.ones((3, 3), np.uint8)), np.uint8), size)


def _unknown(motion: Motion | None, explained: Boxes, size: tuple[int, int]) -> Cover | None:
    """Cover what moves and is not explained, whole: what is as dark as the road behind it moves unseen.

    Pieces that lie near each other are one thing, and its convex hull is hidden.
    """
    if motion is None or not motion.mask.any():
        return None
    rest = movement.without(motion.mask, motion.scale, explained, EXPLAINED_MARGIN)
    reach = 2 * max(1, round(REACH * rest.shape[1])) + 1
    joined = cv2.morphologyEx(rest, cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8))
    grown = cv2.dilate(joined, np.ones((3, 3), np.uint8))
    outlines, _ = cv2.findContours(grown, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    hidden: Cover = np.full_like(rest, SHOWN)
    for outline in outlines:
        x, y, width, height = cv2.boundingRect(outline)
        within = np.s_[y : y + height, x : x + width]
        if np.count_nonzero(rest[within]) * motion.scale**2 >= LEAST_MOVING_PX:
            cv2.fillConvexPoly(hidden, cv2.convexHull(outline), (MASKED,))
    return _enlarged(hidden, size)


def _enlarged(cover: Cover, size: tuple[int, int]) -> Cover:
    return np.asarray(cv2.resize(cover, size, interpolation=cv2.INTER_NEAREST), np.uint8)
