"""Made by hand for the tests of what comes after detection: tracks, scenes, detections and movement."""

from collections.abc import Iterable, Sequence

import numpy as np

from edge.contract.report import RoadUser
from edge.units import ns_from_seconds
from edge.vision.detect.motion import Motion
from edge.vision.frame import Detections
from edge.vision.track.identity import Proof
from edge.vision.track.tracker import Scene, Track

Point = tuple[float, float]
Box = tuple[float, float, float, float]
SIZE = (640, 360)
SCALE = 2.0


def box_on(foot: Point, size: tuple[float, float]) -> Box:
    """Give the box of this (width, height) whose bottom centre is `foot`."""
    return foot[0] - size[0] / 2, foot[1] - size[1], foot[0] + size[0] / 2, foot[1]


def a_track(  # noqa: PLR0913 - a track has as many properties
    foot: Point,
    *,
    number: int = 1,
    size: tuple[float, float] = (16.0, 40.0),
    kind: RoadUser = RoadUser.PERSON,
    proof: Proof = Proof.NAMED,
    unseen_s: float = 0.0,
    entered: bool = True,
) -> Track:
    return Track(
        id=number,
        box=box_on(foot, size),
        foot=foot,
        velocity=(0.0, 0.0),
        kind=kind,
        proof=proof,
        seen=not unseen_s,
        unseen_s=unseen_s,
        entered=entered,
    )


def a_scene(*tracks: Track, ended: Iterable[Track] = ()) -> Scene:
    return Scene(tracks=tracks, ended=tuple(ended))


def found(*things: tuple[Box, RoadUser, float]) -> Detections:
    """Give detections, each a box, a kind and a score."""
    return Detections(
        boxes=np.array([box for box, _, _ in things], np.float32).reshape(-1, 4),
        scores=np.array([score for _, _, score in things], np.float32),
        kinds=np.array([kind for _, kind, _ in things], np.int8),
    )


def moving(boxes: Sequence[Box] = (), *, trusted: bool = True, size: tuple[int, int] = SIZE) -> Motion:
    """Give the movement that fills these boxes."""
    mask = np.zeros((round(size[1] / SCALE), round(size[0] / SCALE)), np.uint8)
    for box in boxes:
        x0, y0, x1, y1 = (max(0, round(edge / SCALE)) for edge in box)
        mask[y0:y1, x0:x1] = 255
    return Motion(mask=mask, scale=SCALE, trusted=trusted)


def instants(fps: float, until_s: float, from_s: float = 0.0) -> list[int]:
    """Give the instants of frames in ns, the last before `until_s`."""
    return [ns_from_seconds(n / fps) for n in range(round(from_s * fps), round(until_s * fps))]
