"""One drawn person: legs, trunk, arms and head as shaded shapes, seen from some side and from some height.

Nobody's likeness: sizes, colours, hair, hats, clothes and bags are drawn by lot.
"""

import math
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from crowd.pen import Colour, Pen

# A figure's canvas: so many px a metre, (width, height) m; its feet stand in the middle, so far above the lower edge.
PX_PER_M: Final = 120.0
CANVAS_M: Final = (1.5, 2.5)
FOOT_M: Final = 0.25
SKINS: Final = ((238, 205, 180), (225, 180, 150), (200, 150, 115), (160, 110, 80), (110, 72, 52), (75, 50, 38))
HAIRS: Final = (
    (18, 15, 14),
    (30, 24, 20),
    (50, 35, 25),
    (85, 58, 35),
    (150, 115, 70),
    (190, 160, 110),
    (165, 160, 155),
)
CLOTHS: Final = (
    (25, 26, 30), (20, 24, 45), (60, 62, 68), (120, 120, 125), (225, 225, 222), (240, 240, 240), (45, 60, 95),
    (80, 110, 160), (150, 30, 35), (200, 60, 60), (70, 90, 60), (180, 165, 130), (110, 80, 60), (220, 180, 60),
    (210, 120, 160), (90, 60, 110), (60, 140, 130), (230, 130, 50),
)  # fmt: skip
SIDES: Final = ("front", "back", "left", "right")

Alpha = NDArray[np.uint8]
Point = tuple[float, float]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Figure:
    """A figure: uint8 (H, W, 5): red, green, blue times alpha, alpha, and the head's alpha; `head` in m from the feet.

    `head` is (right, up) of the head's middle, `head_m` the head's height.
    """

    layers: NDArray[np.uint8]
    head: Point
    head_m: float


class _Body:
    """A canvas and the pose on it; lengths in metres, heights squashed by the steepness of the view."""

    def __init__(self, pen: Pen, side: str, down: float) -> None:
        self.pen = pen
        self.side = side
        self.across, self.along = math.cos(down), math.sin(down)
        width, height = (round(length * PX_PER_M) for length in CANVAS_M)
        self.size = (width, height)
        self.colour = np.zeros((height, width, 3), np.float32)
        self.alpha = np.zeros((height, width), np.float32)
        self.headed = np.zeros((height, width), np.float32)
        self.folds = pen.clouds(self.size, pen.between(8, 25)) * 0.06

    def at(self, x: float, up: float, ahead: float = 0.0) -> tuple[float, float]:
        """Place a point: to the right, above the feet, and towards the viewer, in m; gives px."""
        row = self.size[1] - FOOT_M * PX_PER_M - (up * self.across - ahead * self.along) * PX_PER_M
        return self.size[0] / 2 + x * PX_PER_M, row

    def polygon(self, points: list[tuple[float, float]]) -> Alpha:
        """Cover a polygon of places (x, up)."""
        mask = np.zeros(self.size[::-1], np.uint8)
        corners = np.array([self.at(*point) for point in points]) * 16
        cv2.fillPoly(mask, [np.round(corners).astype(np.int32)], 255, cv2.LINE_AA, 4)
        return mask

    def limb(self, points: list[tuple[float, float]], thick: float) -> Alpha:
        """Cover a bent line of places (x, up), so thick in m."""
        mask = np.zeros(self.size[::-1], np.uint8)
        corners = np.round(np.array([self.at(*point) for point in points]) * 16).astype(np.int32)
        cv2.polylines(mask, [corners], isClosed=False, color=255, thickness=max(2, round(thick * PX_PER_M)),
                      lineType=cv2.LINE_AA, shift=4)  # fmt: skip
        return mask

    def disc(
        self, middle: tuple[float, float], radii: tuple[float, float], arc: tuple[float, float] = (0, 360)
    ) -> Alpha:
        """Cover an ellipse at a place (x, up), its radii in m as seen; or the part of it between two angles."""
        mask = np.zeros(self.size[::-1], np.uint8)
        column, row = self.at(*middle)
        axes = tuple(max(8, round(radius * PX_PER_M * 16)) for radius in radii)
        cv2.ellipse(mask, (round(column * 16), round(row * 16)), axes, 0, *arc, 255, -1, cv2.LINE_AA, 4)
        return mask

    def lay(self, mask: Alpha, colour: Colour, *, round_: float = 0.35, head: bool = False) -> None:
        """Lay a shape of one colour over what is there, shaded as if it were round and lit from the upper left."""
        columns = np.flatnonzero(mask.any(axis=0))
        if not len(columns):
            return
        rows = np.flatnonzero(mask.any(axis=1))
        x = _across(columns, mask.shape[1])[None, :]
        y = _across(rows, mask.shape[0])[:, None]
        shade = 1.0 - round_ * (0.35 * x + 0.25 * y + 0.5 * np.clip(x, -1, 1) ** 2 - 0.15) + self.folds
        part = mask.astype(np.float32)[..., None] / 255
        self.colour = self.colour * (1 - part) + np.array(colour, np.float32) * shade[..., None] * part
        self.alpha = np.maximum(self.alpha, part[..., 0])
        self.headed = np.maximum(self.headed, part[..., 0]) if head else self.headed * (1 - part[..., 0])


