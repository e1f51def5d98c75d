"""What the demo says while there is nothing to show yet: how far the first window is."""

import math
import time
from dataclasses import dataclass

from edge.cli.sample import WINDOW_S
from edge.config.site import CameraSite


@dataclass(kw_only=True, slots=True)
class Progress:
    """The first window of a camera, whose end is told by the time alone: nothing is asked of the appliance."""

    camera: CameraSite
    # Of the steady clock; None until vision looks.
    _began_s: float | None = None

    def sentence(self, *, looks: bool, is_over: bool) -> str:
        """Say how far the first window is; nothing once it is over."""
        if is_over:
            return ""
        if not self.camera.replay:
            return f"first window: it ends with the minute, in {_seconds(WINDOW_S - time.time() % WINDOW_S)}"
        if not looks:
            return "starting: both processes give up rights, and prove it"
        if self._began_s is None:
            self._began_s = time.monotonic()
        return self._of_film((time.monotonic() - self._began_s) * self.camera.pace)

    def _of_film(self, film_s: float) -> str:
        if film_s >= WINDOW_S:
            return "first window: this machine is slower than the pace asked"
        left_s = (WINDOW_S - film_s) / self.camera.pace
        return f"first window: {film_s:.0f} of {WINDOW_S} s of the film, figures in about {_seconds(left_s)}"


def _seconds(duration_s: float) -> str:
    return f"{math.ceil(duration_s)} s"
