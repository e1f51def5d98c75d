"""What a picture is worth: black, frozen, or of a place that cannot be measured now; told cheaply, of all its pixels.

It sees what the privacy polygons hide as well, and must: a burnt part is a contrast, and would make a covered lens a
street.
"""

from zlib import crc32

import cv2

from edge.config.site import SourceKind
from edge.contract.report import CameraState
from edge.vision.camera.rate import NS_PER_S
from edge.vision.camera.sight_watch import SightWatch
from edge.vision.frame import Frame, Pixels

# A covered lens, a wall of fog and a blinded sensor are even, however bright and noisy; a street by night is not. The
# figure is the standard deviation, in grey levels, of means over blocks so large that noise drowns in them.
_EVEN_SPREAD = 3.0
# Out of it only well above, so that dusk does not flicker.
_UNEVEN_SPREAD = 4.5
_BLOCKS = (8, 5)
_BLACK_AFTER_NS = 2 * NS_PER_S
_FROZEN_AFTER_NS = 5 * NS_PER_S
# The sample's grid in each direction: a 1280x720 picture has 80 x 45 points.
_STEP = 16


class PictureWatch:
    """Judges a source's pictures one by one; what is not `STREAMING` does not count as observed.

    Frozen means the same bits, or no picture at all, for 5 s: a sensor's noise makes no two pictures alike. A recording
    may hold still, so a `clip` is never frozen. Black means that nothing is to be told
    apart for 2 s, as with a covered lens, and is said rather than frozen. Both
    end with the first picture that is neither. For moved, blurred, blinded and covered in part see `SightWatch`: they
    count after four looks and end after two. What was known of the place is still known when the source was away.
    """

    def __init__(self, kind: SourceKind) -> None:
        self._may_freeze = kind is not SourceKind.CLIP
        self._live = kind in {SourceKind.PI, SourceKind.V4L2}
        self._state = CameraState.STARTING
        self._print: int | None = None
        self._changed_ns = 0
        self._lit_ns: int | None = None
        self._is_even = False
        self._sight = SightWatch()
        self._size: tuple[int, int] | None = None

    @property
    def state(self) -> CameraState:
        """What the source's pictures are worth now."""
        return self._state

    def see(self, frame: Frame) -> CameraState:
        """Judge the next picture; instants are the frames' own."""
        sample = frame.pixels[_STEP // 2 :: _STEP, _STEP // 2 :: _STEP]
        black = self._is_black(sample, frame.taken_ns)
        frozen = self._is_frozen(frame.pixels, frame.taken_ns)
        if black:
            self._state = CameraState.BLACK
        else:
            self._state = CameraState.FROZEN if frozen else self._sight_of(frame)
        return self._state

    def miss(self, now_ns: int) -> CameraState:
        """Note that no picture came, at this monotonic instant; only a live source freezes by that."""
        if self._live and self._print is not None and now_ns - self._changed_ns >= _FROZEN_AFTER_NS:
            self._state = CameraState.FROZEN
        return self._state

    def lose(self) -> CameraState:
        """Note that the source is gone."""
        self._forget(CameraState.ABSENT)
        return self._state

    def end(self) -> CameraState:
        """Note that the recording is over."""
        self._forget(CameraState.ENDED)
        return self._state

    def _sight_of(self, frame: Frame) -> CameraState:
        if frame.size != self._size:
            # Lines and zones are checked against a new size; what was learnt of the place has another.
            self._size, self._sight = frame.size, SightWatch()
        return self._sight.see(frame)

    def _forget(self, state: CameraState) -> None:
        self._state = state
        self._print = None
        self._lit_ns = None
        self._is_even = False

    def _is_black(self, sample: Pixels, at_ns: int) -> bool:
        was_black = self._is_even
        blocks = cv2.resize(sample, _BLOCKS, interpolation=cv2.INTER_AREA)
        even = float(blocks.mean(axis=2).std()) < (_UNEVEN_SPREAD if was_black else _EVEN_SPREAD)
        if self._lit_ns is None or not even:
            self._lit_ns = at_ns
        # Not the state's BLACK: that may be of a part only.
        self._is_even = even and (was_black or at_ns - self._lit_ns >= _BLACK_AFTER_NS)
        return self._is_even

    def _is_frozen(self, pixels: Pixels, at_ns: int) -> bool:
        if not self._may_freeze:
            return False
        # A whole band of rows, so that not one noisy pixel of it can stay unseen.
        now = crc32(pixels[:: _STEP * 2].tobytes())
        if now != self._print:
            self._print = now
            self._changed_ns = at_ns
        return at_ns - self._changed_ns >= _FROZEN_AFTER_NS