def _across(covered: NDArray[np.intp], length: int) -> NDArray[np.float32]:
    middle, half = (covered[0] + covered[-1]) / 2, max(1.0, (covered[-1] - covered[0]) / 2)
    return ((np.arange(length) - middle) / half).clip(-1.2, 1.2).astype(np.float32)


def figure(pen: Pen, side: str, down: float) -> Figure:
    """Draw a person seen from a side, by a camera that looks `down` by so many radians."""
    body = _Body(pen, side, down)
    tall = pen.rng.normal(1.68, 0.1) * (0.7 if pen.chance(0.06) else 1.0)
    wide = tall * pen.between(0.225, 0.3) * (0.68 if side in {"left", "right"} else 1.0)
    skin = pen.near(pen.one(SKINS), 14)
    _legs(body, tall, wide, skin)
    sleeve = _trunk(body, tall, wide)
    _arms(body, tall, wide, (skin if pen.chance(0.45) else sleeve, sleeve, skin))
    if side == "back" and pen.chance(0.25):
        body.lay(
            body.disc((0, tall * 0.68), (wide * 0.42, tall * 0.14 * body.across + 0.04)), pen.near(pen.one(CLOTHS), 25)
        )
    middle, head_m = _head(body, tall, skin)
    colour = np.clip(body.colour, 0, 255) * body.alpha[..., None]
    layers = np.dstack([colour, body.alpha * 255, body.headed * 255]).round().astype(np.uint8)
    column, row = body.at(*middle)
    foot_row = body.size[1] - FOOT_M * PX_PER_M
    head = ((column - body.size[0] / 2) / PX_PER_M, (foot_row - row) / PX_PER_M)
    return Figure(layers=layers, head=head, head_m=head_m)


def _legs(body: _Body, tall: float, wide: float, skin: Colour) -> None:
    pen = body.pen
    cloth = pen.near(pen.one(CLOTHS[:9] if pen.chance(0.7) else CLOTHS), 20)
    hip, thick = tall * 0.5, tall * pen.between(0.07, 0.1)
    stride = pen.between(0.0, 0.28) if body.side in {"left", "right"} else pen.between(0.02, 0.1)
    bare = pen.chance(0.2)
    for sign in (-1, 1):
        foot = sign * (wide * 0.22 + stride * pen.between(0.5, 1.0))
        knee = (sign * wide * 0.2 + foot * 0.4, hip * 0.52)
        body.lay(body.limb([(sign * wide * 0.2, hip), knee, (foot, 0.05)], thick), skin if bare else cloth)
        body.lay(body.limb([(foot - 0.04, 0.03), (foot + 0.05, 0.03)], 0.08), pen.near(pen.one(CLOTHS[:6]), 15))
    if bare or pen.chance(0.12):
        hem = tall * pen.between(0.25, 0.42)
        body.lay(
            body.polygon(
                [(-wide * 0.42, hip + 0.05), (wide * 0.42, hip + 0.05), (wide * 0.6, hem), (-wide * 0.6, hem)]
            ),
            cloth,
        )


