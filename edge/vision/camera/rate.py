"""Thinning by time: which frames to keep so that there are at most so many a second."""

NS_PER_S = 1_000_000_000
# Clocks of cameras jitter: a frame this share of a period too early still counts as on time.
_EARLY = 0.1


def period_ns(fps: float | None) -> int:
    """Compute the time between frames in ns; 0 where there is no limit."""
    return 0 if fps is None else round(NS_PER_S / fps)


class Thinning:
    """Keeps frames at least a period apart on average, whatever the rate they come at."""

    def __init__(self, least_ns: int) -> None:
        self._period_ns = least_ns
        self._due_ns: int | None = None

    def keeps(self, taken_ns: int) -> bool:
        """Say whether the frame taken at this instant is wanted; to be asked once for each, in order."""
        if self._due_ns is None:
            self._due_ns = taken_ns
        if taken_ns < self._due_ns - _EARLY * self._period_ns:
            return False
        # The next is due on the grid, so that the average holds; after a gap the grid starts anew.
        late = taken_ns - self._due_ns >= self._period_ns
        self._due_ns = (taken_ns if late else self._due_ns) + self._period_ns
        return True
