"""Car faces, front or rear, drawn flat: body, window, lamps, grille, badges, recess, and the plate in its place."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from plates.pen import Pen
from plates.plate import Plate
from plates.sheet import Alpha, Colour, Picture, Sheet

PAINTS: tuple[Colour, ...] = (
    (22, 22, 25),
    (45, 47, 52),
    (110, 112, 116),
    (165, 167, 170),
    (205, 205, 203),
    (232, 232, 230),
    (30, 40, 80),
    (40, 80, 150),
    (130, 20, 25),
    (190, 30, 30),
    (30, 70, 55),
    (20, 110, 110),
    (120, 105, 85),
    (200, 150, 30),
    (90, 50, 30),
)
GLASS = (35, 42, 48)
PLASTIC = (38, 38, 40)
NAMES = ("TURBO", "Classic", "4x4", "GTI", "TDI", "2.0", "Hybrid", "COMBI", "Sport", "electric", "LX", "V6")
FIRMS = (
    "MAXI TRANS",
    "Boulangerie",
    "Taxi 24h",
    "RENT-A-VAN",
    "ELEKTRO",
    "www.example.org",
    "01 23 45 67 89",
    "EXPRESS",
    "Blumen Nord",
    "SERVICE",
)
CODES = ("D", "F", "SK", "CZ", "GB", "I", "NL", "CH", "PL", "A")
MARGIN = 0.25


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Face:
    """A face: uint8 (H, W, 3) RGB with its alpha, `scale` in px per metre, and its plates' corners (n, 4, 2) in px."""

    pixels: Picture
    alpha: Alpha
    scale: float
    corners: NDArray[np.float32]
    body: Colour


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Draft:
    """What the steps of a drawing share: the sheet, its size in metres, and where the bumper begins."""

    pen: Pen
    sheet: Sheet
    left: float
    width: float
    height: float
    body: Colour
    rear: bool
    distractors: bool

    @property
    def middle(self) -> float:
        return self.left + self.width / 2

    def mirrored(self, x: float) -> tuple[float, float]:
        """Give the two places so far from the middle."""
        return self.middle - x, self.middle + x


def face(pen: Pen, plate: Plate | None, scale: float, *, distractors: bool) -> Face:
    """Draw a car's face at so many pixels per metre, with its plate, or an empty place for one."""
    dark = plate is not None and plate.family == "dark" and pen.chance(0.6)
    body = pen.near(pen.one(PAINTS[:2]) if dark else pen.one(PAINTS), 18)
    tall = pen.chance(0.25)
    width, height = pen.between(1.6, 2.1), pen.between(1.9, 2.6) if tall else pen.between(1.3, 1.65)
    sheet = Sheet((width + 2 * MARGIN, height + 0.1), scale, body)
    draft = _Draft(
        pen=pen,
        sheet=sheet,
        left=MARGIN,
        width=width,
        height=height,
        body=body,
        rear=pen.chance(0.6),
        distractors=distractors,
    )
    _shade(draft)
    _window(draft)
    _seams(draft)
    bumper = _bumper(draft)
    if not draft.rear or pen.chance(0.15):
        _grille(draft, bumper)
    _lamps(draft, bumper)
    if distractors:
        _ornaments(draft, bumper)
    corners = _plate(draft, plate, bumper)
    return Face(pixels=sheet.pixels, alpha=_outline(draft), scale=scale, corners=corners, body=body)


def _shade(draft: _Draft) -> None:
    """Make the body lighter above and darker below."""
    rows = len(draft.sheet.pixels)
    fall = np.linspace(draft.pen.between(1.0, 1.35), draft.pen.between(0.5, 0.95), rows)[:, None, None]
    draft.sheet.pixels[:] = np.clip(draft.sheet.pixels * fall, 0, 255).astype(np.uint8)


