"""Pictures for the benchmarks: read from files, and put together on sheets."""

from pathlib import Path

import cv2
import numpy as np

from edge.vision.frame import Pixels


def read_picture(path: Path) -> Pixels:
    """Read a picture as uint8 (H, W, 3), blue, green, red; raises OSError where it is none."""
    pixels = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if pixels is None:
        raise OSError(f"{path}: not a picture that can be read; copy it again")
    return np.asarray(pixels, np.uint8)
