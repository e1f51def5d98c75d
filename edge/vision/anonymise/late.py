"""The detectors of faces and plates, loaded when a still is first asked for: counting needs no memory for them."""

import logging
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from edge.config.site import Detector as DetectorSite
from edge.vision.anonymise.eyes import Eyes, FaceEye, PlateEye, PlatesSeen, RoadEye
from edge.vision.detect.faces import load_face_detector
from edge.vision.detect.manifest import ModelError
from edge.vision.detect.plates import load_plate_detector
from edge.vision.detect.region import Region
from edge.vision.frame import Pixels, Sightings

_log = logging.getLogger(__name__)

_Eye = TypeVar("_Eye")


class _Late(Generic[_Eye]):
    def __init__(self, load: Callable[[], _Eye]) -> None:
        self._load = load
        self._eye: _Eye | None = None

    def load(self) -> None:
        """Load it, once; raises ModelError."""
        if self._eye is None:
            self._eye = self._load()

    @property
    def eye(self) -> _Eye:
        """What was loaded; raises ModelError where it never was."""
        if self._eye is None:
            raise ModelError("a detector was asked before it was loaded")
        return self._eye


class LateFaces(_Late[FaceEye]):
    """A face detector that is loaded by the first `load`; until then it cannot see, and says so."""

    def detect(self, pixels: Pixels, regions: Sequence[Region], *, heads: Sequence[Region] = ()) -> Sightings:
        """Find faces; raises ModelError where it was never loaded."""
        return self.eye.detect(pixels, regions, heads=heads)


class LatePlates(_Late[PlateEye]):
    """A plate detector that is loaded by the first `load`; until then it cannot see, and says so."""

    def detect(self, pixels: Pixels, regions: Sequence[Region]) -> PlatesSeen:
        """Find plates; raises ModelError where it was never loaded."""
        return self.eye.detect(pixels, regions)


class LateEyes:
    """Eyes that share vision's own detector of road users, and load the others on demand."""

    def __init__(self, site: DetectorSite, road: RoadEye) -> None:
        self._faces = LateFaces(lambda: load_face_detector(threads=site.threads))
        self._plates = LatePlates(lambda: load_plate_detector(threads=site.threads))
        self._has_failed = False
        self.eyes = Eyes(road=road, faces=self._faces, plates=self._plates)

    def load(self) -> bool:
        """Load what is not loaded yet; tell whether all is there. What is missing is logged once."""
        try:
            self._faces.load()
            self._plates.load()
        except ModelError as error:
            if not self._has_failed:
                _log.error("no still can be masked: %s", error)
            self._has_failed = True
            return False
        return True
