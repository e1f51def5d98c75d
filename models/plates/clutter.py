"""What a street is full of and no plate: lamps, wheels, grilles, fences, chrome, patches of anything."""

from collections.abc import Callable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from plates.backdrop import cut
from plates.pen import Pen
from plates.sheet import Alpha, Colour, Picture, Sheet, laid

# How wide things are, in px, evenly over the logarithm.
LEAST_PX = 6.0
MOST_PX = 110.0
MOST_THINGS = 12
MOST_THINGS_HARD = 24

Place = tuple[float, float, float, float]


def strew(pen: Pen, canvas: Picture, plates: NDArray[np.float32], photographs: Sequence[Picture], most: int) -> None:
    """Draw things by lot over a picture, in place, but not on its plates, corners (n, 4, 2) in px."""
    sheet = Sheet((1, 1), 1.0, (0, 0, 0))
    sheet.pixels = canvas
    for _ in range(int(pen.rng.integers(1, most))):
        place = _place(pen, canvas.shape[1], canvas.shape[0])
        if not any(_touches(place, quad) for quad in plates):
            if photographs and pen.chance(0.35):
                _patch(pen, canvas, place, pen.one(photographs))
            else:
                pen.one(THINGS)(pen, sheet, place)


def _place(pen: Pen, width: int, height: int) -> Place:
    wide = float(np.exp(pen.between(np.log(LEAST_PX), np.log(MOST_PX))))
    high = wide * float(np.exp(pen.rng.normal(-0.4, 0.6)))
    return pen.between(-wide / 2, width - wide / 2), pen.between(-high / 2, height - high / 2), wide, high


def _touches(place: Place, quad: NDArray[np.float32]) -> bool:
    x, y, wide, high = place
    low, top = quad.min(axis=0)
    far, foot = quad.max(axis=0)
    return bool(x < far + 2 and low - 2 < x + wide and y < foot + 2 and top - 2 < y + high)


def _tone(pen: Pen) -> Colour:
    base: Colour = pen.one(
        ((25, 25, 27), (110, 110, 112), (220, 220, 218), (160, 25, 25), (225, 140, 40), (60, 80, 120), (70, 90, 50))
    )
    return pen.near(base, 35)


def lamp(pen: Pen, sheet: Sheet, place: Place) -> None:
    """Draw shapes within shapes, round or not."""
    x, y, wide, high = place
    for turn in range(int(pen.rng.integers(2, 5))):
        inset = turn * pen.between(0.06, 0.2)
        inner = (x + wide * inset, y + high * inset, wide * (1 - 2 * inset), high * (1 - 2 * inset))
        if min(inner[2:]) < 1:
            return
        if pen.chance(0.5):
            sheet.disc((inner[0] + inner[2] / 2, inner[1] + inner[3] / 2), (inner[2] / 2, inner[3] / 2), _tone(pen))
        else:
            sheet.box(inner, _tone(pen), min(inner[2:]) * pen.between(0, 0.5))


def wheel(pen: Pen, sheet: Sheet, place: Place) -> None:
    """Draw a tyre, a rim and spokes."""
    x, y, wide, high = place
    middle, narrow = (x + wide / 2, y + high / 2), pen.between(0.5, 1.0)
    radius = min(wide, high) / 2
    sheet.disc(middle, (radius * narrow, radius), pen.near((25, 25, 26), 15))
    sheet.disc(middle, (radius * 0.65 * narrow, radius * 0.65), pen.near((130, 130, 132), 60))
    spokes = int(pen.rng.integers(4, 12))
    for turn in np.linspace(0, 2 * np.pi, spokes, endpoint=False):
        end = middle[0] + radius * 0.6 * narrow * float(np.cos(turn)), middle[1] + radius * 0.6 * float(np.sin(turn))
        sheet.line(middle, end, pen.near((60, 60, 62), 50), radius * 0.12)


