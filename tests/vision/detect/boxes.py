"""Prints, as JSON, which interpreter there is and what the detectors find in drawn pictures and in those given."""

import json
import sys

import cv2

from edge.config.site import Detector as DetectorSite
from edge.vision.detect.detector import load_detector
from edge.vision.detect.faces import load_face_detector
from edge.vision.detect.region import tiles_of, whole
from edge.vision.frame import Pixels
from tests.vision.detect.drawn import GREEN, RED, look_out, stand, street, taken


def crowd(size: tuple[int, int], height: int) -> Pixels:
    """A row of people, as many as fit."""
    pixels = street(size)
    for index, x in enumerate(range(height // 2, size[0] - height // 4, height // 2)):
        stand(pixels, (x, size[1] - height // 3 - (index % 3) * 9), height, (GREEN, RED)[index % 2])
    return taken(pixels)


def portraits() -> Pixels:
    """Faces from near to far."""
    pixels = street((640, 480))
    for x, width in ((100, 90), (250, 60), (370, 40), (480, 30), (560, 20)):
        look_out(pixels, (x, 240), width)
    return taken(pixels, 0.8)


def main() -> None:
    """Look at whole pictures of several shapes, and at tiles."""
    detector, faces = load_detector(DetectorSite()), load_face_detector()
    pictures = [
        crowd((768, 576), 150),
        crowd((1280, 720), 180),
        crowd((352, 288), 100),
        crowd((500, 640), 220),
        portraits(),
    ]
    pictures += [cv2.imread(path) for path in sys.argv[1:]]
    found = []
    for pixels in pictures:
        size = (pixels.shape[1], pixels.shape[0])
        for regions in ((whole(size),), tiles_of(size, 2, 1)):
            seen = detector.detect(pixels, regions, 0.3)
            found.append({"boxes": seen.boxes.tolist(), "kinds": seen.kinds.tolist()})
        looking = faces.detect(pixels, (whole(size),))
        found.append({"boxes": looking.boxes.tolist(), "kinds": [0] * len(looking)})
    runtimes = [name for name in ("ai_edge_litert", "tflite_runtime") if name in sys.modules]
    json.dump({"runtimes": runtimes, "found": found}, sys.stdout)


if __name__ == "__main__":
    main()
