"""Whether something went far since the last look, whatever the film says of its time: a time lapse is no slow street.

Between two pictures that stand close together, what moves differs along its edges only; what went farther leaves solid
patches, which an erosion does not take away.
"""

from typing import Final

import cv2
import numpy as np

from edge.vision.frame import Frame, Grey

# Grey levels that noise does not reach.
LEAST_DIFFERENCE: Final = 25
# Patches narrower than this, as a share of the picture's width, are edges.
PATCH: Final = 0.023
# So much of them, as a share of the picture.
LEAST_SHARE: Final = 0.0005


class Stir:
    """Compares small pictures of one film with the one that was looked at last."""

    def __init__(self) -> None:
        self._looked: Grey | None = None
        self._grey: Grey | None = None

    def is_far(self, small: Frame) -> bool:
        """Tell whether something went far since `looked` was told; True before the first look."""
        self._grey = np.asarray(cv2.cvtColor(small.pixels, cv2.COLOR_BGR2GRAY), np.uint8)
        if self._looked is None:
            return True
        differs = cv2.absdiff(self._grey, self._looked) > LEAST_DIFFERENCE
        side = max(3, round(PATCH * small.size[0]))
        patches = cv2.erode(differs.view(np.uint8), np.ones((side, side), np.uint8))
        return bool(np.count_nonzero(patches) > LEAST_SHARE * patches.size)

    def looked(self) -> None:
        """Note that the picture seen last was looked at."""
        self._looked = self._grey
