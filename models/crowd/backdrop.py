"""What is behind a crowd and among it: ground, houses, trees, and things that look like heads and are none."""

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np

from crowd.pen import Pen, Picture

GROUNDS: Final = (
    (120, 118, 115),
    (160, 155, 148),
    (90, 92, 95),
    (140, 125, 105),
    (80, 105, 60),
    (185, 175, 155),
    (120, 80, 70),
)
LEAVES: Final = ((40, 70, 30), (70, 95, 45), (25, 45, 25), (110, 100, 50), (95, 75, 40))


def backdrop(pen: Pen, size: tuple[int, int], horizon: float, photographs: Sequence[Picture], real: float) -> Picture:
    """Draw a background of `size` (width, height): ground below the row `horizon`, houses, trees and sky above.

    In a share `real` of cases it is a part of a photograph.
    """
    if photographs and pen.chance(real):
        return cut(pen, size, pen.one(photographs))
    width, height = size
    canvas = _ground(pen, size, horizon, photographs)
    top = int(np.clip(horizon, 0, height))
    if top > 0:
        canvas[:top] = np.array(pen.one(((200, 215, 235), (150, 180, 220), (190, 190, 192), (90, 95, 110))), np.float32)
        for _ in range(int(pen.rng.integers(1, 7))):
            _house(pen, canvas, top)
        for _ in range(int(pen.rng.integers(0, 5))):
            reach = pen.between(0.05, 0.25) * width
            foliage(pen, canvas, (pen.between(0, width), top - reach * 0.4), (reach, reach * pen.between(0.6, 1.3)))
    canvas += (pen.clouds(size, width / 3) * pen.between(1, 9))[..., None]
    return canvas.clip(0, 255).astype(np.uint8)


def plain(pen: Pen, size: tuple[int, int]) -> Picture:
    """Draw a surface of one colour that grows lighter or darker to some side: a wall, the sky, the dark."""
    slope_x, slope_y = pen.between(-0.6, 0.6), pen.between(-0.6, 0.6)
    rows, columns = np.mgrid[0 : size[1], 0 : size[0]].astype(np.float32)
    light = 1 + slope_x * (columns / size[0] - 0.5) + slope_y * (rows / size[1] - 0.5)
    canvas = np.array(pen.any(), np.float32) * light[..., None] * pen.ratio(0.05, 1.2)
    canvas += (pen.clouds(size, pen.between(2, 60)) * pen.between(0, 6))[..., None]
    return canvas.clip(0, 255).astype(np.uint8)


def cut(pen: Pen, size: tuple[int, int], picture: Picture) -> Picture:
    """Cut a part out of a photograph, turned and coloured anew."""
    height, width = picture.shape[:2]
    scale = min(width / size[0], height / size[1]) * pen.between(0.25, 1.0)
    wide, high = int(size[0] * scale), int(size[1] * scale)
    x, y = int(pen.rng.integers(0, width - wide + 1)), int(pen.rng.integers(0, height - high + 1))
    part = cv2.resize(picture[y : y + high, x : x + wide], size, interpolation=cv2.INTER_AREA)
    if pen.chance(0.5):
        part = part[:, ::-1]
    gain = pen.rng.uniform(0.5, 1.4) * pen.rng.uniform(0.85, 1.15, 3)
    return np.ascontiguousarray(np.clip(part * gain, 0, 255).astype(np.uint8))


def _ground(pen: Pen, size: tuple[int, int], horizon: float, photographs: Sequence[Picture]) -> "np.ndarray":
    width, height = size
    canvas = np.empty((height, width, 3), np.float32)
    canvas[:] = pen.near(pen.one(GROUNDS), 25)
    canvas += (pen.clouds(size, pen.between(3, 20)) * pen.between(2, 14))[..., None]
    if photographs and pen.chance(0.25):
        grain = cut(pen, size, pen.one(photographs)).astype(np.float32).mean(axis=2)
        canvas += ((grain - grain.mean()) * pen.between(0.2, 0.7))[..., None]
    if pen.chance(0.6):
        _tiles(pen, canvas, horizon)
    return canvas


