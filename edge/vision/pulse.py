"""How vision is doing: counted by the loop, read by the courier."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from edge.contract import bounds
from edge.contract.report import CameraState, VisionHealth

_FPS_TENTHS_MOST = 2_000
_DETECTOR_MS_MOST = 10_000


@dataclass(kw_only=True, slots=True)
class Pulse:
    """Counters since the start; the one who reads them remembers what it read last.

    `invoked` tells how often the detector ran and for how many CPU seconds, both since the start.
    """

    isolated: bool
    replay: bool
    invoked: Callable[[], tuple[int, float]]
    camera: CameraState = CameraState.STARTING
    frames: int = 0
    taken: int = 0
    """Frames that came, seen or not: a black picture too shows that the camera works."""
    dropped: int = 0
    _read_s: float = field(default_factory=time.monotonic)
    _read: tuple[int, int, float] = (0, 0, 0.0)

    def health(self, *, waiting: int, lost: int) -> VisionHealth:
        """State the health since the last call: rates over that time, counts since the start, cut to their bounds."""
        now_s, runs, cpu_s = time.monotonic(), *self.invoked()
        frames = self.frames
        new_frames, new_runs, new_cpu_s = frames - self._read[0], runs - self._read[1], cpu_s - self._read[2]
        seconds = max(now_s - self._read_s, 1e-3)
        self._read_s, self._read = now_s, (frames, runs, cpu_s)
        return VisionHealth(
            camera=self.camera,
            isolated=self.isolated,
            replay=self.replay,
            fps_tenths=min(round(new_frames * 10 / seconds), _FPS_TENTHS_MOST),
            frames_dropped=min(self.dropped, bounds.COUNT.most),
            detector_ms=min(round(new_cpu_s * 1000 / new_runs), _DETECTOR_MS_MOST) if new_runs else 0,
            reports_waiting=min(waiting, bounds.COUNT.most),
            reports_lost=min(lost, bounds.COUNT.most),
        )
