"""Writes a card and reads it back, so that what is half written never boots.

The first MiB, which holds the partition table, is wiped at once and written last, after everything else was read back
from the card itself. The end is wiped too, where an older table's copy would lie.
"""

import fcntl
import hashlib
import mmap
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.cli.flash.fault import FlashError
from edge.cli.flash.manifest import CHUNK_BYTES, Manifest, Progress
from edge.cli.flash.target import Target

# linux/fs.h: drops what the kernel remembers of a block device.
_BLKFLSBUF: Final = 0x1261
_AGAIN = "the card does not boot now; flash it again, with another card if this happens twice"


@dataclass(frozen=True, kw_only=True, slots=True)
class Patch:
    """What the card holds that the image does not: bytes at an offset."""

    start: int
    content: bytes

    def laid_over(self, chunk: bytes, offset: int) -> bytes:
        """Lay it over a piece of the image that begins at an offset."""
        begin, end = max(self.start, offset), min(self.start + len(self.content), offset + len(chunk))
        if begin >= end:
            return chunk
        own = self.content[begin - self.start : end - self.start]
        return chunk[: begin - offset] + own + chunk[end - offset :]


def write_card(image: Path, manifest: Manifest, target: Target, patch: Patch, progress: Progress) -> None:
    """Write an image and a patch to a target and read them back; raises FlashError, and the card then doesn't boot."""
    descriptor = _open(target)
    try:
        _wipe(descriptor, target)
        written, head = _write_body(descriptor, image, manifest, patch, progress)
        _settle(descriptor, target)
        _compare_body(target, manifest.bytes, written, progress)
        os.pwrite(descriptor, head, 0)
        _settle(descriptor, target)
        if next(_read_back(target, 0, len(head)), b"") != head:
            _wipe(descriptor, target)
            raise FlashError(f"{target.path}: its beginning reads back otherwise — {_AGAIN}")
    except OSError as error:
        raise FlashError(f"{target.path}: {error.strerror} — {_AGAIN}") from None
    finally:
        os.close(descriptor)


def _open(target: Target) -> int:
    # On a device, exclusive means: not where it is mounted, held or opened so by anybody.
    exclusive = os.O_EXCL if target.is_disk else 0
    try:
        return os.open(target.path, os.O_RDWR | os.O_CLOEXEC | exclusive)
    except PermissionError:
        raise FlashError(f"{target.path}: may not be written to by this user — sudo passant flash …") from None
    except OSError as error:
        raise FlashError(f"{target.path}: {error.strerror} — close or umount whatever uses it") from None


def _wipe(descriptor: int, target: Target) -> None:
    nothing = bytes(min(CHUNK_BYTES, target.bytes))
    os.pwrite(descriptor, nothing, target.bytes - len(nothing))
    os.pwrite(descriptor, nothing, 0)
    os.fsync(descriptor)


def _write_body(
    descriptor: int, image: Path, manifest: Manifest, patch: Patch, progress: Progress
) -> tuple[bytes, bytes]:
    """Write all but the first MiB; gives the SHA-256 of what was written, and that MiB.

    The image is hashed once more: it may have changed since it was checked.
    """
    whole, body, head, done = hashlib.sha256(), hashlib.sha256(), b"", 0
    with image.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            whole.update(chunk)
            chunk = patch.laid_over(chunk, done)
            if done == 0:
                head = chunk
            else:
                _write_all(descriptor, chunk, done)
                body.update(chunk)
            done += len(chunk)
            progress("writing", done, manifest.bytes)
    if done != manifest.bytes or whole.hexdigest() != manifest.sha256:
        raise FlashError(f"{image}: changed while it was written — {_AGAIN}")
    return body.digest(), head


def _write_all(descriptor: int, chunk: bytes, offset: int) -> None:
    view = memoryview(chunk)
    while view:
        count = os.pwrite(descriptor, view, offset)
        view, offset = view[count:], offset + count


def _settle(descriptor: int, target: Target) -> None:
    """Have everything on the card, and nothing of it in the kernel's memory."""
    os.fsync(descriptor)
    if target.is_disk:
        fcntl.ioctl(descriptor, _BLKFLSBUF)
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)


def _compare_body(target: Target, size: int, written: bytes, progress: Progress) -> None:
    found, done = hashlib.sha256(), CHUNK_BYTES
    for chunk in _read_back(target, CHUNK_BYTES, size):
        found.update(chunk)
        done += len(chunk)
        progress("reading back", done, size)
    if found.digest() != written:
        raise FlashError(f"{target.path}: reads back otherwise than it was written — {_AGAIN}")


def _read_back(target: Target, start: int, end: int) -> Iterator[bytes]:
    """Read what a target holds from start to end (bytes), past the kernel's memory where it is a device."""
    direct = os.O_DIRECT if target.is_disk else 0
    descriptor = os.open(target.path, os.O_RDONLY | os.O_CLOEXEC | direct)
    # Memory of the kernel's own making is aligned as O_DIRECT wants it.
    with mmap.mmap(-1, CHUNK_BYTES) as room:
        try:
            while start < end and (count := os.preadv(descriptor, [room], start)):
                yield room[: min(count, end - start)]
                start += count
        finally:
            os.close(descriptor)
