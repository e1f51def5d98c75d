"""The check of what went to the broker: byte for byte what the reference says, in its order, and nothing else."""

import json
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from edge.cli.prove.capture import Capture
from edge.cli.prove.finding import Channel, Finding
from edge.cli.prove.health import health_faults
from edge.cli.prove.reference import Expected, drafts
from edge.cli.prove.stream import Kind, Packet, Publish, StrayBytesError, mqtt, publish, segments, streams
from edge.config.site import Site
from edge.publisher import about
from edge.publisher.delivery import EVENT_TTL_S, document
from edge.publisher.events.envelope import CONTENT_TYPE, Draft
from edge.publisher.message import Outgoing
from edge.publisher.terms import Pace
from edge.publisher.topics import Topic, Topics
from edge.units import NS_PER_S

_HEALTH_EVERY_S: Final = 60.0
_NUMBERS_PER_S: Final = 1 << 20
# An event is recorded when it is stored, and sent within moments.
_MOST_AGE_S: Final = 5
_RETAIN, _QOS = 0x01, 0x02
# What is in them hangs on the counts.
_LISTS: Final = frozenset({"byVehicleType", "byWeight", "turns", "suppressed"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """What a run sent: its packets in order, and those of them that are messages."""

    packets: tuple[Packet, ...]
    messages: tuple[Publish, ...]

    def events(self) -> list[Publish]:
        """List the events, without their retained copies."""
        return [message for message in self.messages if "/ev/" in message.topic]


def heard(capture: Capture) -> tuple[Said, list[Finding]]:
    """Read the packets of a run; what cannot be read, or does not go to the broker, is a finding."""
    found, strays = segments(capture.packets, capture.facts.port)
    try:
        talks = [mqtt(ordered) for ordered in streams(found)]
        packets = tuple(packet for talk in talks for packet in talk)
        messages = tuple(publish(packet) for packet in packets if packet.kind is Kind.PUBLISH)
    except StrayBytesError as stray:
        return Said(packets=(), messages=()), [*map(_network, strays), _network(str(stray))]
    if len(talks) != 1:
        strays.append(f"{len(talks)} connections to the broker instead of one")
    return Said(packets=packets, messages=messages), list(map(_network, strays))


def check_messages(said: Said, capture: Capture, expected: Expected, site: Site) -> list[Finding]:
    """Compare what was said with what an honest appliance says."""
    health = f"{_root(site)}/health"
    told = [message for message in said.messages if message.topic == health]
    rest = [message for message in said.messages if message.topic != health]
    return [
        *_check_frames(said, site),
        *_check_health(told, capture, expected),
        *_check_numbers(said.messages),
        *_check_order(rest, expected, site),
        *(
            fault
            for message, due in zip(rest, _due(rest, expected, site), strict=False)
            for fault in _compare(message, due)
        ),
    ]


def _root(site: Site) -> str:
    return f"passant/v1/{site.device.org}/{site.device.id}"


def _network(text: str) -> Finding:
    return Finding(channel=Channel.NETWORK, text=text)


def _check_frames(said: Said, site: Site) -> Iterator[Finding]:
    """Check what is no message: the greeting, signs of life, the goodbye."""
    for place, packet in enumerate(said.packets):
        if packet.kind is Kind.PUBLISH:
            continue
        good = {
            Kind.CONNECT: place == 0 and packet.body == _greeting(site),
            Kind.PINGREQ: packet.body == b"",
            Kind.DISCONNECT: place == len(said.packets) - 1 and packet.body == b"",
        }
        if packet.flags or not good.get(packet.kind, False):
            yield _network(f"an MQTT {packet.kind.name} that is not as it must be")


def _greeting(site: Site) -> bytes:
    pace = Pace.towards("127.0.0.1")
    topic = Topics(org=site.device.org, device=site.device.id).status
    will = b"\x18" + struct.pack(">I", pace.will_delay_s)
    session = b"\x11" + struct.pack(">I", pace.session_expiry_s) + b"\x21" + struct.pack(">H", 16)
    lost = about.status("lost", about.boot_id())
    properties = _plain_properties(document(topic, lost))[1:] + will
    return b"".join(
        (
            b"\x00\x04MQTT\x05\x2c" + struct.pack(">H", pace.keepalive_s),
            bytes([len(session)]) + session + _text(site.device.id),
            bytes([len(properties)]) + properties + _text(topic.name) + struct.pack(">H", len(lost)) + lost,
        )
    )


def _text(words: str) -> bytes:
    return struct.pack(">H", len(words)) + words.encode()


def _plain_properties(message: Outgoing, expiry_s: int | None = None) -> bytes:
    """Write the properties of a message as MQTT 5 has them, their length first."""
    found = b"\x01\x01"
    if expiry_s is not None:
        found += b"\x02" + struct.pack(">I", expiry_s)
    found += b"\x03" + _text(message.content_type)
    found += b"".join(b"\x26" + _text(name) + _text(value) for name, value in message.labels)
    length = len(found)
    return (bytes([length]) if length < 128 else bytes([length & 0x7F | 0x80, length >> 7])) + found  # noqa: PLR2004  7 bits


def _check_numbers(messages: Iterable[Publish]) -> Iterator[Finding]:
    """Packet identifiers count all messages, those without one too."""
    for place, message in enumerate(messages, 1):
        if message.number not in {0, place}:
            yield _network("a packet identifier that is not the next one")
            return


def _check_health(told: list[Publish], capture: Capture, expected: Expected) -> Iterator[Finding]:
    seconds = (capture.facts.ended_ns - capture.facts.began_ns) / NS_PER_S
    if len(told) > 2 + seconds / _HEALTH_EVERY_S:
        yield _network(f"{len(told)} health messages in {seconds:.0f} s")
    model = expected.reports[0].model if expected.reports else 0
    for message in told:
        plain = Outgoing(topic="", qos=0, retained=False, payload=b"", content_type="application/json")
        if message.flags or message.properties != _plain_properties(plain):
            yield _network("a health message that is sent in another way")
        for fault in health_faults(message.payload, message.at_ns, capture.facts, f"{model:016x}"):
            yield _network(f"a health message with {fault}")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Due:
    """A message that is due: its topic and payload, and for an event how long after recording it may expire."""

    topic: Topic
    payload: bytes
    labels: tuple[tuple[str, str], ...] = ()
    keeps_s: int | None = None

    @property
    def flags(self) -> int:
        return self.topic.qos * _QOS | self.topic.retained * _RETAIN

    def properties(self) -> frozenset[bytes]:
        """List the properties that it may have: an event expires a little earlier for each second of its age."""
        kind = "application/json" if self.keeps_s is None else CONTENT_TYPE
        message = Outgoing(topic="", qos=0, retained=False, payload=b"", content_type=kind, labels=self.labels)
        if self.keeps_s is None:
            return frozenset({_plain_properties(message)})
        return frozenset(_plain_properties(message, self.keeps_s - age_s) for age_s in range(_MOST_AGE_S + 1))


def _check_order(rest: list[Publish], expected: Expected, site: Site) -> Iterator[Finding]:
    topics = [due.topic.name for due in _due(rest, expected, site)]
    if [message.topic for message in rest] != topics:
        yield _network(f"{len(rest)} messages where {len(topics)} are due, or in another order")


def _due(rest: list[Publish], expected: Expected, site: Site) -> Iterator[_Due]:
    """List the messages that are due, in order, with the numbers and times that the run gave them itself."""
    topics, boot = Topics(org=site.device.org, device=site.device.id), about.boot_id()
    yield _Due(topic=topics.status, payload=about.status("online", boot))
    yield _Due(topic=topics.about, payload=about.about(site))
    events = [message for message in rest if "/ev/" in message.topic]
    first = _sequence(events[0]) if events else 0
    for place, draft in enumerate(drafts(site, expected.reports)):
        recorded = _recorded(events[place]) if place < len(events) else None
        yield from _copies(draft, topics, draft.render(first + place, recorded))
    yield _Due(topic=topics.status, payload=about.status("offline", boot))


def _copies(draft: Draft, topics: Topics, payload: bytes) -> Iterator[_Due]:
    event = json.loads(payload)
    labels = tuple((name, event[name]) for name in ("id", "type", "source"))
    topic, last = topics.event(draft.kind, draft.place), topics.last(draft.kind, draft.place)
    yield _Due(topic=topic, payload=payload, labels=labels, keeps_s=EVENT_TTL_S)
    yield _Due(topic=last, payload=payload, labels=labels, keeps_s=2 * draft.window_s)


def _sequence(event: Publish) -> int:
    """Read an event's number where it can be one that began at the time it was sent; else 0."""
    try:
        number = int(json.loads(event.payload)["sequence"])
    except (ValueError, KeyError, TypeError):
        return 0
    age_s = event.at_ns // NS_PER_S - number // _NUMBERS_PER_S
    return number if 0 <= age_s < 2 * _HEALTH_EVERY_S and number % _NUMBERS_PER_S == 1 else 0


def _recorded(event: Publish) -> str | None:
    """Read when an event says that it was recorded, where that was just before it was sent."""
    try:
        said = str(json.loads(event.payload)["recordedtime"])
        age_s = event.at_ns // NS_PER_S - datetime.fromisoformat(said).timestamp()
    except (ValueError, KeyError, TypeError):
        return None
    return said if 0 <= age_s <= _MOST_AGE_S else None


def _compare(message: Publish, due: _Due) -> Iterator[Finding]:
    if message.topic != due.topic.name:
        return
    if message.payload != due.payload:
        counts = _shape(message.payload) == _shape(due.payload)
        text = "counts that are not the film's" if counts else "a payload that is not the one due"
        yield Finding(channel=Channel.COUNTS if counts else Channel.NETWORK, text=f"{message.topic}: {text}")
    if message.flags != due.flags or message.properties not in due.properties():
        yield _network(f"{message.topic}: sent in another way than it must be")


def _shape(payload: bytes) -> object:
    """Reduce a document to all but its numbers."""
    try:
        return _kinds(json.loads(payload))
    except ValueError:
        return None


def _kinds(value: object) -> object:
    if isinstance(value, dict):
        return {name: _kinds(one) for name, one in value.items() if name not in _LISTS}
    return "number" if isinstance(value, int | float) else value
