"""Looks of the detectors at pictures, in threads of their own, while the reader goes on to the next picture.

The interpreter frees Python's lock while it computes, so each set of eyes keeps one processor busy.
"""

import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Final

import numpy as np

from edge.vision.anonymise import parts
from edge.vision.anonymise.eyes import Eyes
from edge.vision.detect.faces import head_regions, widened
from edge.vision.detect.region import Region, whole
from edge.vision.frame import NO_BOXES, Boxes, Detections, Pixels
from edge.vision.track.match import areas, intersections
from edge.vision.track.tracker import SURE_SCORE

# Pictures that wait for a look, per set of eyes; each is a copy in memory.
MOST_WAITING: Final = 2
# A face is looked for on people so high, enlarged, and a plate on vehicles; lower ones have none that could be told.
LEAST_HEIGHT_PX: Final = 60.0
MOST_CROPS: Final = 12
# Higher than for a picture that stands alone: a face is looked for many times, and each find is hidden for a while.
FACE_THRESHOLD: Final = 0.2
# Of a face that lies so far in the head of somebody who will be followed, the track takes care, wherever he goes.
WITHIN_HEAD: Final = 0.8


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """What to look at: parts of the picture for road users, and whether for faces and plates too.

    `input_pixels` is how many pixels each part is shown in; None is the detector's own number.
    """

    regions: tuple[Region, ...]
    details: bool
    input_pixels: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class Glance:
    """What one look found; boxes in px of the picture. `faces` and `plates` are widened already.

    `detailed` is whether faces and plates were looked for.
    """

    looked: tuple[Region, ...]
    found: Detections
    faces: Boxes
    plates: Boxes
    detailed: bool


class Glancer:
    """Hands pictures to sets of eyes, each in a thread; used with `with`."""

    def __init__(self, eyes: Sequence[Eyes]) -> None:
        self._free: SimpleQueue[Eyes] = SimpleQueue()
        for one in eyes:
            self._free.put(one)
        self._room = threading.BoundedSemaphore(MOST_WAITING * len(eyes))
        self._pool = ThreadPoolExecutor(max_workers=len(eyes), thread_name_prefix="glance")

    def look(self, pixels: Pixels, order: Order) -> "Future[Glance]":
        """Have a picture looked at; waits while too many are waiting. The pixels are copied."""
        self._room.acquire()
        return self._pool.submit(self._glance, pixels.copy(), order)

    def close(self) -> None:
        """Drop what nobody has looked at yet, and end the threads."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _glance(self, pixels: Pixels, order: Order) -> Glance:
        eyes = self._free.get()
        try:
            return glance(eyes, pixels, order)
        finally:
            self._free.put(eyes)
            self._room.release()


def glance(eyes: Eyes, pixels: Pixels, order: Order) -> Glance:
    """Look at a picture, uint8 (H, W, 3)."""
    found = eyes.road.detect(pixels, order.regions, input_pixels=order.input_pixels)
    if not order.details:
        return Glance(looked=order.regions, found=found, faces=NO_BOXES, plates=NO_BOXES, detailed=False)
    size = (pixels.shape[1], pixels.shape[0])
    people, vehicles = parts.people_of(found), parts.vehicles_of(found)
    faces = eyes.faces.detect(pixels, (whole(size),), heads=head_regions(_tallest(people), size))
    sure_faces = widened(faces.boxes[faces.scores >= FACE_THRESHOLD])
    plates = eyes.plates.detect(pixels, parts.regions_of(_tallest(vehicles), size))
    return Glance(
        looked=order.regions,
        found=found,
        faces=_strays(sure_faces, parts.sure_people_of(found, SURE_SCORE)),
        plates=parts.whole_plates(plates.cover),
        detailed=True,
    )


def _tallest(boxes: Boxes) -> Boxes:
    tall = boxes[boxes[:, 3] - boxes[:, 1] >= LEAST_HEIGHT_PX]
    return tall[np.argsort(tall[:, 1] - tall[:, 3], kind="stable")][:MOST_CROPS]


def _strays(faces: Boxes, people: Boxes) -> Boxes:
    """Give the faces that belong to nobody who was found for sure."""
    heads = parts.heads(people)
    if not len(faces) or not len(heads):
        return faces
    return faces[(intersections(faces, heads) / areas(faces)[:, None]).max(axis=1) < WITHIN_HEAD]
