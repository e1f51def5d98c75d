"""Where a frame becomes a still: in the frame loop, which alone sees pixels, and only when one is wanted."""

import logging
import threading
from collections.abc import Callable
from typing import Final, Protocol

from edge.config.site import PrivacyFill
from edge.contract.stills import StillState
from edge.vision import crash
from edge.vision.anonymise.still import Still, developed
from edge.vision.anonymise.verdict import Verdict
from edge.vision.detect.motion import Motion
from edge.vision.frame import Frame
from edge.vision.track.tracker import Scene

_log = logging.getLogger(__name__)

# Only until the first frame tells.
_ASSUMED_SIZE: Final = (640, 360)


class Masker(Protocol):
    """What decides which pixels of a frame are hidden, for one camera and one size of its pictures."""

    def see(self, frame: Frame, scene: Scene, motion: Motion | None) -> None:
        """Take in a frame, so that a change of the picture as a whole is known; cheap."""
        ...

    def judge(self, frame: Frame, scene: Scene, motion: Motion | None) -> Verdict:
        """Decide about the frame that was seen last; slow."""
        ...


class Darkroom:
    """Shown each frame by the loop; another thread takes stills. Whatever fails gives a black one.

    `masker_of` makes a masker for pictures of a size (width, height).
    """

    def __init__(self, how: PrivacyFill, masker_of: Callable[[tuple[int, int]], Masker]) -> None:
        self._how = how
        self._masker_of = masker_of
        self._masker: Masker | None = None
        self._size = _ASSUMED_SIZE
        self._changed = threading.Condition()
        self._wanted = False
        self._still: Still | None = None
        self._has_failed = False

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the newest frame in px, or of what is assumed before the first."""
        return self._size

    def see(self, frame: Frame, scene: Scene, motion: Motion | None) -> None:
        """Look at a frame, and make a still of it where one is wanted; never raises."""
        try:
            still = self._looked(frame, scene, motion)
        except Exception as error:  # noqa: BLE001  a still is black then, and the counting goes on
            # What it knew of the picture may be half of it: a new one proves everything again.
            self._masker = None
            self._tell(error)
            still = Still.black(frame.size, StillState.FAILED) if self._wanted else None
        if still is not None:
            with self._changed:
                self._still, self._wanted = still, False
                self._changed.notify_all()

    def take(self, timeout_s: float) -> Still:
        """Have the next frame made a still of; a black one where none comes in time."""
        with self._changed:
            self._still, self._wanted = None, True
            self._changed.wait_for(lambda: self._still is not None, timeout_s)
            still, self._still, self._wanted = self._still, None, False
            return still or Still.black(self._size, StillState.NO_PICTURE)

    def _looked(self, frame: Frame, scene: Scene, motion: Motion | None) -> Still | None:
        if self._masker is None or frame.size != self._size:
            self._masker, self._size = self._masker_of(frame.size), frame.size
        self._masker.see(frame, scene, motion)
        if not self._wanted:
            return None
        return developed(frame.pixels, self._masker.judge(frame, scene, motion), self._how)

    def _tell(self, error: Exception) -> None:
        if not self._has_failed:
            self._has_failed = True
            _log.error("stills are black: %s", crash.words(error))
