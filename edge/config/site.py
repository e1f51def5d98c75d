"""What a site file says, once it has been checked: frozen values without a default left open."""

import datetime as dt
from dataclasses import dataclass
from enum import Enum, unique
from pathlib import Path
from typing import Final

from edge.contract.report import AlarmKind, RoadUser

UTC: Final = dt.UTC

CROWD_FEATURES: Final = 4
"""How many weights a fit of this version has: one for each feature of edge/vision/crowd/features.py."""

Point = tuple[float, float]
"""A place in the picture in pixels, (x, y), origin top left, y down."""


@unique
class SourceKind(Enum):
    """Where pictures come from."""

    PI = "pi"
    V4L2 = "v4l2"
    CLIP = "clip"
    SYNTHETIC = "synthetic"


@unique
class ZoneUse(Enum):
    """What a zone is for."""

    PEDESTRIAN = "pedestrian"
    CARRIAGEWAY = "carriageway"
    CLOSED = "closed"


@unique
class LegalMode(Enum):
    """What the site may do with what it sees."""

    STATISTICS = "statistics"
    ALERT = "alert"
    DRILL = "drill"


@unique
class ClosedTo(Enum):
    """Whom a closed zone is closed to; `heavy` are buses and lorries."""

    HEAVY = "heavy"
    VEHICLE = "vehicle"
    PERSON = "person"


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """Hours of some days of the week, in the site's own time: a calendar is a tuple of them, an empty one is always.

    Days count from Monday, 0; minutes from midnight. One that ends no later than it begins goes on into the next day.
    """

    days: frozenset[int]
    start_min: int
    end_min: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Permit:
    """How many vehicles of some kinds may be in a zone at once, between two instants in Unix seconds. No plates."""

    kinds: frozenset[RoadUser]
    count: int
    start_s: int
    end_s: int


@dataclass(frozen=True, kw_only=True, slots=True)
class GroundPair:
    """A place in the picture and the same on the ground, in metres from wherever the installer measured."""

    px: Point
    m: Point


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownLength:
    """Two places in the picture, on the ground, and how many metres lie between them."""

    start: Point
    end: Point
    metres: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Ground:
    """What the installer measured of the ground, on pictures of `size` (width, height) px; None is camera.size."""

    points: tuple[GroundPair, ...] = ()
    lengths: tuple[KnownLength, ...] = ()
    size: tuple[int, int] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CrowdFit:
    """What `passant calibrate-crowd` learnt of one zone: weights of the crowd features, and how far off they were.

    `weights` belong to the features in their order, the constant first; `error` is the mean error left out one by one
    over the mean count, 0..1; `moments` is how many counts it rests on.
    """

    weights: tuple[float, ...]
    error: float
    moments: int


@dataclass(frozen=True, kw_only=True, slots=True)
class AlarmSetting:
    """For how long what an alarm is about must hold before it is raised, and be gone before it is cleared, in s.

    `expire_s` ends an alarm about which there is no more to say: what raised it is still there, and known.
    """

    hold_s: float
    clear_s: float
    expire_s: float


