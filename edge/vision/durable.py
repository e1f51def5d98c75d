"""Small files that are there whole or not at all, still there after the power went, and known when damaged."""

import hashlib
import os
from pathlib import Path
from typing import Final

_CHECK_BYTES: Final = 8


class DamagedError(ValueError):
    """A file is not as it was written."""


def write_durably(path: Path, content: bytes) -> None:
    """Write a file with its check, so that after a return it survives a power cut, and before it the old one does.

    Raises OSError, and then leaves the old file and nothing else.
    """
    draft = path.with_name(f"{path.name}.draft")
    try:
        with open(draft, "wb", opener=_for_us_only) as file:
            file.write(content + _check(content))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def read_durable(path: Path) -> bytes:
    """Read what `write_durably` wrote; raises OSError, and DamagedError where the check does not fit."""
    data = path.read_bytes()
    content, check = data[:-_CHECK_BYTES], data[-_CHECK_BYTES:]
    if check != _check(content):
        raise DamagedError("the check does not fit")
    return content


def sync_folder(folder: Path) -> None:
    """Make the folder's list of names survive a power cut."""
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _for_us_only(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _check(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=_CHECK_BYTES).digest()
