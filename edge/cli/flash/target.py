"""The card that is to be overwritten, and everything that speaks against it.

Looked up in sysfs, which knows of every partition and of what is built upon it. The kernel has the last word: the
device is opened exclusively, which it refuses for all that is mounted or held, in any mount namespace.
"""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from edge.cli.flash.fault import FlashError
from edge.cli.flash.upon import mounts_upon, signature_upon

HUGE_BYTES = 256 * 10**9
_SECTOR_BYTES = 512
_SYSTEM = frozenset({"/", "/boot", "/boot/efi", "/boot/firmware", "/usr", "/var", "/home"})
_BLOCKS = Path("/sys/dev/block")
_MOUNTS = Path("/proc/self/mountinfo")


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """What is written to: a disk, or a regular file that stands for one."""

    path: Path
    # What an installer types to confirm.
    name: str
    bytes: int
    is_disk: bool
    # Its maker and model, where it tells them.
    model: str = ""


def target_at(path: Path, *, least: int, huge: bool, mounts: Path = _MOUNTS) -> Target:
    """Look at a device of at least so many bytes before it is overwritten; raises FlashError where anything objects."""
    real = path.resolve()
    try:
        mode = real.stat()
    except OSError as error:
        raise FlashError(f"{path}: {error.strerror} — plug the card in, and find it with lsblk") from None
    if stat.S_ISREG(mode.st_mode):
        found = _file(real, mode.st_size)
    elif stat.S_ISBLK(mode.st_mode):
        found = _disk(real, _BLOCKS / f"{os.major(mode.st_rdev)}:{os.minor(mode.st_rdev)}", mounts)
    else:
        raise FlashError(f"{path}: is no disk — name the whole card, such as /dev/sdX, as lsblk shows it")
    if found.bytes < least:
        raise FlashError(f"{path}: holds {_gb(found.bytes)}, and {_gb(least)} are needed — use a larger card")
    if found.bytes > HUGE_BYTES and not huge:
        raise FlashError(f"{path}: holds {_gb(found.bytes)}, which is no usual card — if it is the one, add --huge")
    return found


def _file(path: Path, size: int) -> Target:
    if not os.access(path, os.W_OK):
        raise FlashError(f"{path}: may not be written to — choose another file, or chmod u+w {path}")
    for backing in Path("/sys/block").glob("loop*/loop/backing_file"):
        if _line(backing) == str(path):
            loop = backing.parts[3]
            raise FlashError(f"{path}: is in use as /dev/{loop} — flash /dev/{loop}, or losetup -d /dev/{loop}")
    return Target(path=path, name=path.name, bytes=size, is_disk=False)


def _disk(path: Path, entry: Path, mounts: Path) -> Target:
    node = entry.resolve()
    if (node / "partition").exists():
        raise FlashError(f"{path}: is a partition, not a disk — name the whole card: /dev/{node.parent.name}")
    if (node / "dm").exists() or (node / "md").exists():
        raise FlashError(f"{path}: is a volume that others are built into, not a disk — name a card")
    _object_to_use(path, node, mounts)
    if _line(node / "ro") == "1":
        raise FlashError(f"{path}: is read-only — slide the card's lock back, or use another reader")
    size = int(_line(node / "size") or 0) * _SECTOR_BYTES
    model = " ".join(filter(None, (_line(node / "device" / name) for name in ("vendor", "model", "name"))))
    return Target(path=path, name=node.name, bytes=size, is_disk=True, model=model)


def _object_to_use(path: Path, node: Path, mounts: Path) -> None:
    """Raise FlashError where anything of a disk is mounted, swapped to, or part of a larger volume."""
    points = mounts_upon(node, mounts)
    system = sorted(_SYSTEM.intersection(points))
    if system:
        raise FlashError(f"{path}: is a disk this system runs on ({system[0]}) — name the card")
    if points:
        raise FlashError(f"{path}: is in use at {points[0]} — umount {points[0]}, if that is the card")
    for part in (node, *_partitions(node)):
        holders = sorted(holder.name for holder in (part / "holders").iterdir())
        if holders:
            raise FlashError(f"{path}: {part.name} is part of {holders[0]} — name a card that nothing is built upon")
        found = signature_upon(path, None if part is node else _extent(part))
        if found:
            raise FlashError(
                f"{path}: {part.name} holds {found}, as computers' disks do — if it may go: wipefs -a /dev/{part.name}"
            )


def _partitions(node: Path) -> Iterator[Path]:
    return (child.parent for child in sorted(node.glob("*/partition")))


def _extent(part: Path) -> tuple[int, int]:
    """Give where a partition begins and how long it is, bytes."""
    return int(_line(part / "start")) * _SECTOR_BYTES, int(_line(part / "size")) * _SECTOR_BYTES


def _line(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def _gb(size: int) -> str:
    return f"{size / 10**9:.2f} GB"
