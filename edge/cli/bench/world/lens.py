"""The camera of the world without pixels: a pinhole over a flat ground, and what an installer measures through it.

The ground is (x to the right, y ahead, height) in metres with the camera at (0, 0, `height_m`). The camera looks along
y, turned down by `tilt` from the horizon.
"""

import math
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from edge.config.site import Ground, GroundPair

Floats = NDArray[np.float64]
# Things nearer to the lens than this are not in the picture.
NEAREST_M: Final = 0.5
# Where installers put cameras: masts and house walls, m; how far down they look; how wide, as the angle of the width.
HEIGHTS_M: Final = (4.0, 9.0)
VIEWS: Final = (math.radians(55), math.radians(85))
# The middle of the picture meets the ground so far ahead, m.
AIMED_M: Final = (11.0, 22.0)
# What an installer clicks is so far off, px of a picture 1280 wide, and what he measures on the ground, m.
CLICK_PX: Final = 1.5
TAPE_M: Final = 0.03
SURVEYED: Final = 8
# The farthest place that is measured, m ahead.
SURVEYED_M: Final = 36.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Lens:
    """A camera with pictures of `size` (w, h) px; `focal` in px, `tilt` in radians below the horizon."""

    size: tuple[int, int]
    height_m: float
    tilt: float
    focal: float

    @classmethod
    def drawn(cls, rng: np.random.Generator, size: tuple[int, int]) -> Self:
        """Draw a camera as installers put them up."""
        height = rng.uniform(*HEIGHTS_M)
        return cls(
            size=size,
            height_m=height,
            tilt=math.atan2(height, rng.uniform(*AIMED_M)),
            focal=size[0] / 2 / math.tan(rng.uniform(*VIEWS) / 2),
        )

    def project(self, points: Floats) -> tuple[Floats, Floats]:
        """Project places (..., 3) m into the picture: (..., 2) px, and how far ahead of the lens they are (...,) m."""
        x, y, z = np.moveaxis(points, -1, 0)
        sin, cos = math.sin(self.tilt), math.cos(self.tilt)
        depth = y * cos + (self.height_m - z) * sin
        down = (self.height_m - z) * cos - y * sin
        near = np.maximum(depth, NEAREST_M)
        u = self.size[0] / 2 + self.focal * x / near
        v = self.size[1] / 2 + self.focal * down / near
        return np.stack((u, v), axis=-1), depth

    def to_pixels(self, ground: Floats) -> Floats:
        """Project places on the ground (..., 2) m: (..., 2) px."""
        return self.project(np.concatenate((ground, np.zeros((*ground.shape[:-1], 1))), axis=-1))[0]

    def to_ground(self, pixels: Floats) -> Floats:
        """Find the ground under places (..., 2) px below the horizon: (..., 2) m."""
        a = (pixels[..., 0] - self.size[0] / 2) / self.focal
        b = (pixels[..., 1] - self.size[1] / 2) / self.focal
        sin, cos = math.sin(self.tilt), math.cos(self.tilt)
        # down / depth = b on the ground, solved for y.
        y = self.height_m * (cos - b * sin) / (sin + b * cos)
        return np.stack((a * (y * cos + self.height_m * sin), y), axis=-1)

    def surveyed(self, rng: np.random.Generator) -> Ground:
        """Measure the ground as an installer does: a few places spread over the picture, each a little off."""
        width, height = self.size
        top = max(0.03, self.row_of(SURVEYED_M) / height)
        u = (np.array((0.05, 0.95, 0.05, 0.95, 0.3, 0.7, 0.5, 0.5)) + rng.uniform(-0.04, 0.04, SURVEYED)) * width
        v = np.array((0.97, 0.97, 0.03, 0.03, 0.5, 0.5, 0.75, 0.25)) + rng.uniform(-0.03, 0.03, SURVEYED)
        places = np.stack((np.clip(u, 0, width - 1), (top + v * (0.97 - top)) * height), axis=1)
        metres = self.to_ground(places) + rng.normal(0.0, TAPE_M, (SURVEYED, 2))
        clicked = places + rng.normal(0.0, CLICK_PX * width / 1280, (SURVEYED, 2))
        return Ground(
            points=tuple(
                GroundPair(px=(float(p[0]), float(p[1])), m=(float(m[0]), float(m[1])))
                for p, m in zip(clicked, metres, strict=True)
            ),
            size=self.size,
        )

    def row_of(self, ahead_m: float) -> float:
        """Find the row in which the ground so far ahead lies, px."""
        return float(self.to_pixels(np.array((0.0, ahead_m)))[1])


