"""Cameras behind a device node: `v4l2:DEVICE`, through OpenCV's Video4Linux backend."""

import os
import stat
import time
from types import TracebackType
from typing import Self

import cv2
import numpy as np

from edge.vision.camera.latest import Latest, Shot
from edge.vision.camera.rate import NS_PER_S, Thinning, period_ns
from edge.vision.camera.shape import fitted
from edge.vision.camera.source import CameraError, CameraGoneError
from edge.vision.frame import Frame, Pixels

_PATIENCE_S = 10.0
_NS_PER_MS = 1_000_000
# A driver's stamp is believed where it is of the monotonic clock and of now.
_OLDEST_NS = 2 * NS_PER_S
# Above this size USB 2 carries uncompressed pictures too slowly.
_MOST_UNCOMPRESSED = 640 * 480


class V4l2Camera:
    """A live camera; its newest picture, at most `fps` a second, scaled to `size`.

    A frame's instant is the driver's where it gives a monotonic one, else that of its arrival.
    """

    def __init__(self, device: str, *, size: tuple[int, int] | None = None, fps: float | None = None) -> None:
        self._device = device
        self._wanted = size
        self._fps = fps
        self._thinning = Thinning(period_ns(fps))
        self._capture: cv2.VideoCapture | None = None
        self._latest: Latest | None = None
        self._index = 0
        self._silence_s = 0.0

    def __enter__(self) -> Self:
        """Open the device; raises CameraError. Its first picture may take seconds."""
        _check_device(self._device)
        capture = cv2.VideoCapture(self._device, cv2.CAP_V4L2, _parameters(self._wanted, self._fps))
        if not capture.isOpened():
            raise CameraError(
                f"{self._device}: does not open as a camera; another program may be using it (fuser -v "
                f"{self._device} names it), or it is no capture device (v4l2-ctl --list-devices shows which are)"
            )
        self._capture = capture
        self._latest = Latest(self._shoot)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the device, unless its driver is stuck: then nothing but the end of the process frees it."""
        latest, capture = self._latest, self._capture
        self._latest = self._capture = None
        if latest is not None and latest.stop() and capture is not None:
            capture.release()

    def read(self, timeout_s: float) -> Frame | None:
        """Wait for the next frame; None when none came in time.

        Raises CameraGoneError where the device was pulled or has given nothing for 10 s, CameraError where its
        pictures have another shape than the site's.
        """
        if self._latest is None:
            raise CameraError(f"{self._device}: not open")
        shot = self._latest.take(timeout_s)
        if shot is None:
            self._note_silence(self._latest, timeout_s)
            return None
        self._silence_s = 0.0
        pixels, taken_ns = shot
        frame = Frame(pixels=self._scaled(pixels), taken_ns=taken_ns, index=self._index)
        self._index += 1
        return frame

    def _note_silence(self, latest: Latest, waited_s: float) -> None:
        if latest.failed:
            raise CameraGoneError(f"{self._device}: gives no more pictures; check its cable (dmesg says what happened)")
        self._silence_s += waited_s
        if self._silence_s >= _PATIENCE_S:
            raise CameraGoneError(f"{self._device}: no picture for {self._silence_s:.0f} s; plug it in anew")

    def _shoot(self) -> Shot | None:
        """Wait for the next picture that is wanted; runs in the thread of `Latest`."""
        capture = self._capture
        while capture is not None and capture.grab():
            taken_ns = _instant_ns(capture.get(cv2.CAP_PROP_POS_MSEC), time.monotonic_ns())
            if self._thinning.keeps(taken_ns):
                good, picture = capture.retrieve()
                if good:
                    return picture.astype(np.uint8, copy=False), taken_ns
        return None

    def _scaled(self, pixels: Pixels) -> Pixels:
        own = (pixels.shape[1], pixels.shape[0])
        size = fitted(self._device, own, self._wanted)
        if size == own:
            return pixels
        how = cv2.INTER_AREA if size[0] < own[0] else cv2.INTER_LINEAR
        return cv2.resize(pixels, size, interpolation=how).astype(np.uint8, copy=False)


def _parameters(size: tuple[int, int] | None, fps: float | None) -> list[int]:
    """Choose what the driver is asked for; it gives the nearest it has."""
    parameters = []
    if size is not None:
        if size[0] * size[1] > _MOST_UNCOMPRESSED:
            parameters += [cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG")]
        parameters += [cv2.CAP_PROP_FRAME_WIDTH, size[0], cv2.CAP_PROP_FRAME_HEIGHT, size[1]]
    if fps is not None:
        # Opening parameters are whole numbers.
        parameters += [cv2.CAP_PROP_FPS, max(1, round(fps))]
    return parameters


def _instant_ns(stamp_ms: float, now_ns: int) -> int:
    stamp_ns = round(stamp_ms * _NS_PER_MS)
    return stamp_ns if now_ns - _OLDEST_NS <= stamp_ns <= now_ns else now_ns


def _check_device(device: str) -> None:
    """Say what is wrong with the node before OpenCV only says that it does not open."""
    shows = "v4l2-ctl --list-devices shows what there is"
    try:
        mode = os.stat(device).st_mode  # noqa: PTH116 - a device node, as text from the site file
    except FileNotFoundError:
        raise CameraError(f"{device}: there is no such device; is the camera plugged in? {shows}") from None
    except OSError as error:
        raise CameraError(f"{device}: cannot be looked at ({error.strerror}); {shows}") from error
    if not stat.S_ISCHR(mode):
        raise CameraError(f"{device}: not a device; a recording is clip:{device}, and {shows}")
    if not os.access(device, os.R_OK | os.W_OK, effective_ids=True):
        raise CameraError(
            f"{device}: may not be opened; add the user that runs this to the group video "
            "(sudo usermod -aG video USER, then log in again)"
        )
