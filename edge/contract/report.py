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
    MOVED = 6
    BLURRED = 7
    BLINDED = 8


@unique
class Metres(IntEnum):
    """What metres are worth at this site; `REFUSED`: the calibration is too far off, `NONE`: there is none."""

    NONE = 0
    REFUSED = 1
    UNVERIFIED = 2
    VERIFIED = 3


@unique
class Congestion(IntEnum):
    """How vehicles move, by speed against the free flow's."""

    FREE = 0
    DENSE = 1
    SLOW = 2
    STANDING = 3


@unique
class CrowdEstimator(IntEnum):
    """What counted the people of a zone."""

    TRACKS = 0
    SITE_FIT = 1
    DENSITY_NET = 2


@unique
class AlarmKind(IntEnum):
    """What an alarm is about."""

    HEAVY_VEHICLE = 0
    VEHICLE = 1
    WRONG_WAY = 2
    STOPPED_VEHICLE = 3
    PERSON_ON_CARRIAGEWAY = 4
    DENSITY = 5
    CROWD_MOVEMENT = 6


@unique
class AlarmPhase(IntEnum):
    """Where in its life an alarm is. `MUTED`: its place raised too many, and raises no more for a while."""

    RAISED = 0
    UPDATED = 1
    CLEARED = 2
    EXPIRED = 3
    MUTED = 4


@unique
class Severity(IntEnum):
    """How grave, in the words of Smart Data Models' Alert."""

    INFORMATIONAL = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4


@unique
class Verdict(IntEnum):
    """What became of a report. Only `STORED` and the refusals let vision forget it; `LATER` is: offer it again."""

    STORED = 0
    REFUSED_SITE = 1
    REFUSED_SHAPE = 2
    REFUSED_WINDOW = 3
    REFUSED_LEGAL = 4
    LATER = 5


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
class DirectionFlow:
    """How those moved who crossed one line in one direction; None where withheld, or where there are no metres.

    Averages are of at least 5. `speed_time_mean` is the mean of speeds, `speed_space_mean` the harmonic mean; `error`
    is one standard error of the mean, calibration included.
    """

    speed_time_mean_cm_s: Annotated[int | None, bounds.SPEED_CM_S] = None
    speed_space_mean_cm_s: Annotated[int | None, bounds.SPEED_CM_S] = None
    speed_error_cm_s: Annotated[int | None, bounds.SPEED_CM_S] = None
    headway_tenths: Annotated[int | None, bounds.HEADWAY_TENTHS] = None
    occupancy_permille: Annotated[int | None, bounds.PERMILLE] = None
    congestion: Annotated[int | None, bounds.Range(0, len(Congestion) - 1)] = None
    walking_cm_s: Annotated[int | None, bounds.WALKING_CM_S] = None
    walking_error_cm_s: Annotated[int | None, bounds.WALKING_CM_S] = None


@dataclass(frozen=True, kw_only=True, slots=True)
class LineReport:
    """One line of the site file, in the file's order."""

    forward: DirectionCounts
    backward: DirectionCounts
    forward_flow: DirectionFlow = DirectionFlow()
    backward_flow: DirectionFlow = DirectionFlow()


@dataclass(frozen=True, kw_only=True, slots=True)
class TurnReport:
    """How many passed one line and then another: lines by index, True is forward. Never fewer than 5."""

    entry: Annotated[int, bounds.Range(0, bounds.MOST_LINES - 1)]
    entry_forward: bool
    exit: Annotated[int, bounds.Range(0, bounds.MOST_LINES - 1)]
    exit_forward: bool
    count: Annotated[int, bounds.LISTED_COUNT]


