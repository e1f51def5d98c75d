"""Places where a few moments are counted and the rest is foretold: a fit on the spot, held against the truth."""

import csv
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from edge.cli.bench.truth import TruthError
from edge.config.site import (
    CameraSite,
    Detector,
    Device,
    Ground,
    GroundPair,
    Legal,
    Point,
    Site,
    SourceKind,
    Zone,
    ZoneUse,
)
from edge.contract.report import RoadUser
from edge.units import NS_PER_S, seconds_from_ns

if TYPE_CHECKING:
    from edge.vision.crowd.features import Features
    from edge.vision.crowd.watch import CrowdWatch
    from edge.vision.detect.motion import Motion
    from edge.vision.frame import Frame
    from edge.vision.track.tracker import Scene

FILM: Final = Path("videos", "vtest.avi")
BOXES: Final = Path("videos", "vtest.gt.csv")
FILM_FPS: Final = 10.0
SIZE: Final = (640, 360)
FPS: Final = 4.0
MOMENTS: Final = 10
# The counted moments lie evenly in the first third, from here on: before, the place is not known yet.
FIRST_SHARE: Final = 0.06
# The drawn promenades that are crowded, and the row of the picture where the zone on their paving begins.
PROMENADES: Final = {"parade": 205.0, "market": 180.0}
PAVING: Final = ((-3.0, 6.0), (3.0, 6.0), (-6.0, 12.0), (6.0, 12.0), (-8.0, 20.0), (8.0, 20.0), (0.0, 30.0))
"""What an installer would have measured there: (x, z) in m."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A site with one zone, and how many people truly are in it at a time of its recording in s."""

    name: str
    site: Site
    people: Callable[[float], int]


@dataclass(frozen=True, kw_only=True, slots=True)
class SiteRow:
    """A fit at one place, scored on the last third.

    `people` and `error` in people, `share` the error over the mean count; `promised` is the error that the fit itself
    tells, left out one by one; `tracks` that of the people followed; `cpu_ms` what a frame cost.
    """

    site: str
    people: float
    error: float
    share: float
    promised: float
    tracks: float
    cpu_ms: float


@dataclass(kw_only=True, slots=True)
class _Onlooker:
    """Sees what the pipeline sees, and keeps the zone's features as numbers."""

    watch: "CrowdWatch"
    at_s: list[float] = field(default_factory=list)
    features: "list[Features]" = field(default_factory=list)
    cpu_s: float = 0.0
    frames: int = 0

    def see(self, frame: "Frame", scene: "Scene", motion: "Motion | None") -> None:  # noqa: ARG002 - a crowd may stand
        """Look at a frame."""
        began_s = time.thread_time()
        self.watch.see(frame, scene)
        found = self.watch.features()
        self.cpu_s += time.thread_time() - began_s
        self.frames += 1
        if found is not None:
            self.at_s.append(seconds_from_ns(frame.taken_ns))
            self.features.append(found[0])


def places_of(data: Path) -> list[Place]:
    """List the places; raises TruthError where the film is not there."""
    return [_film(data), *(_promenade(name, edge) for name, edge in PROMENADES.items())]


def _film(data: Path) -> Place:
    zone = ((0.0, 130.0), (767.0, 100.0), (767.0, 575.0), (0.0, 575.0))
    feet: dict[int, list[Point]] = defaultdict(list)
    try:
        with (data / BOXES).open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                x, y, width, height = (float(row[key]) for key in ("x", "y", "w", "h"))
                feet[int(row["frame"])].append((x + width / 2, y + height))
    except (OSError, KeyError, ValueError) as error:
        raise TruthError(f"{data / BOXES}: {error} — name the folder of the test data with --data") from error
    camera = CameraSite(kind=SourceKind.CLIP, target=str((data / FILM).absolute()))
    return Place(
        name="vtest",
        site=_site(camera, zone, None),
        people=lambda at_s: sum(_contains(zone, foot) for foot in feet[round(at_s * FILM_FPS)]),
    )


