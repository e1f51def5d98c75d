"""A ground plane from known lengths alone: a doorstep, a parking bay, the marks of a crossing.

Assumed: the camera isn't rolled (its horizon is level), its optical axis goes through the picture's centre, and its
pixels are square. Unknown are then the focal length, the tilt and the height. For a picture (u, v) px from its centre,
with a focal length f, tilted down by t at a height h, the ground is at
X = h·u / (f·sin t + v·cos t) to the right and Y = h·(f·cos t - v·sin t) / (f·sin t + v·cos t) ahead. The height only
scales, so that it follows from the rest; the other two are searched for on a grid and then finer and finer, so that
the logarithms of the lengths come as near as they can.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from edge.ground.homography import Fit, Homography
from edge.ground.matrix import SingularError, eigen, gram

if TYPE_CHECKING:
    # Not at run time: the configuration itself imports the ground.
    from edge.config.site import KnownLength

LEAST_LENGTHS: Final = 3
# Over the picture's longer side, and in radians.
_FOCALS: Final = tuple(0.35 * 1.12**n for n in range(26))
_TILTS: Final = tuple(math.radians(1.5 + 3 * n) for n in range(30))
_FINEST: Final = 1e-9
_NUDGE: Final = 1e-4


@dataclass(frozen=True, kw_only=True, slots=True)
class _Camera:
    """A camera a metre over the ground, for pictures of `size` px: `focal` and `tilt` are logarithm and radians."""

    size: tuple[int, int]
    focal: float
    tilt: float

    def homography(self, height: float) -> Homography:
        f, s, c = math.exp(self.focal), math.sin(self.tilt), math.cos(self.tilt)
        cx, cy = self.size[0] / 2, self.size[1] / 2
        below = (0.0, c, f * s - c * cy)
        matrix = ((height, 0.0, -height * cx), (0.0, -height * s, height * (f * c + s * cy)), below)
        return Homography.of(matrix, (cx, cy + 1e6))


def fit_lengths(lengths: Sequence["KnownLength"], size: tuple[int, int]) -> Fit:
    """Find the homography that at least three known lengths tell; px are of `size`. Raises SingularError."""
    side = max(size)
    grid = [_Camera(size=size, focal=math.log(f * side), tilt=tilt) for f in _FOCALS for tilt in _TILTS]
    best = min(grid, key=lambda camera: _spread(camera, lengths))
    best = _searched(best, lengths)
    off = _logarithms(best, lengths)
    if off is None:
        raise SingularError("the lengths lie above every horizon")
    return Fit(homography=best.homography(math.exp(sum(off) / len(off))), condition=_condition(best, lengths))


def _logarithms(camera: _Camera, lengths: Sequence["KnownLength"]) -> tuple[float, ...] | None:
    """Compare lengths with what a camera a metre high makes of them: one logarithm each; None above its horizon."""
    homography = camera.homography(1.0)
    ratios = [each.metres / measured(homography, each) for each in lengths]
    return tuple(map(math.log, ratios)) if all(0 < ratio < math.inf for ratio in ratios) else None


def measured(homography: Homography, length: "KnownLength") -> float:
    """Measure a known length on the ground, in m; nan where one of its ends isn't there, 0 never."""
    return math.dist(homography.to_metres(length.start), homography.to_metres(length.end)) or math.nan


def _spread(camera: _Camera, lengths: Sequence["KnownLength"]) -> float:
    off = _logarithms(camera, lengths)
    if off is None:
        return math.inf
    mean = sum(off) / len(off)
    return sum((value - mean) ** 2 for value in off)


def _searched(camera: _Camera, lengths: Sequence["KnownLength"]) -> _Camera:
    """Search about a camera, in smaller and smaller steps, for the one whose lengths agree best."""
    step, error = 0.06, _spread(camera, lengths)
    while step > _FINEST:
        moves = [(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1) if i or j]
        tries = [_moved(camera, i * step, j * step) for i, j in moves]
        found = min(tries, key=lambda one: _spread(one, lengths))
        better = _spread(found, lengths)
        if better < error:
            camera, error = found, better
        else:
            step /= 2
    return camera


def _moved(camera: _Camera, focal: float, tilt: float) -> _Camera:
    tilt = min(max(camera.tilt + tilt, math.radians(0.5)), math.radians(89.5))
    return _Camera(size=camera.size, focal=camera.focal + focal, tilt=tilt)


def _condition(camera: _Camera, lengths: Sequence["KnownLength"]) -> float:
    """Compare how well the lengths tell the best and the worst told of focal length, tilt and height."""
    here = _logarithms(camera, lengths)
    nudged = [_logarithms(_moved(camera, *move), lengths) for move in ((_NUDGE, 0.0), (0.0, _NUDGE))]
    if here is None or None in nudged:
        return math.inf
    slopes = [tuple((b - a) / _NUDGE for a, b in zip(here, there or here, strict=True)) for there in nudged]
    rows = list(zip(*slopes, (1.0,) * len(here), strict=True))
    values = [value for value, _ in eigen(gram(rows))]
    return math.sqrt(values[-1] / values[0]) if values[0] > 0 else math.inf
