"""What movement shows of things: the blob of each, and the blobs of nothing."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from edge.cli.bench.noise_fit import Blob
from edge.cli.bench.noise_sightings import Thing
from edge.cli.bench.world.noise import GROUP_OF, HEAVY, LIGHT, PERSON

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from edge.cli.bench.noise_log import ClipLog, Glimpse

# What stands is not movement's to show: it goes so many of its own sizes a second. Slow vehicles were recorded in jams
# only, where the ground between them is never seen and no background is learnt.
LEAST_PACE: Final = {PERSON: 0.3, LIGHT: 1.0, HEAVY: 1.0}
PACE_S: Final = 0.4
# Too little of a box moves to tell of it.
LEAST_SUPPORT: Final = 0.3
# The tracker's own bounds for a blob worth a track.
LEAST_BLOB_SHARE: Final = 0.0008
LEAST_BLOB_PX: Final = 60.0
# What is so near a thing belongs to it, in shares of its sides.
NEAR: Final = 0.5


def blobs_of(log: "ClipLog", things: list[Thing]) -> Iterator[Blob]:
    """Find the blob of each thing that moves, in each frame in which movement was looked for."""
    from edge.vision.detect.motion import blobs  # noqa: PLC0415

    times = {glimpse.index: glimpse.at_s for glimpse in log.glimpses}
    for glimpse in log.glimpses:
        mask = glimpse.mask()
        here = [n for n, thing in enumerate(things) if glimpse.index in thing.boxes]
        if mask is None or not here:
            continue
        moved = blobs(mask * np.uint8(255), glimpse.mask_scale, LEAST_BLOB_PX).astype(np.float64)
        boxes = np.array([things[n].boxes[glimpse.index] for n in here])
        for row, number in enumerate(here):
            kind = things[number].kind
            group = LIGHT if kind is None else GROUP_OF[kind]
            if _pace(things[number], glimpse.index, times) >= LEAST_PACE[group]:
                yield replace(_blob(log, glimpse, number, boxes[row], (mask, moved, boxes)), group=group)


def stray_blobs_of(log: "ClipLog", things: list[Thing]) -> Iterator[float]:
    """Give the sides, as shares of the picture's, of blobs near no thing and no detection, large enough for a track."""
    from edge.vision.detect.motion import blobs  # noqa: PLC0415
    from edge.vision.track.match import grown, intersections  # noqa: PLC0415

    picture_px = log.size[0] * log.size[1]
    least_px = max(LEAST_BLOB_PX, LEAST_BLOB_SHARE * picture_px)
    for glimpse in log.glimpses:
        mask = glimpse.mask()
        if mask is None:
            continue
        moved = blobs(mask * np.uint8(255), glimpse.mask_scale, least_px)
        boxes = [thing.boxes[glimpse.index] for thing in things if glimpse.index in thing.boxes]
        known = np.concatenate((np.array(boxes, np.float32).reshape(-1, 4), glimpse.found.boxes))
        alone = ~(intersections(moved, grown(known, NEAR)) > 0).any(axis=1)
        for box in moved[alone]:
            yield float(np.sqrt(np.prod(box[2:] - box[:2]) / picture_px))


def _pace(thing: Thing, index: int, times: dict[int, float]) -> float:
    """Compute how many of its own sizes a second it goes about a frame."""
    near = [i for i in thing.boxes if abs(times.get(i, -1e9) - times[index]) <= PACE_S]
    first, last = min(near), max(near)
    if times[last] <= times[first]:
        return 0.0
    a, b, own = thing.boxes[first], thing.boxes[last], thing.boxes[index]
    way = np.hypot(*(((b[:2] + b[2:]) - (a[:2] + a[2:])) / 2))
    return float(way / (times[last] - times[first]) / np.sqrt(max(1.0, float(np.prod(own[2:] - own[:2])))))


def _blob(
    log: "ClipLog",
    glimpse: "Glimpse",
    number: int,
    box: "NDArray[np.float64]",
    moved: "tuple[NDArray[np.uint8], NDArray[np.float64], NDArray[np.float64]]",
) -> Blob:
    mask, blobs, boxes = moved
    x0, y0, x1, y1 = (max(0, round(float(v) / glimpse.mask_scale)) for v in box)
    part = mask[y0:y1, x0:x1]
    own = blobs[np.argmax(_common(blobs, box))] if len(blobs) and _common(blobs, box).max() > 0 else None
    # A blob of several things tells nothing of the outline of one.
    alone = own is not None and int((_common(boxes, own) > 0).sum()) == 1
    return Blob(
        clip=log.name,
        night=log.night,
        group=LIGHT,
        thing=number,
        at_s=glimpse.at_s,
        dull=not part.size or float(part.mean()) < LEAST_SUPPORT,
        width=float((own[2] - own[0]) / (box[2] - box[0])) if own is not None and alone else None,
        height=float((own[3] - own[1]) / (box[3] - box[1])) if own is not None and alone else None,
    )


def _common(boxes: "NDArray[np.float64]", box: "NDArray[np.float64]") -> "NDArray[np.float64]":
    low, high = np.maximum(boxes[:, :2], box[:2]), np.minimum(boxes[:, 2:], box[2:])
    return np.asarray(np.prod(np.maximum(high - low, 0), axis=1))
