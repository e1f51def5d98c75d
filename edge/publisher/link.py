"""A connection to a broker that comes back by itself."""

import random
import threading
import time
from collections.abc import Callable

from edge.publisher.faults import Fault
from edge.publisher.mqtt import Down, Note, Session
from edge.publisher.terms import Terms

# After so long a connection, the next failure counts as the first.
_STEADY_S = 60.0
# Broken off so often without a word, a broker may be one that knows only MQTT 3.1.1.
_SILENT_BEFORE_OLD = 3
_MOST_DOUBLINGS = 16


class Link:
    """A connection that comes back by itself, in a thread of its own; it tells of itself in notes."""

    def __init__(self, terms: Terms, put: Callable[[Note], None]) -> None:
        self._terms = terms
        self._put = put
        self._stop = threading.Event()
        self._session: Session | None = None
        self._mqtt5 = True
        self._silent = 0
        self._thread = threading.Thread(target=self._run, name="mqtt", daemon=True)

    @property
    def alive(self) -> bool:
        """Whether the thread still works."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin to connect."""
        self._thread.start()

    def close(self, timeout_s: float) -> None:
        """Say goodbye to the broker and end the thread."""
        self._stop.set()
        session = self._session
        if session is not None:
            session.disconnect()
        self._thread.join(timeout_s)

    def _run(self) -> None:
        failures = 0
        self._stop.wait(_between(0.0, self._terms.pace.start_delay_s))
        while not self._stop.is_set():
            self._session = session = Session(self._terms, mqtt5=self._mqtt5, put=self._put)
            began_s = time.monotonic()
            fault = session.run()
            if self._stop.is_set():
                return
            self._put(Down(session, fault))
            self._choose_version(session, fault)
            steady = session.window > 0 and time.monotonic() - began_s >= _STEADY_S
            failures = 0 if steady else failures + 1
            self._stop.wait(self._pause_s(failures))

    def _choose_version(self, session: Session, fault: Fault) -> None:
        """Go back to MQTT 3.1.1 where the broker says that it has no 5, or keeps hanging up without a word."""
        if fault.version_refused:
            self._mqtt5 = not session.mqtt5
        elif fault.silent:
            self._silent += 1
            self._mqtt5 = self._silent % _SILENT_BEFORE_OLD != 0
        elif session.window and self._silent:
            self._silent, self._mqtt5 = 0, True

    def _pause_s(self, failures: int) -> float:
        """Wait longer after each failure, and never as long as the neighbour."""
        pace = self._terms.pace
        longest_s = min(pace.retry_most_s, pace.retry_least_s * 2.0 ** min(failures, _MOST_DOUBLINGS))
        return _between(longest_s / 2, longest_s)


def _between(least: float, most: float) -> float:
    return random.uniform(least, most)  # noqa: S311  spreads load, hides nothing
