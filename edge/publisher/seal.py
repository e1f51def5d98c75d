"""The seal on a row of the outbox: SQLite does not notice a flipped byte, a keyed hash does.

BLAKE2b with a key (RFC 7693), the key in a file that only the publisher reads.
"""

import hashlib
import hmac
import os
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path

_KEY_BYTES = 32
_SEAL_BYTES = 16
_FOR_US_ONLY = 0o600


@dataclass(frozen=True, slots=True)
class Sealer:
    """Seals rows with one key and tells whether a seal still holds."""

    key: bytes

    def seal(self, *parts: int | str | bytes) -> bytes:
        """Compute the seal over the parts of one row, their order and their limits."""
        digest = hashlib.blake2b(key=self.key, digest_size=_SEAL_BYTES)
        for part in parts:
            data = part if isinstance(part, bytes) else str(part).encode()
            digest.update(len(data).to_bytes(8, "big") + data)
        return digest.digest()

    def holds(self, seal: bytes, *parts: int | str | bytes) -> bool:
        """Tell whether `seal` is the seal of the parts."""
        return hmac.compare_digest(seal, self.seal(*parts))


def open_sealer(path: Path) -> Sealer:
    """Read the key, or make one where there is none (or half of one); raises OSError."""
    try:
        key = path.read_bytes()
    except FileNotFoundError:
        key = b""
    if len(key) != _KEY_BYTES:
        key = secrets.token_bytes(_KEY_BYTES)
        _write(path, key)
    elif stat.S_IMODE(path.stat().st_mode) != _FOR_US_ONLY:
        # This process may change no file's mode; it makes the file anew.
        _write(path, key)
    return Sealer(key)


def _write(path: Path, key: bytes) -> None:
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _FOR_US_ONLY), "wb") as file:
        file.write(key)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
