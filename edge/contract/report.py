"""Everything that may cross the boundary: closed, frozen messages of bounded integers.

There is no string, no float, no bytes and no file descriptor among the fields, so a picture has no
field to travel in. `DirectionCounts.car = None` means withheld; 0 means counted, and none came.
"""

from dataclasses import dataclass
from enum import IntEnum, unique
from typing import Annotated

from edge.contract import bounds


@unique
class RoadUser(IntEnum):
    """What passes. `VEHICLE` is a moving thing of a vehicle's size that the detector never named."""

    PERSON = 0
    BICYCLE = 1
    MOTORCYCLE = 2
    CAR = 3
    BUS = 4
    LORRY = 5
    VEHICLE = 6


VEHICLE_KINDS = tuple(kind for kind in RoadUser if kind is not RoadUser.PERSON)


@unique
class CameraState(IntEnum):
    """What the picture is worth now."""

    STARTING = 0
    STREAMING = 1
    FROZEN = 2
    BLACK = 3
    ABSENT = 4
    ENDED = 5


@unique
class Verdict(IntEnum):
    """What became of a report. Only `STORED` and the refusals let vision forget it."""

    STORED = 0
    REFUSED_SITE = 1
    REFUSED_SHAPE = 2
    REFUSED_WINDOW = 3


Count = Annotated[int, bounds.COUNT]
ListedCount = Annotated[int | None, bounds.LISTED_COUNT]
Hash64 = Annotated[int, bounds.HASH64]
Sequence = Annotated[int, bounds.SEQUENCE]


@dataclass(frozen=True, kw_only=True, slots=True)
class DirectionCounts:
    """Who crossed one line in one direction: totals always, a class only from 5 upwards."""

    people: Count
    vehicles: Count
    bicycle: ListedCount = None
    motorcycle: ListedCount = None
    car: ListedCount = None
    bus: ListedCount = None
    lorry: ListedCount = None
    vehicle: ListedCount = None


@dataclass(frozen=True, kw_only=True, slots=True)
class LineReport:
    """One line of the site file, in the file's order."""

    forward: DirectionCounts
    backward: DirectionCounts


@dataclass(frozen=True, kw_only=True, slots=True)
class ZoneReport:
    """How many were present in one zone; None where fewer than 5 were seen in the window."""

    people_mean_hundredths: Annotated[int | None, bounds.PRESENT_HUNDREDTHS] = None
    people_max: Annotated[int | None, bounds.PRESENT] = None
    vehicles_mean_hundredths: Annotated[int | None, bounds.PRESENT_HUNDREDTHS] = None
    vehicles_max: Annotated[int | None, bounds.PRESENT] = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Hello:
    """Vision's first message on a connection: under which site file and model it works."""

    site: Hash64
    model: Hash64
    replay: bool
    isolated: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class WindowReport:
    """What one window may say; `revision` n replaces n-1 of the same window."""

    sequence: Sequence
    site: Hash64
    model: Hash64
    window_start_s: Annotated[int, bounds.WINDOW_START_S]
    window_s: Annotated[int, bounds.WINDOW_S]
    revision: Annotated[int, bounds.REVISION]
    observed_permille: Annotated[int, bounds.PERMILLE]
    replay: bool
    isolated: bool
    lines: Annotated[tuple[LineReport, ...], bounds.UpTo(bounds.MOST_LINES)]
    zones: Annotated[tuple[ZoneReport, ...], bounds.UpTo(bounds.MOST_ZONES)]


@dataclass(frozen=True, kw_only=True, slots=True)
class VisionHealth:
    """How vision is doing, every `bounds.HEALTH_PERIOD_S` seconds."""

    camera: CameraState
    isolated: bool
    replay: bool
    fps_tenths: Annotated[int, bounds.Range(0, 2_000)]
    frames_dropped: Annotated[int, bounds.COUNT]
    detector_ms: Annotated[int, bounds.Range(0, 10_000)]
    reports_waiting: Annotated[int, bounds.COUNT]
    reports_lost: Annotated[int, bounds.COUNT]


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """The publisher's word on one report, given after its commit."""

    sequence: Sequence
    verdict: Verdict


# The closed vocabulary, by who may say it. The position in the tuple is the kind on the wire.
FROM_VISION = (Hello, WindowReport, VisionHealth)
FROM_PUBLISHER = (Answer,)

VisionMessage = Hello | WindowReport | VisionHealth
Message = VisionMessage | Answer
