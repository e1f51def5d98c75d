"""Where the detector looks: at what moves, as large as it needs to see it, and now and then at everything.

The detector wants things of a certain size; far ones must be shown to it enlarged. Enlarged tiles of a whole picture
cost too much, so a frame's one look goes where something moved or is tracked, the longest unseen first. A still scene
is looked at once in a while only, for who stands in it: as a whole and, where the ground's measures tell how large
people would be at the site's places, by turns in the parts that show them as large as they should be.
"""

import math
from dataclasses import dataclass
from itertools import cycle
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.units import seconds_from_ns
from edge.vision.detect.region import Region, tiles_of, whole, zoomed
from edge.vision.frame import NO_BOXES, Boxes

# The side in the network's input that the detector sees well, and that input's longer side, in px.
WANTED_PX: Final = 96.0
INPUT_PX: Final = 640.0
ZOOMS: Final = (1.0, 1.6, 2.4, 3.4)
# Enlarging the sensor's pixels further shows nothing more.
MOST_ENLARGED: Final = 6.0
REGIONS_A_STEP: Final = 1
# Something moves: between two looks the quickest goes this far at most, in its own sizes, as far as the bounds allow.
MOST_WAY_SIZES: Final = 0.35
LEAST_INTERVAL_S: Final = 0.075
MOST_INTERVAL_S: Final = 0.11
# Nothing moves: the detector looks so often for who stands there.
IDLE_INTERVAL_S: Final = 2.0
# What must be watched is looked at so often, whatever else goes on.
WATCH_INTERVAL_S: Final = 1.0
# No more parts than this are looked at by turns: then each comes round within half a minute.
MOST_TURNS: Final = 7


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Views:
    """All regions to choose from, and the zoom of each."""

    regions: tuple[Region, ...]
    corners: NDArray[np.float32]
    zooms: NDArray[np.float32]


class Attention:
    """The choice of regions for one camera with pictures of `size` (width, height).

    `places` (n, 4) px are the boxes of people who would stand at places that matter to the site; none where nobody
    knows how large they would be. `watched` (n, 4) px are looked at again and again, whatever else goes on.
    """

    def __init__(
        self,
        size: tuple[int, int],
        tiles: tuple[int, int] | None,
        places: Boxes = NO_BOXES,
        watched: Boxes = NO_BOXES,
    ) -> None:
        self._size = size
        self._fixed = tiles_of(size, *tiles) if tiles else None
        self._views = _views(size)
        self._waited = np.zeros(len(self._views.regions))
        self._last_ns: int | None = None
        self._named_ns: int | None = None
        self._watched = cycle(self._regions_for(watched))
        self._watch_ns: int | None = None
        self._watch_interval_s = WATCH_INTERVAL_S / len(watched) if len(watched) else math.inf
        parts = self._parts_of(places)
        self._turns = cycle([region for part in parts for region in (whole(size), part)] or [whole(size)])

    def due(self, pace: float, now_ns: int) -> bool:
        """Tell whether it is time to look again, for movement and for names.

        `pace` is the speed of the quickest thing in its own sizes per second. A look costs more than all the rest.
        """
        interval_s = min(max(MOST_WAY_SIZES / max(pace, 1e-3), LEAST_INTERVAL_S), MOST_INTERVAL_S)
        if self._last_ns is not None and seconds_from_ns(now_ns - self._last_ns) < interval_s:
            return False
        self._last_ns = now_ns
        return True

    def plan(self, active: Boxes, now_ns: int) -> tuple[Region, ...]:
        """Choose the regions to show the detector; `active` (n, 4) px are boxes of what moves or is tracked."""
        if self._must_watch(now_ns):
            return self._fixed or (next(self._watched),)
        if (
            not len(active)
            and self._named_ns is not None
            and seconds_from_ns(now_ns - self._named_ns) < IDLE_INTERVAL_S
        ):
            return ()
        self._named_ns = now_ns
        if self._fixed:
            return self._fixed
        if not len(active):
            return (next(self._turns),)
        return self._most_wanted(active)

    def _must_watch(self, now_ns: int) -> bool:
        if math.isinf(self._watch_interval_s):
            return False
        if self._watch_ns is not None and seconds_from_ns(now_ns - self._watch_ns) < self._watch_interval_s:
            return False
        self._watch_ns = now_ns
        return True

    def _regions_for(self, watched: Boxes) -> list[Region]:
        """Choose for each box the view that shows it best, or the whole picture."""
        sees = self._sees_well(watched)
        return [
            self._views.regions[int(sees[:, i].argmax())] if sees[:, i].any() else whole(self._size)
            for i in range(len(watched))
        ]

    def _parts_of(self, places: Boxes) -> tuple[Region, ...]:
        """Choose the parts of the picture that show the most places as they should be seen.

        The whole picture, which shows who is near and anything outside the places, is none of them.
        """
        chosen: list[Region] = []
        sees = self._sees_well(places)
        while len(chosen) < MOST_TURNS and sees.any():
            best = int(sees.sum(axis=1).argmax())
            if self._views.zooms[best] > 1:
                chosen.append(self._views.regions[best])
            sees = sees[:, ~sees[best]]
        return tuple(chosen)

    def _most_wanted(self, active: Boxes) -> tuple[Region, ...]:
        self._waited += 1
        sees = self._sees_well(active)
        open_ones = np.ones(len(active), bool)
        chosen: list[Region] = []
        while len(chosen) < REGIONS_A_STEP and open_ones.any():
            worth = sees[:, open_ones].sum(axis=1) * self._waited
            best = int(worth.argmax())
            if worth[best] <= 0:
                break
            chosen.append(self._views.regions[best])
            self._waited[best] = 0
            open_ones &= ~sees[best]
        return tuple(chosen) or (whole(self._size),)

    def _sees_well(self, active: Boxes) -> NDArray[np.bool_]:
        """Tell which view holds which box whole and at its wanted zoom, (views, n)."""
        views = self._views
        sides = np.sqrt(np.maximum(1.0, (active[:, 2] - active[:, 0]) * (active[:, 3] - active[:, 1])))
        wanted = WANTED_PX / (sides * INPUT_PX / max(self._size))
        nearest = np.abs(np.log(views.zooms[:, None] / wanted[None, :]))
        fits = nearest <= nearest.min(axis=0) + 1e-6
        middle = (active[:, :2] + active[:, 2:]) / 2
        half = (active[:, 2:] - active[:, :2]) / 2
        low = np.maximum(views.corners[:, None, :2], 0)
        high = views.corners[:, None, 2:]
        # A box over the picture's edge counts by its inside.
        start = np.clip(middle - half, 0, self._size)
        end = np.clip(middle + half, 0, self._size)
        holds = np.all((start[None] >= low) & (end[None] <= high), axis=2)
        return fits & holds


def _views(size: tuple[int, int]) -> _Views:
    most = MOST_ENLARGED * max(size) / INPUT_PX
    pairs = [(region, zoom) for zoom in ZOOMS if zoom <= max(1.0, most) for region in zoomed(size, zoom)]
    regions = tuple(region for region, _ in pairs)
    return _Views(
        regions=regions,
        corners=np.array([(r.x0, r.y0, r.x1, r.y1) for r in regions], np.float32),
        zooms=np.array([zoom for _, zoom in pairs], np.float32),
    )
