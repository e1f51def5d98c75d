"""When a film's pictures are looked at, and which part of them: by the film's own time, whatever its frame rate."""

from typing import Final

from edge.units import seconds_from_ns
from edge.vision.anonymise.glance import Order
from edge.vision.detect.region import Region, whole, zoomed

# Between two looks at the whole, tracks bridge: a walker goes a fifth of his own width.
WHOLE_S: Final = 0.19
# Closer looks at parts, which take turns: each of them once in this time. They find the far and small, and refute what
# only a coarse look saw. A part is no larger than the network's input: there the sensor's own pixels are seen.
PARTS_S: Final = 1.12
PART_ZOOM: Final = 1.6
PART_PX: Final = 480
PART_PIXELS: Final = 480 * 360
# Faces and plates that no person or vehicle explains.
DETAILS_S: Final = 1.2
# At the beginning, and after a blackout, everything is looked at closely.
CLOSER_ZOOM: Final = 2.4


class Schedule:
    """The looks at one film with pictures of `size` (width, height)."""

    def __init__(self, size: tuple[int, int]) -> None:
        self._whole = whole(size)
        self._parts = zoomed(size, part_zoom(size))
        self._next_part = 0
        self._last_whole_ns: int | None = None
        self._last_part_ns = 0
        self._last_details_ns = 0

    def order(self, now_ns: int, *, far: bool = False) -> Order | None:
        """Give what to look at in the picture of this instant; None where it can go by those beside it.

        `far` is whether something went far since the whole was looked at.
        """
        if self._last_whole_ns is None:
            self._last_whole_ns = self._last_part_ns = self._last_details_ns = now_ns
            return Order(regions=(self._whole, *self._parts), details=True)
        details = seconds_from_ns(now_ns - self._last_details_ns) >= DETAILS_S
        if details:
            self._last_details_ns = now_ns
        if far or details or seconds_from_ns(now_ns - self._last_whole_ns) >= WHOLE_S:
            self._last_whole_ns = now_ns
            return Order(regions=(self._whole,), details=details)
        due = int(seconds_from_ns(now_ns - self._last_part_ns) * len(self._parts) / PARTS_S)
        if due:
            self._last_part_ns = now_ns
            return Order(regions=self._take(min(due, len(self._parts))), details=False, input_pixels=PART_PIXELS)
        return None

    def _take(self, number: int) -> tuple[Region, ...]:
        turns = [(self._next_part + n) % len(self._parts) for n in range(number)]
        self._next_part = (turns[-1] + 1) % len(self._parts)
        return tuple(self._parts[turn] for turn in turns)

    def start_again(self) -> None:
        """Look at everything closely the next time."""
        self._last_whole_ns = None


def part_zoom(size: tuple[int, int]) -> float:
    """Choose how closely parts of a picture of `size` (width, height) are looked at."""
    return max(PART_ZOOM, max(size) / PART_PX)
