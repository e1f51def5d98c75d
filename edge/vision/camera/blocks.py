"""A picture in blocks: what is asked of the whole is asked of each, so that a bus or a lamp is one answer of many."""

from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

ROWS: Final = 6
COLUMNS: Final = 8

Blocks = NDArray[np.float64]
"""One number for each block, (ROWS, COLUMNS)."""


def means(values: NDArray[Any]) -> Blocks:
    """Average float32 or uint8 values (h, w) over blocks."""
    return cv2.resize(values, (COLUMNS, ROWS), interpolation=cv2.INTER_AREA).astype(np.float64)