def _window(draft: _Draft) -> None:
    pen, top, foot = draft.pen, 0.08, draft.height * draft.pen.between(0.36, 0.48)
    near, far = draft.width * pen.between(0.36, 0.44), draft.width * pen.between(0.40, 0.47)
    points = [
        (draft.middle - near, top),
        (draft.middle + near, top),
        (draft.middle + far, foot),
        (draft.middle - far, foot),
    ]
    draft.sheet.polygon(points, pen.near(GLASS, 18))
    if pen.chance(0.6):
        bright = pen.near((120, 135, 150), 50)
        x = draft.middle + pen.between(-far, far / 2)
        draft.sheet.polygon([(x, top), (x + 0.2, top), (x + 0.05, foot), (x - 0.2, foot)], bright)
    if draft.rear and pen.chance(0.4):
        draft.sheet.line((draft.middle, foot), (draft.middle + pen.between(-0.4, 0.4), foot * 0.7), PLASTIC, 0.02)


def _seams(draft: _Draft) -> None:
    pen, tone = draft.pen, tuple(side // 2 for side in draft.body)
    for share in (0.47, 0.62, 0.75):
        if pen.chance(0.5):
            y = draft.height * (share + pen.between(-0.03, 0.03))
            draft.sheet.line((draft.left, y), (draft.left + draft.width, y), tone, 0.008)
    if draft.rear and pen.chance(0.25):
        draft.sheet.line((draft.middle, 0), (draft.middle, draft.height * 0.8), tone, 0.012)


def _bumper(draft: _Draft) -> float:
    """Draw the bumper; gives the height at which it begins."""
    pen, y = draft.pen, draft.height * draft.pen.between(0.66, 0.76)
    if pen.chance(0.75):
        colour = pen.near(pen.one((PLASTIC, PLASTIC, draft.body, (150, 150, 152))), 15)
        draft.sheet.box((draft.left, y, draft.width, pen.between(0.12, 0.3)), colour, 0.05)
    if pen.chance(0.5):
        draft.sheet.box((draft.left, draft.height - 0.16, draft.width, 0.16), pen.near(PLASTIC, 14))
    if pen.chance(0.3):
        draft.sheet.line(
            (draft.left, y + 0.05), (draft.left + draft.width, y + 0.05), pen.near((190, 190, 190), 40), 0.025
        )
    return y


def _grille(draft: _Draft, bumper: float) -> None:
    pen = draft.pen
    wide, high = draft.width * pen.between(0.3, 0.65), pen.between(0.1, 0.3)
    place = (draft.middle - wide / 2, bumper - high - pen.between(0, 0.08), wide, high)
    draft.sheet.box(place, pen.near((24, 24, 26), 10), pen.between(0, 0.08))
    bright = pen.near(pen.one(((60, 60, 62), (150, 150, 152), (200, 200, 202))), 25)
    for y in np.arange(place[1] + 0.02, place[1] + high, pen.between(0.018, 0.06)):
        draft.sheet.line((place[0], y), (place[0] + wide, y), bright, 0.008)
    if pen.chance(0.4):
        for x in np.arange(place[0] + 0.02, place[0] + wide, pen.between(0.02, 0.09)):
            draft.sheet.line((x, place[1]), (x, place[1] + high), bright, 0.007)
    if pen.chance(0.5):
        draft.sheet.frame(place, pen.near((200, 200, 202), 30), 0.015, 0.04)
    if pen.chance(0.5):
        draft.sheet.box(
            (draft.middle - wide * 0.7, draft.height - 0.22, wide * 1.4, 0.1), pen.near((20, 20, 22), 8), 0.03
        )


def _lamps(draft: _Draft, bumper: float) -> None:
    pen = draft.pen
    wide, high = pen.between(0.12, 0.4), pen.between(0.1, 0.5 if draft.rear else 0.22)
    y, out = bumper - high - pen.between(-0.02, 0.1), draft.width / 2 - wide / 2 - pen.between(0, 0.08)
    main = pen.near((165, 18, 22) if draft.rear else (205, 210, 215), 30)
    is_round = pen.chance(0.25)
    for x in draft.mirrored(out):
        if is_round:
            radius = pen.between(0.06, 0.12)
            draft.sheet.disc((x, y + high / 2), (radius * 1.15, radius * 1.15), pen.near((120, 120, 122), 50))
            draft.sheet.disc((x, y + high / 2), (radius, radius), main)
            draft.sheet.disc((x, y + high / 2), (radius * 0.5, radius * 0.5), pen.near((235, 235, 235), 20))
        else:
            draft.sheet.box((x - wide / 2, y, wide, high), main, 0.04)
            part = high * pen.between(0.2, 0.5)
            draft.sheet.box(
                (x - wide / 2, y + pen.one((0.0, high - part)), wide, part),
                pen.near(pen.one(((230, 230, 228), (220, 130, 30))), 20),
                0.03,
            )
    if pen.chance(0.4):
        small = pen.near(pen.one(((235, 235, 230), (200, 30, 30), (230, 150, 40))), 20)
        for x in draft.mirrored(draft.width * pen.between(0.25, 0.42)):
            draft.sheet.disc((x, draft.height - pen.between(0.14, 0.3)), (pen.between(0.04, 0.09), 0.045), small)


def _ornaments(draft: _Draft, bumper: float) -> None:
    """Draw what could be taken for a plate and is none."""
    pen, sheet = draft.pen, draft.sheet
    chrome = pen.near((195, 196, 198), 40)
    if pen.chance(0.7):
        radius = pen.between(0.025, 0.07)
        sheet.disc((draft.middle, bumper - pen.between(0.08, 0.3)), (radius * pen.between(1, 1.8), radius), chrome)
        sheet.disc(
            (draft.middle, bumper - pen.between(0.08, 0.3)), (radius * 0.6, radius * 0.6), pen.near((40, 50, 110), 60)
        )
    for _ in range(int(pen.rng.integers(0, 3))):
        place = (
            draft.left + pen.between(0.02, 0.8) * draft.width,
            bumper - pen.between(0.1, 0.3),
            pen.between(0.1, 0.3),
            pen.between(0.025, 0.05),
        )
        sheet.letters(pen.ink(pen.one(NAMES)), place, chrome)
    if pen.chance(0.35):
        _sticker(draft, bumper)
    if pen.chance(0.3 if draft.height > 1.8 else 0.1):  # noqa: PLR2004 - a van's height
        x, wide = draft.left + pen.between(0.05, 0.3) * draft.width, draft.width * pen.between(0.4, 0.65)
        for row in range(int(pen.rng.integers(1, 4))):
            place = (x, draft.height * 0.36 + 0.17 * row, wide * pen.between(0.6, 1), pen.between(0.07, 0.13))
            sheet.letters(
                pen.ink(pen.one(FIRMS)),
                place,
                pen.near(pen.one(((240, 240, 238), (30, 40, 120), (180, 30, 30), (20, 20, 22))), 20),
            )
    if draft.rear and pen.chance(0.35):
        for x in draft.mirrored(draft.width * 0.36):
            sheet.box((x - 0.06, draft.height - 0.2, 0.12, 0.035), pen.near((190, 30, 30), 30))
    if pen.chance(0.25):
        blank = (
            draft.left + pen.between(0.0, 0.75) * draft.width,
            pen.between(0.5, 0.9) * draft.height,
            pen.between(0.15, 0.45),
            pen.between(0.05, 0.14),
        )
        sheet.box(blank, pen.near(pen.one(((230, 230, 228), (120, 120, 122), draft.body)), 30), 0.015)
    if pen.chance(0.2):
        sheet.disc((draft.left + 0.35, draft.height - 0.06), (0.045, 0.035), pen.near((120, 120, 122), 30))


def _sticker(draft: _Draft, bumper: float) -> None:
    pen = draft.pen
    x, y, radius = (
        draft.left + pen.between(0.1, 0.9) * draft.width,
        bumper - pen.between(-0.1, 0.35),
        pen.between(0.05, 0.09),
    )
    draft.sheet.disc((x, y), (radius * 1.08, radius * 0.73), (25, 25, 25))
    draft.sheet.disc((x, y), (radius, radius * 0.65), (236, 236, 234))
    draft.sheet.letters(
        pen.ink(pen.one(CODES)), (x - radius * 0.5, y - radius * 0.35, radius, radius * 0.7), (25, 25, 25)
    )


def _plate(draft: _Draft, plate: Plate | None, bumper: float) -> NDArray[np.float32]:
    """Draw the recess, the frame and the plate; gives its corners in px (n, 4, 2)."""
    pen, sheet = draft.pen, draft.sheet
    wide, high = plate.size if plate else (0.52, 0.11)
    x = draft.middle - wide / 2 + (pen.between(-0.5, 0.5) if pen.chance(0.08) else pen.between(-0.03, 0.03))
    low = draft.height - high - 0.06
    y = min(low, bumper + pen.between(-0.35 if draft.rear else -0.1, 0.15))
    if pen.chance(0.6):
        border = pen.between(0.02, 0.12)
        tone = pen.near(pen.one((PLASTIC, draft.body, tuple(side * 3 // 4 for side in draft.body))), 12)
        sheet.box((x - border, y - border / 2, wide + 2 * border, high + border), tone, pen.between(0, 0.05))
    if plate is None:
        if pen.chance(0.5):
            sheet.box((x, y, wide, high), pen.near(draft.body, 25), 0.01)
        return np.empty((0, 4, 2), np.float32)
    if pen.chance(0.45):
        border, foot = pen.between(0.006, 0.016), pen.between(0.006, 0.03)
        sheet.box(
            (x - border, y - border, wide + 2 * border, high + border + foot),
            pen.near(pen.one((PLASTIC, PLASTIC, (180, 180, 182))), 14),
            0.012,
        )
        if foot > 0.018 and draft.distractors:  # noqa: PLR2004 - room for a dealer's name
            sheet.letters(
                pen.ink(pen.one(FIRMS)), (x + wide * 0.2, y + high + 0.004, wide * 0.6, foot - 0.008), (220, 220, 220)
            )
    return _set_in(sheet, plate, (x, y))


def _set_in(sheet: Sheet, plate: Plate, corner: tuple[float, float]) -> NDArray[np.float32]:
    x0, y0 = (round(side * sheet.scale) for side in corner)
    width, height = (max(2, round(side * sheet.scale)) for side in plate.size)
    small = cv2.resize(plate.pixels, (width, height), interpolation=cv2.INTER_AREA)
    sheet.paste(small, np.full((height, width), 255, np.uint8), (x0, y0))
    x1, y1 = x0 + width, y0 + height
    return np.array([[(x0, y0), (x1, y0), (x1, y1), (x0, y1)]], np.float32)


def _outline(draft: _Draft) -> Alpha:
    """Draw where the car is: its body, narrower above, and its wheels."""
    shape = Sheet((draft.width + 2 * MARGIN, draft.height + 0.1), draft.sheet.scale, (0, 0, 0))
    slope = draft.width * draft.pen.between(0.02, 0.12)
    left, right, waist = draft.left, draft.left + draft.width, draft.height * 0.45
    points = [
        (left + slope, 0.02),
        (right - slope, 0.02),
        (right, waist),
        (right, draft.height),
        (left, draft.height),
        (left, waist),
    ]
    shape.polygon(points, (255, 255, 255))
    for x in (left + 0.02, right - 0.22):
        shape.box((x, draft.height - 0.1, 0.2, 0.2), (255, 255, 255))
        draft.sheet.box((x, draft.height, 0.2, 0.1), (18, 18, 18))
    return shape.pixels[..., 0]
