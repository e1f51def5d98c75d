"""Messages to bytes and back, and the most that they can carry: read off the declarations in report.

Format: version byte, kind byte, then each field in order. An integer of a range is its index in the
range, big-endian, in the fewest whole bytes; an optional one has index 0 for None and is shifted by
one; a tuple has its length in one byte before its items.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from enum import IntEnum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, cast, get_args, get_origin, get_type_hints

from edge.contract import bounds
from edge.contract.report import FROM_PUBLISHER, FROM_VISION, Message

WIRE_VERSION = 2
HEADER_BYTES = 2
_KINDS: dict[int, type] = dict(enumerate((*FROM_VISION, *FROM_PUBLISHER), start=1))
_KIND_OF = {message_type: kind for kind, message_type in _KINDS.items()}


class ContractError(ValueError):
    """A message that breaks the contract. Its text never quotes the message."""


@dataclass(frozen=True, slots=True)
class _Codec:
    """How one type of field is written, read and measured."""

    write: Callable[[Any, bytearray], None]
    read: Callable[[memoryview, int], tuple[Any, int]]
    bits: float
    most_bytes: int


def encode(message: Message) -> bytes:
    """Write a message; raises ContractError where a field is out of its bounds."""
    kind = _KIND_OF.get(type(message))
    if kind is None:
        raise ContractError("not a message of the contract")
    out = bytearray((WIRE_VERSION, kind))
    _codec(_KINDS[kind]).write(message, out)
    return bytes(out)


def decode(data: bytes, permitted: tuple[type, ...]) -> Message:
    """Read one whole message of a permitted type; raises ContractError for anything else.

    The length is checked before the content is looked at.
    """
    if not HEADER_BYTES < len(data) <= most_bytes(permitted):
        raise ContractError("length outside the contract")
    if data[0] != WIRE_VERSION:
        raise ContractError("unknown version of the contract")
    message_type = _KINDS.get(data[1])
    if message_type is None or message_type not in permitted:
        raise ContractError("this kind of message is not permitted here")
    message, end = _codec(message_type).read(memoryview(data), HEADER_BYTES)
    if end != len(data):
        raise ContractError("bytes left over")
    return cast("Message", message)


def capacity_bits(message_type: type) -> float:
    """Compute the most information one message of this type can carry: log2 of its distinct values, in bits."""
    return _codec(message_type).bits


def list_bits(bits: float, most: int) -> float:
    """Compute the most information of a list of up to `most` items of so many bits, its length included.

    Lists of every length: log2 of the sum of 2^(bits x length), exact enough and never less.
    """
    return bits * most + math.log2(sum(2.0 ** (-bits * length) for length in range(most + 1)))


def most_bytes(permitted: tuple[type, ...]) -> int:
    """Tell the length of the longest message among the permitted types, in bytes."""
    return HEADER_BYTES + max(_codec(message_type).most_bytes for message_type in permitted)


@cache
def _codec(declared: Any) -> _Codec:  # noqa: ANN401  a type expression has no narrower type
    if declared is bool:
        return _number(bounds.Range(0, 1), bool, optional=False)
    if isinstance(declared, type) and issubclass(declared, IntEnum):
        return _number(bounds.Range(0, len(declared) - 1), declared, optional=False)
    if is_dataclass(declared):
        return _record(cast("type", declared))
    if get_origin(declared) is Annotated:
        inner, bound = get_args(declared)
        if isinstance(bound, bounds.UpTo):
            return _sequence(_codec(get_args(inner)[0]), bound.most)
        optional = isinstance(inner, UnionType) and NoneType in get_args(inner)
        return _number(cast("bounds.Range", bound), int, optional=optional)
    raise TypeError(f"the contract has no way to carry {declared!r}")


def _number(allowed: bounds.Range, kind: type, *, optional: bool) -> _Codec:
    shift = int(optional)
    size = allowed.size + shift
    width = max(1, math.ceil((size - 1).bit_length() / 8))

    def write(value: object, out: bytearray) -> None:
        if value is None and optional:
            index = 0
        elif type(value) is kind and int(cast("int", value)) in allowed:
            index = (int(cast("int", value)) - allowed.least) // allowed.step + shift
        else:
            raise ContractError("a number is outside its bounds")
        out += index.to_bytes(width, "big")

    def read(data: memoryview, start: int) -> tuple[object, int]:
        end = start + width
        if end > len(data):
            raise ContractError("the message is too short")
        index = int.from_bytes(data[start:end], "big")
        if index >= size:
            raise ContractError("a number is outside its bounds")
        if optional and index == 0:
            return None, end
        return kind(allowed.least + (index - shift) * allowed.step), end

    return _Codec(write=write, read=read, bits=math.log2(size), most_bytes=width)


def _sequence(item: _Codec, most: int) -> _Codec:
    def write(value: object, out: bytearray) -> None:
        if not isinstance(value, tuple) or len(value) > most:
            raise ContractError("a list is longer than its bound")
        out.append(len(value))
        for one in value:
            item.write(one, out)

    def read(data: memoryview, start: int) -> tuple[object, int]:
        if start >= len(data) or data[start] > most:
            raise ContractError("a list is longer than its bound")
        end, items = start + 1, []
        for _ in range(data[start]):
            one, end = item.read(data, end)
            items.append(one)
        return tuple(items), end

    return _Codec(write=write, read=read, bits=list_bits(item.bits, most), most_bytes=1 + most * item.most_bytes)


def _record(record: type) -> _Codec:
    hints = get_type_hints(record, include_extras=True)
    parts = tuple((field.name, _codec(hints[field.name])) for field in fields(record))

    def write(value: object, out: bytearray) -> None:
        if type(value) is not record:
            raise ContractError("a part of the message is of another type")
        for name, codec in parts:
            codec.write(getattr(value, name), out)

    def read(data: memoryview, start: int) -> tuple[object, int]:
        values, end = {}, start
        for name, codec in parts:
            values[name], end = codec.read(data, end)
        return record(**values), end

    return _Codec(
        write=write,
        read=read,
        bits=sum(codec.bits for _, codec in parts),
        most_bytes=sum(codec.most_bytes for _, codec in parts),
    )
