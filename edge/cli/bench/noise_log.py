"""What the real pipeline saw of a recording, look by look: numbers, for the noise to be measured from."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from edge.config.site import CameraSite, Detector, Device, Legal, Site, SourceKind
from edge.units import seconds_from_ns

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from edge.vision.detect.detector import Detector as RealDetector
    from edge.vision.detect.motion import Motion
    from edge.vision.detect.region import Region
    from edge.vision.frame import Detections, Frame, Pixels
    from edge.vision.track.tracker import Scene, Track


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Glimpse:
    """One frame: where the detector looked, what it found, what moved, and what the tracker made of it.

    `moving` is the mask of movement, a bit a pixel, of `mask_shape` (h, w); None where nothing was told of movement.
    """

    index: int
    at_s: float
    looked: "tuple[Region, ...]"
    found: "Detections"
    tracks: "tuple[Track, ...]"
    moving: "NDArray[np.uint8] | None"
    mask_shape: tuple[int, int]
    mask_scale: float

    def mask(self) -> "NDArray[np.uint8] | None":
        """Give the mask of movement, uint8 (h, w), 0 or 1."""
        if self.moving is None:
            return None
        height, width = self.mask_shape
        return np.unpackbits(self.moving, count=height * width).reshape(height, width)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ClipLog:
    """All glimpses of one recording of pictures of `size` (width, height) px."""

    name: str
    night: bool
    size: tuple[int, int]
    glimpses: tuple[Glimpse, ...]

    @property
    def length_s(self) -> float:
        """How long it is."""
        return self.glimpses[-1].at_s - self.glimpses[0].at_s if self.glimpses else 0.0


class _Scribe:
    """The pipeline's eye and its onlooker at once: writes down what the one finds and the other is shown."""

    def __init__(self, detector: "RealDetector", nothing: "Detections") -> None:
        self._detector = detector
        self._nothing = nothing
        self._look: tuple[tuple[Region, ...], Detections] | None = None
        self.glimpses: list[Glimpse] = []

    def detect(self, pixels: "Pixels", regions: "Sequence[Region]") -> "Detections":
        found = self._detector.detect(pixels, regions)
        self._look = (tuple(regions), found)
        return found

    def see(self, frame: "Frame", scene: "Scene", motion: "Motion | None") -> None:
        looked, found = self._look or ((), self._nothing)
        self._look = None
        trusted = motion is not None and motion.trusted
        self.glimpses.append(
            Glimpse(
                index=frame.index,
                at_s=seconds_from_ns(frame.taken_ns),
                looked=looked,
                found=found,
                tracks=scene.tracks,
                moving=np.packbits(motion.mask > 0) if motion is not None and trusted else None,
                mask_shape=(0, 0) if motion is None else (motion.mask.shape[0], motion.mask.shape[1]),
                mask_scale=1.0 if motion is None else motion.scale,
            )
        )


def log_of(film: Path, *, night: bool, detector: "RealDetector") -> ClipLog:
    """Run the pipeline over a recording and write down what it sees; raises CameraError."""
    from edge.vision.camera import open_camera  # noqa: PLC0415
    from edge.vision.frame import Detections  # noqa: PLC0415
    from edge.vision.pipeline import Crew, Pipeline  # noqa: PLC0415
    from edge.vision.recording import preview  # noqa: PLC0415

    camera = CameraSite(kind=SourceKind.CLIP, target=str(film.absolute()))
    scribe = _Scribe(detector, Detections.none())
    pipeline, size = None, (0, 0)
    with open_camera(camera) as source:
        for frame in _frames(source):
            if pipeline is None:
                size = frame.size
                pipeline = Pipeline(bare_site(film), Crew(eye=scribe, onlooker=scribe), size)
                preview(replace(camera, loop=False), pipeline)
            pipeline.see(frame, frame.taken_ns)
    return ClipLog(name=film.stem, night=night, size=size, glimpses=tuple(scribe.glimpses))


def bare_site(film: Path) -> Site:
    """Make a site for a recording in which nothing is counted."""
    return Site(
        path=film,
        hash64=0,
        device=Device(org="bench", id="bench"),
        camera=CameraSite(kind=SourceKind.CLIP, target=str(film.absolute())),
        lines=(),
        zones=(),
        window_s=3600,
        legal=Legal(),
        detector=Detector(),
        broker=None,
    )


def _frames(source: "object") -> "Iterator[Frame]":
    from edge.vision.camera.source import CameraGoneError, FootageEndedError  # noqa: PLC0415

    try:
        while True:
            frame = source.read(1.0)  # type: ignore[attr-defined]
            if frame is not None:
                yield frame
    except (FootageEndedError, CameraGoneError):
        return