def grating(pen: Pen, sheet: Sheet, place: Place) -> None:
    """Draw a fence, a grille, blinds or vents: lines at even distances."""
    x, y, wide, high = place
    ground, tone = _tone(pen), _tone(pen)
    if pen.chance(0.6):
        sheet.box(place, ground, min(wide, high) * pen.between(0, 0.3))
    step = max(2.0, max(wide, high) * pen.between(0.04, 0.2))
    upright, across = pen.one(((True, False), (False, True), (True, True)))
    if upright:
        for at in np.arange(x, x + wide, step):
            sheet.line((at, y), (at, y + high), tone, step * pen.between(0.2, 0.5))
    if across:
        for at in np.arange(y, y + high, step):
            sheet.line((x, at), (x + wide, at), tone, step * pen.between(0.2, 0.5))


def rag(pen: Pen, sheet: Sheet, place: Place) -> None:
    """Draw a polygon of any shape."""
    x, y, wide, high = place
    number = int(pen.rng.integers(3, 9))
    points = [(x + wide * pen.between(0, 1), y + high * pen.between(0, 1)) for _ in range(number)]
    sheet.polygon(points, _tone(pen))


def leaves(pen: Pen, sheet: Sheet, place: Place) -> None:
    """Draw many small blots: foliage, gravel, reflections."""
    x, y, wide, high = place
    tone = _tone(pen)
    for _ in range(int(pen.rng.integers(10, 60))):
        radius = pen.between(0.5, 3.5)
        sheet.disc(
            (x + wide * pen.between(0, 1), y + high * pen.between(0, 1)),
            (radius, radius * pen.between(0.4, 1)),
            pen.near(tone, 60),
        )


def strip(pen: Pen, sheet: Sheet, place: Place) -> None:
    """Draw a bar that shines, lying or standing."""
    x, y, wide, high = place
    thick = max(1.0, min(wide, high) * pen.between(0.05, 0.25))
    end = (
        (x + wide, y + high * pen.between(-0.2, 0.2))
        if pen.chance(0.7)
        else (x + wide * pen.between(-0.2, 0.2), y + high)
    )
    sheet.line((x, y), end, _tone(pen), thick)
    sheet.line((x, y + thick / 3), (end[0], end[1] + thick / 3), _tone(pen), thick / 3)


def board(pen: Pen, sheet: Sheet, place: Place) -> None:
    """Draw a board as light and as long as a plate, with nothing or a band on it."""
    x, y, wide, _ = place
    high = wide * pen.between(0.15, 0.5)
    sheet.box(
        (x, y, wide, high),
        pen.near(pen.one(((230, 230, 228), (150, 150, 152), (225, 185, 50))), 25),
        high * pen.between(0, 0.3),
    )
    if pen.chance(0.5):
        sheet.box((x, y + high * pen.between(0, 0.7), wide, high * 0.25), _tone(pen))
    if pen.chance(0.4):
        sheet.frame((x, y, wide, high), _tone(pen), max(1.0, high * 0.08))


THINGS: tuple[Callable[[Pen, Sheet, Place], None], ...] = (
    lamp,
    lamp,
    wheel,
    grating,
    grating,
    rag,
    leaves,
    strip,
    board,
)


def _patch(pen: Pen, canvas: Picture, place: Place, photograph: Picture) -> None:
    """Lay a part of a photograph over the picture, in any shape."""
    x, y, wide, high = (round(side) for side in place)
    wide, high = max(3, wide), max(3, high)
    part = cut(pen, (wide, high), photograph)
    shape = Sheet((wide, high), 1.0, (0, 0, 0))
    if pen.chance(0.4):
        shape.disc((wide / 2, high / 2), (wide / 2, high / 2), (255, 255, 255))
    elif pen.chance(0.5):
        shape.box((0, 0, wide, high), (255, 255, 255), min(wide, high) * pen.between(0, 0.5))
    else:
        rag_points = [(wide * pen.between(0, 1), high * pen.between(0, 1)) for _ in range(7)]
        shape.polygon(rag_points, (255, 255, 255))
    alpha: Alpha = np.ascontiguousarray(shape.pixels[..., 0])
    if pen.chance(0.4):
        alpha = np.asarray(cv2.GaussianBlur(alpha, (0, 0), 1 + min(wide, high) / 12), np.uint8)
    laid(canvas, part, alpha, (x, y))
