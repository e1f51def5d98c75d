"""Whether what the camera sees can still be measured in: moved, covered in part, blinded or out of focus.

One look a second, at a picture made small; a finding must hold for some looks before it counts, and its end for two.
What is known of the place is learnt in the first half minute and kept up while nothing is wrong, in memory only.
"""

from typing import Final

import numpy as np

from edge.contract.report import CameraState
from edge.units import NS_PER_S
from edge.vision.camera.blocks import Blocks, means
from edge.vision.camera.edges import Small, edges, small
from edge.vision.camera.focus import Focus
from edge.vision.camera.view import Looked, Sight, View
from edge.vision.frame import Frame

_EVERY_NS: Final = NS_PER_S
# Looks until a finding counts, and until its end does.
_AFTER: Final = 4
_BACK_AFTER: Final = 2
# A view that is lost was kept not so many looks ago: a crowd hides a place little by little, a blow at once.
_SUDDEN: Final = 10
# Blinded: so much more of the picture is at its brightest than is usual, and so much of the place cannot be seen.
_BRIGHTEST: Final = 248
_MORE_BRIGHT: Final = 0.25
_HIDDEN: Final = 0.25
# Out of focus: so many blocks are soft; in focus again: fewer than the second.
_SOFT: Final = 0.7
_SHARP: Final = 0.4
# With so little of its light left, a place may be lost where it is.
_GONE_DARK: Final = 0.3
# Covered in part: what is left is about as bright as it was, so that it is not the light which went.
_AS_BRIGHT: Final = (0.6, 1.6)
_MEMORY: Final = 600
_BRIGHTNESS_MEMORY: Final = 20


class SightWatch:
    """Judges the pictures of one camera; `STREAMING` is all right, or not known to be wrong."""

    def __init__(self) -> None:
        self._view = View()
        self._focus = Focus()
        self._next_ns: int | None = None
        self._state = CameraState.STREAMING
        self._finding: CameraState | None = None
        self._times = 0
        self._since_kept = 0
        self._looks = 0
        self._usual_bright = 0.0
        self._usual_brightness: Blocks | None = None

    @property
    def state(self) -> CameraState:
        """What the newest looks come to: STREAMING, MOVED, BLURRED, BLINDED, or BLACK where much is covered."""
        return self._state

    def see(self, frame: Frame) -> CameraState:
        """Look, if a look is due; instants are the frames' own, and may begin anew."""
        if self._next_ns is None or frame.taken_ns >= self._next_ns or frame.taken_ns < self._next_ns - 2 * _EVERY_NS:
            self._next_ns = frame.taken_ns + _EVERY_NS
            self._look(small(frame.pixels))
        return self._state

    def _look(self, picture: Small) -> None:
        field = edges(picture.coarse)
        looked = self._view.look(field)
        self._since_kept = 0 if looked.sight is Sight.KEPT else self._since_kept + 1
        finding = self._judge(picture, looked)
        self._count(finding)
        if self._state is CameraState.STREAMING and self._finding in {None, CameraState.STREAMING}:
            self._view.learn(field)
            self._focus.learn(picture)
            self._learn_brightness(picture)

    def _judge(self, picture: Small, looked: Looked) -> CameraState | None:
        """Name what is wrong; STREAMING where nothing is, None where that cannot be told."""
        if looked.sight is Sight.LEARNING:
            return None
        if self._is_blinded(picture, looked):
            return CameraState.BLINDED
        if looked.sight is Sight.BARE:
            return CameraState.BLACK if self._is_covered(picture) else None
        soft = self._focus.soft(picture)
        if soft is not None and soft >= (_SHARP if self._state is CameraState.BLURRED else _SOFT):
            return CameraState.BLURRED
        if looked.sight is Sight.KEPT:
            return CameraState.STREAMING
        return CameraState.MOVED if looked.sight is Sight.MOVED or self._is_lost(picture, looked) else None

    def _is_lost(self, picture: Small, looked: Looked) -> bool:
        """Tell whether a view that is lost was lost by a move: at once, and not with the light."""
        if looked.sight is not Sight.LOST or self._usual_brightness is None:
            return False
        if self._state is CameraState.MOVED:
            return True
        is_dark = float(picture.coarse.mean()) < _GONE_DARK * float(self._usual_brightness.mean())
        return self._since_kept <= _SUDDEN and not is_dark

    def _is_blinded(self, picture: Small, looked: Looked) -> bool:
        more = _bright(picture) - self._usual_bright
        return more >= _MORE_BRIGHT and (looked.bare >= _HIDDEN or looked.agreeing < 1 - 2 * _HIDDEN)

    def _is_covered(self, picture: Small) -> bool:
        if self._usual_brightness is None:
            return False
        share = means(picture.coarse) / np.maximum(self._usual_brightness, 1.0)
        # A cover changes what it covers; were it the light, everything would have changed.
        as_before = np.count_nonzero((share >= _AS_BRIGHT[0]) & (share <= _AS_BRIGHT[1]))
        return bool(as_before >= share.size // 5)

    def _count(self, finding: CameraState | None) -> None:
        """Let a finding count once it has held; one that cannot be told changes nothing."""
        if finding is None:
            return
        is_right = finding is CameraState.STREAMING
        was_right = self._finding is CameraState.STREAMING
        self._times = self._times + 1 if self._finding is not None and is_right == was_right else 1
        self._finding = finding
        if self._times >= (_BACK_AFTER if is_right else _AFTER):
            self._state = finding

    def _learn_brightness(self, picture: Small) -> None:
        self._looks += 1
        self._usual_bright += (_bright(picture) - self._usual_bright) / min(self._looks, _MEMORY)
        now = means(picture.coarse)
        before = now if self._usual_brightness is None else self._usual_brightness
        self._usual_brightness = before + (now - before) / min(self._looks, _BRIGHTNESS_MEMORY)


def _bright(picture: Small) -> float:
    return float(np.count_nonzero(picture.coarse >= _BRIGHTEST)) / picture.coarse.size
