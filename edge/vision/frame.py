"""The values of the pipeline before tracking: a picture with its instant, and what was found in it."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Grey = NDArray[np.uint8]
"""A picture without colour: (H, W)."""
Boxes = NDArray[np.float32]
Cover = NDArray[np.uint8]
"""What of a picture is hidden: (H, W), MASKED or SHOWN for each pixel."""
MASKED: Final = 255
SHOWN: Final = 0
NO_BOXES: Boxes = np.empty((0, 4), np.float32)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class Frame:
    """One picture and the instant it was taken.

    `pixels` is uint8 (H, W, 3) in OpenCV's order blue, green, red, and read-only; it may be borrowed
    from the source and is valid only until the next frame is asked for. `taken_ns` is in nanoseconds of the source's
    own clock: monotonic for a live camera, media time for a recording. No repr: no picture reaches a traceback.
    """

    pixels: Pixels
    taken_ns: int
    index: int

    def __post_init__(self) -> None:
        """Check shape and type, and make the pixels read-only."""
        if self.pixels.dtype != np.uint8 or self.pixels.ndim != 3 or self.pixels.shape[2] != 3:  # noqa: PLR2004
            raise ValueError(f"pixels must be uint8 (H, W, 3), not {self.pixels.dtype} {self.pixels.shape}")
        self.pixels.flags.writeable = False

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.pixels.shape[1], self.pixels.shape[0]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Detections:
    """What the detector named in one frame.

    `boxes` float32 (n, 4), half-open `[x0, y0, x1, y1)` in pixels; `scores` float32 (n,) in 0..1; `kinds` int8 (n,)
    of `RoadUser` values. Sorted by falling score.
    """

    boxes: Boxes
    scores: NDArray[np.float32]
    kinds: NDArray[np.int8]

    def __post_init__(self) -> None:
        """Check shapes and types, and make the arrays read-only."""
        n = len(self.scores)
        for name, array, shape, dtype in (
            ("boxes", self.boxes, (n, 4), np.float32),
            ("scores", self.scores, (n,), np.float32),
            ("kinds", self.kinds, (n,), np.int8),
        ):
            if array.shape != shape or array.dtype != dtype:
                raise ValueError(f"{name} must be {np.dtype(dtype)} {shape}, not {array.dtype} {array.shape}")
            array.flags.writeable = False

    def __len__(self) -> int:
        """How many there are."""
        return len(self.scores)

    @classmethod
    def none(cls) -> "Detections":
        """No detection."""
        return cls(boxes=np.empty((0, 4), np.float32), scores=np.empty(0, np.float32), kinds=np.empty(0, np.int8))


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Sightings:
    """Where things of one kind were seen in a frame: faces, or plates.

    `boxes` float32 (n, 4), half-open `[x0, y0, x1, y1)` in pixels; `scores` float32 (n,) in 0..1. Sorted by falling
    score.
    """

    boxes: Boxes
    scores: NDArray[np.float32]

    def __post_init__(self) -> None:
        """Check shapes and types, and make the arrays read-only."""
        n = len(self.scores)
        for name, array, shape in (("boxes", self.boxes, (n, 4)), ("scores", self.scores, (n,))):
            if array.shape != shape or array.dtype != np.float32:
                raise ValueError(f"{name} must be float32 {shape}, not {array.dtype} {array.shape}")
            array.flags.writeable = False

    def __len__(self) -> int:
        """How many there are."""
        return len(self.scores)

    @classmethod
    def none(cls) -> "Sightings":
        """No sighting."""
        return cls(boxes=NO_BOXES.copy(), scores=np.empty(0, np.float32))
