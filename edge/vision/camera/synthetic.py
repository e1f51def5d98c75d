"""A camera that draws: `synthetic:SCENE`, seeded, with noise like a sensor's and with the truth about who passes.

What a detector sees: the figures are shaded but drawn, so a network trained on photographs names few of them; motion
sees them all. The scenes are for the pipeline's own clockwork, not for figures of accuracy.
"""

from types import TracebackType
from typing import Self

import cv2
import numpy as np

from edge.vision.camera.figures import Easel, draw
from edge.vision.camera.rate import NS_PER_S, period_ns
from edge.vision.camera.scenes import LENGTH_S, Fault, Patch, Scene, passers, scene_named
from edge.vision.camera.source import CameraError, CameraGoneError, FootageEndedError
from edge.vision.camera.world import TruePath, View
from edge.vision.frame import Frame, Pixels

DEFAULT_SIZE = (640, 360)
DEFAULT_FPS = 10.0
_SEED = 1
_NOISE_DAY = 3.0
_NOISE_NIGHT = 6.0
# The noise is drawn once, larger than the picture, and laid over each frame at another place.
_NOISE_SHIFTS = 17
_FARTHEST_M = 400.0


def truth(name: str, *, size: tuple[int, int] | None = None, seed: int = _SEED) -> tuple[TruePath, ...]:
    """Give the exact paths of all who pass in a scene, in the pixels of a picture of this size.

    Raises CameraError where there is no such scene.
    """
    view = _view(size)
    return tuple(TruePath(passer=passer, view=view) for passer in passers(scene_named(name), seed))


class SyntheticCamera:
    """A drawn street of 300 s, as fast as it is asked for; frames carry media time, on loan until the next `read`."""

    def __init__(
        self, name: str, *, size: tuple[int, int] | None = None, fps: float | None = None, seed: int = _SEED
    ) -> None:
        self._name = name
        self._view = _view(size)
        self._period_ns = period_ns(fps or DEFAULT_FPS)
        self._seed = seed
        self._stage: _Stage | None = None
        self._index = 0
        self.size = (self._view.width, self._view.height)
        """(width, height) of the frames in px."""
        self.fps: float | None = fps or DEFAULT_FPS
        """Frames a second of media time."""
        self.length_s: float | None = LENGTH_S
        """How long the scene is."""
        self.broken: str | None = None
        """Always None: a drawn scene doesn't break off."""

    def __enter__(self) -> Self:
        """Paint the background; raises CameraError where there is no such scene."""
        self._stage = _Stage(scene_named(self._name), self._view, self._seed)
        self._index = 0
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Forget the scene."""
        self._stage = None

    def read(self, timeout_s: float) -> Frame | None:  # noqa: ARG002 - the next frame is always at once there
        """Draw the next frame.

        Raises FootageEndedError at the end, CameraGoneError where the scene's camera fails.
        """
        if self._stage is None:
            raise CameraError(f"synthetic:{self._name}: not open")
        taken_ns = self._index * self._period_ns
        at_s = taken_ns / NS_PER_S
        fault = self._stage.scene.fault_at(at_s)
        if fault is Fault.GONE:
            raise CameraGoneError(f"synthetic:{self._name}: its camera is gone, as the scene has it")
        if at_s >= LENGTH_S:
            raise FootageEndedError(f"synthetic:{self._name} is over after {LENGTH_S:.0f} s")
        picture = self._stage.paint(at_s, self._index, fault)
        frame = Frame(pixels=picture, taken_ns=taken_ns, index=self._index)
        self._index += 1
        return frame


class _Stage:
    """A scene's background, noise and passers, and the picture that is painted over and over."""

    def __init__(self, scene: Scene, view: View, seed: int) -> None:
        self.scene = scene
        self._view = view
        self._passers = passers(scene, seed)
        rng = np.random.default_rng(seed)
        self._background = _background(scene, view, rng)
        self._noise = _noise(view, rng, _NOISE_NIGHT if scene.night else _NOISE_DAY)
        self._drawn = np.empty_like(self._background)
        self._picture = np.empty_like(self._background)

    def paint(self, at_s: float, index: int, fault: Fault | None) -> Pixels:
        """Paint the scene as it is at this instant, under the given fault of its camera."""
        if fault is not Fault.FROZEN:
            self._draw(at_s, black=fault is Fault.BLACK)
            down, right = divmod(index * 37 % _NOISE_SHIFTS**2, _NOISE_SHIFTS)
            noise = self._noise[down : down + self._view.height, right : right + self._view.width]
            cv2.add(self._drawn, noise, dst=self._picture)
        return self._picture.view()

    def _draw(self, at_s: float, *, black: bool) -> None:
        if black:
            self._drawn[:] = 0
            return
        np.copyto(self._drawn, self._background)
        easel = Easel(canvas=self._drawn, view=self._view, night=self.scene.night)
        present = [(place.z, passer) for passer in self._passers if (place := passer.place_at(at_s)) is not None]
        for _, passer in sorted(present, key=lambda pair: -pair[0]):
            draw(easel, passer, at_s)


