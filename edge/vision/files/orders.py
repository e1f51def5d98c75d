"""What the command and its worker say to each other: one JSON object a line, and no picture."""

import json
from dataclasses import asdict, dataclass, field
from typing import Final

from edge.config.site import Point, PrivacyFill, PrivacyLevel


@dataclass(frozen=True, kw_only=True, slots=True)
class Setup:
    """The first line to the worker: how to mask, with which model, and whether it must prove that it is isolated.

    `polygons` are in px of pictures of `size` (width, height); of any size, where that is None.
    """

    level: str = PrivacyLevel.PEOPLE_AND_VEHICLES.value
    fill: str = PrivacyFill.SOLID.value
    polygons: tuple[tuple[Point, ...], ...] = ()
    size: tuple[int, int] | None = None
    model: str = ""
    threads: int = 1
    isolation: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """One file: where it lies, which kind it is, the format it has and the one to write, and the new file."""

    source: str
    kind: str
    read_as: str
    write_as: str
    target: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Ready:
    """The worker can begin; `models` gives the SHA-256 of each model by name."""

    isolated: bool
    models: dict[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Unable:
    """The worker cannot begin; `why` says what to mend."""

    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Progressed:
    """So far is the file."""

    step: str
    done: int
    total: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """The file lies at its target, whole. The fields are those of `outcome.Outcome`."""

    size: tuple[int, int]
    frames: int
    regions: int
    black: dict[str, int]
    fps: float | None = None
    notes: tuple[str, ...] = field(default=())


@dataclass(frozen=True, kw_only=True, slots=True)
class Failed:
    """The file was not written."""

    cause: str
    mend: str


Line = Setup | Order | Ready | Unable | Progressed | Written | Failed
_KINDS: Final[dict[str, type[Line]]] = {
    one.__name__: one for one in (Setup, Order, Ready, Unable, Progressed, Written, Failed)
}


def pack(line: Line) -> bytes:
    """Write a line."""
    return json.dumps({type(line).__name__: asdict(line)}).encode() + b"\n"


def unpack(data: bytes) -> Line:
    """Read a line; raises ValueError where it is none."""
    try:
        ((name, fields),) = json.loads(data).items()
        return _KINDS[name](**fields)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError("not a line of the worker's") from error
