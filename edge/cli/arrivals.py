"""What arrives at a subscriber: told one from the other, put into a line, gathered into a table."""

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from edge.publisher.message import Incoming

_LEVELS = 4
_PEOPLE = ("peopleCountTowards", "peopleCountAway")
_PRESENT = (("people", "peopleMean", "peopleMax"), ("vehicles", "vehiclesMean", "vehiclesMax"))
_TITLES = ("line", "direction", "windows", "people", "vehicles", "of them, by class (5 or more in a window)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrival:
    """One message below `passant/v1/{org}/{device}/`, as bytes and, where it is a JSON object, as that."""

    org: str
    device: str
    # The topic's rest: `status`, `ev/traffic-flow/quai.forward`.
    leaf: str
    message: Incoming
    document: dict[str, Any] | None

    @property
    def is_event(self) -> bool:
        """Whether this is an event, not a retained copy of one."""
        return self.leaf.startswith("ev/") and self.document is not None and "id" in self.document

    @property
    def key(self) -> tuple[str, str]:
        """What tells an event from every other: its source and its id."""
        document = self.document or {}
        return str(document.get("source")), str(document.get("id"))


def arrival_of(message: Incoming) -> Arrival | None:
    """Read a message; None where its topic is none of ours."""
    parts = message.topic.split("/", _LEVELS)
    if len(parts) <= _LEVELS:
        return None
    try:
        document = json.loads(message.payload)
    except ValueError:
        document = None
    return Arrival(
        org=parts[2],
        device=parts[3],
        leaf=parts[_LEVELS],
        message=message,
        document=document if isinstance(document, dict) else None,
    )


def line_of(arrival: Arrival) -> str:
    """Write an arrival as one line: time, device, what it is about, what it says."""
    document = arrival.document
    if document is None:
        return f"{'':20}  {arrival.device:16}  {arrival.leaf}: {len(arrival.message.payload)} bytes that are no object"
    if arrival.is_event:
        data = document.get("data", {})
        return (
            f"{document.get('time', ''):20}  {arrival.device:16}  {document.get('subject', ''):28}  "
            f"{_counts(data)}  ({_quality(data)})"
        )
    return f"{document.get('time') or '':20}  {arrival.device:16}  {_state(arrival, document)}"


@dataclass(kw_only=True, slots=True)
class Collection:
    """Everything that arrived, events once each by source and id."""

    events: dict[tuple[str, str], Arrival] = field(default_factory=dict)
    # How many events came again under an id that was here before.
    repeated: int = 0
    # The states that the devices went through, in order: online, offline, lost.
    states: list[str] = field(default_factory=list)
    # The newest of everything else, by topic.
    newest: dict[str, Arrival] = field(default_factory=dict)

    def add(self, arrival: Arrival) -> None:
        """Take one arrival in."""
        if arrival.is_event:
            self.repeated += arrival.key in self.events
            self.events.setdefault(arrival.key, arrival)
            return
        if arrival.leaf == "status" and arrival.document is not None:
            self.states.append(str(arrival.document.get("state")))
        self.newest[arrival.message.topic] = arrival

    def table(self) -> str:
        """Write the sums over all windows, a row for each line and direction; newest revisions only."""
        rows = [_TITLES, *self._rows()]
        widths = [max(len(row[column]) for row in rows) for column in range(len(_TITLES))]
        return "\n".join(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
        )

    def current(self) -> list[dict[str, Any]]:
        """List the events, of each window and subject only the newest revision."""
        found: dict[tuple[str, ...], dict[str, Any]] = {}
        for arrival in self.events.values():
            event = arrival.document or {}
            key = tuple(str(event.get(name)) for name in ("source", "type", "subject", "time"))
            if key not in found or event.get("revision", 0) >= found[key].get("revision", 0):
                found[key] = event
        return list(found.values())

    def _rows(self) -> list[tuple[str, ...]]:
        sums: dict[tuple[str, str], Counter[str]] = {}
        for event in self.current():
            for line, direction, counts in _line_counts(event):
                sums.setdefault((line, direction), Counter()).update(counts)
        return [_row(line, direction, counts) for (line, direction), counts in sorted(sums.items())]


def _line_counts(event: dict[str, Any]) -> list[tuple[str, str, dict[str, int]]]:
    """Read what an event counted over a line: for each direction, people, vehicles and classes."""
    data, (what, _, place) = event["data"], str(event.get("subject")).partition("/")
    if what != "line":
        return []
    if "laneDirection" in data:
        line, direction = place.split("/")
        return [(line, direction, {"windows": 1, "vehicles": data["intensity"], **data["byVehicleType"]})]
    return [
        (place, direction, {"people": data[name]})
        for direction, name in zip(("forward", "backward"), _PEOPLE, strict=True)
    ]


def _row(line: str, direction: str, counts: Counter[str]) -> tuple[str, ...]:
    classes = [f"{name} {count}" for name, count in counts.items() if name not in {"windows", "people", "vehicles"}]
    return (line, direction, *(str(counts[name]) for name in ("windows", "people", "vehicles")), ", ".join(classes))


def _counts(data: dict[str, Any]) -> str:
    if "intensity" in data:
        classes = ", ".join(f"{name} {count}" for name, count in data.get("byVehicleType", {}).items())
        return f"vehicles {data['intensity']}" + (f": {classes}" if classes else "")
    if "peopleCount" in data:
        towards, away = (data.get(name) for name in _PEOPLE)
        return f"people {data['peopleCount']}: forward {towards}, backward {away}"
    present = (
        f"{who} {data[mean]:.1f} on average, {data.get(most, '?')} at most"
        for who, mean, most in _PRESENT
        if mean in data
    )
    return ", ".join(present) or "too few to tell"


def _quality(data: dict[str, Any]) -> str:
    quality = data.get("quality", {})
    words = [f"coverage {quality.get('coverage', 0):.0%}"]
    words += ["replay"] if quality.get("replay") else []
    words += ["NOT ISOLATED"] if quality.get("isolation") == "unproven" else []
    return ", ".join(words)


def _state(arrival: Arrival, document: dict[str, Any]) -> str:
    if arrival.leaf == "status":
        return f"is {document.get('state')}"
    if arrival.leaf == "health":
        vision, outbox = document.get("vision", {}), document.get("outbox", {})
        camera = vision.get("camera", vision.get("channel"))
        return f"health: camera {camera}, {vision.get('fps', '-')} fps, {outbox.get('waiting', '-')} events waiting"
    return f"{arrival.leaf}: {len(arrival.message.payload)} bytes"
