"""The three detectors that masks rest on, loaded together or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from edge.config.site import Detector as DetectorSite
from edge.vision.detect.detector import THRESHOLD, load_detector
from edge.vision.detect.faces import load_face_detector
from edge.vision.detect.plates import load_plate_detector
from edge.vision.detect.region import Region
from edge.vision.frame import Boxes, Cover, Detections, Pixels, Sightings


class RoadEye(Protocol):
    """What finds people and vehicles."""

    def detect(
        self,
        pixels: Pixels,
        regions: Sequence[Region],
        threshold: float = THRESHOLD,
        input_pixels: int | None = None,
    ) -> Detections:
        """Find road users in parts of a picture, each shown in so many pixels."""
        ...


class FaceEye(Protocol):
    """What finds faces."""

    def detect(self, pixels: Pixels, regions: Sequence[Region], *, heads: Sequence[Region] = ()) -> Sightings:
        """Find faces in parts of a picture, and in the squares round heads."""
        ...


class PlatesSeen(Protocol):
    """Where plates are: boxes (n, 4) px, and the cover of the whole picture that hides them."""

    @property
    def boxes(self) -> Boxes:
        """The plates' boxes."""
        ...

    @property
    def cover(self) -> Cover:
        """What to hide."""
        ...


class PlateEye(Protocol):
    """What finds licence plates."""

    def detect(self, pixels: Pixels, regions: Sequence[Region]) -> PlatesSeen:
        """Find plates in parts of a picture."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Eyes:
    """One of each; not for more than one thread."""

    road: RoadEye
    faces: FaceEye
    plates: PlateEye


def load_eyes(site: DetectorSite) -> Eyes:
    """Load the detectors that a site asks for; raises ModelError where one is missing: there are no masks without."""
    return Eyes(
        road=load_detector(site),
        faces=load_face_detector(threads=site.threads),
        plates=load_plate_detector(threads=site.threads),
    )
