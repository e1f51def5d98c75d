"""A sheet with a picture on it to draw over: places are in the picture's own px, sizes in the sheet's."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from edge.cli.explain.labels import Labels
from edge.cli.explain.sheet import Colour, Point, Sheet

INK: Final[Colour] = (40, 40, 44)
ORANGE: Final[Colour] = (205, 90, 0)
GREEN: Final[Colour] = (0, 120, 60)
BLUE: Final[Colour] = (20, 80, 190)
RED: Final[Colour] = (190, 20, 40)
PURPLE: Final[Colour] = (130, 40, 150)
TEAL: Final[Colour] = (0, 125, 135)
GREY: Final[Colour] = (110, 110, 116)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Desk:
    """`scale` is how many px of the sheet a px of the picture of `size` (w, h) has."""

    sheet: Sheet
    labels: Labels
    scale: float
    size: tuple[int, int]

    def at(self, px: Point) -> Point:
        """Give the place on the sheet of one in the picture."""
        x0, y0 = self.sheet.window[:2]
        return x0 + px[0] * self.scale, y0 + px[1] * self.scale

    def all(self, places: Sequence[Point]) -> list[Point]:
        """Give the places on the sheet of those in the picture."""
        return [self.at(px) for px in places]


def middle(corners: Sequence[Point]) -> Point:
    """Give the middle of places."""
    return sum(x for x, _ in corners) / len(corners), sum(y for _, y in corners) / len(corners)
