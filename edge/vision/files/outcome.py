"""What became of one picture or film, and how the work is told while it goes on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, unique

from edge.vision.anonymise.verdict import Blackout


@unique
class Unseen(Enum):
    """Why a frame is black that no mask was worked out for; the words are for reports."""

    UNREADABLE = "it could not be decoded"
    DAMAGED = "its data are damaged"
    CHANGED = "it was another one when it was read again"


@unique
class Step(Enum):
    """What is being done to a film; the words stand beside the progress bar."""

    STUDYING = "looking"
    WRITING = "masking"


Why = Blackout | Unseen
Progress = Callable[[Step, int, int | None], None]
"""Told after frames: what is done, how many frames of it, and of how many where that is known."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """One file that was written: `regions` is the sum over its frames, `black` the frames that are, by reason.

    `size` is (width, height) px, `fps` None for a picture; `notes` says in words what else is not as it was.
    """

    size: tuple[int, int]
    frames: int
    regions: int
    black: Mapping[str, int]
    fps: float | None = None
    notes: tuple[str, ...] = ()
