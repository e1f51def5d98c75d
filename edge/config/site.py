"""What a site file says, once it has been checked: frozen values without a default left open."""

from dataclasses import dataclass
from enum import Enum, unique
from pathlib import Path

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


@dataclass(frozen=True, kw_only=True, slots=True)
class Zone:
    """A polygon of at least three corners."""

    id: str
    polygon: tuple[Point, ...]
    use: ZoneUse


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
    legal: LegalMode
    detector: Detector
    # None where the site has no broker: enough for `analyse`, not for `run`.
    broker: Broker | None
    privacy: Privacy = Privacy()
