"""The CloudEvents 1.0 envelope, structured JSON (https://github.com/cloudevents/spec)."""

import json
import uuid
from dataclasses import dataclass
from typing import Any, Protocol

from edge.config.site import Device
from edge.publisher.clock import rfc3339

CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:passant:events:v1")
SEQUENCE_DIGITS = 20

TRAFFIC_FLOW = "traffic-flow"
CROWD_FLOW = "crowd-flow"
CROWD_DENSITY = "crowd-density"
FORECAST = "forecast"
ALERT = "alert"
KINDS = (TRAFFIC_FLOW, CROWD_FLOW, CROWD_DENSITY, FORECAST, ALERT)


def source_of(device: Device) -> str:
    """Name the device as the source of its events."""
    return f"urn:ngsi-ld:Device:{device.org}:{device.id}"


def type_of(kind: str) -> str:
    """Name the CloudEvents type of a kind of event; a breaking change is a new suffix."""
    return f"passant.{kind}.v1"


def schema_of(kind: str) -> str:
    """Name the JSON Schema that the data of a kind of event adheres to."""
    return f"urn:passant:schema:{kind}:v1"


class Event(Protocol):
    """What can be put into an envelope."""

    @property
    def kind(self) -> str:
        """Its kind, one of KINDS."""

    @property
    def source(self) -> str:
        """The device that tells it."""

    @property
    def subject(self) -> str:
        """What it is about."""

    @property
    def id(self) -> str:
        """The same for what is sent again."""

    @property
    def revision(self) -> int:
        """How many were said about the same before it."""

    @property
    def data(self) -> dict[str, Any]:
        """The payload."""

    def envelope(self, sequence: int, recorded: str | None) -> dict[str, Any]:
        """Put the data into its envelope; `recorded` is None where the clock was not set."""


def id_of(*words: str) -> str:
    """Make the id of what these words name: the same ones give the same id."""
    return str(uuid.uuid5(NAMESPACE, "|".join(words)))


def wrapped(event: Event, time: str, sequence: int, recorded: str | None, **more: object) -> dict[str, Any]:
    """Write an event's attributes and its data, with those of an extension between them."""
    attributes: dict[str, Any] = {
        "specversion": "1.0",
        "id": event.id,
        "source": event.source,
        "type": type_of(event.kind),
        "subject": event.subject,
        "time": time,
        "datacontenttype": "application/json",
        "dataschema": schema_of(event.kind),
        "sequence": str(sequence).zfill(SEQUENCE_DIGITS),
        "revision": event.revision,
        **more,
    }
    if recorded is not None:
        attributes["recordedtime"] = recorded
    return {**attributes, "data": event.data}


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """An event of a window before the outbox has numbered it; `place` is its object's name in topics."""

    kind: str
    source: str
    subject: str
    place: str
    window_start_s: int
    window_s: int
    revision: int
    data: dict[str, Any]

    @property
    def window_end_s(self) -> int:
        """The Unix time at which the window ends."""
        return self.window_start_s + self.window_s

    @property
    def id(self) -> str:
        """The event's id: the same for the same window, object and revision, so that a re-send is known."""
        return id_of(self.source, type_of(self.kind), self.subject, rfc3339(self.window_start_s), str(self.revision))

    def envelope(self, sequence: int, recorded: str | None) -> dict[str, Any]:
        """Put the data into its envelope; `recorded` is None where the clock was not set."""
        return wrapped(self, rfc3339(self.window_end_s), sequence, recorded)

    def render(self, sequence: int, recorded: str | None) -> bytes:
        """Write the event as the bytes that are sent."""
        return compact(self.envelope(sequence, recorded))


def compact(document: object) -> bytes:
    """Write a JSON document in the fewest bytes, UTF-8."""
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