def _promenade(scene: str, edge: float) -> Place:
    from edge.vision.camera.synthetic import truth  # noqa: PLC0415 - not for the other commands
    from edge.vision.camera.world import View  # noqa: PLC0415

    width, height = SIZE
    zone = ((0.0, edge), (width, edge), (width, height), (0.0, height))
    view = View(width=width, height=height)
    pairs = tuple(GroundPair(px=view.project((x, z, 0.0)), m=(x, z)) for x, z in PAVING)
    paths = [path for path in truth(scene, size=SIZE) if path.kind is RoadUser.PERSON]

    def people(at_s: float) -> int:
        feet = [foot for path in paths if (foot := path.foot_at(at_s)) is not None]
        return sum(_contains(zone, foot) for foot in feet)

    camera = CameraSite(kind=SourceKind.SYNTHETIC, target=scene, size=SIZE, fps=FPS)
    return Place(name=f"synthetic:{scene}", site=_site(camera, zone, Ground(points=pairs)), people=people)


def _site(camera: CameraSite, zone: Sequence[Point], ground: Ground | None) -> Site:
    return Site(
        path=Path("bench"),
        hash64=0,
        device=Device(org="bench", id="bench"),
        camera=camera,
        lines=(),
        zones=(Zone(id="zone", polygon=tuple(zone), use=ZoneUse.PEDESTRIAN),),
        window_s=900,
        legal=Legal(),
        detector=Detector(),
        broker=None,
        ground=ground,
    )


def _contains(zone: Sequence[Point], place: Point) -> bool:
    from edge.vision.measure.zones import contains  # noqa: PLC0415 - see _promenade

    return contains(tuple(zone), place)


def watched(place: Place) -> SiteRow:
    """Watch a place from its first frame to its last, fit and score."""
    onlooker = _seen(place.site)
    at_s = np.array(onlooker.at_s)
    features = np.array(onlooker.features)
    truth = np.array([place.people(instant) for instant in at_s], float)
    return scored(place.name, at_s, features, truth, onlooker.cpu_s / onlooker.frames * 1e3)


def _seen(site: Site) -> _Onlooker:
    from edge.vision.camera import open_camera  # noqa: PLC0415 - see _promenade
    from edge.vision.camera.source import CameraError, FootageEndedError  # noqa: PLC0415
    from edge.vision.crowd.watch import CrowdWatch  # noqa: PLC0415
    from edge.vision.detect.detector import load_detector  # noqa: PLC0415
    from edge.vision.measure.ground import GroundView  # noqa: PLC0415
    from edge.vision.pipeline import Crew, Pipeline  # noqa: PLC0415

    onlooker: _Onlooker | None = None
    try:
        with open_camera(site.camera) as camera:
            while True:
                frame = camera.read(1.0)
                if frame is None:
                    continue
                if onlooker is None:
                    watch = CrowdWatch(site.zones, frame.size, GroundView.of(site, frame.size))
                    onlooker = _Onlooker(watch=watch)
                    crew = Crew(eye=load_detector(site.detector), onlooker=onlooker)
                    pipeline = Pipeline(site, crew, frame.size, window_ns=10**9 * NS_PER_S)
                pipeline.see(frame, frame.taken_ns)
    except FootageEndedError:
        if onlooker is not None:
            return onlooker
        raise TruthError(f"{site.camera.target}: holds no picture — unpack the data again") from None
    except CameraError as error:
        raise TruthError(str(error)) from error


def scored(name: str, at_s: "Features", features: "Features", truth: "Features", cpu_ms: float) -> SiteRow:
    """Fit to ten moments of the first third and hold the last third against it; arrays (n,), (n, k), (n,)."""
    from edge.vision.crowd.features import NAMES  # noqa: PLC0415 - see _promenade
    from edge.vision.crowd.fit import fit  # noqa: PLC0415

    end = at_s[-1]
    moments = np.searchsorted(at_s, np.linspace(FIRST_SHARE, 1 / 3, MOMENTS) * end)
    found = fit(features[moments], truth[moments])
    last = at_s > 2 / 3 * end
    told = np.maximum(features[last] @ np.array(found.weights), 0)
    people = float(truth[last].mean())
    error = float(np.abs(told - truth[last]).mean())
    tracks = float(np.abs(features[last, NAMES.index("tracks")] - truth[last]).mean())
    return SiteRow(
        site=name,
        people=people,
        error=error,
        share=error / people,
        promised=found.error,
        tracks=tracks / people,
        cpu_ms=cpu_ms,
    )
