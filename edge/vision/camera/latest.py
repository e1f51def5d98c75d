"""The latest picture of a live source whose driver may block: read in a thread of its own, so that nobody hangs."""

import threading
from collections.abc import Callable

from edge.vision.frame import Pixels

Shot = tuple[Pixels, int]
"""A picture and its instant in monotonic ns."""
_JOIN_S = 1.0


class Latest:
    """Asks a source for pictures in a thread and keeps the newest; older ones that nobody took are dropped.

    `shoot` blocks for the next picture and gives None where the source has failed for good. It is left to itself
    where it never returns: the thread is a daemon and holds nothing up.
    """

    def __init__(self, shoot: Callable[[], Shot | None]) -> None:
        self._shoot = shoot
        self._changed = threading.Condition()
        self._shot: Shot | None = None
        self._failed = False
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="camera", daemon=True)
        self._thread.start()

    @property
    def failed(self) -> bool:
        """Whether the source has failed for good."""
        with self._changed:
            return self._failed and self._shot is None

    def take(self, timeout_s: float) -> Shot | None:
        """Wait for a picture that was not taken yet; None where none came in time or the source has failed."""
        with self._changed:
            self._changed.wait_for(lambda: self._shot is not None or self._failed, timeout_s)
            shot, self._shot = self._shot, None
            return shot

    def stop(self) -> bool:
        """End the thread; False where it is stuck in its source, which then must not be touched."""
        with self._changed:
            self._stopping = True
        self._thread.join(_JOIN_S)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while not self._stopping:
            shot = self._shoot()
            with self._changed:
                self._shot = shot if shot is not None else self._shot
                self._failed = shot is None
                self._changed.notify_all()
            if shot is None:
                return
