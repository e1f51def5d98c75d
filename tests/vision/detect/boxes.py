"""Prints, as JSON, which interpreter there is and what the detector finds in drawn pictures and in those given."""

import json
import sys

import cv2

from edge.config.site import Detector as DetectorSite
from edge.vision.detect.detector import load_detector
from edge.vision.detect.region import tiles_of, whole
from edge.vision.frame import Pixels
from tests.vision.detect.drawn import GREEN, RED, stand, street, taken


def crowd(size: tuple[int, int], height: int) -> Pixels:
    """A row of people, as many as fit."""
    pixels = street(size)
    for index, x in enumerate(range(height // 2, size[0] - height // 4, height // 2)):
        stand(pixels, (x, size[1] - height // 3 - (index % 3) * 9), height, (GREEN, RED)[index % 2])
    return taken(pixels)


def main() -> None:
    """Look at whole pictures of several shapes, and at tiles."""
    detector = load_detector(DetectorSite())
    pictures = [crowd((768, 576), 150), crowd((1280, 720), 180), crowd((352, 288), 100), crowd((500, 640), 220)]
    pictures += [cv2.imread(path) for path in sys.argv[1:]]
    found = []
    for pixels in pictures:
        size = (pixels.shape[1], pixels.shape[0])
        for regions in ((whole(size),), tiles_of(size, 2, 1)):
            seen = detector.detect(pixels, regions, 0.3)
            found.append({"boxes": seen.boxes.tolist(), "kinds": seen.kinds.tolist()})
    runtimes = [name for name in ("ai_edge_litert", "tflite_runtime") if name in sys.modules]
    json.dump({"runtimes": runtimes, "found": found}, sys.stdout)


if __name__ == "__main__":
    main()
