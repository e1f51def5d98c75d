"""Which part of a box is hidden: heads, the lower parts of vehicles, whole things with a margin.

Boxes are float32 (n, 4), half-open `[x0, y0, x1, y1)` px. Margins are shares of a box's own sides, tuned until boxes
that others had drawn round the same people were hidden, with all their slips.
"""

from typing import Final

import numpy as np

from edge.contract.report import RoadUser
from edge.vision.detect.motion import blobs
from edge.vision.detect.region import Region
from edge.vision.frame import Boxes, Cover, Detections

# Left and right, top, bottom.
PERSON_MARGIN: Final = (0.18, 0.1, 0.03)
# Head and shoulders, by which somebody is known, more widely than the legs; down to this share of the height.
SHOULDERS_MARGIN: Final = (0.34, 0.12, 0.0)
SHOULDERS: Final = 0.4
VEHICLE_MARGIN: Final = (0.03, 0.03, 0.03)
# A head with its hair and chin: a share of a standing person's height, or of a bust's width where that is more.
HEAD_OF_HEIGHT: Final = 0.2
HEAD_OF_WIDTH: Final = 0.5
MOST_HEAD: Final = 0.6
HEAD_TOP: Final = 0.08
# Of a box's width; of one who stands upright, whose box is as wide as a step, the middle.
HEAD_WIDTH: Final = 1.24
UPRIGHT_HEAD_WIDTH: Final = 0.85
UPRIGHT: Final = 0.5
# Plates hang below the middle, front and back; VEHICLE_MARGIN comes on top.
LOWER_PART: Final = 0.5
PLATE_MARGIN: Final = (0.05, 0.12, 0.12)
# Where a plate is looked for.
REGION_MARGIN: Final = (0.1, 0.0, 0.1)


def people_of(found: Detections) -> Boxes:
    """Take the people out of what was found."""
    return found.boxes[found.kinds == RoadUser.PERSON]


def sure_people_of(found: Detections, least: float) -> Boxes:
    """Take out of what was found the people with such a score at least."""
    return found.boxes[(found.kinds == RoadUser.PERSON) & (found.scores >= least)]


def vehicles_of(found: Detections) -> Boxes:
    """Take out of what was found all that is no person; cycles too, whose riders need not be found for themselves."""
    return found.boxes[found.kinds != RoadUser.PERSON]


def whole_people(boxes: Boxes) -> Boxes:
    """Widen people from head to foot, and once more about head and shoulders: two boxes for each, (2n, 4)."""
    shoulders = boxes.copy()
    shoulders[:, 3] = boxes[:, 1] + SHOULDERS * (boxes[:, 3] - boxes[:, 1])
    return np.concatenate((widened(boxes, PERSON_MARGIN), widened(shoulders, SHOULDERS_MARGIN)))


def whole_vehicles(boxes: Boxes) -> Boxes:
    """Widen vehicles."""
    return widened(boxes, VEHICLE_MARGIN)


def heads(people: Boxes) -> Boxes:
    """Give the part of each person in which the head is."""
    width, height = people[:, 2] - people[:, 0], people[:, 3] - people[:, 1]
    reach = np.minimum(np.maximum(HEAD_OF_HEIGHT * height, HEAD_OF_WIDTH * width), MOST_HEAD * height)
    parts = people.copy()
    parts[:, 3] = people[:, 1] + reach
    across = np.where(width < UPRIGHT * height, UPRIGHT_HEAD_WIDTH, HEAD_WIDTH)
    return _moved(parts, (across - 1) / 2 * width, HEAD_TOP * height, np.zeros_like(height))


def lower_parts(vehicles: Boxes) -> Boxes:
    """Give the part of each vehicle in which its plate is, widened."""
    parts = vehicles.copy()
    parts[:, 1] = vehicles[:, 3] - LOWER_PART * (vehicles[:, 3] - vehicles[:, 1])
    return widened(parts, VEHICLE_MARGIN)


def whole_plates(cover: Cover) -> Boxes:
    """Box what was masked of plates, widened: on a plate of 300 px the network's edges are off by ten."""
    return widened(blobs(cover, 1.0, 1.0), PLATE_MARGIN)


def regions_of(vehicles: Boxes, size: tuple[int, int]) -> tuple[Region, ...]:
    """Give the parts of a picture of `size` (width, height) in which vehicles are, with plates beyond their boxes."""
    inside = np.clip(widened(vehicles, REGION_MARGIN), 0, (*size, *size)).round().astype(int).tolist()
    return tuple(Region(x0=x0, y0=y0, x1=x1, y1=y1) for x0, y0, x1, y1 in inside if x0 < x1 and y0 < y1)


def widened(boxes: Boxes, margin: tuple[float, float, float]) -> Boxes:
    """Widen boxes by shares of their own sides: left and right, top, bottom."""
    width, height = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    side, top, bottom = margin
    return _moved(boxes, side * width, top * height, bottom * height)


def _moved(boxes: Boxes, side: Boxes, top: Boxes, bottom: Boxes) -> Boxes:
    moved = np.stack((boxes[:, 0] - side, boxes[:, 1] - top, boxes[:, 2] + side, boxes[:, 3] + bottom), axis=1)
    return moved.astype(np.float32, copy=False).reshape(-1, 4)
