"""Where an image or a card has its partitions: the tables of UEFI 2.10, chapter 5 (GPT), and of the MBR before it."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from edge.cli.flash.fault import FlashError
from edge.identity import parcel

_SECTOR_BYTES = 512
_SIGNATURE = b"EFI PART"
_MOST_ENTRIES = 1024
_LEAST_ENTRY = 128
_NAME = slice(56, 128)
_MBR_TABLE = slice(446, 510)
_MBR_ENTRY = 16
# "Non-FS data", as an MBR's type says it: an MBR gives no names.
_MBR_OWN = 0xDA
# What the first MiB holds is written last; the parcel must not lie there.
_LEAST_START = 1024 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class Area:
    """A partition: `[start, start + size)`, bytes."""

    name: str
    kind: int
    start: int
    size: int


def areas(file: BinaryIO) -> tuple[Area, ...]:
    """Read the partitions of a disk or of an image of one; none where there is no table."""
    file.seek(0)
    first = file.read(2 * _SECTOR_BYTES)
    if first[_SECTOR_BYTES : _SECTOR_BYTES + 8] == _SIGNATURE:
        return tuple(_gpt(file, first[_SECTOR_BYTES:]))
    if first[510:512] == b"\x55\xaa":
        return tuple(_mbr(first[_MBR_TABLE]))
    return ()


def parcel_area(image: Path) -> Area:
    """Find where an image keeps its parcel; raises FlashError."""
    with image.open("rb") as file:
        for area in areas(file):
            if parcel.PARTITION not in area.name and area.kind != _MBR_OWN:
                continue
            file.seek(area.start)
            if file.read(len(parcel.MAGIC)) == parcel.MAGIC and area.start >= _LEAST_START:
                return area
    raise FlashError(
        f"{image}: has no partition {parcel.PARTITION} for the site file — use an image of passant image build"
    )


def _gpt(file: BinaryIO, header: bytes) -> Iterator[Area]:
    first, count, size = struct.unpack_from("<QII", header, 72)
    if count > _MOST_ENTRIES or size < _LEAST_ENTRY or size > _SECTOR_BYTES:
        return
    file.seek(first * _SECTOR_BYTES)
    table = file.read(count * size)
    for offset in range(0, len(table) - size + 1, size):
        entry = table[offset : offset + size]
        start, end = struct.unpack_from("<QQ", entry, 32)
        if any(entry[:16]) and start <= end:
            name = entry[_NAME].decode("utf-16-le", "replace").rstrip("\0")
            yield Area(name=name, kind=0, start=start * _SECTOR_BYTES, size=(end - start + 1) * _SECTOR_BYTES)


def _mbr(table: bytes) -> Iterator[Area]:
    for offset in range(0, len(table), _MBR_ENTRY):
        start, count = struct.unpack_from("<II", table, offset + 8)
        kind = table[offset + 4]
        if kind and count:
            yield Area(name="", kind=kind, start=start * _SECTOR_BYTES, size=count * _SECTOR_BYTES)
