"""What the command and its worker say to each other: one JSON object a line, numbers and reasons, and no picture."""

import json
from dataclasses import asdict, dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True, slots=True)
class Setup:
    """The first line to the worker: site file, zone by its id, and whether isolation must be proven."""

    site: str
    zone: str
    isolation: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Ready:
    """The worker watches."""

    isolated: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Unable:
    """The worker cannot watch, or no longer; `why` says what to mend."""

    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Ask:
    """Ask for a moment: that of now, or that at so many seconds from the beginning, which need not be waited for."""

    at_s: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Moment:
    """A zone's crowd features at a moment, and its second from the beginning."""

    at_s: float
    features: tuple[float, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Unready:
    """There are no features to give now; `why` says for what reason."""

    why: str


Word = Setup | Ready | Unable | Ask | Moment | Unready
_KINDS: Final[dict[str, type[Word]]] = {one.__name__: one for one in (Setup, Ready, Unable, Ask, Moment, Unready)}


def pack(word: Word) -> bytes:
    """Write a line."""
    return json.dumps({type(word).__name__: asdict(word)}).encode() + b"\n"


def unpack(data: bytes) -> Word:
    """Read a line; raises ValueError where it is none."""
    try:
        ((name, fields),) = json.loads(data).items()
        word = _KINDS[name](**fields)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError("not a line of the worker's") from error
    # JSON knows lists only.
    return Moment(at_s=word.at_s, features=tuple(word.features)) if isinstance(word, Moment) else word
