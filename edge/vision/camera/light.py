"""Whether the light has just changed: a cloud's edge, lamps, lightning, an exposure, a filter that swings away."""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.units import NS_PER_S
from edge.vision.frame import Frame

_STEP: Final = 16
_GRID: Final = (8, 5)
# The light of a part has changed when its brightness has by so much, and by so many grey levels.
_SHARE: Final = 0.2
_LEVELS: Final = 4.0
# The light of the place has when that of so many parts has, the same way: a lorry darkens what it stands before.
_PARTS: Final = 0.7
# Compared with the picture of so long ago at least; and how long it then takes to be called steady.
_BEFORE_NS: Final = NS_PER_S // 2
_CALM_NS: Final = 2 * NS_PER_S


class Light:
    """Looks at each frame's brightness in a few parts; frames in the order of their time."""

    def __init__(self) -> None:
        self._now: tuple[int, NDArray[np.float32]] | None = None
        self._before: NDArray[np.float32] | None = None
        self._changed_ns: int | None = None

    def see(self, frame: Frame) -> bool:
        """Tell whether the light is steady: no jump in this frame, nor within the last 2 s."""
        sample = frame.pixels[_STEP // 2 :: _STEP, _STEP // 2 :: _STEP, 1]
        parts = cv2.resize(np.ascontiguousarray(sample), _GRID, interpolation=cv2.INTER_AREA).astype(np.float32)
        if self._now is None or frame.taken_ns - self._now[0] >= _BEFORE_NS:
            self._before = None if self._now is None else self._now[1]
            self._now = (frame.taken_ns, parts)
        elif _has_changed(self._now[1], parts):
            self._changed_ns = frame.taken_ns
        if self._before is not None and _has_changed(self._before, parts):
            self._changed_ns = frame.taken_ns
        return self._changed_ns is None or frame.taken_ns - self._changed_ns >= _CALM_NS


def _has_changed(before: NDArray[np.float32], now: NDArray[np.float32]) -> bool:
    change = now - before
    is_much = np.abs(change) > np.maximum(_LEVELS, _SHARE * before)
    most = max(np.count_nonzero(is_much & (change > 0)), np.count_nonzero(is_much & (change < 0)))
    return bool(most >= _PARTS * before.size)
