"""What the doctor and its worker say to each other: one JSON object a line, numbers and reasons, and no picture."""

import json
from dataclasses import asdict, dataclass
from typing import Final

MOST_OFF: Final = 0.5
"""By how many logits a model's answer may differ from the known one: rounding, not another network."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Setup:
    """The only line to the worker: the site file, and for how long to look, in s of its time; 0: not at all."""

    site: str
    look_s: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Confined:
    """The worker has proven that it has no network and can write nowhere but into its empty folder."""

    proven: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Thought:
    """What the site's model makes of the drawn picture that it is tried with.

    `off` is the largest difference of its answer to the known one, in logits; None where no answer is known for it.
    `ms` is the median time of one look at its usual size.
    """

    model: str
    off: float | None
    ms: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Sight:
    """What the camera showed.

    `state` is a CameraState's name in small letters; `fps` is by the frames' own time; `backwards` counts frames whose
    time did not rise, `repeated` those with the very bits of the one before; `first_s` is how long the first one took.
    `brightness` is the mean grey level, `dark` and `white` are the shares of pixels at either end, `spread` is how
    unlike large parts are, in grey levels, and `sharpness` the fine detail in a coarse one's measure; None where there
    is too little to tell.
    """

    state: str
    frames: int
    width: int
    height: int
    first_s: float
    fps: float
    dropped: int
    backwards: int
    repeated: int
    brightness: float
    dark: float
    white: float
    spread: float
    sharpness: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Unable:
    """A part, `isolation`, `model` or `camera`, cannot be looked at; `why` says what to mend."""

    part: str
    why: str


Word = Setup | Confined | Thought | Sight | Unable
_KINDS: Final[dict[str, type[Word]]] = {one.__name__: one for one in (Setup, Confined, Thought, Sight, Unable)}


def pack(word: Word) -> bytes:
    """Write a line."""
    return json.dumps({type(word).__name__: asdict(word)}).encode() + b"\n"


def unpack(data: bytes) -> Word:
    """Read a line; raises ValueError where it is none."""
    try:
        ((name, fields),) = json.loads(data).items()
        return _KINDS[name](**fields)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError("not a line of the worker's") from error