def _tiles(pen: Pen, canvas: "np.ndarray", horizon: float) -> None:
    """Rule the ground with joints that meet at the horizon."""
    height, width = canvas.shape[:2]
    tone = (canvas.mean(axis=(0, 1)) + pen.between(-45, 45)).tolist()
    below = height - horizon
    step = pen.ratio(0.02, 0.3) * below
    middle = pen.between(-0.5, 1.5) * width
    for column in np.arange(-60, 61) * step * pen.between(0.8, 2.5):
        start, end = (round(middle), round(horizon)), (round(middle + column * 3), round(horizon + 3 * below))
        cv2.line(canvas, start, end, tone, 1, cv2.LINE_AA)
    depth = step / below
    for number in range(1, 80):
        row = horizon + below / (0.4 + depth * number)
        if 0 <= row < height:
            cv2.line(canvas, (0, round(row)), (width, round(row + pen.between(-1, 1))), tone, 1, cv2.LINE_AA)


def _house(pen: Pen, canvas: "np.ndarray", foot: int) -> None:
    width = canvas.shape[1]
    left, wide = pen.between(-0.2, 0.9) * width, pen.between(0.1, 0.6) * width
    top = foot - pen.between(0.2, 1.2) * foot
    wall = pen.near((150, 140, 130), 70)
    cv2.rectangle(canvas, (round(left), round(top)), (round(left + wide), foot), wall, -1)
    pitch = pen.ratio(5, 40)
    glass = pen.near((80, 85, 95), 60)
    for x in np.arange(left + 2, left + wide - pitch * 0.6, pitch):
        for y in np.arange(top + 2, foot - pitch * 0.8, pitch * 1.3):
            cv2.rectangle(canvas, (round(x), round(y)), (round(x + pitch * 0.55), round(y + pitch * 0.8)), glass, -1)


def foliage(pen: Pen, canvas: "np.ndarray", middle: tuple[float, float], reach: tuple[float, float]) -> None:
    """Draw a tree's crown or a bush, of leaves, in light and shade."""
    base = pen.near(pen.one(LEAVES), 15)
    number = int(np.clip(reach[0] * reach[1] / 6, 20, 500))
    leaf = pen.ratio(1.0, 5.0)
    spread = pen.rng.normal(0, 0.45, (number, 2)).clip(-1, 1)
    for (dx, dy), light in zip(spread, pen.rng.uniform(0.5, 1.5, number), strict=True):
        place = (round(middle[0] + dx * reach[0]), round(middle[1] + dy * reach[1]))
        tone = tuple(min(255.0, part * light * (1 - 0.3 * dy)) for part in base)
        cv2.ellipse(
            canvas, place, (round(leaf + 1), round(leaf * 0.6 + 1)), float(light * 360), 0, 360, tone, -1, cv2.LINE_AA
        )


def thing(pen: Pen, canvas: Picture, foot: tuple[float, float], scale: float) -> None:
    """Draw something that is nobody: a bush, pole, car, parasol, flag, bin, bollard, ball or board; `scale` in px/m."""
    pen.one(THINGS)(pen, canvas, foot, scale)


def _bush(pen: Pen, canvas: Picture, foot: tuple[float, float], scale: float) -> None:
    reach = scale * pen.between(0.4, 1.5)
    foliage(pen, canvas, (foot[0], foot[1] - reach), (reach, reach))


def _pole(pen: Pen, canvas: Picture, foot: tuple[float, float], scale: float) -> None:
    wide, high = max(1, round(scale * pen.between(0.08, 0.3))), scale * pen.between(1.0, 6.0)
    start, end = (round(foot[0]), round(foot[1])), (round(foot[0]), round(foot[1] - high))
    cv2.line(canvas, start, end, pen.near((90, 90, 92), 70), wide, cv2.LINE_AA)
    if pen.chance(0.4):
        cv2.circle(
            canvas, end, max(1, round(scale * pen.between(0.1, 0.25))), pen.near((210, 205, 190), 40), -1, cv2.LINE_AA
        )


