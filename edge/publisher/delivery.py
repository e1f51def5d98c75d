"""What goes to the broker for one row of the outbox, and how an answer is told to the right one."""

import json
import math
from dataclasses import dataclass
from enum import Enum, unique

from edge.publisher.clock import Clock
from edge.publisher.events.envelope import CONTENT_TYPE, FORECAST
from edge.publisher.message import Outgoing
from edge.publisher.row import Row
from edge.publisher.topics import Topic, Topics

# How long a broker may keep an event for a subscriber that is away.
EVENT_TTL_S = 30 * 24 * 3600
# What was expected is worth nothing when it has come.
_FORECAST_TTL_S = 3600
# A wrong clock may make an event look older than it is; a statistic is worth having all the same.
_LEAST_EXPIRY_S = 3600
# The newest event stays retained for so many windows: then the device is no longer reporting.
_LAST_WINDOWS = 2
# Fixed header, packet id, properties' own bytes: generously.
_OVERHEAD_BYTES = 64
_TENTHS_A_S = 10


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
    # Of an alert: until when it is worth sending, in tenths of a second of Unix time.
    until_tenths: int | None = None

    def is_over(self, now_s: float) -> bool:
        """Tell whether it is worth nothing any more."""
        return self.until_tenths is not None and now_s * _TENTHS_A_S >= self.until_tenths

    @property
    def most_bytes(self) -> int:
        """Bound the length of the packet, in bytes."""
        labels = sum(len(name) + len(value) + 5 for name, value in self.message.labels)
        return len(self.message.payload) + len(self.message.topic) + labels + _OVERHEAD_BYTES


def parcels_of(row: Row, topics: Topics, clock: Clock) -> list[Parcel]:
    """Make the messages of one row: the event, and where it is the newest of its place, the retained copy."""
    kind, _, place = row.place.partition("/")
    age_s = max(0, int(clock.now()) - row.recorded_s) if clock.is_set else 0
    expiry_s = max(_LEAST_EXPIRY_S, (_FORECAST_TTL_S if kind == FORECAST else EVENT_TTL_S) - age_s)
    return _parcels(
        row, topics.event(kind, place), topics.last(kind, place), expiry_s, _LAST_WINDOWS * row.window_s - age_s
    )


def alert_parcels(row: Row, topics: Topics, clock: Clock, *, expires: bool) -> list[Parcel]:
    """Make the messages of an alert: none once its time is over.

    The event goes to its object's topic; what is kept is kept by kind as well, so that the end of one alarm does not
    hide another. With a broker that lets nothing expire (`expires`), nothing is kept: it would be told for ever.
    """
    kind, _, place = row.place.partition("/")
    # A broker counts whole seconds: one that has begun is given, or the last would be lost.
    left_s = math.ceil(row.expires_tenths / _TENTHS_A_S - clock.now())
    if left_s <= 0:
        return []
    event = topics.event(kind, place.partition(".")[0])
    return _parcels(row, event, topics.last(kind, place), left_s, left_s if expires else 0)


def _parcels(row: Row, event: Topic, last: Topic, expiry_s: int, last_s: int) -> list[Parcel]:
    labels, until = _labels(row.payload), row.expires_tenths or None
    message = _outgoing(event, row.payload, expiry_s, labels)
    parcels = [Parcel(part=Part.EVENT, message=message, sequence=row.sequence, until_tenths=until)]
    if row.newest and last_s > 0:
        kept = _outgoing(last, row.payload, last_s, labels)
        parcels.append(Parcel(part=Part.LAST, message=kept, sequence=row.sequence, until_tenths=until))
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
