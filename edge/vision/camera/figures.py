"""Drawn people and vehicles: shaded figures on a perspective ground, cheap enough for every frame."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from edge.contract.report import RoadUser
from edge.vision.camera.world import Body, Corner, GroundPoint, Passer, Place, View, outline
from edge.vision.frame import Pixels

Colour = tuple[int, int, int]
# Drawing takes fixed-point places with this many bits of fraction, so that slow things move smoothly.
_BITS = 4
_ONE = 1 << _BITS
_COATS: tuple[Colour, ...] = (
    (60, 50, 160),
    (140, 70, 40),
    (50, 110, 60),
    (40, 40, 45),
    (170, 170, 190),
    (30, 140, 190),
)
_LEGS: tuple[Colour, ...] = ((50, 40, 35), (110, 80, 50), (70, 75, 85))
_PAINTS: tuple[Colour, ...] = ((40, 35, 150), (165, 165, 170), (45, 45, 48), (130, 80, 40), (210, 212, 214))
_SKIN: Colour = (130, 160, 205)
_GLASS: Colour = (95, 80, 65)
_TYRE: Colour = (28, 28, 28)
_LAMP: Colour = (225, 245, 255)
_DARK = 0.35
_STEPS_PER_M = 0.75


@dataclass(frozen=True, kw_only=True, slots=True)
class Easel:
    """What is drawn on, how the world is seen and whether it is night."""

    canvas: Pixels
    view: View
    night: bool

    def tint(self, colour: Colour, light: float = 1.0) -> Colour:
        """Compute how a colour looks in this light."""
        share = light * (_DARK if self.night else 1.0)
        blue, green, red = (min(255, round(part * share)) for part in colour)
        return blue, green, red

    def fill(self, corners: Sequence[Corner], colour: Colour) -> None:
        """Fill a convex polygon of places in the world."""
        points = np.array([self.view.project(corner) for corner in corners]) * _ONE
        cv2.fillConvexPoly(self.canvas, points.round().astype(np.int32), colour, cv2.LINE_AA, _BITS)

    def stroke(self, begin: Corner, end: Corner, colour: Colour, width_m: float) -> None:
        """Draw a stroke this wide."""
        thickness = max(1, round(width_m * self.view.scale(begin[1])))
        first, second = _fixed(self.view.project(begin)), _fixed(self.view.project(end))
        cv2.line(self.canvas, first, second, colour, thickness, cv2.LINE_AA, _BITS)

    def oval(self, centre: Corner, half_width_m: float, half_height_m: float, colour: Colour) -> None:
        """Fill an oval that faces the camera."""
        scale = self.view.scale(centre[1]) * _ONE
        axes = (round(half_width_m * scale), round(half_height_m * scale))
        cv2.ellipse(self.canvas, _fixed(self.view.project(centre)), axes, 0, 0, 360, colour, -1, cv2.LINE_AA, _BITS)


def draw(easel: Easel, passer: Passer, at_s: float) -> None:
    """Draw a passer where it is at this instant; nothing outside its time."""
    place = passer.place_at(at_s)
    if place is None or not _may_be_seen(easel.view, passer.body, place):
        return
    if passer.kind is RoadUser.PERSON:
        _draw_person(easel, passer, place, at_s)
    elif passer.body.width == 0:
        _draw_cycle(easel, passer, place, at_s)
    else:
        _draw_vehicle(easel, passer, place)


def _may_be_seen(view: View, body: Body, place: Place) -> bool:
    return abs(place.x) - body.length < view.width / 2 * (place.z + body.length) / view.focal_px


def _fixed(point: tuple[float, float]) -> tuple[int, int]:
    return round(point[0] * _ONE), round(point[1] * _ONE)


def _pick(colours: tuple[Colour, ...], look: float) -> Colour:
    return colours[int(look * 997) % len(colours)]


def _draw_person(easel: Easel, passer: Passer, place: Place, at_s: float) -> None:
    x, z = place.x, place.z
    phase = 2 * math.pi * (passer.look + at_s * _STEPS_PER_M * 1.35)
    # Somebody who walks towards the camera swings their legs towards it too.
    swing = 0.16 * math.sin(phase) * abs(place.heading[0]) if place.moving else 0.0
    lift = 0.06 * max(0.0, math.cos(phase)) if place.moving else 0.0
    coat, legs = easel.tint(_pick(_COATS, passer.look)), easel.tint(_pick(_LEGS, passer.look * 3))
    easel.oval((x, z, 0.02), 0.26, 0.05, easel.tint((70, 72, 74)))
    easel.stroke((x + 0.06, z, 0.85), (x + 0.05 + swing, z, 0.08), legs, 0.14)
    easel.stroke((x - 0.06, z, 0.85), (x - 0.05 - swing, z, 0.08 + lift), legs, 0.14)
    easel.stroke(
        (x - 0.19, z, 1.35), (x - 0.16 + 0.4 * swing, z, 0.85), easel.tint(_pick(_COATS, passer.look), 0.8), 0.1
    )
    easel.oval((x, z, 1.14), 0.23, 0.34, coat)
    easel.oval((x - 0.06, z, 1.2), 0.1, 0.24, easel.tint(_pick(_COATS, passer.look), 1.25))
    easel.stroke(
        (x + 0.19, z, 1.35), (x + 0.16 - 0.4 * swing, z, 0.85), easel.tint(_pick(_COATS, passer.look), 0.9), 0.1
    )
    easel.oval((x, z, 1.61), 0.11, 0.14, easel.tint(_SKIN))
    easel.oval((x, z, 1.68), 0.11, 0.07, easel.tint((35, 45, 60)))


def _draw_cycle(easel: Easel, passer: Passer, place: Place, at_s: float) -> None:
    half = passer.body.length / 2 - 0.33
    hx, hz = place.heading

    def along(metres: float, height: float) -> Corner:
        return place.x + hx * metres, place.z + hz * metres, height

    for end in (half, -half):
        easel.oval(along(end, 0.33), max(0.05, 0.33 * abs(hx)), 0.33, easel.tint(_TYRE))
        easel.oval(along(end, 0.33), max(0.02, 0.26 * abs(hx)), 0.26, easel.tint((120, 122, 125)))
    paint = easel.tint(_pick(_PAINTS, passer.look))
    for begin, end_ in (((-half, 0.33), (0.0, 0.4)), ((0.0, 0.4), (half, 0.9)), ((half, 0.9), (half, 0.33))):
        easel.stroke(along(*begin), along(*end_), paint, 0.06)
    knee = 0.15 * math.sin(2 * math.pi * (passer.look + at_s))
    easel.stroke(along(-0.2, 0.95), along(0.05, 0.35 + knee), easel.tint(_pick(_LEGS, passer.look)), 0.14)
    coat = easel.tint(_pick(_COATS, passer.look))
    easel.stroke(along(-0.2, 1.0), along(0.12, 1.45), coat, 0.34)
    easel.stroke(along(0.12, 1.4), along(half - 0.05, 1.0), coat, 0.1)
    easel.oval(along(0.2, 1.66), 0.11, 0.13, easel.tint(_SKIN))


def _draw_vehicle(easel: Easel, passer: Passer, place: Place) -> None:
    body, paint = passer.body, _pick(_PAINTS, passer.look)
    ground = outline(Body(length=body.length + 0.2, width=body.width + 0.3, height=0), place)
    easel.fill([(x, z, 0.0) for x, z in ground], easel.tint((52, 52, 52)))
    if passer.kind is RoadUser.CAR:
        parts = [(0.0, body.length, 0.25, 0.85, paint), (-0.2, body.length * 0.55, 0.85, body.height, _GLASS)]
    elif passer.kind is RoadUser.LORRY:
        parts = [
            (-1.1, body.length - 2.2, 0.6, body.height, paint),
            (body.length / 2 - 1.0, 2.0, 0.4, 2.5, (60, 60, 150)),
        ]
    else:
        low, high = (0.3, 1.4, paint), (1.4, 2.5, _GLASS)
        parts = [(0.0, body.length, *low), (0.0, body.length, *high), (0.0, body.length, 2.5, body.height, paint)]
    # What is farther away is drawn first.
    for ahead, length, bottom, top, colour in sorted(parts, key=lambda part: -(place.z + place.heading[1] * part[0])):
        centre = _moved(place, ahead)
        _draw_block(easel, outline(Body(length=length, width=body.width, height=0), centre), (bottom, top), colour)
    _draw_wheels_and_lamps(easel, body, place)


def _moved(place: Place, ahead_m: float) -> Place:
    hx, hz = place.heading
    return Place(x=place.x + hx * ahead_m, z=place.z + hz * ahead_m, heading=place.heading, moving=place.moving)


def _draw_block(easel: Easel, ground: list[GroundPoint], heights: tuple[float, float], colour: Colour) -> None:
    bottom, top = heights
    middle = (sum(x for x, _ in ground) / 4, sum(z for _, z in ground) / 4)
    for first, second in zip(ground, [*ground[1:], ground[0]], strict=True):
        outwards = ((first[0] + second[0]) / 2 - middle[0], (first[1] + second[1]) / 2 - middle[1])
        if outwards[0] * (middle[0] + outwards[0]) + outwards[1] * (middle[1] + outwards[1]) >= 0:
            continue  # it faces away from the camera, which stands at (0, 0)
        light = 0.75 if abs(outwards[0]) > abs(outwards[1]) else 0.95
        face = [(*first, bottom), (*second, bottom), (*second, top), (*first, top)]
        easel.fill(face, easel.tint(colour, light))
    easel.fill([(*corner, top) for corner in ground], easel.tint(colour, 1.15))


def _draw_wheels_and_lamps(easel: Easel, body: Body, place: Place) -> None:
    hx, hz = place.heading
    near = -body.width / 2 if hx > 0 else body.width / 2
    for ahead in (body.length * 0.32, -body.length * 0.32):
        x, z = place.x + hx * ahead - hz * near, place.z + hz * ahead + hx * near
        easel.oval((x, z, 0.33), 0.08 + 0.27 * abs(hx), 0.33, easel.tint(_TYRE))
    if easel.night:
        for aside in (-0.35, 0.35):
            ahead = body.length / 2
            x, z = place.x + hx * ahead - hz * aside * body.width, place.z + hz * ahead + hx * aside * body.width
            easel.oval((x, z, 0.6), 0.16, 0.12, _LAMP)
