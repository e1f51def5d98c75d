"""From packets to what was said: TCP streams towards the broker, and in them MQTT 5 packets, to the last byte.

Frame layouts: Ethernet II, RFC 791, RFC 9293; MQTT 5.0 (OASIS), section 2.
"""

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum, unique
from typing import Final

from edge.cli.prove.capture import Piece

_ETHERNET: Final = 14
_IPV4, _TCP = 0x0800, 6
_FIN_OR_SYN: Final = 0x03
_SYN: Final = 0x02


class StrayBytesError(ValueError):
    """Bytes left that are no part of what this appliance may say; the text says where, not what."""


@unique
class Kind(IntEnum):
    """The MQTT packets that a client sends."""

    CONNECT = 1
    PUBLISH = 3
    PUBACK = 4
    PINGREQ = 12
    DISCONNECT = 14


@dataclass(frozen=True, kw_only=True, slots=True)
class Packet:
    """An MQTT packet: when its last byte was sent, its first byte's low half, and all after the length."""

    at_ns: int
    kind: Kind
    flags: int
    body: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Publish:
    """A PUBLISH: `properties` are its raw bytes, `number` is 0 with quality of service 0."""

    at_ns: int
    topic: str
    flags: int
    number: int
    properties: bytes
    payload: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Segment:
    """The payload of a TCP segment towards the broker, by connection and sequence number."""

    at_ns: int
    port: int
    number: int
    opens: bool
    content: bytes


def segments(packets: Iterable[Piece], broker: int) -> tuple[list[Segment], list[str]]:
    """Take out what was sent to the broker's port; the second list names packets that are no part of that talk."""
    found, strays = [], []
    for at_ns, frame in packets:
        (ether,) = struct.unpack_from(">H", frame, 12)
        if ether != _IPV4 or frame[_ETHERNET + 9] != _TCP:
            strays.append(f"a packet of {len(frame)} bytes that is not TCP over IPv4 (type {ether:#06x})")
            continue
        segment, to = _segment(at_ns, frame[_ETHERNET:])
        if to == broker:
            found.append(segment)
        elif segment.port != broker:
            strays.append(f"a packet to port {to}, where no broker is")
    return found, strays


def _segment(at_ns: int, packet: bytes) -> tuple[Segment, int]:
    start = (packet[0] & 0xF) * 4
    (total,) = struct.unpack_from(">H", packet, 2)
    source, to, number = struct.unpack_from(">HHI", packet, start)
    flags = packet[start + 13]
    content = packet[start + (packet[start + 12] >> 4) * 4 : total or None]
    return Segment(at_ns=at_ns, port=source, number=number, opens=bool(flags & _SYN), content=content), to


def streams(found: Iterable[Segment]) -> list[list[Segment]]:
    """Put the segments of each connection in order, each byte once; raises StrayBytesError where one is missing."""
    connections: dict[int, list[Segment]] = {}
    for segment in found:
        connections.setdefault(segment.port, []).append(segment)
    return [_in_order(segments_) for segments_ in connections.values()]


def _in_order(found: list[Segment]) -> list[Segment]:
    first = next((one.number for one in found if one.opens), None)
    if first is None:
        raise StrayBytesError("a connection whose beginning was not captured")
    ordered, next_ = [], 1
    for segment in sorted((one for one in found if one.content), key=lambda one: (one.number - first) % 2**32):
        place = (segment.number - first) % 2**32
        if place > next_:
            raise StrayBytesError("a connection of which a part was not captured")
        if place == next_:
            ordered.append(segment)
            next_ += len(segment.content)
    return ordered


def mqtt(ordered: Iterable[Segment]) -> list[Packet]:
    """Cut a stream into MQTT packets; raises StrayBytesError for what is none that a publisher sends."""
    found: list[Packet] = []
    rest = b""
    for segment in ordered:
        rest += segment.content
        while (cut := _cut(rest)) is not None:
            head, body, rest = cut
            try:
                kind = Kind(head >> 4)
            except ValueError:
                raise StrayBytesError(f"an MQTT packet of type {head >> 4}, which a publisher does not send") from None
            found.append(Packet(at_ns=segment.at_ns, kind=kind, flags=head & 0xF, body=body))
    if rest:
        raise StrayBytesError(f"{len(rest)} bytes after the last whole MQTT packet")
    return found


def _cut(stream: bytes) -> tuple[int, bytes, bytes] | None:
    length, shift, place = 0, 0, 1
    while place < len(stream):
        length |= (stream[place] & 0x7F) << shift
        place += 1
        if not stream[place - 1] & 0x80:
            end = place + length
            return (stream[0], stream[place:end], stream[end:]) if end <= len(stream) else None
        shift += 7
    return None


def publish(packet: Packet) -> Publish:
    """Read a PUBLISH; raises StrayBytesError where it is none."""
    body = packet.body
    try:
        (length,) = struct.unpack_from(">H", body)
        place = 2 + length
        number = 0
        if packet.flags & 0x6:
            (number,) = struct.unpack_from(">H", body, place)
            place += 2
        end = place + 1 + body[place]
        if body[place] & 0x80:
            end = place + 2 + (body[place] & 0x7F | body[place + 1] << 7)
        return Publish(
            at_ns=packet.at_ns,
            topic=body[2 : 2 + length].decode("ascii"),
            flags=packet.flags,
            number=number,
            properties=body[place:end],
            payload=body[end:],
        )
    except (struct.error, IndexError, UnicodeDecodeError):
        raise StrayBytesError("an MQTT message that cannot be read") from None
