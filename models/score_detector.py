"""Measure the shipped detector on test data: `PASSANT_DATA=../shared/data python models/score_detector.py`.

For inputs of two sizes: average precision at IoU 0.5 and 0.75, area under the interpolated precision-recall curve, of
people and of vehicles (all kinds as one class) on COCO validation pictures, and of people in the fixed camera's film
`vtest`.
"""

import argparse
import csv
import os
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from edge.config.site import Detector as DetectorSite
from edge.contract.report import RoadUser
from edge.vision.detect.decode import iou
from edge.vision.detect.detector import Detector
from edge.vision.detect.manifest import load_model
from edge.vision.detect.region import whole
from edge.vision.frame import Boxes, Pixels

# A look has about as many pixels as these, in the picture's own shape.
INPUTS = ((384, 288), (640, 480))
THRESHOLD = 0.02
VTEST_STEP = 20
# COCO's numbers in YOLO label files.
PERSON = 0
VEHICLES = (1, 2, 3, 5, 7)


@dataclass(frozen=True, kw_only=True, slots=True)
class Scene:
    """A picture with its true boxes, (n, 4) px."""

    pixels: Pixels
    people: Boxes
    vehicles: Boxes


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """What the detector says of one class in one picture, and the truth."""

    boxes: Boxes
    scores: NDArray[np.float32]
    truth: Boxes


def main() -> None:
    """Print one line per input size, data set and class, and the processor time of a look."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    data = Path(os.environ.get("PASSANT_DATA", "../shared/data"))
    sets = {"coco": list(coco(data)), "vtest": list(vtest(data))}
    for width, height in INPUTS:
        detector = Detector(load_model(DetectorSite().model), input_pixels=width * height)
        for name, scenes in sets.items():
            for kind, found in zip(("person", "vehicle"), look(detector, scenes), strict=True):
                true = sum(len(one.truth) for one in found)
                if true:
                    half, strict = (average_precision(found, limit) for limit in (0.5, 0.75))
                    counted = f"{len(found)} pictures, {true} boxes"
                    print(f"{width}x{height} {name} {kind}: AP50 {half:.3f} AP75 {strict:.3f}, {counted}")
        print(f"{width}x{height} invoke: {1000 * detector.invoke_cpu_s / detector.invocations:.1f} ms")


def look(detector: Detector, scenes: list[Scene]) -> tuple[list[Found], list[Found]]:
    """Run the detector; gives what it says of people and of vehicles."""
    people, vehicles = [], []
    for scene in scenes:
        height, width = scene.pixels.shape[:2]
        found = detector.detect(scene.pixels, [whole((width, height))], THRESHOLD)
        person = found.kinds == RoadUser.PERSON
        people.append(Found(boxes=found.boxes[person], scores=found.scores[person], truth=scene.people))
        vehicles.append(Found(boxes=found.boxes[~person], scores=found.scores[~person], truth=scene.vehicles))
    return people, vehicles


def coco(data: Path) -> Iterator[Scene]:
    """Give the COCO validation pictures with their YOLO labels."""
    for path in sorted((data / "objects/coco_val2017/images").glob("*.jpg")):
        pixels = cv2.imread(str(path))
        height, width = pixels.shape[:2]
        labels = np.loadtxt(path.parents[1] / "labels" / f"{path.stem}.txt", ndmin=2, dtype=np.float32)
        middle, half = labels[:, 1:3], labels[:, 3:5] / 2
        boxes = np.hstack([middle - half, middle + half]) * np.array([width, height] * 2, np.float32)
        yield Scene(
            pixels=pixels, people=boxes[labels[:, 0] == PERSON], vehicles=boxes[np.isin(labels[:, 0], VEHICLES)]
        )


def vtest(data: Path) -> Iterator[Scene]:
    """Give every twentieth frame of the film with its boxes."""
    truth: dict[int, list[list[float]]] = defaultdict(list)
    with (data / "videos/vtest.gt.csv").open() as file:
        for row in csv.DictReader(file):
            x, y, width, height = (float(row[key]) for key in ("x", "y", "w", "h"))
            truth[int(row["frame"])].append([x, y, x + width, y + height])
    film = cv2.VideoCapture(str(data / "videos/vtest.avi"))
    index = 0
    while film.grab():
        if index % VTEST_STEP == 0:
            people = np.array(truth[index], np.float32).reshape(-1, 4)
            yield Scene(pixels=film.retrieve()[1], people=people, vehicles=np.empty((0, 4), np.float32))
        index += 1


def average_precision(every: list[Found], limit: float) -> float:
    """Compute the average precision at an IoU limit over all pictures."""
    hits = np.concatenate([_hits(found, limit) for found in every])
    scores = np.concatenate([found.scores for found in every])
    hits = hits[np.argsort(-scores, kind="stable")]
    recall = np.cumsum(hits) / sum(len(found.truth) for found in every)
    precision = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    return float(np.sum(np.diff(recall, prepend=0) * envelope))


def _hits(found: Found, limit: float) -> NDArray[np.bool_]:
    """Tell which boxes are the first to hit a true box; they come sorted by falling score."""
    overlap = iou(found.boxes, found.truth)
    hits = np.zeros(len(found.scores), bool)
    if not overlap.size:
        return hits
    for index in range(len(hits)):
        best = int(overlap[index].argmax())
        if overlap[index, best] >= limit:
            hits[index] = True
            overlap[:, best] = 0
    return hits


if __name__ == "__main__":
    main()
