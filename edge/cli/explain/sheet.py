"""What is to be drawn, before anybody decides how: a list of shapes and words on a sheet, in px from its top left."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

Point = tuple[float, float]
Colour = tuple[int, int, int]
"""Red, green, blue, 0 to 255."""
Box = tuple[float, float, float, float]
"""x0, y0, x1, y1."""

# How wide a letter is and how high a line, in text sizes: what both ways of drawing come near to.
LETTER: Final = 0.56
LINE: Final = 1.3


@dataclass(frozen=True, kw_only=True, slots=True)
class Fill:
    """An area within rings, those inside others being holes; `opacity` 0 to 1."""

    rings: tuple[tuple[Point, ...], ...]
    colour: Colour
    opacity: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Path:
    """A line through points; `dashed` where it is, closed, or with an arrow's head at its end."""

    points: tuple[Point, ...]
    colour: Colour
    width: float
    dashed: bool = False
    closed: bool = False
    arrow: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    """A line of text, its left end's middle at `at`; `box` is the paper behind it, if it has any."""

    at: Point
    text: str
    size: float
    colour: Colour
    box: Box | None = None


Item = Fill | Path | Words


@dataclass(kw_only=True, slots=True)
class Sheet:
    """A sheet of `width` by `height` px that is drawn on in order.

    The picture, a JPEG's bytes or None for blank paper, fills `window` (x0, y0, x1, y1); `title` and `told` say in
    words what the sheet shows, for who cannot see it.
    """

    width: int
    height: int
    window: Box
    title: str
    told: str = ""
    picture: bytes | None = None
    items: list[Item] = field(default_factory=list)

    def fill(self, rings: Sequence[Sequence[Point]], colour: Colour, opacity: float) -> None:
        """Fill an area."""
        self.items.append(Fill(rings=tuple(map(tuple, rings)), colour=colour, opacity=opacity))

    def path(self, points: Sequence[Point], colour: Colour, width: float = 2.0, *, dashed: bool = False) -> None:
        """Draw a line."""
        self.items.append(Path(points=tuple(points), colour=colour, width=width, dashed=dashed))

    def ring(self, points: Sequence[Point], colour: Colour, width: float = 2.0, *, dashed: bool = False) -> None:
        """Draw a closed line."""
        self.items.append(Path(points=tuple(points), colour=colour, width=width, dashed=dashed, closed=True))

    def arrow(self, start: Point, end: Point, colour: Colour, width: float = 2.0) -> None:
        """Draw an arrow."""
        self.items.append(Path(points=(start, end), colour=colour, width=width, arrow=True))


def text_width(text: str, size: float) -> float:
    """Estimate how wide a text of this size is, in px."""
    return LETTER * size * len(text)
