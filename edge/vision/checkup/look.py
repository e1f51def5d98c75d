"""A few seconds of the camera as numbers: whether frames come, how bright, how sharp, how evenly in time."""

import time
from dataclasses import dataclass, field
from typing import Final
from zlib import crc32

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.config.site import CameraSite
from edge.units import NS_PER_S
from edge.vision.camera.source import CameraError
from edge.vision.camera.steady import SteadyCamera
from edge.vision.checkup.words import Sight, Unable
from edge.vision.frame import Frame

_TICK_S: Final = 0.2
# A sensor takes seconds to start, a drawn street none; after this nobody waits for the first frame.
_FIRST_S: Final = 12.0
# However slow the clock of the pictures goes.
_LONGEST_S: Final = 20.0
_DARK: Final = 8
_WHITE: Final = 248
_BLOCKS: Final = (8, 5)
_PARTS: Final = (16, 12)
# A part tells something of the focus where it has edges of so many grey levels; so many parts must.
_LEAST_EDGE: Final = 8.0
_LEAST_PARTS: Final = 6


@dataclass(kw_only=True, slots=True)
class _Notes:
    """What is added up over the frames; of the pictures themselves only their mean is kept, so that noise drowns."""

    instants_ns: list[int] = field(default_factory=list)
    total: NDArray[np.float32] | None = None
    summed: int = 0
    first_s: float = 0.0
    print: int | None = None
    repeated: int = 0

    def add(self, frame: Frame) -> None:
        grey = cv2.cvtColor(frame.pixels, cv2.COLOR_BGR2GRAY).astype(np.float32)
        if self.total is None or self.total.shape != grey.shape:
            self.total, self.summed = np.zeros_like(grey), 0
        self.total += grey
        self.summed += 1
        self.instants_ns.append(frame.taken_ns)
        before, self.print = self.print, crc32(frame.pixels.tobytes())
        self.repeated += self.print == before

    def spans_s(self) -> float:
        return (self.instants_ns[-1] - self.instants_ns[0]) / NS_PER_S if self.instants_ns else 0.0


def look(site: CameraSite, look_s: float) -> Sight | Unable:
    """Open the camera as vision does, look for so many s of its own time, and tell what was seen."""
    notes = _Notes()
    try:
        with SteadyCamera(site) as camera:
            _watch(camera, notes, look_s)
            state, dropped = camera.state.name.lower(), camera.dropped
    except CameraError as error:
        return Unable(part="camera", why=str(error))
    if notes.total is None:
        return Unable(part="camera", why=f"{_named(site)}: no picture came within {_FIRST_S:.0f} s, state {state}")
    return _sight(notes, state, dropped)


def _named(site: CameraSite) -> str:
    return f"{site.kind.value}:{site.target}" if site.target else site.kind.value


def _watch(camera: SteadyCamera, notes: _Notes, look_s: float) -> None:
    began_s = time.monotonic()
    while (passed_s := time.monotonic() - began_s) < (_LONGEST_S if notes.instants_ns else _FIRST_S):
        frame = camera.read(_TICK_S)
        if frame is None:
            # A live camera that froze goes on being silent; what is known by then is enough.
            if notes.instants_ns and passed_s - notes.first_s > look_s:
                return
            continue
        notes.first_s = notes.first_s or passed_s
        notes.add(frame)
        if notes.spans_s() >= look_s:
            return


def _sight(notes: _Notes, state: str, dropped: int) -> Sight:
    mean = notes.total / notes.summed if notes.total is not None else np.zeros((1, 1), np.float32)
    rises = np.diff(notes.instants_ns)
    blocks = cv2.resize(mean, _BLOCKS, interpolation=cv2.INTER_AREA)
    spanned_s = notes.spans_s()
    return Sight(
        state=state,
        frames=len(notes.instants_ns),
        width=mean.shape[1],
        height=mean.shape[0],
        first_s=round(notes.first_s, 2),
        fps=round(len(rises) / spanned_s, 2) if spanned_s > 0 else 0.0,
        dropped=dropped,
        repeated=notes.repeated,
        backwards=int(np.count_nonzero(rises <= 0)),
        brightness=round(float(mean.mean()), 1),
        dark=round(float((mean <= _DARK).mean()), 4),
        white=round(float((mean >= _WHITE).mean()), 4),
        spread=round(float(blocks.std()), 2),
        sharpness=sharpness(mean),
    )


def sharpness(grey: NDArray[np.float32]) -> float | None:
    """Measure the sharpness of a mean picture, float32 (h, w): fine detail over coarse, in the parts that have edges.

    The root mean square of a Laplacian over that of a Sobel at a quarter of the size, the median of all parts with
    edges; like `edge.vision.camera.focus`, but by itself, for a place that is not known yet. None where too few parts
    have any.
    """
    quarter = cv2.resize(grey, (max(16, grey.shape[1] // 4), max(12, grey.shape[0] // 4)), interpolation=cv2.INTER_AREA)
    across, down = cv2.Sobel(quarter, cv2.CV_32F, 1, 0), cv2.Sobel(quarter, cv2.CV_32F, 0, 1)
    fine = cv2.Laplacian(grey, cv2.CV_32F)
    coarse_rms = np.sqrt(cv2.resize(across**2 + down**2, _PARTS, interpolation=cv2.INTER_AREA))
    fine_rms = np.sqrt(cv2.resize(fine**2, _PARTS, interpolation=cv2.INTER_AREA))
    telling = coarse_rms >= _LEAST_EDGE
    if np.count_nonzero(telling) < _LEAST_PARTS:
        return None
    return round(float(np.median(fine_rms[telling] / coarse_rms[telling])), 4)
