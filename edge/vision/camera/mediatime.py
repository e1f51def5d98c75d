"""Media time made trustworthy: what a container says of a frame's instant, made strictly increasing."""

from edge.vision.camera.rate import NS_PER_S

# A leap of more than this beyond the declared end is a damaged stamp, not a pause in the recording.
_MOST_LEAP_NS = 10 * NS_PER_S
_USUAL_FPS = 25.0


class MediaTime:
    """Turns a container's stamps into strictly increasing nanoseconds.

    Where the container has no stamp (raw streams read 0 for every frame), one that goes back, or one far beyond
    its own declared length, the frame is put one frame period after the last.
    """

    def __init__(self, *, fps: float, length_ns: int) -> None:
        self.period_ns = round(NS_PER_S / (fps if fps > 0 else _USUAL_FPS))
        self._length_ns = length_ns
        self._last_ns: int | None = None

    def at(self, stamp_ms: float) -> int:
        """Compute the media time in ns of the next frame from its stamp."""
        stamp_ns = max(0, round(stamp_ms * 1e6))
        if self._last_ns is not None and not self._last_ns < stamp_ns <= self._latest_ns(self._last_ns):
            stamp_ns = self._last_ns + self.period_ns
        self._last_ns = stamp_ns
        return stamp_ns

    @property
    def over_ns(self) -> int:
        """Where the last frame is over."""
        return 0 if self._last_ns is None else self._last_ns + self.period_ns

    def _latest_ns(self, last_ns: int) -> int:
        if self._length_ns == 0:
            return 1 << 62
        return max(self._length_ns, last_ns) + _MOST_LEAP_NS
