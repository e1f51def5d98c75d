"""The crowd features of some zones over time: looked at a few times a second, averaged over some seconds."""

from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from edge.config.site import Zone
from edge.units import NS_PER_S
from edge.vision.crowd.backdrop import Backdrop, shrunk, small_size
from edge.vision.crowd.features import Features, ZoneEye, grey_edges
from edge.vision.crowd.scale import person_heights
from edge.vision.frame import Frame
from edge.vision.track.tracker import Scene

if TYPE_CHECKING:
    from edge.vision.measure.ground import GroundView

# Looked at no more often: a crowd does not change faster.
INTERVAL_NS: Final = NS_PER_S // 4
# One picture's features jump with each step that people take; those of a few seconds do so less.
AVERAGED_NS: Final = 2 * NS_PER_S


class CrowdWatch:
    """Watches zones of one site in pictures of `size` (w, h) px."""

    def __init__(self, zones: Sequence[Zone], size: tuple[int, int], ground: "GroundView | None") -> None:
        self._small = small_size(size)
        zoom = size[0] / self._small[0]
        heights = person_heights((self._small[1], self._small[0]), zoom, ground)
        self._eyes = [ZoneEye(zone, zoom, heights) for zone in zones]
        self._backdrop = Backdrop()
        self._seen: deque[tuple[int, list[Features]]] = deque()

    def learn(self, frame: Frame) -> None:
        """Learn what the place looks like from a frame of which nothing is said; its time is not looked at."""
        self._backdrop.learn(shrunk(frame))

    def see(self, frame: Frame, scene: Scene) -> None:
        """Look at a frame, its privacy polygons burnt in, where it is time to."""
        if self._seen and 0 <= frame.taken_ns - self._seen[-1][0] < INTERVAL_NS:
            return
        small = shrunk(frame)
        foreground = self._backdrop.see(small, frame.taken_ns)
        if not self._backdrop.settled:
            self._seen.clear()
            return
        edges = grey_edges(small)
        self._seen.append((frame.taken_ns, [eye.see(foreground, edges, scene) for eye in self._eyes]))
        while abs(frame.taken_ns - self._seen[0][0]) > AVERAGED_NS:
            self._seen.popleft()

    def features(self) -> tuple[Features, ...] | None:
        """Give each zone's features, averaged over the last seconds; None while the place is not known yet."""
        if not self._seen:
            return None
        return tuple(np.mean([own[index] for _, own in self._seen], axis=0) for index in range(len(self._eyes)))
