"""Measure the shipped face detector on test data: `PASSANT_DATA=../shared/data python models/score_faces.py`.

Looks at the whole picture in inputs of several sizes, and at a square around the head of each person that the road-user
detector finds; at the pictures as they are, and shrunk to a quarter. Prints for each the share of labelled faces that
are found (IoU 0.3: the labels are loose squares), the share of which the mask covers 95 % of the label's area, boxes on
nothing labelled per picture, the share of the pictures that is masked, and the processor time, in looks of the
road-user detector at the same pictures in turn. Of the film `vtest`, whose faces have 10 px and no labels: the share of
labelled people on whose head something is found, seen from behind or not, the share of all that is found that lies on
no head, and the masked area in areas of the people.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

import cv2
import numpy as np
import score_detector

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from edge.config.site import Detector as DetectorSite
from edge.contract.report import RoadUser
from edge.vision.detect.decode import iou
from edge.vision.detect.detector import load_detector
from edge.vision.detect.faces import FaceDetector, head_regions, load_face_detector, widened
from edge.vision.detect.region import whole
from edge.vision.frame import Boxes, Pixels

# The head's part of a person's height.
HEAD = 0.25
SCALES = (1.0, 0.25)
THRESHOLDS = (0.1, 0.2)
LOOSE_IOU = 0.3
COVERED = 0.95


@dataclass(frozen=True, kw_only=True, slots=True)
class Way:
    """A way of looking: the input of a look at the whole picture, or none, and whether at heads."""

    name: str
    whole: tuple[int, int] | None
    heads: bool


WAYS = (
    Way(name="320x240", whole=(320, 240), heads=False),
    Way(name="640x480", whole=(640, 480), heads=False),
    Way(name="960x720", whole=(960, 720), heads=False),
    Way(name="heads", whole=None, heads=True),
    Way(name="320x240+heads", whole=(320, 240), heads=True),
    Way(name="640x480+heads", whole=(640, 480), heads=True),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Scene:
    """A picture with its faces, and with what may or may not be one; boxes (n, 4) px."""

    pixels: Pixels
    faces: Boxes
    optional: Boxes

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in px."""
        return self.pixels.shape[1], self.pixels.shape[0]


