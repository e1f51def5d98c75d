"""Where words go: beside what they name, and not over each other."""

from collections.abc import Iterator
from typing import Final

from edge.cli.explain.sheet import LINE, Box, Colour, Point, Sheet, Words, text_width

_GAP: Final = 6.0
_PADDING: Final = 3.0
# How far round its place a label is tried, in lines.
_ROUNDS: Final = 4


class Labels:
    """The words on a sheet's window, each on a bit of paper; they are drawn last."""

    def __init__(self, sheet: Sheet, size: float) -> None:
        self._sheet = sheet
        self._size = size
        self._taken: list[Box] = []
        self._words: list[Words] = []

    def keep(self, box: Box) -> None:
        """Keep a place free of words."""
        self._taken.append(box)

    def put(self, at: Point, text: str, colour: Colour, *, share: float = 1.0, must: bool = True) -> None:
        """Put words near a place; where there is no room, those that need not be are left out."""
        size = self._size * share
        tries = list(self._places(at, text_width(text, size) + 2 * _PADDING, LINE * size))
        free = next((box for box in tries if not self._covered(box)), None)
        if free is None and not must:
            return
        box = min(tries, key=self._covered) if free is None else free
        self._taken.append(box)
        start = (box[0] + _PADDING, (box[1] + box[3]) / 2)
        self._words.append(Words(at=start, text=text, size=size, colour=colour, box=box))

    def write(self) -> None:
        """Draw all words."""
        self._sheet.items.extend(self._words)

    def _places(self, at: Point, width: float, height: float) -> Iterator[Box]:
        """List the boxes to try, the nearest first, all within the window."""
        x0, y0, x1, y1 = self._sheet.window
        for n in range(_ROUNDS):
            step = _GAP + n * height
            for left, top in (
                (at[0] + _GAP, at[1] - height - step),
                (at[0] - _GAP - width, at[1] - height - step),
                (at[0] + step, at[1] - height / 2),
                (at[0] - step - width, at[1] - height / 2),
                (at[0] - width / 2, at[1] + step),
                (at[0] - width / 2, at[1] - step - height),
            ):
                left_in = min(max(left, x0), max(x0, x1 - width))
                top_in = min(max(top, y0), max(y0, y1 - height))
                yield left_in, top_in, left_in + width, top_in + height

    def _covered(self, box: Box) -> float:
        """Compute how much of a box lies under words that are there already, in px²."""
        return sum(
            max(0.0, min(box[2], b[2]) - max(box[0], b[0])) * max(0.0, min(box[3], b[3]) - max(box[1], b[1]))
            for b in self._taken
        )
