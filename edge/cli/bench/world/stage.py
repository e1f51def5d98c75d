"""A place to play on: a street seen by a camera, a closed promenade beside a one-way carriageway, and its site file."""

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from edge.cli.bench.world.lens import Lens
from edge.config.site import (
    CameraSite,
    ClosedTo,
    Detector,
    Device,
    Legal,
    LegalMode,
    Line,
    Point,
    Site,
    SourceKind,
    Zone,
    ZoneUse,
)
from edge.contract.report import AlarmKind, Metres
from edge.ground.calibration import calibrate
from edge.vision.measure.ground import GroundView

Floats = NDArray[np.float64]
SIZES_PX: Final = ((1280, 720), (640, 360))
# Which way the street runs in the picture: 0 is across it, a right angle away from the camera.
AZIMUTHS: Final = (math.radians(-65), math.radians(65))
PROMENADE_M: Final = (6.0, 10.0)
CARRIAGEWAY_M: Final = (5.5, 7.0)
# Zones are drawn on the ground that lies so far ahead; beyond, nothing can be told.
FARTHEST_M: Final = 32.0
MARGIN: Final = 0.03
# A zone that shows less ground than this is no use, and another camera is put up.
LEAST_AREA_M2: Final = 40.0
PROMENADE, CARRIAGEWAY = 0, 1
# To put up a camera takes a tenth of a second of arithmetic.
STAGES: Final = 64
BEGIN_S: Final = 1_780_000_000
END_S: Final = BEGIN_S + 400 * 86_400


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Stage:
    """A street and its camera.

    A place is s metres along the street and d across it: `origin + s * along + d * across`. The promenade lies at d
    within `promenade`, the carriageway within `carriageway`, all in m; vehicles there drive towards greater s.
    """

    lens: Lens
    origin: Floats
    along: Floats
    across: Floats
    promenade: tuple[float, float]
    carriageway: tuple[float, float]
    # How far along the street each of the two zones goes, m.
    extents: tuple[tuple[float, float], tuple[float, float]]
    polygons: tuple[Floats, Floats]
    site: Site
    view: GroundView

    @classmethod
    def drawn(cls, rng: np.random.Generator) -> Self:
        """Draw a street and a camera that sees both its zones, with a calibration that `check` would take."""
        while True:
            stage = cls._tried(rng)
            if stage is not None:
                return stage

    @classmethod
    def _tried(cls, rng: np.random.Generator) -> Self | None:
        lens = Lens.drawn(rng, SIZES_PX[int(rng.integers(len(SIZES_PX)))])
        azimuth = rng.uniform(*AZIMUTHS)
        along = np.array((math.cos(azimuth), math.sin(azimuth))) * rng.choice((-1.0, 1.0))
        across = np.array((-math.sin(azimuth), math.cos(azimuth)))
        widths = [rng.uniform(*PROMENADE_M), rng.uniform(*CARRIAGEWAY_M)]
        start = rng.uniform(-2.0, 2.0)
        bands = [(start, start + widths[0]), (start + widths[0], start + widths[0] + widths[1])]
        if rng.random() < 0.3:  # noqa: PLR2004  the camera may hang over the carriageway
            bands = [(start + widths[1], start + widths[1] + widths[0]), (start, start + widths[1])]
        origin = np.array((0.0, rng.uniform(7.0, 13.0))) - across * sum(widths) / 2
        ground = lens.surveyed(rng)
        seen = _footprint(lens)
        polygons = [_band(seen, origin, across, band) for band in bands]
        if any(_area(polygon) < LEAST_AREA_M2 for polygon in polygons):
            return None
        view = GroundView.from_calibration(calibrate(ground, lens.size), lens.size)
        if view is None or view.state is not Metres.VERIFIED:
            return None
        extents = [_extent(polygon, origin, along) for polygon in polygons]
        stage = cls(
            lens=lens,
            origin=origin,
            along=along,
            across=across,
            promenade=bands[0],
            carriageway=bands[1],
            extents=(extents[0], extents[1]),
            polygons=(polygons[0], polygons[1]),
            site=replace(_blank_site(lens), ground=ground),
            view=view,
        )
        return stage._with_places()

    def _with_places(self) -> Self:
        promenade, carriageway = (_pixels(self.lens, polygon) for polygon in self.polygons)
        middle = sum(self.extents[CARRIAGEWAY]) / 2
        centre = sum(self.carriageway) / 2
        tail, head = self.lens.to_pixels(np.stack((self.place(middle - 2, centre), self.place(middle + 2, centre))))
        zones = (
            Zone(
                id="promenade",
                polygon=promenade,
                use=ZoneUse.PEDESTRIAN,
                closed_to=frozenset({ClosedTo.HEAVY, ClosedTo.VEHICLE}),
                alarms=frozenset(
                    {AlarmKind.HEAVY_VEHICLE, AlarmKind.VEHICLE, AlarmKind.DENSITY, AlarmKind.CROWD_MOVEMENT}
                ),
            ),
            Zone(
                id="carriageway",
                polygon=carriageway,
                use=ZoneUse.CARRIAGEWAY,
                direction=(_point(tail), _point(head)),
                alarms=frozenset({AlarmKind.WRONG_WAY, AlarmKind.STOPPED_VEHICLE, AlarmKind.PERSON_ON_CARRIAGEWAY}),
            ),
        )
        return replace(self, site=replace(self.site, zones=zones, lines=(self._line(middle),)))

    def _line(self, s: float) -> Line:
        """Lay a one-way line across the carriageway."""
        ends = np.stack((self.place(s, self.carriageway[0] - 0.3), self.place(s, self.carriageway[1] + 0.3)))
        start, end = self.lens.to_pixels(ends)
        ahead = self.lens.to_pixels(self.place(s + 1.0, sum(self.carriageway) / 2))
        cross = (end[0] - start[0]) * (ahead[1] - start[1]) - (end[1] - start[1]) * (ahead[0] - start[0])
        return Line(
            id="oneway",
            start=_point(start),
            end=_point(end),
            one_way=bool(cross > 0),
            alarms=frozenset({AlarmKind.WRONG_WAY}),
        )

    def place(self, s: float, d: float) -> Floats:
        """Give the place (2,) m that is s along the street and d across it."""
        return np.asarray(self.origin + s * self.along + d * self.across)

    def holds(self, zone: int, places: Floats) -> NDArray[np.bool_]:
        """Tell which places (n, 2) m truly lie in a zone: (n,)."""
        polygon = self.polygons[zone]
        ways = np.roll(polygon, -1, axis=0) - polygon
        off = places[:, None, :] - polygon[None]
        turns = ways[None, :, 0] * off[..., 1] - ways[None, :, 1] * off[..., 0]
        return np.asarray((turns >= 0).all(axis=1) | (turns <= 0).all(axis=1))


