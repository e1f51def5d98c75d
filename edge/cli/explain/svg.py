"""A sheet as SVG 1.1, written by hand: its words stay words, for who looks for them or has them read aloud."""

import base64
import math
from collections.abc import Iterator, Sequence
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from edge.cli.explain.sheet import Colour, Fill, Item, Path, Point, Sheet, Words, text_width

PAPER: Final[Colour] = (246, 244, 238)
_DASH: Final = "7 5"
_FONT: Final = "DejaVu Sans, Verdana, Arial, sans-serif"
# An arrow's head, in px and in radians from its shaft.
HEAD_PX: Final = 14.0
HEAD_TURN: Final = 0.45


def svg(sheet: Sheet) -> str:
    """Write a sheet."""
    return "\n".join([*_opening(sheet), *(line for item in sheet.items for line in _item(item)), "</svg>", ""])


def head(start: Point, end: Point, width: float) -> tuple[Point, Point, Point]:
    """Give the three ends of an arrow's head: one side, the tip, the other."""
    turn = math.atan2(start[1] - end[1], start[0] - end[0])
    long = min(HEAD_PX + 2 * width, 0.6 * math.dist(start, end))
    sides = [(end[0] + long * math.cos(turn + t), end[1] + long * math.sin(turn + t)) for t in (HEAD_TURN, -HEAD_TURN)]
    return sides[0], end, sides[1]


def _opening(sheet: Sheet) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    size = f'width="{sheet.width}" height="{sheet.height}" viewBox="0 0 {sheet.width} {sheet.height}"'
    yield f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" {size} role="img"'
    yield f' aria-labelledby="title told" font-family={quoteattr(_FONT)}>'
    yield f'<title id="title">{escape(sheet.title)}</title>'
    yield f'<desc id="told">{escape(sheet.told)}</desc>'
    yield f'<rect width="{sheet.width}" height="{sheet.height}" fill="white"/>'
    x0, y0, x1, y1 = sheet.window
    place = f'x="{x0:g}" y="{y0:g}" width="{x1 - x0:g}" height="{y1 - y0:g}"'
    if sheet.picture is None:
        yield f'<rect {place} fill="{_colour(PAPER)}"/>'
    else:
        data = base64.b64encode(sheet.picture).decode("ascii")
        yield f'<image {place} preserveAspectRatio="none" xlink:href="data:image/jpeg;base64,{data}"/>'


def _item(item: Item) -> Iterator[str]:
    if isinstance(item, Fill):
        rings = " ".join(_through(ring) + " Z" for ring in item.rings)
        yield f'<path d="{rings}" fill="{_colour(item.colour)}" fill-opacity="{item.opacity:g}" fill-rule="evenodd"/>'
    elif isinstance(item, Path):
        yield _path(item, _through(item.points) + " Z" * item.closed)
        if item.arrow:
            yield _path(item, _through(head(item.points[-2], item.points[-1], item.width)))
    else:
        yield from _words(item)


def _path(item: Path, through: str) -> str:
    dash = f' stroke-dasharray="{_DASH}"' if item.dashed else ""
    stroke = f'stroke="{_colour(item.colour)}" stroke-width="{item.width:g}" stroke-linejoin="round"'
    return f'<path d="{through}" fill="none" {stroke}{dash}/>'


def _words(item: Words) -> Iterator[str]:
    if item.box is not None:
        x0, y0, x1, y1 = item.box
        size = f'width="{x1 - x0:.1f}" height="{y1 - y0:.1f}"'
        yield f'<rect x="{x0:.1f}" y="{y0:.1f}" {size} rx="3" fill="white" fill-opacity="0.82"/>'
    where = f'x="{item.at[0]:.1f}" y="{item.at[1] + 0.36 * item.size:.1f}" font-size="{item.size:g}"'
    # Fonts differ; the words keep the room that was made for them.
    long = f'textLength="{text_width(item.text, item.size):.1f}" lengthAdjust="spacingAndGlyphs"'
    yield f'<text {where} {long} fill="{_colour(item.colour)}">{escape(item.text)}</text>'


def _through(points: Sequence[Point]) -> str:
    return "M " + " L ".join(f"{x:.1f} {y:.1f}" for x, y in points)


def _colour(colour: Colour) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)
