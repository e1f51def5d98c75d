"""What vision's watchdog lives on: frames that show something new, or the knowledge that there can be none."""

from collections.abc import Callable
from typing import Final

from edge.contract.report import CameraState
from edge.notify import Notifier
from edge.vision.pulse import Pulse

# A source that is gone is opened again by the loop itself: a new process would do the same, and count less.
_NOTHING_TO_SEE: Final = frozenset({CameraState.ABSENT})
# Frames come, and all alike: often only a new start gets such a camera going.
_STUCK: Final = CameraState.FROZEN


class Heartbeat:
    """Feeds the watchdog from the frame loop, once a turn, where the turn got somewhere."""

    def __init__(self, pulse: Pulse, notifier: Notifier) -> None:
        self._pulse = pulse
        self._notifier = notifier
        self._taken = 0

    def beat(self) -> None:
        """Tell the service manager, where a frame came and was dealt with since the last call, or none can come."""
        pulse, before = self._pulse, self._taken
        self._taken = pulse.taken
        if pulse.camera in _NOTHING_TO_SEE or (pulse.taken != before and pulse.camera is not _STUCK):
            self._notifier.alive(self._status)

    def at_each(self, asked: Callable[[], bool]) -> Callable[[], bool]:
        """Beat whenever the loop asks this, which it does once a turn."""

        def answer() -> bool:
            self.beat()
            return asked()

        return answer

    def _status(self) -> str:
        isolation = "isolation proven" if self._pulse.isolated else "NOT ISOLATED"
        return f"camera {self._pulse.camera.name.lower()}, {self._pulse.frames} frames counted in; {isolation}"