def _car(pen: Pen, canvas: Picture, foot: tuple[float, float], scale: float) -> None:
    long, high = scale * pen.between(1.7, 4.4), scale * pen.between(1.0, 1.5)
    x, y = foot
    paint = pen.near(pen.one(((30, 30, 32), (200, 200, 200), (120, 20, 25), (30, 50, 110), (235, 235, 235))), 20)
    cv2.rectangle(canvas, (round(x), round(y - high * 0.6)), (round(x + long), round(y - high * 0.1)), paint, -1)
    roof = np.array(
        [
            (x + long * 0.2, y - high),
            (x + long * 0.75, y - high),
            (x + long * 0.9, y - high * 0.6),
            (x + long * 0.08, y - high * 0.6),
        ]
    )
    cv2.fillPoly(canvas, [roof.round().astype(np.int32)], pen.near((60, 70, 80), 40), cv2.LINE_AA)
    for place in (0.2, 0.78):
        cv2.circle(
            canvas,
            (round(x + long * place), round(y - high * 0.15)),
            max(1, round(high * 0.22)),
            (22, 22, 24),
            -1,
            cv2.LINE_AA,
        )


def _parasol(pen: Pen, canvas: Picture, foot: tuple[float, float], scale: float) -> None:
    wide, flat = scale * pen.between(0.45, 1.4), pen.between(0.35, 0.9)
    place = (round(foot[0]), round(foot[1] - scale * 1.9))
    colour = pen.any()
    cv2.ellipse(canvas, place, (max(1, round(wide)), max(1, round(wide * flat))), 0, 180, 360, colour, -1, cv2.LINE_AA)
    cv2.line(canvas, place, (place[0], round(foot[1] - scale)), pen.near((80, 80, 80), 40), 1, cv2.LINE_AA)


def _flag(pen: Pen, canvas: Picture, foot: tuple[float, float], scale: float) -> None:
    wide, high = scale * pen.between(0.5, 2.5), scale * pen.between(0.4, 1.2)
    x, y = foot[0], foot[1] - scale * pen.between(1.8, 3.5)
    lean = pen.between(-0.4, 0.4) * high
    for number, colour in enumerate([pen.any() for _ in range(int(pen.rng.integers(1, 4)))]):
        top = y + high * number / 3
        shape = np.array([(x, top), (x + wide, top + lean), (x + wide, top + lean + high / 3), (x, top + high / 3)])
        cv2.fillPoly(canvas, [shape.round().astype(np.int32)], colour, cv2.LINE_AA)


def _bin(pen: Pen, canvas: Picture, foot: tuple[float, float], scale: float) -> None:
    wide, high = scale * pen.between(0.2, 0.8), scale * pen.between(0.4, 1.4)
    corner, other = (round(foot[0]), round(foot[1] - high)), (round(foot[0] + wide), round(foot[1]))
    cv2.rectangle(canvas, corner, other, pen.any(), -1)


def _ball(pen: Pen, canvas: Picture, foot: tuple[float, float], scale: float) -> None:
    """Draw a row of balls, stones, lamps or balloons."""
    size, step, tone = scale * pen.between(0.08, 0.3), scale * pen.between(0.4, 1.5), pen.any()
    for number in range(int(pen.rng.integers(1, 8))):
        place = (round(foot[0] + number * step), round(foot[1] - size))
        cv2.circle(canvas, place, max(1, round(size)), pen.near(tone, 15), -1, cv2.LINE_AA)


def _board(pen: Pen, canvas: Picture, foot: tuple[float, float], scale: float) -> None:
    """Draw a board with blotches, like letters or a shop's goods."""
    wide, high = scale * pen.between(1.0, 5.0), scale * pen.between(0.6, 2.0)
    x, y = foot[0], foot[1] - scale * pen.between(0.5, 3.0)
    cv2.rectangle(canvas, (round(x), round(y - high)), (round(x + wide), round(y)), pen.any(), -1)
    tone, step = pen.any(), max(2.0, high * pen.between(0.1, 0.5))
    for column in np.arange(x + step / 2, x + wide - step / 2, step):
        for row in np.arange(y - high + step / 2, y - step / 2, step * 1.3):
            if pen.chance(0.7):
                size = step * pen.between(0.2, 0.45)
                end = (round(column + size * pen.between(-1, 1)), round(row + size))
                cv2.line(canvas, (round(column), round(row - size)), end, tone, max(1, round(size * 0.5)), cv2.LINE_AA)


THINGS: Final = (_bush, _pole, _car, _parasol, _flag, _bin, _ball, _board)
