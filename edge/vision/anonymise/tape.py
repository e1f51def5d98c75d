"""What is kept of a film between its two passes: for each frame what was found, never a pixel."""

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from edge.vision.anonymise.glance import Glance
from edge.vision.anonymise.verdict import Blackout
from edge.vision.detect.motion import FOREGROUND, Motion

if TYPE_CHECKING:
    from concurrent.futures import Future

# A mask of a street is nearly empty: the least effort shrinks it to a fiftieth already.
_EFFORT: Final = 1


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class PackedMotion:
    """A Motion in a few hundred bytes."""

    content: bytes
    shape: tuple[int, int]
    scale: float
    trusted: bool

    @classmethod
    def of(cls, motion: Motion) -> "PackedMotion":
        """Pack a motion."""
        height, width = motion.mask.shape
        bits = np.packbits(motion.mask == FOREGROUND)
        content = zlib.compress(bits.tobytes(), _EFFORT)
        return cls(content=content, shape=(height, width), scale=motion.scale, trusted=motion.trusted)

    def unpacked(self) -> Motion:
        """Give the motion as it was."""
        height, width = self.shape
        bits = np.unpackbits(np.frombuffer(zlib.decompress(self.content), np.uint8), count=height * width)
        mask = (bits.reshape(height, width) * FOREGROUND).astype(np.uint8)
        return Motion(mask=mask, scale=self.scale, trusted=self.trusted)


@dataclass(kw_only=True, slots=True, eq=False, repr=False)
class Note:
    """What is known of one frame; `motion` and `black` are filled in once the place is known.

    `look` is None where no detector was asked; `seen` what it found, once it has, and None where it failed.
    """

    taken_ns: int
    look: "Future[Glance] | None"
    motion: PackedMotion | None = None
    black: Blackout | None = Blackout.NOT_PROVEN
    seen: Glance | None = None
