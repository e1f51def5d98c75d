"""What vouches for an image: IMAGE.manifest, its size and SHA-256, and IMAGE.manifest.sig, Ed25519 over those bytes.

The signature is the 64 bytes alone (RFC 8032), so that `openssl pkeyutl -verify -rawin` checks it as well.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from edge.cli.flash.fault import FlashError
from edge.config.disk import others_can_read, regular_file_cause
from edge.identity import document
from edge.identity.durable import write_whole
from edge.identity.fault import IdentityError

VERSION: Final = 1
CHUNK_BYTES: Final = 1024 * 1024
_SECTOR_BYTES = 512
_FIELDS: Final = {"image": str, "bytes": int, "sha256": str}
_MOST_SIGNATURE = 64

Progress = Callable[[str, int, int], None]
"""Is told what is being done, and how many bytes of how many are."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Manifest:
    """What an image is."""

    image: str
    bytes: int
    # In hexadecimal.
    sha256: str


def beside(image: Path) -> tuple[Path, Path]:
    """Name an image's manifest and its signature."""
    manifest = image.with_name(f"{image.name}.manifest")
    return manifest, manifest.with_name(f"{manifest.name}.sig")


def sign(image: Path, key: Path, progress: Progress) -> Manifest:
    """Write an image's manifest and its signature beside it; raises FlashError."""
    _require(image, "name the image")
    _require(key, "name the release's private key: openssl genpkey -algorithm ed25519 -out release.key")
    if others_can_read(key):
        raise FlashError(f"{key}: others than its owner can read it — chmod 600 {key}")
    private = _private(key)
    size = image.stat().st_size
    manifest = Manifest(image=image.name, bytes=size, sha256=_hash(image, size, progress))
    content = document.written(VERSION, {name: getattr(manifest, name) for name in _FIELDS})
    path, signature = beside(image)
    write_whole(path, content)
    write_whole(signature, private.sign(content))
    return manifest


def verified(image: Path, trust: Path, progress: Progress) -> Manifest:
    """Read an image's manifest where its signature and the image's hash hold; raises FlashError."""
    _require(image, "name the image, unpacked")
    manifest = _signed(image, trust)
    size = image.stat().st_size
    if size != manifest.bytes or size == 0 or size % _SECTOR_BYTES:
        raise FlashError(
            f"{image}: has {size} bytes, and its manifest says {manifest.bytes} — fetch or unpack it again"
        )
    if _hash(image, size, progress) != manifest.sha256:
        raise FlashError(f"{image}: is not the image that was signed: its SHA-256 differs — fetch it again")
    return manifest


def _signed(image: Path, trust: Path) -> Manifest:
    path, signature = beside(image)
    _require(path, "fetch it with the image")
    _require(signature, "fetch it with the image")
    _require(trust, "name the release's public key, from whoever gave you the image, by another way")
    with path.open("rb") as file:
        content = file.read(document.MOST_BYTES)
    try:
        with signature.open("rb") as file:
            _public(trust).verify(file.read(_MOST_SIGNATURE + 1), content)
    except InvalidSignature:
        raise FlashError(f"{path}: was not signed by the owner of {trust} — do not use this image") from None
    try:
        values = document.read(str(path), content, version=VERSION, fields=_FIELDS)
    except IdentityError as fault:
        raise FlashError(str(fault)) from None
    return Manifest(
        image=cast("str", values["image"]), bytes=cast("int", values["bytes"]), sha256=cast("str", values["sha256"])
    )


def _require(path: Path, mend: str) -> None:
    cause = regular_file_cause(path)
    if cause:
        raise FlashError(f"{path}: {cause} — {mend}")


def _public(path: Path) -> Ed25519PublicKey:
    try:
        key = load_pem_public_key(path.read_bytes())
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise FlashError(f"{path}: is no public Ed25519 key in PEM — name the release's public key")
    return key


def _private(path: Path) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise FlashError(f"{path}: is no private Ed25519 key in PEM — openssl genpkey -algorithm ed25519 -out {path}")
    return key


def _hash(image: Path, size: int, progress: Progress) -> str:
    total, done = hashlib.sha256(), 0
    with image.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            total.update(chunk)
            done += len(chunk)
            progress("checking the image", done, size)
    return total.hexdigest()