def main() -> None:
    """Print one line per scale, way of looking and threshold."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    data = Path(os.environ.get("PASSANT_DATA", "../shared/data"))
    scenes = [*dlib(data), *coco(data)]
    faces = sum(len(scene.faces) for scene in scenes)
    for scale in SCALES:
        small = [shrunk(scene, scale) for scene in scenes]
        for way in WAYS:
            for threshold in THRESHOLDS:
                figures = score(small, way, threshold)
                counted = f"{len(scenes)} pictures, {faces} faces"
                print(f"photographs/{1 / scale:g} {way.name} {threshold:g}: {figures}, {counted}")
    frames = [*score_detector.vtest(data)]
    people = sum(len(frame.people) for frame in frames)
    for way in WAYS:
        for threshold in THRESHOLDS:
            figures = score_film(frames, way, threshold)
            print(f"vtest {way.name} {threshold:g}: {figures}, {len(frames)} frames, {people} people")


def score(scenes: list[Scene], way: Way, threshold: float) -> str:
    """Look at all pictures in one way; gives the figures in words."""
    detector, road = load_face_detector(), load_detector(DetectorSite())
    found, hidden, false, masked = [], [], [], []
    for scene in scenes:
        named = road.detect(scene.pixels, (whole(scene.size),))
        boxes = look(detector, scene.pixels, named.boxes[named.kinds == RoadUser.PERSON], way, threshold)
        known = np.concatenate([scene.faces, scene.optional])
        found.extend(iou(scene.faces, boxes).max(axis=1, initial=0) >= LOOSE_IOU)
        false.append((iou(boxes, known).max(axis=1, initial=0) < LOOSE_IOU).sum())
        cover = drawn(widened(boxes), scene.size)
        hidden.extend(cover[drawn(face[None], scene.size)].mean() >= COVERED for face in scene.faces)
        masked.append(cover.mean())
    return (
        f"recall {np.mean(found):.3f} covered {np.mean(hidden):.3f} false {np.mean(false):.2f} "
        f"masked {np.mean(masked):.3f} looks {detector.invoke_cpu_s / road.invoke_cpu_s:.2f}"
    )


def score_film(frames: list[score_detector.Scene], way: Way, threshold: float) -> str:
    """Look at all frames in one way, with the labelled people; gives the figures in words."""
    detector, road = load_face_detector(), load_detector(DetectorSite())
    seen, elsewhere, masked, peopled = [], [], 0, 0
    for frame in frames:
        size = (frame.pixels.shape[1], frame.pixels.shape[0])
        road.detect(frame.pixels, (whole(size),))
        boxes = look(detector, frame.pixels, frame.people, way, threshold)
        heads = frame.people.copy()
        heads[:, 3] = heads[:, 1] + HEAD * (heads[:, 3] - heads[:, 1])
        middles = (boxes[:, :2] + boxes[:, 2:]) / 2
        inside = np.all((middles >= heads[:, None, :2]) & (middles < heads[:, None, 2:]), axis=2)
        seen.extend(inside.any(axis=1))
        elsewhere.extend(~inside.any(axis=0))
        masked += drawn(widened(boxes), size).sum()
        peopled += drawn(frame.people, size).sum()
    return (
        f"heads {np.mean(seen):.3f} elsewhere {np.mean(elsewhere or [0]):.3f} masked {masked / peopled:.3f} "
        f"looks {detector.invoke_cpu_s / road.invoke_cpu_s:.2f}"
    )


def look(detector: FaceDetector, pixels: Pixels, people: Boxes, way: Way, threshold: float) -> Boxes:
    """Look at a picture in one way; gives the faces."""
    size = (pixels.shape[1], pixels.shape[0])
    heads = head_regions(people, size) if way.heads else ()
    regions, (width, height) = ((whole(size),), way.whole) if way.whole else ((), (1, 1))
    return detector.detect(pixels, regions, threshold, width * height, heads=heads).boxes


def drawn(boxes: Boxes, size: tuple[int, int]) -> np.ndarray:
    """Draw boxes into a mask, bool (H, W)."""
    mask = np.zeros(size[::-1], bool)
    for x0, y0, x1, y1 in np.clip(boxes, 0, [*size, *size]):
        mask[int(y0) : int(np.ceil(y1)), int(x0) : int(np.ceil(x1))] = True
    return mask


def dlib(data: Path) -> Iterator[Scene]:
    """Give those of dlib's labelled pictures that are there."""
    for name in ("testing.xml", "training.xml"):
        for image in ET.parse(data / "faces/dlib" / name).getroot().iter("image"):  # noqa: S314 - our own data
            sides = ("left", "top", "width", "height")
            faces = np.array([[float(box.attrib[side]) for side in sides] for box in image.iter("box")], np.float32)
            faces[:, 2:] += faces[:, :2]
            path = data / "faces/dlib" / image.attrib["file"]
            if path.is_file():
                yield Scene(pixels=cv2.imread(str(path)), faces=faces, optional=np.empty((0, 4), np.float32))


def coco(data: Path) -> Iterator[Scene]:
    """Give the COCO pictures whose faces are labelled."""
    truth = json.loads((data / "faces/coco_val2017_faces_dev.json").read_text())
    for name, labels in truth["images"].items():
        faces, optional = (np.array(labels[key], np.float32).reshape(-1, 4) for key in ("faces", "optional"))
        pixels = cv2.imread(str(data / f"objects/coco_val2017/images/{name}.jpg"))
        yield Scene(pixels=pixels, faces=faces, optional=optional)


def shrunk(scene: Scene, scale: float) -> Scene:
    """Shrink a picture and its boxes."""
    pixels = cv2.resize(scene.pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    faces, optional = (boxes * np.float32(scale) for boxes in (scene.faces, scene.optional))
    return Scene(pixels=pixels, faces=faces, optional=optional)


if __name__ == "__main__":
    main()
