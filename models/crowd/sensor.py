"""What light and a camera do to a picture: shade, dusk and night, blur, coarse enlargement, noise, compression."""

import cv2
import numpy as np

from crowd.pen import Light, Pen, Picture

# In deviations of smooth noise: what is over it lies in shadow.
SHADED_OVER = 0.2


def sensed(pen: Pen, picture: Picture, night: float) -> Picture:
    """Take a picture, uint8 (H, W, 3) RGB, of a scene drawn in full light; by dusk or night in a share of cases."""
    light = picture.astype(np.float32)
    light = _paled(light, pen.between(0.25, 1.0))
    if pen.chance(night):
        light = _dark(pen, light)
    elif pen.chance(0.35):
        light = _shaded(pen, light)
    light = _exposed(pen, light)
    light = _blurred(pen, light)
    light = _noisy(pen, light)
    taken = light.clip(0, 255).astype(np.uint8)
    if pen.chance(0.15):
        taken = np.repeat(cv2.cvtColor(taken, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2)
    return _compressed(pen, taken)


def _shaded(pen: Pen, light: Light) -> Light:
    """Lay shadows with hard edges over some of the picture."""
    depth = pen.between(0.3, 0.65)
    shaded = pen.clouds((light.shape[1], light.shape[0]), pen.between(2, 6)) > SHADED_OVER
    return np.asarray(light * (1 - depth * shaded)[..., None], np.float32)


def _paled(light: Light, share: float) -> Light:
    grey = light.mean(axis=2, keepdims=True)
    return np.asarray(grey + (light - grey) * share, np.float32)


def _dark(pen: Pen, light: Light) -> Light:
    tint = np.array(pen.one(((1.3, 0.95, 0.55), (0.9, 1.0, 1.1), (1.0, 1.0, 1.0))), np.float32)
    size = (light.shape[1], light.shape[0])
    lit = pen.between(0.25, 0.7) * np.exp(pen.clouds(size, pen.between(2, 5)) * pen.between(0.1, 0.6))
    return np.asarray(light * lit[..., None] * tint, np.float32)


def _exposed(pen: Pen, light: Light) -> Light:
    curved = 255 * (light.clip(0, 255) / 255) ** np.exp(pen.rng.normal(0, 0.3))
    cast = pen.rng.normal(1, 0.06, 3).astype(np.float32)
    contrast = pen.between(0.5, 1.35)
    return np.asarray((curved * cast - 110) * contrast + 110 + pen.rng.normal(0, 16), np.float32)


def _blurred(pen: Pen, light: Light) -> Light:
    if pen.chance(0.5):
        light = np.asarray(cv2.GaussianBlur(light, (0, 0), pen.between(0.3, 1.1)), np.float32)
    if pen.chance(0.35):
        height, width = light.shape[:2]
        coarse = pen.between(1.05, 2.0)
        small = cv2.resize(light, (round(width / coarse), round(height / coarse)), interpolation=cv2.INTER_AREA)
        light = np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
    if pen.chance(0.25):
        soft = cv2.GaussianBlur(light, (0, 0), 1.0)
        light = light + (light - soft) * pen.between(0.3, 1.2)
    return light


def _noisy(pen: Pen, light: Light) -> Light:
    return light + pen.rng.standard_normal(light.shape, np.float32) * float(np.exp(pen.between(-1, 2.3)))


def _compressed(pen: Pen, taken: Picture) -> Picture:
    if pen.chance(0.2):
        return taken
    quality = int(pen.rng.integers(30, 96))
    coded = cv2.imencode(".jpg", taken[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.ascontiguousarray(cv2.imdecode(coded, cv2.IMREAD_COLOR)[..., ::-1])
