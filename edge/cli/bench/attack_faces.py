"""Knowing a masked face again: a recogniser compares it with a gallery in which the person's own photograph lies.

Two attackers. One has clear photographs. The other knows the masks too: it has a second picture of each face, made here
by turning, moving, mirroring and relighting the first, sends it through the same masks, and compares what lies within
them, by the recogniser or by the bare colours. It knows the picture again rather than the person, since light and
colours stay: a harder test than another photograph of the same person would be.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from edge.cli.bench.attackers import Attackers, Face, Place

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from edge.vision.frame import Pixels

# What dlib's authors take for one person.
_ONE_PERSON = 0.6
_COLOURS = 8
_WITHIN_PX = 96


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """Of how many faces the nearest of the gallery was the right one, by each attacker.

    `clear`: against clear photographs; `verified`: nearer to its own than the recogniser's threshold; `same_fill` and
    `colours`: against a gallery behind the same masks, by the recogniser and by bare colours.
    """

    faces: int
    clear: int
    verified: int
    same_fill: int
    colours: int


def know_faces(
    attackers: Attackers, masked: Sequence[Face], again: Sequence[Face], gallery: "NDArray[np.float64]"
) -> Known:
    """Attack masked faces; `again` are second pictures of each behind the same masks, `gallery` clear descriptions."""
    found = attackers.describe(masked)
    inner, other = [_within(face) for face in masked], [_within(face) for face in again]
    return Known(
        faces=len(masked),
        clear=_nearest(found, gallery),
        verified=int(np.count_nonzero(np.linalg.norm(found - gallery, axis=1) < _ONE_PERSON)),
        same_fill=_nearest(attackers.describe(inner), attackers.describe(other)),
        colours=_nearest(*(np.array([_colours(picture) for picture, _ in faces]) for faces in (inner, other))),
    )


def second_picture(pixels: "Pixels", places: Sequence[Place], rng: np.random.Generator) -> "tuple[Pixels, list[Place]]":
    """Make another picture of the same faces, and say where they are in it."""
    height, width = pixels.shape[:2]
    middle = (width / 2, height / 2)
    turn = np.asarray(cv2.getRotationMatrix2D(middle, rng.uniform(-4, 4), rng.uniform(0.92, 1.08)), np.float64)
    turned = cv2.warpAffine(pixels, turn, (width, height), borderMode=cv2.BORDER_REFLECT).astype(np.float64)
    light = turned * rng.uniform(0.8, 1.2) * rng.uniform(0.93, 1.07, 3) + rng.uniform(-10, 10)
    noisy = np.clip(light + rng.normal(0, 4, light.shape), 0, 255).astype(np.uint8)
    moved = [_moved(turn, place, (width, height)) for place in places]
    if rng.random() < 0.5:  # noqa: PLR2004  every second one is mirrored
        noisy = np.ascontiguousarray(noisy[:, ::-1])
        moved = [(width - x1, y0, width - x0, y1) for x0, y0, x1, y1 in moved]
    return noisy, moved


def _moved(turn: "NDArray[np.float64]", place: Place, size: tuple[int, int]) -> Place:
    """Say where a square's middle went, keep its size, and cut it at the picture's border."""
    x0, y0, x1, y1 = place
    x, y = turn @ ((x0 + x1) / 2, (y0 + y1) / 2, 1)
    left, top = round(float(x) - (x1 - x0) / 2), round(float(y) - (y1 - y0) / 2)
    right, bottom = min(size[0], left + x1 - x0), min(size[1], top + y1 - y0)
    return min(max(0, left), right - 1), min(max(0, top), bottom - 1), right, bottom


def _within(face: Face) -> Face:
    picture, (x0, y0, x1, y1) = face
    # All in one size: how large a mask is tells no more behind one fill than behind another.
    inside = cv2.resize(picture[y0:y1, x0:x1], (_WITHIN_PX, _WITHIN_PX), interpolation=cv2.INTER_AREA)
    return np.asarray(inside, np.uint8), (0, 0, _WITHIN_PX, _WITHIN_PX)


def _colours(picture: "Pixels") -> "NDArray[np.float64]":
    """Give the picture in a few coarse cells, without its brightness and contrast; one colour gives nothing."""
    coarse = cv2.resize(picture, (_COLOURS, _COLOURS), interpolation=cv2.INTER_AREA).astype(np.float64).reshape(-1, 3)
    centred = coarse - coarse.mean(axis=0)
    return np.asarray(centred / (np.sqrt((centred**2).mean()) + 1e-6), np.float64).ravel()


def _nearest(found: "NDArray[np.float64]", gallery: "NDArray[np.float64]") -> int:
    """Count those whose nearest in the gallery is their own; a tie is as good as its share."""
    distances = np.linalg.norm(found[:, None] - gallery[None], axis=2)
    nearest = np.isclose(distances, distances.min(axis=1, keepdims=True), rtol=0, atol=1e-9)
    return round(float((np.diagonal(nearest) / nearest.sum(axis=1)).sum()))
