"""One scene of `passant bench metres`: real tracks, a known camera, a calibration as an installer makes it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.cli.bench.metres_camera import SIZE, Camera, Eye
from edge.cli.bench.metres_tracks import Walker
from edge.cli.bench.world.noise import Noise
from edge.config.site import (
    CameraSite,
    Detector,
    Device,
    Ground,
    GroundPair,
    Legal,
    Line,
    Point,
    Site,
    SourceKind,
    Zone,
    ZoneUse,
)
from edge.units import ns_from_seconds
from edge.vision.detect.region import whole
from edge.vision.track.tracker import Scene, Tracker

Floats = NDArray[np.float64]

FPS: Final = 10.0
# An installer's click is this far off at most, px both ways; a tape, m.
CLICK_PX: Final = 2.0
_TAPE_M: Final = 0.02
# The points that are surveyed, m in front of the camera.
_SURVEYED: Final = np.array(((-6.0, 9.5), (6.0, 9.5), (-6.0, 15.0), (6.0, 15.0), (-6.0, 22.5), (6.0, 22.5)))
# While nobody is in the picture for this long, nothing is looked at.
_LULL_FRAMES: Final = 30


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Place:
    """Where people were: their tracks in front of the camera, and the rectangle (x0, y0, x1, y1) m that is the zone."""

    name: str
    walkers: tuple[Walker, ...]
    zone: tuple[float, float, float, float]
    camera: Camera

    @property
    def corners(self) -> Floats:
        """The zone's corners on the ground, (4, 2) m."""
        x0, y0, x1, y1 = self.zone
        return np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)])

    @property
    def area_m2(self) -> float:
        """How much ground the zone has."""
        x0, y0, x1, y1 = self.zone
        return (x1 - x0) * (y1 - y0)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Instant:
    """One frame: who is where (places (n, 2) m with velocities (n, 2) m/s), and the tracker's scene of it.

    `present` (n,) says who of them is in the zone, `found` how many of those were found by the look at this frame.
    """

    at_s: float
    people: NDArray[np.intp]
    places: Floats
    velocities: Floats
    present: NDArray[np.bool_]
    found: int
    scene: Scene

    @property
    def taken_ns(self) -> int:
        """The frame's instant."""
        return ns_from_seconds(self.at_s)


def watched(place: Place, noise: Noise, random: np.random.Generator) -> Iterator[Instant]:
    """Let a detector and the real tracker look at a place for as long as there are tracks of it."""
    begin = min(one.instants_s[0] for one in place.walkers)
    end = max(one.instants_s[-1] for one in place.walkers)
    instants_s = np.arange(begin, end, 1 / FPS)
    everybody = np.stack([one.at(instants_s) for one in place.walkers])
    # Over a second, as speeds are measured over one: a step of a real track is a jump.
    half = round(FPS / 2)
    eye, tracker, region = Eye(noise=noise, random=random), Tracker(SIZE), (whole(SIZE),)
    empty = _LULL_FRAMES
    for n, at_s in enumerate(instants_s):
        people, places, boxes = _in_picture(place, everybody[:, n])
        empty = 0 if len(people) else empty + 1
        if empty > _LULL_FRAMES:
            continue
        present = _inside(place.zone, places)
        depths = places[:, 1]
        found = eye.find(people, boxes, depths, 1 / FPS)
        scene = tracker.step(found, region, None, ns_from_seconds(at_s - begin))
        before, after = everybody[people, max(0, n - half)], everybody[people, min(len(instants_s) - 1, n + half)]
        yield Instant(
            at_s=float(at_s - begin),
            people=people,
            places=places,
            velocities=(after - before) * FPS / (2 * half),
            present=present,
            found=_found(found.boxes, boxes[present]),
            scene=scene,
        )


def _in_picture(place: Place, places: Floats) -> tuple[NDArray[np.intp], Floats, Floats]:
    people = np.flatnonzero(np.isfinite(places[:, 0]) & (places[:, 1] > 1.0))
    boxes = place.camera.boxes(places[people])
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2
    inside = ((middle >= 0) & (middle < SIZE)).all(axis=1)
    boxes = boxes[inside]
    boxes = np.clip(boxes, 0, np.array((*SIZE, *SIZE), np.float64))
    return people[inside], places[people[inside]], boxes


def _inside(zone: tuple[float, float, float, float], places: Floats) -> NDArray[np.bool_]:
    x0, y0, x1, y1 = zone
    inside: NDArray[np.bool_] = (places[:, 0] >= x0) & (places[:, 0] < x1) & (places[:, 1] >= y0) & (places[:, 1] < y1)
    return inside


def _found(found: NDArray[np.float32], boxes: Floats) -> int:
    """Count the boxes in whose middle third a found one has its middle, each found one for one of them."""
    left = [((box[0] + box[2]) / 2, (box[1] + box[3]) / 2) for box in found.tolist()]
    count = 0
    for x0, y0, x1, y1 in boxes.tolist():
        mid_x, mid_y, reach = (x0 + x1) / 2, (y0 + y1) / 2, (y1 - y0) / 4
        near = [one for one in left if abs(one[0] - mid_x) <= reach and abs(one[1] - mid_y) <= reach]
        if near:
            left.remove(near[0])
            count += 1
    return count


def site_of(place: Place, random: np.random.Generator | None) -> Site:
    """Write the site file that an installer would: six surveyed points, each clicked a little off.

    Without `random` nothing is off.
    """
    clicks, tape = place.camera.project(_SURVEYED), _SURVEYED
    if random is not None:
        clicks = clicks + random.uniform(-CLICK_PX, CLICK_PX, clicks.shape)
        tape = tape + random.normal(0.0, _TAPE_M, tape.shape)
    pairs = tuple(GroundPair(px=_point(px), m=_point(m)) for px, m in zip(clicks, tape, strict=True))
    x0, y0, x1, y1 = place.zone
    middle = (y0 + y1) / 2
    near, far = place.camera.project(np.array([((x0 + x1) / 2, y0), ((x0 + x1) / 2, y1)]))
    left, right = place.camera.project(np.array([(x0, middle), (x1, middle)]))
    return Site(
        path=Path("bench"),
        hash64=0,
        device=Device(org="bench", id="bench"),
        camera=CameraSite(kind=SourceKind.SYNTHETIC, target="bench", size=SIZE),
        lines=(
            Line(id="along", start=_point(near), end=_point(far)),
            Line(id="across", start=_point(left), end=_point(right)),
        ),
        zones=(
            Zone(
                id="zone",
                polygon=tuple(_point(px) for px in place.camera.project(place.corners)),
                use=ZoneUse.PEDESTRIAN,
            ),
        ),
        window_s=60,
        legal=Legal(),
        detector=Detector(),
        broker=None,
        ground=Ground(points=pairs),
    )


def _point(pair: Floats) -> Point:
    return float(pair[0]), float(pair[1])
