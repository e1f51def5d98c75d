"""One source of chance for all drawings."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Choice = TypeVar("Choice")
Colour = tuple[float, float, float]
"""Red, green, blue, 0..255."""
Picture = NDArray[np.uint8]
Light = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True, slots=True)
class Pen:
    """Draws what chance says; the same seed draws the same."""

    rng: np.random.Generator

    def one(self, choices: Sequence[Choice]) -> Choice:
        """Choose one."""
        return choices[int(self.rng.integers(len(choices)))]

    def between(self, low: float, high: float) -> float:
        """Choose a number."""
        return float(self.rng.uniform(low, high))

    def ratio(self, low: float, high: float) -> float:
        """Choose a number, evenly over its logarithm."""
        return float(np.exp(self.rng.uniform(np.log(low), np.log(high))))

    def chance(self, share: float) -> bool:
        """Say yes in such a share of cases."""
        return bool(self.rng.random() < share)

    def near(self, colour: Colour, by: float) -> Colour:
        """Choose a colour near another."""
        red, green, blue = (float(np.clip(side + self.rng.uniform(-by, by), 0, 255)) for side in colour)
        return red, green, blue

    def any(self) -> Colour:
        """Choose any colour."""
        red, green, blue = self.rng.uniform(10, 245, 3)
        return float(red), float(green), float(blue)

    def clouds(self, size: tuple[int, int], cells: float) -> Light:
        """Draw smooth noise of mean 0 and deviation near 1, (height, width), `cells` of it along the width."""
        import cv2  # noqa: PLC0415 - only here

        width, height = size
        wide = max(2, round(cells))
        high = max(2, round(cells * height / width))
        noise = self.rng.standard_normal((high, wide)).astype(np.float32)
        return np.asarray(cv2.resize(noise, size, interpolation=cv2.INTER_CUBIC), np.float32)
