"""What a film's place looks like, learnt before its first frame is judged: its beginning is held back till then, small.

A short film is over before a background could be learnt from what has already passed; so the first PRELUDE_S are
learnt from, and only then looked at for movement.
"""

from dataclasses import replace
from typing import Final

import cv2
import numpy as np

from edge.units import NS_PER_S, seconds_from_ns
from edge.vision.anonymise.gate import Gate
from edge.vision.anonymise.tape import Note, PackedMotion
from edge.vision.detect.motion import WIDEST_PX, MotionModel
from edge.vision.frame import Frame

PRELUDE_S: Final = 8.0
# So many frames a second of it are learnt from.
LEARNT_FPS: Final = 5.0


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
        if seconds_from_ns(small.taken_ns - self._held[0][0].taken_ns) >= PRELUDE_S:
            self.conclude()

    def conclude(self) -> None:
        """Fill in what is still held back."""
        held, self._held = self._held or [], None
        next_ns = 0
        for small, _, _ in held:
            if small.taken_ns >= next_ns:
                self._model.learn(small)
                next_ns = small.taken_ns + round(NS_PER_S / LEARNT_FPS)
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