def _trunk(body: _Body, tall: float, wide: float) -> Colour:
    """Draw trunk and shoulders; gives the colour of the sleeves."""
    pen = body.pen
    cloth = pen.near(pen.one(CLOTHS), 25)
    shoulder, hip, half = tall * 0.82, tall * pen.between(0.42, 0.5), wide / 2
    deep = tall * 0.07 * body.along
    slope = tall * pen.between(0.02, 0.05)
    shape = body.polygon([
        (-half, shoulder - slope), (-half * 0.45, shoulder + slope * 0.5), (half * 0.45, shoulder + slope * 0.5),
        (half, shoulder - slope), (half * 0.92, hip), (-half * 0.92, hip),
    ])  # fmt: skip
    body.lay(np.maximum(shape, body.disc((0, shoulder - slope), (half, deep + 0.03))), cloth)
    if body.side != "back" and pen.chance(0.3):
        inner = pen.near(pen.one(CLOTHS), 25)
        part = half * pen.between(0.2, 0.5)
        body.lay(
            np.minimum(
                shape,
                body.polygon([(-part, shoulder + 0.1), (part, shoulder + 0.1), (part * 0.6, hip), (-part * 0.6, hip)]),
            ),
            inner,
        )
    elif pen.chance(0.2):
        _stripes(body, shape, (hip, shoulder), pen.near(pen.one(CLOTHS), 25))
    return cloth


def _stripes(body: _Body, shape: Alpha, span: tuple[float, float], colour: Colour) -> None:
    step = body.pen.between(0.06, 0.2)
    for up in np.arange(span[0], span[1], step):
        body.lay(np.minimum(shape, body.polygon([(-1, up), (1, up), (1, up + step / 2), (-1, up + step / 2)])), colour)


def _arms(body: _Body, tall: float, wide: float, colours: tuple[Colour, Colour, Colour]) -> None:
    pen, (lower, upper, skin) = body.pen, colours
    shoulder, thick = tall * 0.79, tall * pen.between(0.045, 0.065)
    raised = pen.chance(0.07)
    for sign in (-1, 1):
        begin = (sign * wide * 0.46, shoulder)
        if raised and pen.chance(0.7):
            elbow = (sign * wide * pen.between(0.6, 0.9), shoulder + tall * pen.between(0.0, 0.12))
            hand = (sign * wide * pen.between(0.2, 0.8), shoulder + tall * pen.between(0.2, 0.33))
        else:
            elbow = (sign * wide * pen.between(0.52, 0.68), tall * 0.62)
            hand = (sign * wide * pen.between(0.0, 0.65), tall * pen.between(0.46, 0.62))
        body.lay(body.limb([elbow, hand], thick * 0.85), lower)
        body.lay(body.limb([begin, elbow], thick), upper)
        body.lay(body.disc(hand, (0.045, 0.045)), skin)


def _head(body: _Body, tall: float, skin: Colour) -> tuple[Point, float]:
    """Draw neck, head, hair and hat; gives the head's middle (x, up) and its height in m as seen."""
    pen, side = body.pen, body.side
    high = pen.between(0.215, 0.25)
    lean = pen.rng.normal(0, 0.02)
    middle = (lean, tall - high / 2)
    seen = math.hypot(high / 2 * body.across, 0.095 * body.along)
    broad = pen.between(0.075, 0.09) * (1.15 if side in {"left", "right"} else 1.0)
    body.lay(body.limb([(0, tall * 0.8), middle], 0.11), skin)
    skull = body.disc(middle, (broad, seen))
    hair = pen.near(pen.one(HAIRS), 12)
    bald = pen.chance(0.06)
    if not bald and pen.chance(0.35):
        _long_hair(body, middle, (broad, seen), hair)
    body.lay(skull, skin, round_=0.5, head=True)
    if side == "front":
        _face(body, middle, (broad, seen), skin)
    if not bald:
        _hair(body, middle, (broad, seen), hair)
    if pen.chance(0.14):
        _hat(body, middle, (broad, seen), pen.near(pen.one((*CLOTHS, (235, 232, 220), (245, 245, 240))), 15))
    return middle, 2 * seen


