"""Plates, drawn flat: European ones with the French first, those of the United States, of Brazil, and two-line ones.

Sizes: France, arrêté of 9 February 2009 (520x110, 275x200, 210x130 mm); United States, SAE J686 (12x6 in); Brazil,
Contran 231/2007 (400x130 mm) and 780/2019. Texts are drawn by lot: no plate is anybody's on purpose.
"""

from collections.abc import Callable
from dataclasses import dataclass

from plates.pen import Pen
from plates.sheet import Colour, Picture, Sheet

# Pixels per metre: finer than any picture shows it.
SCALE = 640.0
BLUE = (20, 50, 150)
BLACK = (20, 20, 22)
WHITE = (238, 238, 236)
YELLOW = (238, 190, 30)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Plate:
    """A plate's picture, uint8 (H, W, 3) RGB, its size in metres (width, height), and the family it is of."""

    pixels: Picture
    size: tuple[float, float]
    family: str


# Pattern of the text, colours of ground and ink, band at the left, band at the right.
_EUROPEAN: tuple[tuple[str, Colour, Colour, str, bool], ...] = (
    ("AA 00A AA", WHITE, BLACK, "D", False),
    ("A AA 000", WHITE, BLACK, "D", False),
    ("AA-000-A", YELLOW, BLACK, "NL", False),
    ("00-AA-00", YELLOW, BLACK, "NL", False),
    ("AA00 AAA", WHITE, BLACK, "GB", False),
    ("AA00 AAA", YELLOW, BLACK, "", False),
    ("AA 000AA", WHITE, BLACK, "I", True),
    ("0000 AAA", WHITE, BLACK, "E", False),
    ("0-AAA-000", WHITE, (140, 30, 40), "B", False),
    ("0A0 0000", WHITE, BLACK, "CZ", False),
    ("AAA 00-00", WHITE, BLACK, "", False),
    ("AA-000AA", WHITE, BLACK, "SK", False),
    ("AAA-000", WHITE, BLACK, "H", False),
    ("AA 00000", WHITE, BLACK, "PL", False),
    ("00-00-AA", WHITE, BLACK, "P", False),
    ("AA 000000", WHITE, BLACK, "", False),
    ("AA 00 000", WHITE, (20, 110, 60), "D", False),
)
_STATES = ("CALIFORNIA", "Texas", "OHIO", "New York", "FLORIDA", "GEORGIA", "Oregon", "Illinois", "Nevada", "MAINE")
_SLOGANS = (
    "The Peach State",
    "Lone Star",
    "EMPIRE STATE",
    "SUNSHINE",
    "dmv.example.org",
    "Land of Lakes",
    "BIRTHPLACE",
)
_AMERICAN: tuple[tuple[Colour, Colour], ...] = (
    (WHITE, (25, 40, 110)),
    (WHITE, (20, 22, 24)),
    (WHITE, (20, 90, 50)),
    (WHITE, (170, 30, 40)),
    ((205, 220, 240), (25, 40, 110)),
    ((240, 225, 170), (80, 30, 30)),
    ((215, 235, 205), (25, 60, 35)),
    (YELLOW, (25, 35, 90)),
    ((240, 200, 170), (20, 20, 24)),
)
_DARK: tuple[tuple[Colour, Colour], ...] = (
    (BLACK, (225, 225, 220)),
    (BLACK, (235, 190, 40)),
    ((25, 60, 40), (235, 235, 230)),
    ((25, 45, 115), (235, 235, 230)),
    ((110, 20, 28), (235, 230, 225)),
    ((60, 62, 66), (225, 225, 225)),
)


def french(pen: Pen) -> Plate:
    """Draw a French plate: two blue bands, the right one with the number of the departement."""
    sheet, ground = _blank(pen, (0.52, 0.11), WHITE)
    _band(pen, sheet, 0.0, "F")
    _band(pen, sheet, 0.478, pen.text("00"))
    _line(pen, sheet, pen.text("AA-000-AA"), (0.055, 0.018, 0.41, 0.074), pen.near(BLACK, 12))
    return _done(pen, sheet, ground, "french")


def european(pen: Pen) -> Plate:
    """Draw another European country's one-line plate."""
    pattern, ground_colour, ink, country, both = pen.one(_EUROPEAN)
    sheet, ground = _blank(pen, (0.52, pen.one((0.11, 0.11, 0.12))), ground_colour)
    left, right = 0.015, 0.505
    if country and pen.chance(0.8):
        _band(pen, sheet, 0.0, country)
        left = 0.055
    if both:
        _band(pen, sheet, 0.478, pen.text("AA"))
        right = 0.47
    margin = pen.between(0.004, 0.05)
    place = (left + margin, 0.018, right - left - 2 * margin, sheet.pixels.shape[0] / SCALE - 0.036)
    _line(pen, sheet, pen.text(pattern), place, pen.near(ink, 12))
    if pen.chance(0.4):
        _seal(pen, sheet, place)
    return _done(pen, sheet, ground, "european")


