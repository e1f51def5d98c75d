"""The thread that hands masked stills to an installer who asks on the device, so that the frame loop never waits."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Final

from edge.contract import stills
from edge.contract.stills import StillError, StillState
from edge.vision import crash
from edge.vision.anonymise.still import Still, written
from edge.vision.darkroom import Darkroom
from edge.vision.door import Door, Visitor

_log = logging.getLogger(__name__)

# How often it is looked whether somebody waits.
_LOOK_S: Final = 1.0
# A frame comes within so long and is judged, which takes a small device a while; or none comes.
_FRAME_S: Final = 8.0
# For so long a black still is tried again before it is given: most reasons pass.
_PROOF_S: Final = 5.0
_SEND_S: Final = 5.0
_END_S: Final = 2.0


class Pace:
    """At least so many seconds between two turns, by the monotonic clock."""

    def __init__(self, least_s: float) -> None:
        self._least_s = least_s
        self._next_s = 0.0

    def wait_s(self, now_s: float) -> float:
        """Tell how long to wait before the next turn."""
        return max(0.0, self._next_s - now_s)

    def take(self, now_s: float) -> None:
        """Note a turn."""
        self._next_s = now_s + self._least_s


class Stills(threading.Thread):
    """Serves whoever waits at the door, one after the other; `prepare` loads the models, before the first still.

    `prepare` says whether that worked. Each still, and each refusal, stands in the log with who and when.
    """

    def __init__(self, door: Door, darkroom: Darkroom, prepare: Callable[[], bool]) -> None:
        super().__init__(name="stills", daemon=True)
        self._door = door
        self._darkroom = darkroom
        self._prepare = prepare
        self._pace = Pace(stills.LEAST_GAP_S)
        self._ending = threading.Event()

    def finish(self) -> None:
        """End; whoever is being served is left alone."""
        self._ending.set()
        self.join(_END_S)

    def run(self) -> None:
        """Look at the door until `finish`."""
        while not self._ending.wait(_LOOK_S):
            try:
                self._serve_all()
            except Exception as error:  # noqa: BLE001  a still that fails must not end those that follow
                _log.error("a still failed: %s", crash.words(error))

    def _serve_all(self) -> None:
        while not self._ending.is_set() and (visitor := self._door.look()) is not None:
            with visitor.channel:
                self._serve(visitor)

    def _serve(self, visitor: Visitor) -> None:
        still = self._still()
        header, picture = written(still)
        self._await_turn()
        try:
            stills.send(visitor.channel, header, picture, _SEND_S)
        except StillError as error:
            _log.warning("a still for %s was not given: %s", visitor.who, error)
            return
        what = "masked" if header.state is StillState.SHOWN else f"black ({header.state.name.lower()})"
        _log.info("a still of %d x %d, %s, was given to %s", header.width, header.height, what, visitor.who)

    def _still(self) -> Still:
        if not self._prepare():
            return Still.black(self._darkroom.size, StillState.NO_MODEL)
        end_s = time.monotonic() + _PROOF_S
        while True:
            still = self._darkroom.take(_FRAME_S)
            if still.state is StillState.SHOWN or self._ending.is_set() or time.monotonic() >= end_s:
                return still
            self._ending.wait(stills.LEAST_GAP_S)

    def _await_turn(self) -> None:
        self._ending.wait(self._pace.wait_s(time.monotonic()))
        self._pace.take(time.monotonic())
