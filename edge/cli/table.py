"""The demo's table: what arrived at the broker, and nothing that was not sent there."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from edge.cli.arrivals import Arrival, Collection

_KB = 1000
UNHEARD = "not heard yet"
"""The status of a device that said nothing so far."""
_NOTES = (
    "by class: added up from those windows in which a class had 5 or more",
    "lines: who crosses two of them is counted at both",
)


@dataclass(kw_only=True, slots=True)
class Board:
    """Gathers the arrivals of one device and writes them as a table; safe to ask while more arrive."""

    collection: Collection = field(default_factory=Collection)
    messages: int = 0
    size_bytes: int = 0
    # Of the steady clock; the second is 0 until the first event.
    began_s: float = 0.0
    first_s: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self) -> None:
        """Note that from now on events may come."""
        self.began_s = time.monotonic()

    def hear(self, arrival: Arrival) -> None:
        """Take one arrival in."""
        if arrival.is_removal:
            return
        with self._lock:
            self.messages += 1
            self.size_bytes += len(arrival.message.topic.encode()) + len(arrival.message.payload)
            self.collection.add(arrival)
            if arrival.is_event and not self.first_s:
                self.first_s = time.monotonic()

    @property
    def status(self) -> str:
        """The states of the device in their order, each once as long as it lasts."""
        with self._lock:
            states = self.collection.states
            turns = [state for n, state in enumerate(states) if n == 0 or state != states[n - 1]]
        return " → ".join(turns) or UNHEARD

    @property
    def events(self) -> list[dict[str, Any]]:
        """The events, of each window and subject the newest revision only."""
        with self._lock:
            return self.collection.current()

    @property
    def first_event_s(self) -> float:
        """How long after the start the first event came, in s."""
        return max(0.0, self.first_s - self.began_s)

    @property
    def coverage(self) -> str:
        """The share of the windows' time that was seen, in words."""
        shares = {event["data"]["window"]["from"]: event["data"]["window"]["coverage"] for event in self.events}
        return f"{100 * sum(shares.values()) / len(shares):.0f} %" if shares else "nothing"

    @property
    def windows(self) -> int:
        """How many windows the events tell of."""
        return len({event["data"]["window"]["from"] for event in self.events})

    @property
    def size(self) -> str:
        """How much arrived, topics and payloads, in words."""
        return f"{self.messages} messages, {self.size_bytes / _KB:.1f} kB"

    def lines(self) -> Iterator[str]:
        """Write what there is so far: a line of sums, and the table."""
        yield f"status {self.status}   windows {self.windows}   events {len(self.events)}   {self.size}"
        yield from self.table()

    def table(self) -> Iterator[str]:
        """Write the table; nothing as long as there are no events."""
        events = self.events
        if not events:
            return
        with self._lock:
            table = self.collection.table()
        yield from table.splitlines()
        zones = {event["subject"]: event for event in sorted(events, key=lambda event: str(event["time"]))}
        yield from (_zone(event) for subject, event in zones.items() if subject.startswith("zone/"))
        yield from _NOTES

    def kept(self) -> list[str]:
        """List the topics under which the broker was asked to keep something."""
        with self._lock:
            return self.collection.kept()


def _zone(event: dict[str, Any]) -> str:
    """Write what the newest event of a zone says."""
    data = event["data"]
    words = [
        f"{kind} {data[f'{kind}Mean']:.1f} on average (most {data[f'{kind}Max']})"
        for kind in ("people", "vehicles")
        if f"{kind}Mean" in data and f"{kind}Max" in data
    ]
    name = event["subject"].partition("/")[2]
    return f"zone {name}, newest window: {', '.join(words) or 'withheld, fewer than 5 came'}"