def american(pen: Pen) -> Plate:
    """Draw a plate of the United States: a state's name above, a slogan below, often a landscape behind."""
    ground_colour, ink = pen.one(_AMERICAN)
    sheet, ground = _blank(pen, (0.305, 0.152), ground_colour)
    _landscape(pen, sheet)
    ink = pen.near(ink, 15)
    wide = pen.between(0.10, 0.2)
    _line(pen, sheet, pen.one(_STATES), (0.1525 - wide / 2, 0.010, wide, 0.022), pen.near(ink, 40))
    _line(
        pen,
        sheet,
        pen.text(pen.one(("0AAA000", "AAA 0000", "AAA-000", "000 AAA", "AA 0000", "AAA0000"))),
        (0.02, 0.043, 0.265, 0.07),
        ink,
    )
    if pen.chance(0.8):
        wide = pen.between(0.08, 0.16)
        _line(pen, sheet, pen.one(_SLOGANS), (0.1525 - wide / 2, 0.127, wide, 0.015), pen.near(ink, 40))
    for x in (0.06, 0.245):
        for y in (0.014, 0.138):
            sheet.disc((x, y), (0.005, 0.004), pen.near((120, 120, 120), 60))
    if pen.chance(0.6):
        sheet.box((pen.one((0.012, 0.265)), pen.one((0.008, 0.115)), 0.028, 0.025), pen.near((190, 60, 60), 60))
    return _done(pen, sheet, ground, "american")


def brazilian(pen: Pen) -> Plate:
    """Draw a Brazilian plate: the grey or red one with its town, or Mercosur's with the blue head."""
    if pen.chance(0.4):
        sheet, ground = _blank(pen, (0.40, 0.13), WHITE)
        sheet.box((0, 0, 0.4, 0.032), pen.near((25, 50, 140), 15))
        _line(pen, sheet, "BRASIL", (0.14, 0.008, 0.12, 0.017), WHITE)
        _line(pen, sheet, pen.text("AAA0A00"), (0.03, 0.044, 0.34, 0.07), pen.near(BLACK, 12))
        return _done(pen, sheet, ground, "brazilian")
    ground_colour, ink = pen.one((((170, 172, 174), BLACK), ((170, 172, 174), BLACK), ((150, 25, 30), WHITE)))
    sheet, ground = _blank(pen, (0.40, 0.13), ground_colour)
    _line(
        pen,
        sheet,
        pen.one(("SP - SANTOS", "RJ - NITEROI", "MG - BETIM", "BA - ILHEUS")),
        (0.11, 0.012, 0.18, 0.018),
        ink,
    )
    _line(pen, sheet, pen.text("AAA-0000"), (0.025, 0.042, 0.35, 0.072), ink)
    return _done(pen, sheet, ground, "brazilian")


def two_line(pen: Pen) -> Plate:
    """Draw a two-line plate of a motorcycle, a van or a Japanese import."""
    size = pen.one(((0.275, 0.2), (0.21, 0.13), (0.285, 0.203), (0.34, 0.2), (0.2, 0.17), (0.18, 0.2)))
    ground_colour, ink = pen.one(
        ((WHITE, BLACK), (WHITE, BLACK), (YELLOW, BLACK), ((175, 176, 178), BLACK), (WHITE, (20, 90, 50)))
    )
    sheet, ground = _blank(pen, size, ground_colour)
    width, height = size
    left = width * 0.05
    if pen.chance(0.55):
        sheet.box((0, 0, width * 0.13, height * pen.one((0.5, 1.0))), pen.near(BLUE, 15))
        left = width * 0.16
    if pen.chance(0.3):
        sheet.box((width * 0.87, 0, width * 0.13, height), pen.near(BLUE, 15))
        width *= 0.87
    inner, high = width * 0.96 - left, height * 0.37
    for row, pattern in enumerate(
        (pen.one(("AA-000", "AAA", "00-AA", "AA 00")), pen.one(("AA", "0000", "000", "AA-00", "00A")))
    ):
        share = pen.between(0.6, 1.0)
        place = (left + inner * (1 - share) * pen.between(0, 1), height * (0.09 + 0.46 * row), inner * share, high)
        _line(pen, sheet, pen.text(pattern), place, pen.near(ink, 12))
    return _done(pen, sheet, ground, "two-line")


def dark(pen: Pen) -> Plate:
    """Draw a plate with light letters on dark ground, as old French and some American ones are."""
    ground_colour, ink = pen.one(_DARK)
    size = pen.one(((0.52, 0.11), (0.52, 0.11), (0.305, 0.152), (0.40, 0.13), (0.275, 0.2)))
    sheet, ground = _blank(pen, size, ground_colour)
    width, height = size
    ink = pen.near(ink, 15)
    if height / width > 0.6:  # noqa: PLR2004 - room for two lines
        for row in (0.08, 0.54):
            _line(pen, sheet, pen.text("##A0"), (width * 0.1, height * row, width * 0.8, height * 0.37), ink)
    else:
        _line(
            pen,
            sheet,
            pen.text(pen.one(("0000 AA 00", "AAA 0000", "000 AAA 00", "AA-0000"))),
            (width * 0.05, height * 0.2, width * 0.9, height * 0.6),
            ink,
        )
    return _done(pen, sheet, ground, "dark")