@lru_cache(maxsize=STAGES)
def stage_of(seed: int, number: int) -> Stage:
    """Give one of the stages that a seed draws; there are STAGES of them, and then they come again."""
    return Stage.drawn(np.random.default_rng((seed, number % STAGES)))


def _blank_site(lens: Lens) -> Site:
    return Site(
        path=Path("world.toml"),
        hash64=0,
        device=Device(org="bench", id="world"),
        camera=CameraSite(kind=SourceKind.SYNTHETIC, target="world", size=lens.size),
        lines=(),
        zones=(),
        window_s=3600,
        legal=Legal(
            mode=LegalMode.ALERT,
            basis="a world without people",
            start_s=BEGIN_S,
            end_s=END_S,
            perimeter=frozenset({"promenade", "carriageway", "oneway"}),
        ),
        detector=Detector(),
        broker=None,
    )


def _footprint(lens: Lens) -> Floats:
    """Give the ground that the picture shows, less a margin and what is too far: (4, 2) m."""
    width, height = lens.size
    top = max(MARGIN * height, lens.row_of(FARTHEST_M))
    corners = ((MARGIN, 1 - MARGIN), (1 - MARGIN, 1 - MARGIN))
    low = [(u * width, v * height) for u, v in corners]
    high = [((1 - MARGIN) * width, top), (MARGIN * width, top)]
    return lens.to_ground(np.array(low + high))


def _band(seen: Floats, origin: Floats, across: Floats, band: tuple[float, float]) -> Floats:
    """Cut the ground (k, 2) that is seen to a band of the street."""
    for sign, edge in ((1.0, band[0]), (-1.0, -band[1])):
        seen = _half(seen, sign * across, edge + sign * float(across @ origin))
    return seen


def _half(polygon: Floats, normal: Floats, least: float) -> Floats:
    """Keep what of a convex polygon lies at `normal . p >= least` (Sutherland and Hodgman 1974)."""
    kept: list[Floats] = []
    for a, b in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
        da, db = float(normal @ a) - least, float(normal @ b) - least
        if da >= 0:
            kept.append(a)
        if (da >= 0) != (db >= 0):
            kept.append(a + (b - a) * (da / (da - db)))
    return np.array(kept).reshape(-1, 2)


def _area(polygon: Floats) -> float:
    if len(polygon) < 3:  # noqa: PLR2004  a polygon's least
        return 0.0
    x, y = polygon.T
    return float(abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))) / 2


def _extent(polygon: Floats, origin: Floats, along: Floats) -> tuple[float, float]:
    s = (polygon - origin) @ along
    return float(s.min()), float(s.max())


def _pixels(lens: Lens, polygon: Floats) -> tuple[Point, ...]:
    return tuple(_point(p) for p in lens.to_pixels(polygon))


def _point(place: Floats) -> Point:
    return float(place[0]), float(place[1])
