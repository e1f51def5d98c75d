"""What is decided of one picture: which pixels are hidden, or why nothing of it may be shown."""

from dataclasses import dataclass
from enum import Enum, unique

from edge.vision.frame import Cover


@unique
class Blackout(Enum):
    """Why a picture is black; the words are for reports and for the journal."""

    NOT_PROVEN = "nothing is proven yet"
    EXPOSURE = "the exposure jumped"
    MOVED = "the camera moved"
    NIGHT = "the camera switched between day and night"
    GAP = "pictures are missing before it"
    EVEN = "nothing can be told apart in it"
    UNSEEN = "no detector looked at it in time"
    FAILED = "a detector failed"


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class Verdict:
    """What may be shown of a picture.

    `cover` uint8 (H, W) says which pixels are hidden; None where the whole picture is black, and `why` says why.
    `regions` is how many connected regions are hidden. No repr: a cover is a likeness of who stands there.
    """

    cover: Cover | None
    why: Blackout | None
    regions: int

    def __post_init__(self) -> None:
        """Hold that a picture is either covered or black for a reason."""
        if (self.cover is None) == (self.why is None):
            raise ValueError("a verdict has either a cover or a reason to be black")

    @classmethod
    def black(cls, why: Blackout) -> "Verdict":
        """Show nothing."""
        return cls(cover=None, why=why, regions=0)