@dataclass(frozen=True, kw_only=True, slots=True)
class ZoneReport:
    """How many were present in one zone; None where fewer than 5 were seen in the window."""

    people_mean_hundredths: Annotated[int | None, bounds.PRESENT_HUNDREDTHS] = None
    people_max: Annotated[int | None, bounds.PRESENT] = None
    vehicles_mean_hundredths: Annotated[int | None, bounds.PRESENT_HUNDREDTHS] = None
    vehicles_max: Annotated[int | None, bounds.PRESENT] = None
    # Means over the window, and the window's greatest local density; None without metres or where withheld.
    density_mean_thousandths: Annotated[int | None, bounds.DENSITY_THOUSANDTHS] = None
    density_most_thousandths: Annotated[int | None, bounds.DENSITY_THOUSANDTHS] = None
    pressure_most_ten_thousandths: Annotated[int | None, bounds.PRESSURE_TEN_THOUSANDTHS] = None
    walking_cm_s: Annotated[int | None, bounds.WALKING_CM_S] = None
    # Of those who move, how many go against the greater flow.
    counterflow_permille: Annotated[int | None, bounds.PERMILLE] = None
    queue_most_dm: Annotated[int | None, bounds.QUEUE_DM] = None
    stopped_most: Annotated[int | None, bounds.PRESENT] = None
    # m² of ground that the densities are over.
    area_m2: Annotated[int | None, bounds.COUNT] = None
    estimator: CrowdEstimator = CrowdEstimator.TRACKS
    # Mean error of the estimator over its mean count where it was measured, in thousandths.
    estimator_error_permille: Annotated[int | None, bounds.PERMILLE] = None


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
    turns: Annotated[tuple[TurnReport, ...], bounds.UpTo(bounds.MOST_TURNS)] = ()
    metres: Metres = Metres.NONE
    # Why most of what was not observed was not; STREAMING where nothing was wrong with the picture.
    trouble: CameraState = CameraState.STREAMING


@dataclass(frozen=True, kw_only=True, slots=True)
class Advice:
    """What a bollard's controller may want to know; never a command. `arrival_tenths`: when the vehicle is there."""

    bollard: Annotated[int, bounds.Range(0, bounds.MOST_BOLLARDS - 1)]
    # Somebody stands in the footprint, or nobody can tell.
    inhibit: bool
    # No longer than the alarm's own.
    valid_tenths: Annotated[int, bounds.ADVICE_TENTHS]
    arrival_tenths: Annotated[int | None, bounds.ARRIVAL_TENTHS] = None


@dataclass(frozen=True, kw_only=True, slots=True)
class AlarmReport:
    """One message in the life of an alarm, at a line or zone by its index; says what and where, never who.

    `serial` names the alarm, `revision` counts the messages about it. `since` is when what raised it was first seen,
    `at` the frame that made this message.
    """

    serial: Annotated[int, bounds.SERIAL]
    revision: Annotated[int, bounds.ALARM_REVISION]
    site: Hash64
    model: Hash64
    kind: AlarmKind
    phase: AlarmPhase
    severity: Severity
    at_line: bool
    place: Annotated[int, bounds.Range(0, bounds.MOST_ZONES - 1)]
    since_tenths: Annotated[int, bounds.INSTANT_TENTHS]
    at_tenths: Annotated[int, bounds.INSTANT_TENTHS]
    # For how long it holds without another word.
    valid_tenths: Annotated[int, bounds.VALID_TENTHS]
    level: Annotated[int | None, bounds.DENSITY_LEVEL]
    drill: bool
    replay: bool
    isolated: bool
    advice: Annotated[tuple[Advice, ...], bounds.UpTo(bounds.MOST_BOLLARDS)] = ()


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
    # Messages about alarms whose time was over before the publisher had taken them.
    alarms_lost: Annotated[int, bounds.ALARMS_LOST] = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """The publisher's word on one report, given after its commit."""

    sequence: Sequence
    verdict: Verdict


@dataclass(frozen=True, kw_only=True, slots=True)
class AlarmAnswer:
    """The publisher's word on one message about an alarm, given after its commit."""

    serial: Annotated[int, bounds.SERIAL]
    revision: Annotated[int, bounds.ALARM_REVISION]
    verdict: Verdict


# The closed vocabulary, by who may say it. The position in the tuple is the kind on the wire.
FROM_VISION = (Hello, WindowReport, VisionHealth, AlarmReport)
FROM_PUBLISHER = (Answer, AlarmAnswer)

VisionMessage = Hello | WindowReport | VisionHealth | AlarmReport
Message = VisionMessage | Answer | AlarmAnswer
