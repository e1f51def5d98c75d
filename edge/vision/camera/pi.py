"""The Raspberry Pi's own camera: `pi`. The one file that imports picamera2, and only when such a camera is asked for.

One stream, `main`, of the site's size: the image processor scales it for nothing, and a second stream (lores) would be
written and never read, since a frame is one picture. "RGB888" is blue, green, red in memory, which is OpenCV's order.
"""

from types import TracebackType
from typing import Any, Self

import cv2
import numpy as np

from edge.vision.camera.rate import Thinning, period_ns
from edge.vision.camera.shape import fitted
from edge.vision.camera.source import CameraError, CameraGoneError
from edge.vision.frame import Frame, Pixels

DEFAULT_SIZE = (1280, 720)
_BUFFERS = 4
_PATIENCE_S = 10.0


class PiCamera:
    """The camera on the ribbon cable. A frame's instant is the sensor's own, in monotonic ns."""

    def __init__(self, *, size: tuple[int, int] | None = None, fps: float | None = None) -> None:
        self._wanted = size or DEFAULT_SIZE
        # The sensor keeps its 30 a second: at fewer it would expose for longer, and whoever walks would blur at night.
        self._thinning = Thinning(period_ns(fps))
        self._camera: Any = None
        # A capture that was asked for and has not come yet.
        self._job: Any = None
        self._index = 0
        self._silence_s = 0.0

    def __enter__(self) -> Self:
        """Start the sensor; raises CameraError."""
        camera = _camera()
        try:
            camera.configure(
                camera.create_video_configuration(
                    main={"size": self._wanted, "format": "RGB888"}, raw=None, buffer_count=_BUFFERS, queue=False
                )
            )
            # Sizes are rounded to what the image processor can write.
            fitted("pi", tuple(camera.stream_configuration("main")["size"]), self._wanted)
            camera.start()
        except CameraError:
            camera.close()
            raise
        except Exception as error:
            camera.close()
            raise CameraError(f"pi: the camera does not start ({error}); is another program using it?") from error
        self._camera = camera
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the sensor and free its buffers."""
        camera, self._camera, self._job = self._camera, None, None
        if camera is not None:
            camera.stop()
            camera.close()

    def read(self, timeout_s: float) -> Frame | None:
        """Wait for the next frame; None when none came in time, or the one that came is not wanted.

        Raises CameraGoneError where the sensor has given nothing for 10 s.
        """
        if self._camera is None:
            raise CameraError("pi: not open")
        if self._job is None:
            self._job = self._camera.capture_request(wait=False)
        try:
            request = self._job.get_result(timeout=timeout_s)
        except TimeoutError:
            self._note_silence(timeout_s)
            return None
        except Exception as error:
            raise CameraGoneError(f"pi: the camera failed ({error})") from error
        self._job = None
        self._silence_s = 0.0
        try:
            return self._frame(request)
        finally:
            request.release()

    def _note_silence(self, waited_s: float) -> None:
        self._silence_s += waited_s
        if self._silence_s >= _PATIENCE_S:
            raise CameraGoneError(f"pi: no picture for {self._silence_s:.0f} s; check the ribbon cable")

    def _frame(self, request: Any) -> Frame | None:  # noqa: ANN401 - picamera2 ships no types
        taken_ns = int(request.get_metadata()["SensorTimestamp"])
        if not self._thinning.keeps(taken_ns):
            return None
        frame = Frame(pixels=self._pixels(request), taken_ns=taken_ns, index=self._index)
        self._index += 1
        return frame

    def _pixels(self, request: Any) -> Pixels:  # noqa: ANN401 - picamera2 ships no types
        # A copy, with the rows' padding taken off by the stride that was read back: the buffer goes home at once.
        picture = np.ascontiguousarray(request.make_array("main"), np.uint8)
        if (picture.shape[1], picture.shape[0]) == self._wanted:
            return picture
        return cv2.resize(picture, self._wanted, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def _camera() -> Any:  # noqa: ANN401 - picamera2 ships no types
    """Open the first camera; raises CameraError saying which package, or which cable, is missing."""
    try:
        from picamera2 import Picamera2  # noqa: PLC0415 - it exists on a Raspberry Pi only
    except ImportError as error:
        raise CameraError(
            f"pi: picamera2 cannot be imported ({error}); on a Raspberry Pi: sudo apt install python3-picamera2, "
            "then rm -r .venv and start ./passant again; an environment of your own is made with "
            "python3 -m venv --system-site-packages"
        ) from error
    if not Picamera2.global_camera_info():
        raise CameraError(
            "pi: no camera is found; power off, seat the ribbon cable anew, then: rpicam-hello --list-cameras"
        )
    try:
        return Picamera2()
    except Exception as error:
        raise CameraError(f"pi: the camera does not open ({error}); is another program using it?") from error
