"""What a film's place looks like, learnt before its first frame is judged: its beginning is held back till then, small.

A short film is over before a background could be learnt from what has already passed; so the place is drawn from the
first PRELUDE_S, and only then they are looked at for movement. It is their median: who passes is at no place for half
of that time. A mixture learnt from the pictures themselves would take whoever walks slowly for a part of the place.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import cv2
import numpy as np

from edge.units import seconds_from_ns
from edge.vision.anonymise.gate import Gate
from edge.vision.anonymise.tape import Note, PackedMotion
from edge.vision.detect.motion import WIDEST_PX, MotionModel
from edge.vision.frame import Frame

PRELUDE_S: Final = 8.0
# ... and no more than so many pictures, of 330 kB each.
MOST_HELD: Final = 240
# The median is of so many frames, spread over that time.
MEDIAN_OF: Final = 15
# How firmly it is believed: as if so many frames had shown it.
BELIEVED_FRAMES: Final = 300


class Backdrop:
    """Fills in, for a film's frames in order, what moved and whether the picture may be shown."""

    def __init__(self) -> None:
        self._model = MotionModel()
        self._gate = Gate(proven=True)
        self._held: list[tuple[Frame, float, Note]] | None = []

    def see(self, small: Frame, scale: float, note: Note) -> None:
        """Take in the next frame, `shrunk` by `scale`; its note, or those held back till now, are filled in."""
        if self._held is None:
            self._fill_in(small, scale, note)
            return
        self._held.append((small, scale, note))
        held_s = seconds_from_ns(small.taken_ns - self._held[0][0].taken_ns)
        if held_s >= PRELUDE_S or len(self._held) >= MOST_HELD:
            self.conclude()

    def conclude(self) -> None:
        """Fill in what is still held back."""
        held, self._held = self._held or [], None
        if held:
            place = _median([small for small, _, _ in held])
            self._model.learn(place, BELIEVED_FRAMES)
        for small, scale, note in held:
            self._fill_in(small, scale, note)

    def _fill_in(self, small: Frame, scale: float, note: Note) -> None:
        motion = self._model.see(small)
        note.motion = PackedMotion.of(replace(motion, scale=motion.scale * scale))
        note.black = self._gate.see(small, trusted=motion.trusted)


def shrunk(frame: Frame) -> Frame:
    """Copy a frame, small enough to be searched for movement."""
    width, height = frame.size
    if width <= WIDEST_PX:
        return replace(frame, pixels=frame.pixels.copy())
    size = (WIDEST_PX, max(1, round(height * WIDEST_PX / width)))
    return replace(frame, pixels=np.asarray(cv2.resize(frame.pixels, size, interpolation=cv2.INTER_AREA), np.uint8))


def _median(frames: Sequence[Frame]) -> Frame:
    chosen = np.linspace(0, len(frames) - 1, min(MEDIAN_OF, len(frames))).round().astype(int)
    # The middle one of an odd number: no mean of two, which would be a colour that nobody saw.
    stack = np.stack([frames[index].pixels for index in chosen[: len(chosen) - 1 + len(chosen) % 2]])
    middle = len(stack) // 2
    return replace(frames[0], pixels=np.partition(stack, middle, axis=0)[middle])
