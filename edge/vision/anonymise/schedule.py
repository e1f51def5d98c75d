"""When a film's pictures are looked at, and which part of them: by the film's own time, whatever its frame rate."""

from typing import Final

from edge.units import seconds_from_ns
from edge.vision.anonymise.glance import Order
from edge.vision.detect.region import whole, zoomed

# Between two looks at the whole, tracks bridge: a walker goes a fifth of his own width.
WHOLE_S: Final = 0.19
# A closer look at one part; parts take turns. It finds the far and small, and refutes what only a coarse look saw.
PART_S: Final = 0.28
PART_ZOOM: Final = 1.6
PART_PIXELS: Final = 480 * 360
# Faces and plates that no person or vehicle explains.
DETAILS_S: Final = 1.2
# At the beginning, and after a blackout, everything is looked at closely.
CLOSER_ZOOM: Final = 2.4


class Schedule:
    """The looks at one film with pictures of `size` (width, height)."""

    def __init__(self, size: tuple[int, int]) -> None:
        self._whole = whole(size)
        self._parts = zoomed(size, PART_ZOOM)
        self._closer = zoomed(size, CLOSER_ZOOM)
        self._next_part = 0
        self._last_whole_ns: int | None = None
        self._last_part_ns = 0
        self._last_details_ns = 0

    def order(self, now_ns: int) -> Order | None:
        """Give what to look at in the picture of this instant; None where it can go by those beside it."""
        if self._last_whole_ns is None:
            self._last_whole_ns = self._last_part_ns = self._last_details_ns = now_ns
            return Order(regions=(self._whole, *self._parts, *self._closer), details=True)
        details = seconds_from_ns(now_ns - self._last_details_ns) >= DETAILS_S
        if details:
            self._last_details_ns = now_ns
        if details or seconds_from_ns(now_ns - self._last_whole_ns) >= WHOLE_S:
            self._last_whole_ns = now_ns
            return Order(regions=(self._whole,), details=details)
        if seconds_from_ns(now_ns - self._last_part_ns) >= PART_S:
            self._last_part_ns = now_ns
            self._next_part = (self._next_part + 1) % len(self._parts)
            return Order(regions=(self._parts[self._next_part],), details=False, input_pixels=PART_PIXELS)
        return None

    def start_again(self) -> None:
        """Look at everything closely the next time."""
        self._last_whole_ns = None
