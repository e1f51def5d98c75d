"""The ground of one zone, cut into cells: how much of it is near a place, and how densely people stand on it.

Local density is that of Helbing, Johansson, Al-Abideen 2007, "Dynamics of crowd disasters: an empirical study", Phys.
Rev. E 75, 046109: at r it is the sum over people j of exp(-|r - r_j|²/R²)/(πR²). People outside the zone are not in
it, and nobody stands on flower beds, so near a border it is divided by the share of that bell that lies on the zone's
ground. At no place is the share taken for less than a half: in a corner one person would count as a crowd.
"""

import math
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from edge.config.site import Zone
from edge.vision.measure.ground import GroundView
from edge.vision.measure.zones import contains

Floats = NDArray[np.float64]

# R of the bell, m.
RADIUS_M: Final = 1.5
LEAST_SHARE: Final = 0.5
_PEAK: Final = 1 / (math.pi * RADIUS_M**2)
# Cells are no smaller than this, nor more than so many, unless they would be larger than the bell.
_LEAST_CELL_M: Final = 0.4
_MOST_CELLS: Final = 3000
_MOST_CELL_M: Final = 1.5
# Where the ground of a polygon reaches to is looked up at so many places a side.
_PROBES: Final = 48
# Cells farther off than this are not looked at: a polygon up to the horizon has no end.
_MOST_SIDE_M: Final = 200.0


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Plot:
    """A zone's ground.

    `xs` (n,) and `ys` (m,) are the middles of the cells in metres, `cell_m2` how large each is; `inside` bool (n, m)
    is whether people can stand on it, in the zone and on measured ground; `share` (n, m) how much of the bell round
    it lies inside. `area_m2` is the ground's.
    """

    xs: Floats
    ys: Floats
    cell_m2: float
    inside: NDArray[np.bool_]
    share: Floats
    area_m2: float

    @classmethod
    def of(cls, zone: Zone, ground: GroundView) -> Self | None:
        """Cut up a zone's ground; None where nothing of it is measured."""
        area_m2 = ground.area_m2(zone.polygon, zone.obstacles)
        reach = _reach(zone, ground)
        if reach is None or not area_m2 > 0:
            return None
        (x0, y0), (x1, y1) = reach
        cell_m = min(_MOST_CELL_M, max(_LEAST_CELL_M, math.sqrt((x1 - x0) * (y1 - y0) / _MOST_CELLS)))
        xs, ys = (
            np.arange(x0 + cell_m / 2, x1 + cell_m / 2, cell_m),
            np.arange(y0 + cell_m / 2, y1 + cell_m / 2, cell_m),
        )
        inside = _inside(zone, ground, xs, ys)
        if not inside.any():
            return None
        near_x, near_y = _bell(xs, xs), _bell(ys, ys)
        share = near_x @ inside @ near_y * cell_m**2 * _PEAK
        return cls(xs=xs, ys=ys, cell_m2=cell_m**2, inside=inside, share=share, area_m2=float(area_m2))

    def map(self, places: Floats) -> Floats:
        """Give the local density per m² at the cells (n, m), 0 outside, of people at places (k, 2) m."""
        near_x, near_y = _bell(places[:, 0], self.xs), _bell(places[:, 1], self.ys)
        density: Floats = near_x.T @ near_y * _PEAK / np.maximum(self.share, LEAST_SHARE) * self.inside
        return density

    def at(self, points: Floats, places: Floats) -> Floats:
        """Give the local density per m² at points (n, 2) m, of people at places (k, 2) m: (n,)."""
        near_x, near_y = _bell(points[:, 0], self.xs), _bell(points[:, 1], self.ys)
        share = ((near_x @ self.inside) * near_y).sum(axis=1) * self.cell_m2 * _PEAK
        density: Floats = weights(points, places).sum(axis=1) * _PEAK / np.maximum(share, LEAST_SHARE)
        return density


def weights(places: Floats, others: Floats) -> Floats:
    """Give the height of the bell round each place (n, 2) at each other one (m, 2): (n, m), 1 in its middle."""
    return _bell(places[:, 0], others[:, 0]) * _bell(places[:, 1], others[:, 1])


def _bell(a: Floats, b: Floats) -> Floats:
    heights: Floats = np.exp(-(((a[:, None] - b[None, :]) / RADIUS_M) ** 2))
    return heights


def _reach(zone: Zone, ground: GroundView) -> tuple[Floats, Floats] | None:
    """Find the least and greatest x and y (2,) of a zone's ground, in metres."""
    corners = np.array(zone.polygon, np.float64)
    grid = np.stack(
        np.meshgrid(
            *(np.linspace(low, high, _PROBES) for low, high in zip(corners.min(0), corners.max(0), strict=True))
        ),
        axis=-1,
    ).reshape(-1, 2)
    inner = np.array([contains(zone.polygon, (float(x), float(y))) for x, y in grid], bool)
    metres = ground.to_metres(np.concatenate((corners, grid[inner])))
    metres = metres[np.isfinite(metres).all(axis=1)]
    if not len(metres):
        return None
    # Far off a pixel is many metres: what lies beyond the side is left out on the far side of the middle.
    middle = np.median(metres, axis=0)
    low, high = metres.min(axis=0), metres.max(axis=0)
    return np.maximum(low, middle - _MOST_SIDE_M / 2), np.minimum(high, middle + _MOST_SIDE_M / 2)


def _inside(zone: Zone, ground: GroundView, xs: Floats, ys: Floats) -> NDArray[np.bool_]:
    cells = np.stack(np.meshgrid(xs, ys, indexing="ij"), axis=-1).reshape(-1, 2)
    pixels = ground.to_pixels(cells)
    measured = np.isfinite(ground.to_metres(pixels)).all(axis=1)
    inside = [
        ok
        and contains(zone.polygon, (float(x), float(y)))
        and not any(contains(hole, (float(x), float(y))) for hole in zone.obstacles)
        for ok, (x, y) in zip(measured, pixels, strict=True)
    ]
    return np.array(inside, bool).reshape(len(xs), len(ys))