def _view(size: tuple[int, int] | None) -> View:
    width, height = size or DEFAULT_SIZE
    return View(width=width, height=height)


def _background(scene: Scene, view: View, rng: np.random.Generator) -> Pixels:
    rows = np.arange(view.height, dtype=np.float32)[:, None, None]
    sky = np.array((215, 195, 175), np.float32) - rows * 0.15
    ground = np.array((112, 118, 116), np.float32) + rows * 0.04
    picture = np.where(rows < view.horizon_px, sky, ground)
    picture = np.ascontiguousarray(np.broadcast_to(picture, (view.height, view.width, 3)), np.float32)
    _facades(picture, view, rng)
    for patch in scene.patches:
        cv2.fillConvexPoly(picture, _patch_corners(patch, view), [float(part) for part in patch.colour], cv2.LINE_AA)
    grain = rng.normal(0, 5, (view.height // 3 + 1, view.width // 3 + 1)).astype(np.float32)
    picture += cv2.resize(grain, (view.width, view.height), interpolation=cv2.INTER_LINEAR)[:, :, None]
    if scene.night:
        picture *= _lamplight(view)
    return picture.clip(0, 255).astype(np.uint8)


def _facades(
    picture: "np.ndarray[tuple[int, ...], np.dtype[np.float32]]", view: View, rng: np.random.Generator
) -> None:
    """Put houses along the horizon, to give the background edges."""
    bottom = round(view.horizon_px * 1.3)
    left = 0
    while left < view.width:
        width = round(view.width * rng.uniform(0.06, 0.16))
        top = round(view.horizon_px * rng.uniform(0.0, 0.7))
        colour = [float(part) for part in rng.uniform(90, 190) + rng.uniform(-15, 15, 3)]
        cv2.rectangle(picture, (left, top), (left + width, bottom), colour, -1)
        for window in range(left + 4, left + width - 6, 14):
            cv2.rectangle(picture, (window, top + 5), (window + 6, bottom - 8), [part * 0.6 for part in colour], -1)
        left += width


def _patch_corners(patch: Patch, view: View) -> "np.ndarray[tuple[int, ...], np.dtype[np.int32]]":
    (x0, x1), (z0, z1) = patch.x, patch.z
    corners = [(x0, z0), (x1, z0), (x1, min(z1, _FARTHEST_M)), (x0, min(z1, _FARTHEST_M))]
    return np.array([view.project((x, z, 0.0)) for x, z in corners]).round().astype(np.int32)


def _lamplight(view: View) -> "np.ndarray[tuple[int, ...], np.dtype[np.float32]]":
    """Compute how much light there is at night: little, and pools of it under three lamps."""
    v, u = np.mgrid[0 : view.height, 0 : view.width].astype(np.float32)
    light = np.full((view.height, view.width), 0.18, np.float32)
    for x, z in ((-6.0, 14.0), (2.0, 12.0), (9.0, 17.0)):
        centre_u, centre_v = view.project((x, z, 0.0))
        reach = 4.0 * view.scale(z)
        light += 0.5 * np.exp(-(((u - centre_u) / reach) ** 2 + ((v - centre_v) / (reach * 0.4)) ** 2))
    return light[:, :, None]


def _noise(view: View, rng: np.random.Generator, level: float) -> Pixels:
    """Draw noise of this standard deviation around a small offset, since a pixel can't be less than black."""
    shape = (view.height + _NOISE_SHIFTS, view.width + _NOISE_SHIFTS, 3)
    return rng.normal(2 * level, level, shape).clip(0, 255).astype(np.uint8)
