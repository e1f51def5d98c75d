"""What the judge asks of the measured ground."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Ground(Protocol):
    """Pictures to metres and back; nan outside the area where the measures are valid."""

    def to_metres(self, points: Floats) -> Floats:
        """Map (n, 2) px to (n, 2) m."""
        ...

    def to_pixels(self, points: Floats) -> Floats:
        """Map (n, 2) m to (n, 2) px."""
        ...

    def velocity(self, points: Floats, velocities: Floats) -> Floats:
        """Map velocities (n, 2) px/s at (n, 2) px to (n, 2) m/s."""
        ...
