"""The detector: regions of a picture in, road users with their boxes out."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from edge.config.site import Detector as DetectorSite
from edge.vision.detect.anchors import anchors_of
from edge.vision.detect.decode import decode
from edge.vision.detect.letterbox import Letterbox, input_size
from edge.vision.detect.manifest import Model, load_model
from edge.vision.detect.networks import ModelDetector, at_most
from edge.vision.detect.region import Region
from edge.vision.detect.seams import merge
from edge.vision.frame import Detections, Pixels

# Low enough for a tracker that follows a known thing through weak sightings (Zhang et al., "ByteTrack", 2022).
THRESHOLD: Final = 0.15
# The network's input has about as many pixels as this, in the region's own shape. Fewer,
# larger looks name more for the same time than more, smaller ones.
INPUT_PIXELS: Final = 640 * 480
INPUT_MULTIPLE: Final = 32
# Each takes about 40 MB at 640x480, and 20 ms or more to set up.
MOST_NETWORKS: Final = 3
# A box of which less than this is in the picture shows nothing of what it names.
LEAST_SIDE_PX: Final = 2.0


class Detector(ModelDetector):
    """A model that finds road users; not for more than one thread.

    The network takes inputs of any shape. Each shape that regions ask for is set up once and kept, the latest few of
    them: a camera's regions have few shapes.
    """

    def __init__(self, model: Model, *, threads: int = 1, input_pixels: int = INPUT_PIXELS) -> None:
        super().__init__(model, threads=threads, fit=at_most(MOST_NETWORKS))
        self._input_pixels = input_pixels

    def input_size(self, region: Region) -> tuple[int, int]:
        """Tell the size (width, height) in px at which the network sees a region."""
        return input_size(region, self._input_pixels, INPUT_MULTIPLE)

    def detect(
        self,
        pixels: Pixels,
        regions: Sequence[Region],
        threshold: float = THRESHOLD,
        input_pixels: int | None = None,
    ) -> Detections:
        """Find road users in the regions of a picture, uint8 (H, W, 3) BGR; boxes in the picture's pixels.

        What several regions show, whole or in part, is given once. `input_pixels` overrules for these looks how many
        pixels the network is shown. Raises ModelError when a first region of its shape shows that the interpreter
        cannot take the model.
        """
        found = [self._look(pixels, region, threshold, input_pixels) for region in regions]
        return merge(found, regions, (pixels.shape[1], pixels.shape[0]))

    def _look(self, pixels: Pixels, region: Region, threshold: float, input_pixels: int | None) -> Detections:
        size = input_size(region, input_pixels or self._input_pixels, INPUT_MULTIPLE)
        letterbox = Letterbox.fit(region, size)
        boxes, logits = self.network(size).run(letterbox.draw(pixels))
        found = decode((boxes, logits), anchors_of(size), self._model.entry.labels, threshold)
        return placed(found, letterbox)


def placed(found: Detections, letterbox: Letterbox) -> Detections:
    """Turn boxes in the input's pixels into boxes in the picture's; what lies beyond the region is no detection."""
    boxes = letterbox.restore(found.boxes)
    inside = np.all(boxes[:, 2:] - boxes[:, :2] >= LEAST_SIDE_PX, axis=1)
    return Detections(boxes=boxes[inside], scores=found.scores[inside], kinds=found.kinds[inside])


def load_detector(site: DetectorSite) -> Detector:
    """Load the detector that a site asks for; raises ModelError."""
    return Detector(load_model(site.model), threads=site.threads)
