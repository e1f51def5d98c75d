"""A sheet as a PNG, drawn by OpenCV."""

import math
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.cli.explain.sheet import Colour, Fill, Item, Path, Point, Sheet, Words, text_width
from edge.cli.explain.svg import PAPER, head

Canvas = NDArray[np.uint8]

_FONT: Final = cv2.FONT_HERSHEY_SIMPLEX
# OpenCV takes coordinates in sixteenths of a pixel.
_SHIFT: Final = 4
_DASH: Final = (7.0, 5.0)
# How many px of text size a letter's scale of 1 is.
_LETTERS_PX: Final = 30.0
_PAPER_OPACITY: Final = 0.82
# OpenCV's letters are those of ASCII; what is drawn for dashes and quotation marks, by their Unicode category.
_MARKS: Final = {"Pd": "-", "Pi": '"', "Pf": '"'}


def png(sheet: Sheet) -> bytes:
    """Draw a sheet."""
    canvas = np.full((sheet.height, sheet.width, 3), 255, np.uint8)
    _lay(canvas, sheet)
    for item in sheet.items:
        _draw(canvas, item)
    done, data = cv2.imencode(".png", canvas)
    if not done:
        raise ValueError("OpenCV cannot encode a PNG")
    return data.tobytes()


def plain(text: str) -> str:
    """Write a text in the letters that can be drawn: é as e, ² as 2, a dash as a hyphen."""
    parts = unicodedata.normalize("NFKD", text)
    bare = "".join(
        _MARKS.get(unicodedata.category(letter), letter) for letter in parts if not unicodedata.combining(letter)
    )
    return bare.encode("ascii", "replace").decode("ascii")


def _lay(canvas: Canvas, sheet: Sheet) -> None:
    x0, y0, x1, y1 = (round(value) for value in sheet.window)
    if sheet.picture is None:
        canvas[y0:y1, x0:x1] = PAPER[::-1]
        return
    picture = cv2.imdecode(np.frombuffer(sheet.picture, np.uint8), cv2.IMREAD_COLOR)
    if picture is None:
        raise ValueError("the picture cannot be decoded")
    canvas[y0:y1, x0:x1] = cv2.resize(picture, (x1 - x0, y1 - y0), interpolation=cv2.INTER_CUBIC)


def _draw(canvas: Canvas, item: Item) -> None:
    if isinstance(item, Fill):
        over = canvas.copy()
        cv2.fillPoly(over, [_fixed(ring) for ring in item.rings], _bgr(item.colour), cv2.LINE_AA, _SHIFT)
        _blend(canvas, over, item.opacity)
    elif isinstance(item, Path):
        points = [*item.points, item.points[0]] if item.closed else list(item.points)
        for piece in _dashes(points) if item.dashed else [points]:
            _line(canvas, piece, item)
        if item.arrow:
            _line(canvas, head(item.points[-2], item.points[-1], item.width), item)
    else:
        _words(canvas, item)


def _blend(canvas: Canvas, over: Canvas, opacity: float) -> None:
    cv2.addWeighted(over, opacity, canvas, 1 - opacity, 0, dst=canvas)


def _line(canvas: Canvas, points: Sequence[Point], item: Path) -> None:
    thick = max(1, round(item.width))
    cv2.polylines(canvas, [_fixed(points)], False, _bgr(item.colour), thick, cv2.LINE_AA, _SHIFT)  # noqa: FBT003


def _dashes(points: Sequence[Point]) -> Iterator[list[Point]]:
    """Cut a line into its dashes."""
    on, off = _DASH
    for start, end in pairwise(points):
        length = math.dist(start, end)
        at = 0.0
        while at < length:
            yield [_between(start, end, at / length), _between(start, end, min(1.0, (at + on) / length))]
            at += on + off


def _between(start: Point, end: Point, share: float) -> Point:
    return start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])


def _words(canvas: Canvas, item: Words) -> None:
    if item.box is not None:
        x0, y0, x1, y1 = (max(0, round(value)) for value in item.box)
        paper = canvas[y0:y1, x0:x1]
        _blend(paper, np.full_like(paper, 255), _PAPER_OPACITY)
    text = plain(item.text)
    scale = item.size / _LETTERS_PX
    (width, height), _ = cv2.getTextSize(text, _FONT, scale, 1)
    # The room that was made for it is as wide as this.
    scale *= min(1.15, text_width(text, item.size) / max(1, width))
    where = (round(item.at[0]), round(item.at[1] + height / 2))
    cv2.putText(canvas, text, where, _FONT, scale, _bgr(item.colour), 1, cv2.LINE_AA)


def _fixed(points: Sequence[Point]) -> NDArray[np.int32]:
    most = 2.0**20
    return (np.clip(np.array(points, np.float64), -most, most) * (1 << _SHIFT)).round().astype(np.int32)


def _bgr(colour: Colour) -> tuple[int, int, int]:
    return colour[2], colour[1], colour[0]
