"""The product's own masks over labelled pictures and films: what is hidden, and how long the whole job takes."""

import os
import resource
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from edge.cli.bench.pictures import read_picture
from edge.cli.bench.speed import PASSANT, passant_env
from edge.cli.bench.tally import Pace
from edge.config.site import CameraSite, Detector, PrivacyFill, PrivacyLevel, SourceKind
from edge.vision.anonymise.eyes import Eyes, load_eyes
from edge.vision.anonymise.fill import black, fill
from edge.vision.anonymise.film import FilmMasker
from edge.vision.anonymise.photo import PhotoMasker
from edge.vision.camera import open_camera
from edge.vision.camera.source import FootageEndedError

if TYPE_CHECKING:
    from edge.cli.bench.privacy_truth import Material
    from edge.vision.frame import Cover, Frame, Pixels

_MOST_EYES = 4


class UntimedError(Exception):
    """`passant anonymise` did not do the job; the text is its last word."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class Judged:
    """What is hidden of frame `index`: pictures of `size` (width, height); `cover` is None where it is black.

    `late` says whether a film's first second is over; a picture has none.
    """

    index: int
    size: tuple[int, int]
    cover: "Cover | None"
    late: bool


def load_all_eyes() -> list[Eyes]:
    """Load as many sets of detectors as `passant anonymise` does for a film."""
    return [load_eyes(Detector()) for _ in range(min(_MOST_EYES, len(os.sched_getaffinity(0))))]


def judged(material: "Material", level: PrivacyLevel, eyes: list[Eyes]) -> Iterator[Judged]:
    """Judge a picture, or each frame of a film in order; raises CameraError or OSError where it can't be read."""
    return _film(material.path, level, eyes) if material.film else _picture(material.path, level, eyes[0])


def masked_picture(pixels: "Pixels", level: PrivacyLevel, how: PrivacyFill, eyes: Eyes) -> "Pixels":
    """Mask one picture, uint8 (H, W, 3)."""
    cover = PhotoMasker(eyes, level).judge(pixels).cover
    return black((pixels.shape[1], pixels.shape[0])) if cover is None else fill(pixels, cover, how)


def frames_of(path: Path) -> Iterator["Frame"]:
    """Give every frame of a film in order, each on loan until the next; raises CameraError."""
    with open_camera(CameraSite(kind=SourceKind.CLIP, target=str(path.absolute()))) as camera:
        while True:
            try:
                frame = camera.read(1.0)
            except FootageEndedError:
                return
            if frame is not None:
                yield frame


def timed(path: Path, level: PrivacyLevel, frames: int) -> Pace:
    """Measure `passant anonymise` on a film of so many frames, all its processes; raises UntimedError."""
    with tempfile.TemporaryDirectory(prefix="passant-bench-") as folder:
        target = Path(folder) / path.name
        command = [*PASSANT, "anonymise", str(path.absolute()), str(target), "--level", level.value]
        began_s, began_cpu_s = time.perf_counter(), _children_cpu_s()
        done = subprocess.run(command, check=False, capture_output=True, text=True, env=passant_env())
        pace = Pace(frames=frames, wall_s=time.perf_counter() - began_s, cpu_s=_children_cpu_s() - began_cpu_s)
    if done.returncode:
        words = done.stderr.strip().splitlines()
        raise UntimedError(words[-1] if words else f"it ended with status {done.returncode}")
    return pace


def _children_cpu_s() -> float:
    """Give the processor seconds of all processes that were started from here and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _picture(path: Path, level: PrivacyLevel, eyes: Eyes) -> Iterator[Judged]:
    pixels = read_picture(path)
    size = (pixels.shape[1], pixels.shape[0])
    yield Judged(index=0, size=size, cover=PhotoMasker(eyes, level).judge(pixels).cover, late=True)


def _film(path: Path, level: PrivacyLevel, eyes: list[Eyes]) -> Iterator[Judged]:
    frames = frames_of(path)
    first = next(frames)
    times_ns = [first.taken_ns]
    with FilmMasker(eyes, level, first.size) as masker:
        masker.study(first)
        for frame in frames:
            times_ns.append(frame.taken_ns)
            masker.study(frame)
        masker.conclude()
        for index, taken_ns in enumerate(times_ns):
            late = taken_ns - times_ns[0] >= _SECOND_NS
            yield Judged(index=index, size=first.size, cover=masker.judge(index).cover, late=late)


_SECOND_NS = 1_000_000_000
