"""Where things are going: one Kalman filter per box side, at constant velocity, with real time steps.

The state of a box is its foot point (bottom centre), width and height, each with a velocity; the four are filtered
apart, so that every step is a few operations on arrays. Noise is in units of the box's size, which makes one setting
serve near and far. Formulas: Bar-Shalom, Li, Kirubarajan 2001, "Estimation with applications to tracking and
navigation", 6.3.2 (discrete white noise acceleration) and 5.2.3 (update).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.vision.frame import Boxes

Floats = NDArray[np.float64]

# Standard deviations in box sizes (square root of the area): foot x, foot y, width, height.
MEASURED: Final = np.array((0.05, 0.05, 0.08, 0.08))
# ... and of the acceleration per second squared.
ACCELERATION: Final = np.array((1.2, 1.2, 0.4, 0.4))
# A newcomer's speed is unknown: box sizes per second.
FIRST_SPEED: Final = np.array((4.0, 4.0, 0.3, 0.3))
# What the picture's edge cuts off grows as it comes in, and is soon another size: so many times the acceleration.
RESTLESS: Final = 4.0
LEAST_SIDE_PX: Final = 2.0


def states_of(boxes: Boxes) -> Floats:
    """Turn boxes (n, 4) into foot x, foot y, width, height (n, 4)."""
    x0, y0, x1, y1 = np.asarray(boxes, np.float64).reshape(-1, 4).T
    return np.stack(((x0 + x1) / 2, y1, x1 - x0, y1 - y0), axis=1)


def boxes_of(states: Floats) -> Boxes:
    """Turn foot x, foot y, width, height (n, 4) into boxes (n, 4)."""
    x, y, w, h = states.reshape(-1, 4).T
    return np.stack((x - w / 2, y - h, x + w / 2, y), axis=1).astype(np.float32)


@dataclass(kw_only=True, slots=True, eq=False)
class Kinematics:
    """The filters of all tracks at once: arrays float64 (n, 4), a row a track.

    `position` in px, `velocity` in px/s; `pp`, `pv`, `vv` are the entries of the 2x2 covariances.
    """

    position: Floats
    velocity: Floats
    pp: Floats
    pv: Floats
    vv: Floats

    @classmethod
    def of(cls, boxes: Boxes) -> "Kinematics":
        """Start filters at boxes (n, 4), at rest but unsure of it."""
        position = states_of(boxes)
        size = _sizes(position)
        return cls(
            position=position,
            velocity=np.zeros_like(position),
            pp=(MEASURED * size) ** 2,
            pv=np.zeros_like(position),
            vv=(FIRST_SPEED * size) ** 2,
        )

    def predict(self, elapsed_s: float, restless: NDArray[np.bool_] | None = None) -> None:
        """Move every filter on by `elapsed_s`, at least 0; those that are `restless` (n,) may change more meanwhile."""
        noise = (ACCELERATION * _sizes(self.position)) ** 2
        if restless is not None:
            noise[restless] *= RESTLESS**2
        self.position += self.velocity * elapsed_s
        np.maximum(self.position[:, 2:], LEAST_SIDE_PX, out=self.position[:, 2:])
        self.pp += 2 * elapsed_s * self.pv + elapsed_s**2 * self.vv + noise * elapsed_s**4 / 4
        self.pv += elapsed_s * self.vv + noise * elapsed_s**3 / 2
        self.vv += noise * elapsed_s**2

    def correct(self, rows: NDArray[np.intp], boxes: Boxes, trust: float) -> None:
        """Draw `rows` towards measured boxes (len(rows), 4); `trust` 1 is a detection's, less is vaguer."""
        if not len(rows):
            return
        measured = states_of(boxes)
        noise = (MEASURED * _sizes(measured) / trust) ** 2
        innovation = measured - self.position[rows]
        total = self.pp[rows] + noise
        gain_p, gain_v = self.pp[rows] / total, self.pv[rows] / total
        self.position[rows] += gain_p * innovation
        self.velocity[rows] += gain_v * innovation
        self.vv[rows] -= gain_v * self.pv[rows]
        self.pv[rows] *= 1 - gain_p
        self.pp[rows] *= 1 - gain_p
        np.maximum(self.position[:, 2:], LEAST_SIDE_PX, out=self.position[:, 2:])

    def doubt(self) -> Floats:
        """Give how unsure the foot points are, as a standard deviation in box sizes (n,)."""
        return np.sqrt(self.pp[:, :2].max(axis=1)) / _sizes(self.position)[:, 0]

    def boxes(self) -> Boxes:
        """Give the boxes as they stand, float32 (n, 4)."""
        return boxes_of(self.position)

    def keep(self, rows: NDArray[np.intp]) -> None:
        """Forget all but `rows`."""
        for name in ("position", "velocity", "pp", "pv", "vv"):
            setattr(self, name, getattr(self, name)[rows])

    def add(self, other: "Kinematics") -> None:
        """Append the filters of `other`."""
        for name in ("position", "velocity", "pp", "pv", "vv"):
            setattr(self, name, np.concatenate((getattr(self, name), getattr(other, name))))


def _sizes(position: Floats) -> Floats:
    return np.sqrt(position[:, 2:3] * position[:, 3:4])
