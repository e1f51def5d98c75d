"""What light and a camera do to a picture: dusk and night, glare, blur, coarse enlargement, noise, compression."""

import cv2
import numpy as np
from numpy.typing import NDArray

from plates.pen import Pen
from plates.sheet import Picture

Light = NDArray[np.float32]


def sensed(pen: Pen, picture: Picture, plates: NDArray[np.float32], *, night: bool, coarsest: float) -> Picture:
    """Take a picture, uint8 (H, W, 3) RGB, of a scene drawn in full light; `plates` are corners (n, 4, 2) in px."""
    light = picture.astype(np.float32)
    if night and pen.chance(0.18):
        light = _dark(pen, light, plates)
    elif pen.chance(0.3):
        light = _sunlit(pen, light)
    if pen.chance(0.15):
        light = light + _glow(pen, light, pen.between(0.05, 0.35), pen.between(80, 255))
    light = _exposed(pen, light)
    light = _blurred(pen, light, plates, coarsest)
    light = _noisy(pen, light)
    taken = np.clip(light, 0, 255).astype(np.uint8)
    if pen.chance(0.12):
        taken = np.repeat(cv2.cvtColor(taken, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2)
    return _compressed(pen, taken)


def _dark(pen: Pen, light: Light, plates: NDArray[np.float32]) -> Light:
    """Leave little light; plates shine back, lamps glow."""
    gain = pen.between(0.1, 0.45)
    tint = np.array(pen.one(((1.15, 0.95, 0.7), (0.9, 1.0, 1.1), (1.0, 1.0, 1.0))), np.float32)
    gains = np.full(light.shape[:2], gain, np.float32)
    if pen.chance(0.6):
        cv2.fillPoly(
            gains, [np.round(quad * 16).astype(np.int32) for quad in plates], pen.between(gain, 1.5), cv2.LINE_AA, 4
        )
    night = light * gains[..., None] * tint
    for _ in range(int(pen.rng.integers(0, 4))):
        night = night + _glow(pen, light, pen.between(0.02, 0.15), pen.between(100, 350))
    return night


def _glow(pen: Pen, light: Light, radius: float, strength: float) -> Light:
    """Add a lamp's bloom: white, yellow or red."""
    height, width = light.shape[:2]
    rows, columns = np.ogrid[:height, :width]
    x, y, reach = pen.between(0, width), pen.between(0, height), radius * width
    fall = np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * reach**2)).astype(np.float32)
    tone = np.array(pen.one(((1, 1, 0.95), (1, 0.8, 0.5), (1, 0.15, 0.1))), np.float32)
    return strength * fall[..., None] * tone


def _sunlit(pen: Pen, light: Light) -> Light:
    """Lay a hard shadow over part of the picture."""
    height, width = light.shape[:2]
    gains = np.full((height, width), pen.between(1.0, 1.3), np.float32)
    points = np.array([(pen.between(-0.2, 1.2) * width, pen.between(-0.2, 1.2) * height) for _ in range(4)], np.int32)
    cv2.fillConvexPoly(gains, cv2.convexHull(points), pen.between(0.35, 0.8), cv2.LINE_AA)
    return light * gains[..., None]


def _exposed(pen: Pen, light: Light) -> Light:
    gamma = np.exp(pen.rng.normal(0, 0.22))
    curved = 255 * (np.clip(light, 0, 255) / 255) ** gamma
    cast = pen.rng.normal(1, 0.05, 3).astype(np.float32)
    contrast = pen.between(0.55, 1.2)
    return np.asarray((curved * cast - 110) * contrast + 110 + pen.rng.normal(0, 14), np.float32)


def _blurred(pen: Pen, light: Light, plates: NDArray[np.float32], coarsest: float) -> Light:
    """Blur by movement, by the lens, and by being enlarged from fewer pixels; less than would hide small plates."""
    finest = min([60.0, *(float(np.ptp(quad[:, 0])) for quad in plates)])
    if pen.chance(0.25):
        light = _streaked(pen, light, pen.between(1, max(1.5, 0.12 * finest)))
    if pen.chance(0.5):
        light = cv2.GaussianBlur(light, (0, 0), pen.between(0.3, max(0.5, min(2.5, 0.03 * finest))))
    if pen.chance(0.45):
        height, width = light.shape[:2]
        coarse = pen.between(1, max(1.05, min(5.0 * 14 / coarsest, finest / coarsest)))
        small = cv2.resize(light, (round(width / coarse), round(height / coarse)), interpolation=cv2.INTER_AREA)
        small = np.clip(_noisy(pen, small), 0, 255)
        light = cv2.resize(
            small, (width, height), interpolation=pen.one((cv2.INTER_LINEAR, cv2.INTER_LINEAR, cv2.INTER_CUBIC))
        )
    return light


def _streaked(pen: Pen, light: Light, length: float) -> Light:
    side = int(length) * 2 + 1
    kernel = np.zeros((side, side), np.float32)
    angle = pen.rng.normal(0, 0.5)
    reach = np.array((np.cos(angle), np.sin(angle))) * length / 2
    middle = np.array((side // 2, side // 2))
    start, end = (np.round((middle + sign * reach) * 16).astype(int) for sign in (-1, 1))
    cv2.line(kernel, tuple(map(int, start)), tuple(map(int, end)), 1.0, 1, cv2.LINE_AA, 4)
    return np.asarray(cv2.filter2D(light, -1, kernel / max(kernel.sum(), 1e-6)), np.float32)


def _noisy(pen: Pen, light: Light) -> Light:
    sigma = float(np.exp(pen.between(-1, 2.4)))
    noise = pen.rng.standard_normal(light.shape, np.float32) * sigma
    return light + noise


def _compressed(pen: Pen, taken: Picture) -> Picture:
    if pen.chance(0.3):
        return taken
    quality = int(pen.rng.integers(25, 96))
    coded = cv2.imencode(".jpg", taken[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.ascontiguousarray(cv2.imdecode(coded, cv2.IMREAD_COLOR)[..., ::-1])
