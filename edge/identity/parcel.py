"""The parcel: what an installer's machine leaves on a card for its first boot, in a partition without a file system.

`PASSANT-SITE 1`, a line with the length and the SHA-256 of what follows, and a JSON object of file names and contents
in base64. A file system would need a driver that trusts whatever stands there; this needs forty lines that do not.
"""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from edge.identity.durable import PRIVATE, PUBLIC, write_whole
from edge.identity.fault import IdentityError

PARTITION: Final = "PASSANT-SITE"
MAGIC: Final = b"PASSANT-SITE 1\n"
CLAIM: Final = "claim.json"
SITE: Final = "site.toml"
LEAST_ROOM: Final = 64 * 1024
MOST_BYTES: Final = 1024 * 1024

_HEAD = re.compile(rb"PASSANT-SITE 1\n([0-9]{1,7}) ([0-9a-f]{64})\n")
_MOST_HEAD = 128
_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}")
# Where it is written down which parcel was taken: a device that starts again must not get its claim back.
_TAKEN = ".parcel"


def is_name(name: str) -> bool:
    """Tell whether a file may be called so in a parcel: a plain name, in no folder and not hidden."""
    return _NAME.fullmatch(name) is not None


def pack(files: Mapping[str, bytes]) -> bytes:
    """Write files into a parcel, always in the same bytes; without any, it is what an image's builder leaves there."""
    held = {name: base64.b64encode(content).decode() for name, content in sorted(files.items())}
    body = json.dumps(held).encode() if files else b""
    return MAGIC + f"{len(body)} {hashlib.sha256(body).hexdigest()}\n".encode() + body


def unpack(area: bytes) -> dict[str, bytes]:
    """Read the files of a parcel that begins an area; raises IdentityError."""
    head = _HEAD.match(area[:_MOST_HEAD])
    if head is None:
        raise IdentityError(f"there is no parcel in the partition {PARTITION} — flash the card again: passant flash")
    body = area[head.end() : head.end() + int(head[1])]
    if len(body) > MOST_BYTES or hashlib.sha256(body).hexdigest().encode() != head[2]:
        raise IdentityError("the parcel is damaged — flash the card again: passant flash")
    return _files(body) if body else {}


def take(source: Path, folder: Path) -> tuple[str, ...]:
    """Lay a parcel's files into the device's folder, once; gives their names, none where it was taken before.

    What lies there of another parcel is replaced; keys and certificates, which no parcel holds, stay. Cut short at any
    place, it begins anew: which parcel was taken is written down last. Raises IdentityError, OSError.
    """
    with source.open("rb") as file:
        area = file.read(_MOST_HEAD + MOST_BYTES)
    files = unpack(area)
    if SITE not in files:
        raise IdentityError(
            f"{source}: there is no site file on this card — flash it: passant flash IMAGE DEVICE --site"
        )
    mark, taken = hashlib.sha256(pack(files)).hexdigest().encode(), folder / _TAKEN
    if taken.exists() and taken.read_bytes() == mark:
        return ()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    # The site file is the last that appears: whoever waits for it finds what it names.
    for name in sorted(files, key=lambda name: (name == SITE, name)):
        write_whole(folder / name, files[name], mode=PUBLIC if name.endswith((".toml", ".pem")) else PRIVATE)
    write_whole(taken, mark)
    return tuple(sorted(files))


def _files(body: bytes) -> dict[str, bytes]:
    try:
        held = json.loads(body)
        return {_checked(name): base64.b64decode(content, validate=True) for name, content in held.items()}
    except (ValueError, TypeError, AttributeError, RecursionError, binascii.Error):
        raise IdentityError("the parcel is none of this Passant's — flash the card again: passant flash") from None


def _checked(name: str) -> str:
    if not is_name(name):
        raise ValueError(name)
    return name
