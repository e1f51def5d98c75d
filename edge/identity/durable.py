"""Files that are as they were or whole, whatever a power cut does; secret ones are their owner's from the start."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

PRIVATE = 0o600
PUBLIC = 0o644


def write_whole(path: Path, content: bytes, *, mode: int = PUBLIC) -> None:
    """Put a file in its place at once, synced, with its folder; raises OSError and leaves nothing beside it then."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        _write(part, content, mode)
        part.replace(path)
    except BaseException:
        with suppress(OSError):
            part.unlink()
        raise
    sync_folder(path.parent)


def remove(path: Path) -> None:
    """Take a file away for good, so that no power cut brings it back; it may be missing."""
    path.unlink(missing_ok=True)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Have the disk know which names a folder holds."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write(path: Path, content: bytes, mode: int) -> None:
    # The mode is given as the file is made: there is no moment at which others can open it.
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    with os.fdopen(descriptor, "wb") as file:
        os.fchmod(file.fileno(), mode)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
