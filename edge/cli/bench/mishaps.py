"""What befalls a camera and what befalls a street, drawn into pictures, for the benchmark of the watch."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from edge.contract.report import CameraState
from edge.vision.frame import Pixels

_SMOOTH: Final = (35, 45, 60)


@dataclass(frozen=True, kw_only=True, slots=True)
class Mishap:
    """One change of the pictures, and the state that it ought to be called; None where nothing is wrong."""

    name: str
    due: CameraState | None
    spoil: Callable[[Pixels], Pixels]
    # By night there is no light to take away.
    by_day: bool = False


def _moved(across: float = 0.0, degrees: float = 0.0, scale: float = 1.0) -> Callable[[Pixels], Pixels]:
    def move(picture: Pixels) -> Pixels:
        height, width = picture.shape[:2]
        pose = np.asarray(cv2.getRotationMatrix2D((width / 2, height / 2), degrees, scale), np.float64)
        pose[:, 2] += (across * width, 0.3 * across * width)
        return cv2.warpAffine(picture, pose, (width, height), borderMode=cv2.BORDER_REFLECT).astype(np.uint8)

    return move


def _blurred(of_width: float) -> Callable[[Pixels], Pixels]:
    return lambda picture: cv2.GaussianBlur(picture, (0, 0), of_width * picture.shape[1]).astype(np.uint8)


def _covered(share: float) -> Callable[[Pixels], Pixels]:
    def cover(picture: Pixels) -> Pixels:
        hidden = picture.copy()
        hidden[:, : round(share * picture.shape[1])] = _SMOOTH
        return hidden

    return cover


def _blinded(picture: Pixels) -> Pixels:
    height, width = picture.shape[:2]
    y, x = np.mgrid[:height, :width]
    glare = 600 * np.exp(-((np.hypot(x - width / 2, y - height / 3) / (0.35 * width)) ** 2))
    lit: Pixels = np.clip(picture * 0.5 + glare[:, :, None] + 40, 0, 255).astype(np.uint8)
    return lit


def _lit(factor: float, noise: float = 0.0) -> Callable[[Pixels], Pixels]:
    rng = np.random.default_rng(3)

    def light(picture: Pixels) -> Pixels:
        grain = rng.normal(0, noise, picture.shape) if noise else 0.0
        return np.clip(picture * factor + grain, 0, 255).astype(np.uint8)

    return light


def _bus(picture: Pixels) -> Pixels:
    """Hide 45 % of the width behind something with windows."""
    height, width = picture.shape[:2]
    hidden, right = picture.copy(), round(0.45 * width)
    hidden[:, :right] = (130, 70, 40)
    for left in range(0, right, width // 12):
        cv2.rectangle(hidden, (left, height // 5), (left + width // 20, height // 2), (230, 235, 240), -1)
    return hidden


def _elsewhere(picture: Pixels) -> Pixels:
    """Look at something else: the place upside down, larger and aside."""
    return _moved(across=0.1, degrees=180.0, scale=1.5)(picture)


MISHAPS: Final = (
    Mishap(name="bumped by 4 % of the width", due=CameraState.MOVED, spoil=_moved(across=0.04)),
    Mishap(name="turned by 15 %", due=CameraState.MOVED, spoil=_moved(across=0.15)),
    Mishap(name="turned by 40 %", due=CameraState.MOVED, spoil=_moved(across=0.40)),
    Mishap(name="tilted by 5 degrees", due=CameraState.MOVED, spoil=_moved(degrees=5.0)),
    Mishap(name="looks elsewhere", due=CameraState.MOVED, spoil=_elsewhere),
    Mishap(name="slightly out of focus", due=CameraState.BLURRED, spoil=_blurred(0.004)),
    Mishap(name="out of focus", due=CameraState.BLURRED, spoil=_blurred(0.01)),
    Mishap(name="blinded by the sun", due=CameraState.BLINDED, spoil=_blinded),
    Mishap(name="covered", due=CameraState.BLACK, spoil=_covered(1.0)),
    Mishap(name="covered by 75 %", due=CameraState.BLACK, spoil=_covered(0.75)),
    Mishap(name="nothing", due=None, spoil=lambda picture: picture),
    Mishap(name="dusk", due=None, spoil=_lit(0.4)),
    Mishap(name="glaring light", due=None, spoil=_lit(1.5)),
    Mishap(name="lights off", due=None, spoil=_lit(0.15, noise=4.0), by_day=True),
    Mishap(name="infrared", due=None, spoil=lambda picture: np.asarray(255 - picture, np.uint8)),
    Mishap(name="a bus over 45 %", due=None, spoil=_bus),
)
