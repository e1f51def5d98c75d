"""What is proven to be background: cells of the picture that held nothing and did not change for a while."""

from typing import Final

import numpy as np

from edge.units import NS_PER_S
from edge.vision.frame import MASKED, SHOWN, Cover

CELL_PX: Final = 16
# Nothing was seen in a cell for so long.
QUIET_S: Final = 5.0


class Cells:
    """The cells of pictures of `size` (width, height); all are hidden at first."""

    def __init__(self, size: tuple[int, int], quiet_s: float = QUIET_S) -> None:
        self._size = size
        self._grid = (-(-size[0] // CELL_PX), -(-size[1] // CELL_PX))
        self._quiet_ns = round(quiet_s * NS_PER_S)
        self._since_ns = np.zeros(self._grid[::-1], np.int64)
        self._begun = False

    def see(self, cover: Cover, at_ns: int) -> Cover:
        """Take in what holds somebody or changes at this instant; gives all that is not proven to be background."""
        self.note(cover, at_ns)
        return self.hidden(cover, at_ns)

    def note(self, cover: Cover, at_ns: int) -> None:
        """Take in what holds somebody or changes at this instant."""
        width, height = self._grid
        right, below = width * CELL_PX - self._size[0], height * CELL_PX - self._size[1]
        # A side of whole cells, as most cameras have, needs no copy.
        padded = np.pad(cover, ((0, below), (0, right)), constant_values=SHOWN) if right or below else cover
        # Of rows first: they lie together in memory.
        rows = padded.reshape(height, CELL_PX, width * CELL_PX).max(axis=1)
        busy = rows.reshape(height, width, CELL_PX).max(axis=2) != SHOWN
        self._since_ns[busy if self._begun else slice(None)] = at_ns
        self._begun = True

    def hidden(self, cover: Cover, at_ns: int) -> Cover:
        """Give what is hidden by a cover, and all that is not proven to be background."""
        cells = np.where(at_ns - self._since_ns < self._quiet_ns, MASKED, SHOWN).astype(np.uint8)
        whole = cells.repeat(CELL_PX, axis=0).repeat(CELL_PX, axis=1)[: self._size[1], : self._size[0]]
        return np.maximum(whole, cover)

    def start_again(self) -> None:
        """Forget what was proven: the picture is another."""
        self._begun = False
