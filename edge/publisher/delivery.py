"""What goes to the broker for one row of the outbox, and how an answer is told to the right one."""

import json
from dataclasses import dataclass
from enum import Enum, unique

from edge.publisher.clock import Clock
from edge.publisher.events.envelope import CONTENT_TYPE
from edge.publisher.message import Outgoing
from edge.publisher.outbox import Row
from edge.publisher.topics import Topic, Topics

# How long a broker may keep an event for a subscriber that is away.
EVENT_TTL_S = 30 * 24 * 3600
# A wrong clock may make an event look older than it is; a statistic is worth having all the same.
_LEAST_EXPIRY_S = 3600
# The newest event stays retained for so many windows: then the device is no longer reporting.
_LAST_WINDOWS = 2
# Fixed header, packet id, properties' own bytes: generously.
_OVERHEAD_BYTES = 64


@unique
class Part(Enum):
    """What a message is part of."""

    STATE = "state"
    EVENT = "event"
    LAST = "last"


@dataclass(frozen=True, kw_only=True, slots=True)
class Parcel:
    """A message to send with quality of service 1, and the row it was made from (none for a state)."""

    part: Part
    message: Outgoing
    sequence: int | None = None

    @property
    def most_bytes(self) -> int:
        """Bound the length of the packet, in bytes."""
        labels = sum(len(name) + len(value) + 5 for name, value in self.message.labels)
        return len(self.message.payload) + len(self.message.topic) + labels + _OVERHEAD_BYTES


def parcels_of(row: Row, topics: Topics, clock: Clock) -> list[Parcel]:
    """Make the messages of one row: the event, and where it is the newest of its place, the retained copy."""
    kind, _, place = row.place.partition("/")
    age_s = max(0, int(clock.now()) - row.recorded_s) if clock.is_set else 0
    labels = _labels(row.payload)
    expiry_s = max(_LEAST_EXPIRY_S, EVENT_TTL_S - age_s)
    event = _outgoing(topics.event(kind, place), row.payload, expiry_s, labels)
    parcels = [Parcel(part=Part.EVENT, message=event, sequence=row.sequence)]
    left_s = _LAST_WINDOWS * row.window_s - age_s
    if row.newest and left_s > 0:
        last = _outgoing(topics.last(kind, place), row.payload, left_s, labels)
        parcels.append(Parcel(part=Part.LAST, message=last, sequence=row.sequence))
    return parcels


def state(topic: Topic, payload: bytes) -> Parcel:
    """Make the message of a document that the broker keeps."""
    return Parcel(part=Part.STATE, message=document(topic, payload))


def document(topic: Topic, payload: bytes) -> Outgoing:
    """Make a message of a plain JSON document."""
    return Outgoing(
        topic=topic.name, qos=topic.qos, retained=topic.retained, payload=payload, content_type="application/json"
    )


def _outgoing(topic: Topic, payload: bytes, expiry_s: int, labels: tuple[tuple[str, str], ...]) -> Outgoing:
    return Outgoing(
        topic=topic.name,
        qos=topic.qos,
        retained=topic.retained,
        payload=payload,
        content_type=CONTENT_TYPE,
        expiry_s=expiry_s,
        labels=labels,
    )


def _labels(payload: bytes) -> tuple[tuple[str, str], ...]:
    event = json.loads(payload)
    return tuple((name, event[name]) for name in ("id", "type", "source"))
