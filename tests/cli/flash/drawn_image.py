"""Small disk images with a partition table, room for the parcel and drawn bytes, signed by a key of their own."""

import random
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from edge.cli.flash.manifest import sign
from edge.identity import parcel

MIB = 1024 * 1024
SIZE = 6 * MIB
PARCEL_AT = 2 * MIB
PARCEL_SIZE = 128 * 1024


@dataclass(frozen=True)
class Release:
    image: Path
    trust: Path
    key: Path


def silent(_doing: str, _done: int, _total: int) -> None:
    pass


def write_release(folder: Path, *, gpt: bool = True) -> Release:
    content = bytearray(random.Random(5).randbytes(SIZE))  # noqa: S311  the same bytes each time
    (_write_gpt if gpt else _write_mbr)(content)
    empty = parcel.pack({})
    content[PARCEL_AT : PARCEL_AT + PARCEL_SIZE] = empty.ljust(PARCEL_SIZE, b"\0")
    image = folder / "passant.img"
    image.write_bytes(content)
    key, trust = write_keys(folder, "release")
    sign(image, key, silent)
    return Release(image=image, trust=trust, key=key)


def write_keys(folder: Path, name: str) -> tuple[Path, Path]:
    key, path, trust = Ed25519PrivateKey.generate(), folder / f"{name}.key", folder / f"{name}.pem"
    path.touch(mode=0o600)
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    trust.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return path, trust


def _write_mbr(content: bytearray) -> None:
    content[446:512] = bytes(64) + b"\x55\xaa"
    content[446 + 4] = 0x0C
    struct.pack_into("<II", content, 446 + 8, 2048, 2048)
    content[462 + 4] = 0xDA
    struct.pack_into("<II", content, 462 + 8, PARCEL_AT // 512, PARCEL_SIZE // 512)


def _write_gpt(content: bytearray) -> None:
    """Write a protective MBR and the first table, sums and all, so that the kernel takes it."""
    content[: 34 * 512] = bytes(34 * 512)
    content[510:512] = b"\x55\xaa"
    content[446 + 4] = 0xEE
    struct.pack_into("<II", content, 446 + 8, 1, len(content) // 512 - 1)
    parts = ((4 * MIB, MIB, "root-a"), (PARCEL_AT, PARCEL_SIZE, parcel.PARTITION))
    for index, (start, size, name) in enumerate(parts):
        entry = struct.pack(
            "<16s16sQQQ", b"T" * 16, bytes([index + 1]) * 16, start // 512, (start + size) // 512 - 1, 0
        )
        content[1024 + 128 * index : 1152 + 128 * index] = (entry + name.encode("utf-16-le")).ljust(128, b"\0")
    last = len(content) // 512 - 1
    table = zlib.crc32(content[1024 : 1024 + 128 * 128])
    fields = (b"EFI PART", 0x10000, 92, 0, 0, 1, last, 34, last - 33, b"D" * 16, 2, 128, 128, table)
    header = bytearray(struct.pack("<8sIIIIQQQQ16sQIII", *fields))
    struct.pack_into("<I", header, 16, zlib.crc32(header))
    content[512 : 512 + len(header)] = header