def _face(body: _Body, middle: Point, radii: Point, skin: Colour) -> None:
    pen = body.pen
    dark: Colour = (skin[0] * 0.45, skin[1] * 0.4, skin[2] * 0.4)
    broad, seen = radii
    sunk = -0.25 * body.along
    eyes = middle[1] + seen * (0.05 + sunk) / max(body.across, 0.3)
    for sign in (-1, 1):
        body.lay(
            body.disc((middle[0] + sign * broad * 0.42, eyes), (broad * 0.24, seen * 0.1)), dark, round_=0, head=True
        )
    if pen.chance(0.15):
        strip = body.disc((middle[0], eyes), (broad * 0.85, seen * 0.15))
        body.lay(strip, (25, 25, 28), round_=0, head=True)
    shade: Colour = (skin[0] * 0.78, skin[1] * 0.72, skin[2] * 0.7)
    body.lay(body.disc((middle[0], eyes - seen * 0.35), (broad * 0.16, seen * 0.2)), shade, round_=0, head=True)
    mouth: Colour = (skin[0] * 0.7, skin[1] * 0.45, skin[2] * 0.45)
    body.lay(body.disc((middle[0], eyes - seen * 0.68), (broad * 0.35, seen * 0.07)), mouth, round_=0, head=True)
    if pen.chance(0.12):
        beard = pen.near(pen.one(HAIRS), 10)
        body.lay(
            np.minimum(
                body.disc(middle, radii), body.disc((middle[0], eyes - seen * 0.85), (broad * 0.9, seen * 0.35))
            ),
            beard,
            head=True,
        )


def _hair(body: _Body, middle: Point, radii: Point, hair: Colour) -> None:
    """Cover what of the head has hair: nearly all from behind, the upper part from the front, half from the side."""
    pen, (broad, seen) = body.pen, radii
    grown = pen.between(1.03, 1.2)
    whole = body.disc(middle, (broad * grown, seen * grown))
    low = {"back": -0.75, "front": pen.between(0.35, 0.6) - 0.5 * body.along}.get(
        body.side, pen.between(0.2, 0.4) - 0.4 * body.along
    )
    edge = middle[1] + seen * low / max(body.across, 0.3)
    top = body.polygon([(-1, edge), (1, edge), (1, edge + 1), (-1, edge + 1)])
    if body.side in {"left", "right"}:
        sign = 1 if body.side == "left" else -1
        behind = middle[0] + sign * broad * pen.between(-0.1, 0.3)
        top = np.maximum(
            top,
            body.polygon(
                [
                    (behind, edge - seen * 1.1),
                    (behind + sign, edge - seen * 1.1),
                    (behind + sign, edge + 1),
                    (behind, edge + 1),
                ]
            ),
        )
    body.lay(np.minimum(whole, top), hair, round_=0.55, head=True)


def _long_hair(body: _Body, middle: Point, radii: Point, hair: Colour) -> None:
    pen, (broad, seen) = body.pen, radii
    end = middle[1] - pen.between(0.15, 0.4)
    half = broad * pen.between(1.05, 1.4)
    shape = body.polygon(
        [
            (middle[0] - half * 0.9, middle[1] + seen * 0.5),
            (middle[0] + half * 0.9, middle[1] + seen * 0.5),
            (middle[0] + half, end),
            (middle[0] - half, end),
        ]
    )
    body.lay(shape, hair)


def _hat(body: _Body, middle: Point, radii: Point, colour: Colour) -> None:
    pen, (broad, seen) = body.pen, radii
    top = (middle[0], middle[1] + seen * 0.45)
    if pen.chance(0.4):
        body.lay(
            body.disc(
                (middle[0], middle[1] + seen * 0.25), (broad * pen.between(1.5, 2.3), seen * (0.25 + 0.9 * body.along))
            ),
            colour,
            head=True,
        )
    crown = body.disc(top, (broad * 1.12, seen * pen.between(0.65, 0.85)))
    edge = middle[1] + seen * (0.1 - 0.4 * body.along)
    body.lay(
        np.minimum(crown, body.polygon([(-1, edge), (1, edge), (1, edge + 1), (-1, edge + 1)])),
        colour,
        round_=0.5,
        head=True,
    )


def mips(one: Figure) -> list[NDArray[np.uint8]]:
    """Give a figure at full size, half, quarter and so on."""
    levels = [one.layers]
    while min(levels[-1].shape[:2]) > 24:  # noqa: PLR2004 - smaller ones show nothing
        levels.append(np.asarray(cv2.resize(levels[-1], None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8))
    return levels
