"""A masked picture as a still: filled, then written as a JPEG that holds a picture and nothing else."""

from dataclasses import dataclass
from typing import Final

import cv2

from edge.config.site import PrivacyFill
from edge.contract.stills import MOST_BYTES, StillHeader, StillState
from edge.vision.anonymise.fill import black, fill
from edge.vision.anonymise.verdict import Verdict
from edge.vision.frame import Pixels

# From fine to coarse: the first that fits the channel is taken, then the picture is halved.
_QUALITIES: Final = (85, 60, 35)
_LEAST_SIDE_PX: Final = 16


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class Still:
    """A picture that may be shown, uint8 (H, W, 3): masked, or black where `state` says why."""

    pixels: Pixels
    state: StillState

    @classmethod
    def black(cls, size: tuple[int, int], state: StillState) -> "Still":
        """Show nothing, at a size of (width, height)."""
        return cls(pixels=black(size), state=state)


def developed(pixels: Pixels, verdict: Verdict, how: PrivacyFill) -> Still:
    """Make a still of a picture by its verdict: a copy, filled where the verdict hides it, or black.

    Raises ValueError where the verdict's cover is that of another size.
    """
    if verdict.cover is not None:
        return Still(pixels=fill(pixels, verdict.cover, how), state=StillState.SHOWN)
    known = StillState.__members__.get(verdict.why.name) if verdict.why else None
    return Still.black((pixels.shape[1], pixels.shape[0]), known or StillState.FAILED)


def written(still: Still) -> tuple[StillHeader, bytes]:
    """Write a still as a JPEG of at most MOST_BYTES, coarser or smaller where it must be, with its header."""
    pixels = still.pixels
    while True:
        for quality in _QUALITIES:
            _, data = cv2.imencode(".jpg", pixels, (cv2.IMWRITE_JPEG_QUALITY, quality))
            if len(data) <= MOST_BYTES or min(pixels.shape[:2]) < _LEAST_SIDE_PX:
                height, width = pixels.shape[:2]
                picture = data.tobytes()
                return StillHeader(state=still.state, width=width, height=height, length=len(picture)), picture
        pixels = pixels[::2, ::2].copy()