DEFAULT_ALARMS: Final[dict[AlarmKind, AlarmSetting]] = {
    AlarmKind.HEAVY_VEHICLE: AlarmSetting(hold_s=0.4, clear_s=3.0, expire_s=600.0),
    AlarmKind.VEHICLE: AlarmSetting(hold_s=0.8, clear_s=3.0, expire_s=600.0),
    AlarmKind.WRONG_WAY: AlarmSetting(hold_s=0.6, clear_s=5.0, expire_s=600.0),
    AlarmKind.STOPPED_VEHICLE: AlarmSetting(hold_s=20.0, clear_s=5.0, expire_s=3600.0),
    AlarmKind.PERSON_ON_CARRIAGEWAY: AlarmSetting(hold_s=2.0, clear_s=5.0, expire_s=600.0),
    AlarmKind.DENSITY: AlarmSetting(hold_s=30.0, clear_s=30.0, expire_s=3600.0),
    AlarmKind.CROWD_MOVEMENT: AlarmSetting(hold_s=3.0, clear_s=15.0, expire_s=600.0),
}
"""What a site file may overrule; the judge's README says how each was found."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Bollard:
    """A bollard that the city's controller moves: the ground it rises from, the line it closes, how long it takes.

    `footprint` and `line` in px; `rise_s` from the controller's decision to closed.
    """

    id: str
    footprint: tuple[Point, ...]
    line: tuple[Point, Point]
    rise_s: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Legal:
    """On what ground alarms may be raised; all is needed for `alert`, all but `basis` for `drill`, and none else.

    `basis` is the text or order; from `start_s` to before `end_s` in Unix seconds; `perimeter` holds the ids of the
    lines and zones it covers.
    """

    mode: LegalMode = LegalMode.STATISTICS
    basis: str = ""
    start_s: int = 0
    end_s: int = 0
    perimeter: frozenset[str] = frozenset()

    def permits(self, place: str, unix_s: float) -> bool:
        """Tell whether an alarm about a line or zone may be raised, or go on, at this time."""
        return self.mode is not LegalMode.STATISTICS and place in self.perimeter and self.start_s <= unix_s < self.end_s


@dataclass(frozen=True, kw_only=True, slots=True)
class Device:
    """Who the device is; ids are `[a-z0-9-]{1,48}`."""

    org: str
    id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CameraSite:
    """The source, the picture that coordinates refer to and, for recordings, the pace."""

    kind: SourceKind
    # A device node, an absolute clip path, a scene's name; empty for `pi`.
    target: str
    # (width, height) in px; None is the source's own.
    size: tuple[int, int] | None = None
    # Frames a second at most; None is the source's own.
    fps: float | None = None
    # How many times as fast as real time a recording runs.
    pace: float = 1.0
    # Whether a recording starts again at its end.
    loop: bool = False

    @property
    def replay(self) -> bool:
        """Whether the pictures are not of here and now."""
        return self.kind in {SourceKind.CLIP, SourceKind.SYNTHETIC}


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """A counting line; forward is from the left hand to the right of someone walking start to end."""

    id: str
    start: Point
    end: Point
    # True: vehicles may pass forward only; False: backward only; None: both ways.
    one_way: bool | None = None
    # The alarms it raises, and when.
    alarms: frozenset[AlarmKind] = frozenset()
    when: tuple[Span, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Zone:
    """A polygon of at least three corners."""

    id: str
    polygon: tuple[Point, ...]
    use: ZoneUse
    # Polygons inside it where nobody can stand: flower beds, kiosks.
    obstacles: tuple[tuple[Point, ...], ...] = ()
    closed_to: frozenset[ClosedTo] = frozenset()
    # An arrow in the picture that vehicles of a carriageway follow.
    direction: tuple[Point, Point] | None = None
    # The alarms it raises (by its use, and those it asks for), and when.
    alarms: frozenset[AlarmKind] = frozenset()
    when: tuple[Span, ...] = ()
    permits: tuple[Permit, ...] = ()
    crowd: CrowdFit | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Detector:
    """The model by its name in the manifest, and how the picture is cut for it."""

    model: str = "ssdlite-mobilenet-v2-coco"
    # (columns, rows), or None: one whole picture, cut where the picture calls for it.
    tiles: tuple[int, int] | None = None
    threads: int = 1


@unique
class PrivacyLevel(Enum):
    """How much of a picture is masked before it leaves vision; each masks all that the one before it masks."""

    FACES_AND_PLATES = "faces-and-plates"
    PEOPLE_AND_VEHICLES = "people-and-vehicles"
    ALL_BUT_BACKGROUND = "all-but-background"


@unique
class PrivacyFill(Enum):
    """What stands in place of what is masked."""

    SOLID = "solid"
    PIXELATE = "pixelate"
    BLUR = "blur"


@dataclass(frozen=True, kw_only=True, slots=True)
class Privacy:
    """What of a picture may be shown; the polygons are never looked at, nor shown, at any level."""

    level: PrivacyLevel = PrivacyLevel.PEOPLE_AND_VEHICLES
    fill: PrivacyFill = PrivacyFill.SOLID
    polygons: tuple[tuple[Point, ...], ...] = ()
    # Pictures sharper than this anywhere on the measured ground are scaled down before anything else; None: no ceiling.
    max_px_per_m: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Broker:
    """Where events go and with which credentials; nothing of them is in the URL."""

    host: str
    port: int
    tls: bool
    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    username: str | None = None
    password_file: Path | None = None
    # Whether the site file says that only drills end here.
    drill: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Site:
    """A whole site file."""

    path: Path
    # The first 64 bits of the SHA-256 of the file's bytes, big-endian.
    hash64: int
    device: Device
    camera: CameraSite
    lines: tuple[Line, ...]
    zones: tuple[Zone, ...]
    window_s: int
    legal: Legal
    detector: Detector
    # None where the site has no broker: enough for `analyse`, not for `run`.
    broker: Broker | None
    privacy: Privacy = Privacy()
    ground: Ground | None = None
    bollards: tuple[Bollard, ...] = ()
    # A setting for each AlarmKind, in its order.
    alarms: tuple[AlarmSetting, ...] = tuple(DEFAULT_ALARMS[kind] for kind in AlarmKind)
    # What `when` is told in.
    time_zone: dt.tzinfo = UTC
