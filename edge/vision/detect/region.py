"""Rectangles of the picture that the detector is shown."""

import math
from dataclasses import dataclass
from typing import Final

# Neighbouring tiles share so much of their side that what is cut by one is whole in the other.
OVERLAP: Final = 0.25


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Region:
    """The pixels [x0, x1) by [y0, y1) of a picture, not empty."""

    x0: int
    y0: int
    x1: int
    y1: int

    def __post_init__(self) -> None:
        """Refuse an empty rectangle."""
        if self.x0 >= self.x1 or self.y0 >= self.y1:
            raise ValueError(f"a region holds no pixel: {self}")

    @property
    def width(self) -> int:
        """The width in px."""
        return self.x1 - self.x0

    @property
    def height(self) -> int:
        """The height in px."""
        return self.y1 - self.y0


def whole(size: tuple[int, int]) -> Region:
    """Give the region that is the whole picture of `size` (width, height)."""
    return Region(x0=0, y0=0, x1=size[0], y1=size[1])


def tiles_of(size: tuple[int, int], columns: int, rows: int) -> tuple[Region, ...]:
    """Cut a picture into overlapping tiles that together cover it, row by row."""
    xs, ys = _cuts(size[0], columns), _cuts(size[1], rows)
    return tuple(Region(x0=x0, y0=y0, x1=x1, y1=y1) for y0, y1 in ys for x0, x1 in xs)


def zoomed(size: tuple[int, int], zoom: float) -> tuple[Region, ...]:
    """Cut a picture into near-square tiles that show it `zoom` times as large as the whole would be."""
    side = max(size) / zoom
    columns, rows = (_number(length, side) for length in size)
    return tiles_of(size, columns, rows)


def _number(length: int, side: float) -> int:
    return max(1, math.ceil((length - OVERLAP * side) / ((1 - OVERLAP) * side) - 1e-9))


def _cuts(length: int, number: int) -> list[tuple[int, int]]:
    side = min(length, math.ceil(length / (number - (number - 1) * OVERLAP)))
    step = (length - side) / max(1, number - 1)
    return [(round(i * step), round(i * step) + side) for i in range(number)]