FAMILIES: dict[str, Callable[[Pen], Plate]] = {
    "french": french,
    "european": european,
    "american": american,
    "brazilian": brazilian,
    "two-line": two_line,
    "dark": dark,
}
# How often each is drawn.
_SHARES = (0.22, 0.29, 0.17, 0.07, 0.12, 0.13)


def any_plate(pen: Pen) -> Plate:
    """Draw a plate of any family."""
    return FAMILIES[str(pen.rng.choice(list(FAMILIES), p=_SHARES))](pen)


def _blank(pen: Pen, size: tuple[float, float], colour: Colour) -> tuple[Sheet, Colour]:
    ground = pen.near(colour, 14)
    return Sheet(size, SCALE, ground), ground


def _band(pen: Pen, sheet: Sheet, x: float, text: str) -> None:
    height = sheet.pixels.shape[0] / SCALE
    sheet.box((x, 0, 0.042, height), pen.near(BLUE, 20))
    if pen.chance(0.8):
        sheet.disc((x + 0.021, height * 0.3), (0.012, 0.012), pen.near((200, 190, 60), 30))
        sheet.disc((x + 0.021, height * 0.3), (0.008, 0.008), BLUE)
    wide = 0.012 * len(text)
    sheet.letters(pen.ink(text), (x + 0.021 - wide / 2, height * 0.6, wide, height * 0.22), WHITE)


def _line(pen: Pen, sheet: Sheet, text: str, place: tuple[float, float, float, float], ink: Colour) -> None:
    """Set a line of letters apart, as plates do: each in its own cell."""
    x, y, width, height = place
    if pen.chance(0.35):
        sheet.letters(pen.ink(text), place, ink)
        return
    widths = [{" ": 0.45, "-": 0.5, "1": 0.75, "I": 0.5}.get(sign, 1.0) for sign in text]
    cell, thick = width / sum(widths), pen.between(0.72, 0.88)
    for sign, wide in zip(text, widths, strict=True):
        if sign == "-":
            sheet.box((x + cell * 0.08, y + height * 0.44, cell * 0.34, height * 0.12), ink)
        elif sign != " ":
            sheet.letters(pen.ink(sign), (x, y, cell * wide * thick, height), ink)
        x += cell * wide


def _seal(pen: Pen, sheet: Sheet, place: tuple[float, float, float, float]) -> None:
    x = place[0] + place[2] * pen.between(0.25, 0.45)
    for row in (0.35, 0.65):
        sheet.disc((x, sheet.pixels.shape[0] / SCALE * row), (0.013, 0.013), pen.near((190, 120, 60), 60))


def _landscape(pen: Pen, sheet: Sheet) -> None:
    kind = pen.rng.integers(4)
    if kind == 0:
        sheet.box((0, 0, 0.305, pen.between(0.03, 0.05)), pen.near((40, 70, 150), 40))
    elif kind == 1:
        points = [(x * 0.305 / 6, pen.between(0.05, 0.12)) for x in range(7)]
        sheet.polygon([*points, (0.305, 0.152), (0, 0.152)], pen.near((170, 190, 160), 35))
    elif kind == 2:  # noqa: PLR2004 - the third of four
        sheet.disc((pen.between(0.05, 0.25), pen.between(0.05, 0.1)), (0.06, 0.05), pen.near((240, 170, 80), 40))


def _done(pen: Pen, sheet: Sheet, ground: Colour, family: str) -> Plate:
    """Draw the border and, by lot, dirt."""
    height, width = (side / SCALE for side in sheet.pixels.shape[:2])
    if pen.chance(0.6):
        edge = pen.near(BLACK if pen.chance(0.6) else ground, 30)
        sheet.frame((0.002, 0.002, width - 0.004, height - 0.004), edge, 0.004, 0.01)
    if pen.chance(0.3):
        _dirty(pen, sheet)
    return Plate(pixels=sheet.pixels, size=(width, height), family=family)


def _dirty(pen: Pen, sheet: Sheet) -> None:
    height, width = (side / SCALE for side in sheet.pixels.shape[:2])
    mud = pen.near((105, 90, 70), 25)
    for _ in range(int(pen.rng.integers(3, 25))):
        radius = pen.between(0.001, 0.009)
        sheet.disc(
            (pen.between(0, width), height * (1 - pen.between(0, 1) ** 2)), (radius * pen.between(1, 3), radius), mud
        )
    veil = pen.between(0, 0.5)
    sheet.pixels[:] = (sheet.pixels * (1 - veil) + veil * _mean(mud)).astype("uint8")


def _mean(colour: Colour) -> float:
    return sum(colour) / len(colour)
