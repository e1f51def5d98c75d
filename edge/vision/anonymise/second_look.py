"""What only a coarse look sees, and closer looks hardly ever do, is nobody: a patch of grass, a bin.

Only what stays where it is can be refuted so, and only by looks that showed the whole of it larger. The record is the
place's, for what is taken for somebody there again and again is one thing; and of its time, for somebody may come and
stand there.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.units import NS_PER_S
from edge.vision.detect.region import Region
from edge.vision.frame import Boxes, Detections
from edge.vision.track.match import overlaps
from edge.vision.track.tracker import Scene, Track

# So many closer looks in vain, more for what came there on its own feet; and this share of all within the time.
LEAST_LOOKS: Final = 5
LEAST_LOOKS_AFTER_WAY: Final = 8
LEAST_VAIN: Final = 0.8
WITHIN_S: Final = 8.0
# Near a look that saw somebody nothing is refuted.
NEAR_S: Final = 3.0
# Having gone so many of its own sizes, it moved.
MOST_WAY_SIZES: Final = 0.5
# ... of a find with what is followed, and of a newcomer with a place.
LEAST_OVERLAP: Final = 0.3
SAME_PLACE: Final = 0.5
# A look is a closer one where it shows the picture so much larger.
LEAST_ZOOM: Final = 1.2
# What the region must show round a box, as a share of the box.
ROOM: Final = 0.05


@dataclass(kw_only=True, slots=True, eq=False)
class _Place:
    """Where a thing is, px, and the closer looks at it, in order of time: when, in ns, and whether it was seen."""

    box: Boxes
    times_ns: list[int] = field(default_factory=list)
    seen: list[bool] = field(default_factory=list)

    def note(self, now_ns: int, *, seen: bool) -> None:
        self.times_ns.append(now_ns)
        self.seen.append(seen)

    def is_refuted(self, now_ns: int, least: int) -> bool:
        looks, near = self._seen_within(now_ns, WITHIN_S), self._seen_within(now_ns, NEAR_S)
        vain = looks.count(False)
        return not any(near) and vain >= least and vain >= LEAST_VAIN * len(looks)

    def _seen_within(self, now_ns: int, seconds: float) -> list[bool]:
        reach_ns = round(seconds * NS_PER_S)
        first, end = bisect_left(self.times_ns, now_ns - reach_ns), bisect_right(self.times_ns, now_ns + reach_ns)
        return self.seen[first:end]


@dataclass(kw_only=True, slots=True)
class _Stay:
    """A track while it keeps its place; what only passes by has none."""

    number: int
    foot: tuple[float, float]
    least_looks: int
    place: _Place | None = None


class SecondLook:
    """The stays of every track of one pass over pictures of `size` (width, height)."""

    def __init__(self, size: tuple[int, int]) -> None:
        self._size = size
        self._stays: list[_Stay] = []
        self._now: dict[int, _Stay] = {}
        self._places: list[_Place] = []

    def see(self, scene: Scene, found: Detections | None, looked: Sequence[Region], now_ns: int) -> None:
        """Take in the tracks of a frame, and what was found in the parts that were looked at; in order of time."""
        closer = [region for region in looked if self._size[0] >= LEAST_ZOOM * region.width]
        if len(closer) < len(looked):
            # What came of which look cannot be told.
            closer = []
        for track in scene.tracks:
            stay = self._stay(track)
            if found is not None and any(self._shows(region, track) for region in closer):
                box = np.array([track.box], np.float32)
                place = stay.place = stay.place or self._place(box)
                place.note(now_ns, seen=len(found) > 0 and float(_overlaps(box, found.boxes).max()) >= LEAST_OVERLAP)

    def stay(self, track: int) -> int:
        """Give the number of a track's present stay, by the track's id."""
        return self._now[track].number

    def is_refuted(self, stay: int, now_ns: int) -> bool:
        """Tell whether closer looks saw nobody where this stay was at an instant; once all frames were seen."""
        place = self._stays[stay].place
        return place is not None and place.is_refuted(now_ns, self._stays[stay].least_looks)

    def _stay(self, track: Track) -> _Stay:
        """Find the track's stay, or begin another where it has gone elsewhere."""
        stay = self._now.get(track.id)
        if stay is None or _way(stay, track) > MOST_WAY_SIZES:
            least_looks = LEAST_LOOKS if stay is None else LEAST_LOOKS_AFTER_WAY
            stay = _Stay(number=len(self._stays), foot=track.foot, least_looks=least_looks)
            self._stays.append(stay)
            self._now[track.id] = stay
        return stay

    def _place(self, box: Boxes) -> _Place:
        if self._places:
            known = _overlaps(box, np.concatenate([place.box for place in self._places]))[0]
            if float(known.max()) >= SAME_PLACE:
                return self._places[int(known.argmax())]
        self._places.append(_Place(box=box))
        return self._places[-1]

    def _shows(self, region: Region, track: Track) -> bool:
        """Tell whether a region shows the whole of a track with some room, where the picture goes on there."""
        x0, y0, x1, y1 = track.box
        across, down = ROOM * (x1 - x0), ROOM * (y1 - y0)
        return (
            region.x0 <= max(0.0, x0 - across)
            and region.y0 <= max(0.0, y0 - down)
            and region.x1 >= min(float(self._size[0]), x1 + across)
            and region.y1 >= min(float(self._size[1]), y1 + down)
        )


def _way(stay: _Stay, track: Track) -> float:
    x0, y0, x1, y1 = track.box
    size = max(1.0, float(np.sqrt((x1 - x0) * (y1 - y0))))
    return float(np.hypot(track.foot[0] - stay.foot[0], track.foot[1] - stay.foot[1])) / size


def _overlaps(box: Boxes, others: Boxes) -> NDArray[np.float32]:
    return overlaps(box, others, np.zeros(len(box)))