def boxes_of(lens: Lens, places: Floats, headings: Floats, bodies: Floats) -> tuple[Floats, Floats]:
    """Box upright bodies at places (n, 2) m with unit headings (n, 2); bodies (n, 3) are length, width, height in m.

    Gives boxes (n, 4) px, not cut to the picture, and how far ahead of the lens each body's middle is (n,) m.
    """
    pixels, depth = _corners_of(lens, places, headings, bodies)
    return _box(pixels, pixels), depth


def shown_of(lens: Lens, places: Floats, headings: Floats, bodies: Floats) -> tuple[Floats, Floats, Floats]:
    """Box what the picture shows of bodies as in `boxes_of`: boxes (n, 4) px, the shares (n,) of the whole, depths.

    That is not the whole's box cut to the picture: the lowest of a body may lie where its side leaves the picture.
    """
    pixels, depth = _corners_of(lens, places, headings, bodies)
    # Every line between two corners lies in the body's outline, and some of them are its rim.
    start, way = pixels[:, PAIRS[0]], pixels[:, PAIRS[1]] - pixels[:, PAIRS[0]]
    way = np.where(way == 0.0, LEAST_WAY_PX, way)
    sides = np.stack((-start / way, (np.array(lens.size) - start) / way))
    enters = np.maximum(0.0, sides.min(axis=0).max(axis=-1))
    leaves = np.minimum(1.0, sides.max(axis=0).min(axis=-1))
    crosses = (enters <= leaves)[..., None]
    low, high = start + enters[..., None] * way, start + leaves[..., None] * way
    nearest = np.where(crosses, np.minimum(low, high), np.inf)
    farthest = np.where(crosses, np.maximum(low, high), -np.inf)
    boxes = np.where(crosses.any(axis=1), _box(nearest, farthest), 0.0)
    whole = _box(pixels, pixels)
    return boxes, _areas(boxes) / np.maximum(1e-6, _areas(whole)), depth


PAIRS: Final = np.triu_indices(8, 1)
LEAST_WAY_PX: Final = 1e-9


def _corners_of(lens: Lens, places: Floats, headings: Floats, bodies: Floats) -> tuple[Floats, Floats]:
    """Project the corners of bodies: (n, 8, 2) px, and how far ahead their middles are (n,) m."""
    aside = np.stack((headings[:, 1], -headings[:, 0]), axis=1)
    along = headings * bodies[:, :1] / 2
    across = aside * bodies[:, 1:2] / 2
    corners = np.stack([places + a * along + s * across for a in (1, -1) for s in (1, -1)], axis=1)
    ground = np.concatenate((corners, np.zeros((*corners.shape[:2], 1))), axis=2)
    top = np.concatenate((corners, np.broadcast_to(bodies[:, None, 2:], (*corners.shape[:2], 1))), axis=2)
    pixels, depth = lens.project(np.concatenate((ground, top), axis=1))
    return pixels, depth.mean(axis=1)


def _box(low: Floats, high: Floats) -> Floats:
    return np.concatenate((low.min(axis=1), high.max(axis=1)), axis=1)


def _areas(boxes: Floats) -> Floats:
    return np.asarray(np.prod(np.maximum(0.0, boxes[:, 2:] - boxes[:, :2]), axis=1))
