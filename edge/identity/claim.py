"""A claim: the secret by which a new device gets its first certificate, once, and under one name only."""

import hashlib
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast
from urllib.parse import urlsplit

from edge.config.disk import others_can_read, regular_file_cause
from edge.identity import document
from edge.identity.durable import PRIVATE, write_whole
from edge.identity.fault import IdentityError

VERSION: Final = 1
SECRET_BYTES: Final = 32
FINGERPRINT_BYTES: Final = 16
"""As many as nobody finds a second secret for, and few enough to compare by eye."""

_FIELDS: Final = {"org": str, "id": str, "url": str, "secret": str, "expires_s": int, "ca": str}
_NAME = re.compile(r"[a-z0-9-]{1,48}")
_SECRET = re.compile(rf"[0-9a-f]{{{2 * SECRET_BYTES}}}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """What a device is given to ask with; `repr` shows no secret."""

    org: str
    id: str
    # Where the authority answers, https://host:port; empty where the request is carried by hand.
    url: str
    secret: str
    # Unix seconds.
    expires_s: int
    # The authority's own certificate in PEM: whom the device tells the secret to, and whose certificates it takes.
    ca: str

    def __repr__(self) -> str:
        return f"Claim({self.org}/{self.id}, {self.fingerprint})"

    @property
    def fingerprint(self) -> str:
        """The start of the secret's SHA-256, in hexadecimal: tells claims apart and gives none away."""
        return fingerprint(self.secret)


def new_secret() -> str:
    """Draw a secret of 256 bits, in hexadecimal: nobody guesses it, so guesses need not be counted."""
    return secrets.token_hex(SECRET_BYTES)


def fingerprint(secret: str) -> str:
    """Give the start of a secret's SHA-256, in hexadecimal."""
    return hashlib.sha256(secret.encode()).hexdigest()[: 2 * FINGERPRINT_BYTES]


def is_name(text: str) -> bool:
    """Tell whether a text is an id as a site file writes it; nothing else may become a file's name."""
    return _NAME.fullmatch(text) is not None


def encode(claim: Claim) -> bytes:
    """Write a claim as it is kept in a file."""
    return document.written(VERSION, {name: getattr(claim, name) for name in _FIELDS})


def decode(name: str, content: bytes) -> Claim:
    """Read a claim; raises IdentityError."""
    values = document.read(name, content, version=VERSION, fields=_FIELDS)
    org, device, url, secret, _, ca = (cast("str", values[field]) for field in _FIELDS)
    if not (is_name(org) and is_name(device) and _SECRET.fullmatch(secret) and is_address(url)):
        raise IdentityError(f"{name}: is no claim — have it made again with passant ca claim")
    return Claim(org=org, id=device, url=url, secret=secret, expires_s=cast("int", values["expires_s"]), ca=ca)


def load_claim(path: Path) -> Claim:
    """Read a claim's file, which must be its owner's alone; raises IdentityError."""
    cause = regular_file_cause(path)
    if cause:
        raise IdentityError(f"{path}: {cause} — name the file that passant ca claim has written")
    if others_can_read(path):
        raise IdentityError(f"{path}: others than its owner can read it — have a new one made: passant ca claim")
    with path.open("rb") as file:
        return decode(str(path), file.read(document.MOST_BYTES + 1))


def save_claim(path: Path, claim: Claim) -> None:
    """Write a claim's file, for its owner alone."""
    write_whole(path, encode(claim), mode=PRIVATE)


def is_address(url: str) -> bool:
    """Tell whether a text is https://host:port and nothing more, or empty."""
    try:
        parts = urlsplit(url)
        return not url or (url == f"https://{parts.netloc}" and bool(parts.hostname and parts.port) and "@" not in url)
    except ValueError:
        return False
