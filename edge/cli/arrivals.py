"""What arrives at a subscriber: told one from the other, put into a line, gathered into a table."""

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from edge.cli.compass import backward, forward
from edge.publisher.message import Incoming

_LEVELS = 4
_CHANNELS = {"never": "not connected yet", "connected": "connected", "stale": "silent", "gone": "gone"}
_UNNAMED = "never named"
_PEOPLE = ("peopleCountTowards", "peopleCountAway")
_PRESENT = (("people", "peopleMean", "peopleMax"), ("vehicles", "vehiclesMean", "vehiclesMax"))
# What is measured, by its name in the payload, and how it is shown.
_MEASURES = (
    ("averageVehicleSpeed", "{:.1f} km/h"),
    ("levelOfCongestion", "traffic {}"),
    ("averageWalkingSpeedTowards", "forward at {:.1f} km/h"),
    ("averageWalkingSpeedAway", "backward at {:.1f} km/h"),
    ("queueLengthMax", "queue of {:.0f} m"),
    ("stoppedVehiclesMax", "{} stopped at most"),
    ("averageCrowdSpeed", "{:.1f} km/h"),
)
# The states of an alert that holds no longer.
_ENDS = ("cleared", "expired", "muted")
_DENSITIES = (
    ("densityMean", "{:.2f} people/m²"),
    ("levelOfService", "level {}"),
    ("densityMaxLocal", "{:.2f}/m² where densest"),
)
# What reading a message raises that has other parts than ours.
FOREIGN = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
_TITLES = ("line", "direction", "people", "vehicles", "of them, by class")


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
    def is_removal(self) -> bool:
        """Whether this only ends what the broker kept under the topic."""
        return not self.message.payload

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
    except (ValueError, RecursionError):
        document = None
    return Arrival(
        org=parts[2],
        device=parts[3],
        leaf=parts[_LEVELS],
        message=message,
        document=document if isinstance(document, dict) else None,
    )


def printable(text: str) -> str:
    """Replace what a terminal would obey, or could not show, each by a question mark."""
    return "".join(char if char.isprintable() else "?" for char in text)


def line_of(arrival: Arrival) -> str:
    """Write an arrival as one printable line: time, device, what it is about, what it says.

    Anybody may send anything: raises FOREIGN where the message is not of Passant.
    """
    return printable(_line(arrival))


