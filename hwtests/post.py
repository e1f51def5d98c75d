"""What arrives from a device at its broker, and the patience to wait for it."""

import time
from collections.abc import Callable
from typing import Any

from edge.cli.arrivals import Arrival, Collection
from hwtests.device import UNITS, Device


class Post:
    """What arrives from the device."""

    def __init__(self) -> None:
        self.collection = Collection()
        self.health: list[dict[str, Any]] = []

    def add(self, arrival: Arrival) -> None:
        """Take one message."""
        self.collection.add(arrival)
        if arrival.leaf == "health" and arrival.document is not None:
            self.health.append(arrival.document)

    @property
    def events(self) -> list[dict[str, Any]]:
        """All events so far, each once."""
        return [arrival.document for arrival in list(self.collection.events.values()) if arrival.document is not None]


def at_work(device: Device, timeout_s: float) -> dict[str, int | None]:
    """Wait until both processes run, and give them by their units; None for one that does not."""

    def found() -> dict[str, int | None]:
        return {unit: device.pid(unit) for unit in UNITS}

    eventually(lambda: all(found().values()), timeout_s)
    return found()


def eventually(holds: Callable[[], Any], timeout_s: float) -> Any:  # noqa: ANN401  what it holds
    """Wait until something holds, and give it; the last answer where it never does."""
    end_s = time.monotonic() + timeout_s
    while not (found := holds()) and time.monotonic() < end_s:
        time.sleep(0.5)
    return found