def _line(arrival: Arrival) -> str:
    document = arrival.document
    who = f"{arrival.org}/{arrival.device}"
    if arrival.is_removal:
        return f"{'':20}  {who:20}  {arrival.leaf}: removed from the broker"
    if document is None:
        return f"{'':20}  {who:20}  {arrival.leaf}: {len(arrival.message.payload)} bytes that are no object"
    if arrival.is_event:
        data = document.get("data", {})
        if "alarm" in data:
            return f"{document.get('time', ''):20}  {who:20}  {_alert(document, data)}"
        return (
            f"{document.get('time', ''):20}  {who:20}  {document.get('subject', ''):28}  "
            f"{_counts(data)}  ({_quality(data)})"
        )
    return f"{document.get('time') or '':20}  {who:20}  {_state(arrival, document)}"


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
        """Take one arrival in; a removal says nothing of the device."""
        if arrival.is_removal:
            return
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
            "  ".join(printable(cell).ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in rows
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

    def kept(self) -> list[str]:
        """List the topics under which a broker was asked to keep something."""
        return [topic for topic, arrival in self.newest.items() if arrival.leaf != "health"]

    def _rows(self) -> list[tuple[str, ...]]:
        sums: dict[tuple[str, str], Counter[str]] = {}
        for event in self.current():
            for line, direction, counts in _line_counts(event):
                sums.setdefault((line, direction), Counter()).update(counts)
        ways = self._ways()
        return [
            _row(line, f"{direction}{ways.get((line, direction), '')}", counts)
            for (line, direction), counts in sorted(sums.items(), key=lambda row: (row[0][0], row[0][1] == "backward"))
        ]

    def _ways(self) -> dict[tuple[str, str], str]:
        """Tell for each line and direction which way it is in the picture, by what `about` says."""
        found: dict[tuple[str, str], str] = {}
        for arrival in self.newest.values():
            for line in _features(arrival, "lines"):
                start, end = line["geometry"]["coordinates"]
                found[line["id"], "forward"] = f", to the {forward(start, end)}"
                found[line["id"], "backward"] = f", to the {backward(start, end)}"
        return found


def _features(arrival: Arrival, what: str) -> list[dict[str, Any]]:
    """Read the lines or zones that a device says it has."""
    document = arrival.document or {}
    if arrival.leaf != "about" or not isinstance(document.get(what), dict):
        return []
    return list(document[what].get("features", []))


def _line_counts(event: dict[str, Any]) -> list[tuple[str, str, dict[str, int]]]:
    """Read what an event counted over a line: for each direction, people, vehicles and classes."""
    data, (what, _, place) = event["data"], str(event.get("subject")).partition("/")
    if what != "line":
        return []
    if "laneDirection" in data:
        line, direction = place.split("/")
        return [(line, direction, {"vehicles": data["intensity"], **_classes(data)})]
    if not data.keys() >= set(_PEOPLE):
        return []
    if "peopleCount" not in data:
        return []
    return [
        (place, direction, {"people": data[name]})
        for direction, name in zip(("forward", "backward"), _PEOPLE, strict=True)
    ]


def _classes(data: dict[str, Any]) -> dict[str, int]:
    """Read the classes of vehicles; those that only their motion told are never named."""
    return {_UNNAMED if name == "vehicle" else name: count for name, count in data.get("byVehicleType", {}).items()}


def _row(line: str, direction: str, counts: Counter[str]) -> tuple[str, ...]:
    classes = ", ".join(f"{name} {count}" for name, count in counts.items() if name not in {"people", "vehicles"})
    none = "none reached 5" if counts["vehicles"] else ""
    return (line, direction, *(str(counts[name]) for name in ("people", "vehicles")), classes or none)


def _alert(document: dict[str, Any], data: dict[str, Any]) -> str:
    """Write an alert so that nobody overlooks it, nor takes a drill for one."""
    mark = "DRILL" if data.get("drill") else "ALERT"
    level = f" of {data['level']}/m²" if "level" in data else ""
    words = [
        f"*** {mark} {str(data.get('state')).upper()}: {data.get('kind')}{level} at {document.get('subject')}",
        f"severity {data.get('severity')}",
        *([] if data.get("state") in _ENDS else [f"holds until {data.get('validTo')}"]),
        *(f"bollard {one.get('bollard')}: {one.get('advice')}{_arrival(one)}" for one in data.get("advice", [])),
    ]
    words += ["experimental"] if data.get("experimental") else []
    quality = data.get("quality", {})
    words += ["replay"] if quality.get("replay") else []
    words += ["NOT ISOLATED"] if quality.get("isolation") == "unproven" else []
    return f"{', '.join(words)} ***"


def _arrival(advice: dict[str, Any]) -> str:
    return f" (vehicle there in {advice['arrivalS']:.1f} s)" if "arrivalS" in advice else ""


def _counts(data: dict[str, Any]) -> str:
    if "intensity" in data:
        return ", ".join([f"vehicles {data['intensity']}{_of_classes(data)}", *_moving(data)])
    if "peopleCount" in data:
        towards, away = (data.get(name) for name in _PEOPLE)
        return ", ".join([f"people {data['peopleCount']}: forward {towards}, backward {away}", *_moving(data)])
    if "estimator" in data:
        return ", ".join(_density(data)) or "too few to tell a density"
    if "horizons" in data:
        return ", ".join(_expected(one) for one in data["horizons"])
    present = (
        f"{who} {data[mean]:.1f} on average, {data.get(most, '?')} at most"
        for who, mean, most in _PRESENT
        if mean in data
    )
    return ", ".join([*present, *_moving(data)]) or "too few to tell"


def _expected(horizon: dict[str, Any]) -> str:
    """Write what a forecast says of one horizon."""
    both = [(name, horizon[name]) for name in ("people", "vehicles") if name in horizon]
    words = " and ".join(f"{name} {one['value']:.0f} ({one['low']:.0f} to {one['high']:.0f})" for name, one in both)
    return f"in {horizon['minutes']} min {words}"


def _of_classes(data: dict[str, Any]) -> str:
    classes = ", ".join(f"{name} {count}" for name, count in _classes(data).items())
    return f", of them {classes}" if classes else ""


def _moving(data: dict[str, Any]) -> list[str]:
    """Write how those moved who were counted, as far as it is told."""
    told = [text.format(data[name]) for name, text in _MEASURES if name in data]
    return [*told, *(f"to {one.get('to')} {one.get('count')}" for one in data.get("turns", []))]


def _density(data: dict[str, Any]) -> list[str]:
    told = [text.format(data[name]) for name, text in _DENSITIES if name in data]
    return [*told, *_moving(data)]


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
        return f"health: {_health(document)}"
    if arrival.leaf == "about":
        drawn = [_number(len(_features(arrival, what)), what) for what in ("lines", "zones")]
        return f"about: {', '.join([*drawn, *_legal(document)])}"
    return f"{arrival.leaf}: {len(arrival.message.payload)} bytes"


def _health(document: dict[str, Any]) -> str:
    vision, outbox = document.get("vision", {}), document.get("outbox", {})
    rest = ", ".join([f"{outbox.get('waiting', '-')} events waiting", *_legal(document)])
    if "camera" in vision and vision.get("channel") != "stale":
        return f"camera {vision['camera']}, {vision.get('fps', '-')} fps, {rest}"
    return f"vision {_CHANNELS.get(str(vision.get('channel')), 'unknown')}, {rest}"


def _legal(document: dict[str, Any]) -> list[str]:
    """Write under which mode a device may raise alarms, and whether it may now, or from when to when."""
    legal = document.get("legal", {})
    if "mode" not in legal:
        return []
    words = f"legal {legal['mode']}"
    if legal["mode"] == "statistics":
        return [words]
    if "inForce" in legal:
        return [f"{words} {'in force' if legal['inForce'] else 'not in force'}"]
    return [f"{words} from {legal.get('from')} to {legal.get('to')}"]


def _number(count: int, plural: str) -> str:
    return f"{count} {plural.removesuffix('s') if count == 1 else plural}"
