"""What a disk is used for: mounts and swap upon it, however many volumes lie between, and signatures that tell."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from edge.cli.flash.fault import FlashError

_BLOCKS = Path("/sys/dev/block")
_SWAPS = Path("/proc/swaps")
_SBIN = "/usr/sbin:/sbin"
_NOTHING_FOUND = 2
_KINDS = {"LVM2_member": "an LVM volume", "linux_raid_member": "a part of a RAID", "swap": "swap space"}


def mounts_upon(node: Path, mounts: Path) -> list[str]:
    """List where a disk (its folder in sysfs) is mounted or swapped to, by what stands in a mountinfo, sorted."""
    return sorted({point for device, point in (*_mounted(mounts), *_swapped()) if node in _disks_of(device)})


def signature_upon(disk: Path, extent: tuple[int, int] | None) -> str:
    """Say what a disk, or a part of it (start, length: bytes), is to a computer; empty where that is nothing of note.

    Raises FlashError where it cannot be looked at.
    """
    blkid = shutil.which("blkid", path=f"{os.environ.get('PATH', '')}:{_SBIN}")
    if blkid is None:
        raise FlashError("blkid is missing, which tells what a disk holds — sudo apt install util-linux")
    part = [] if extent is None else ["-O", str(extent[0]), "-S", str(extent[1])]
    command = [blkid, "-p", "-o", "value", "-s", "TYPE", "-u", "raid,crypto,other", *part, "--", str(disk)]
    asked = subprocess.run(command, capture_output=True, text=True, check=False)
    if asked.returncode == _NOTHING_FOUND and os.access(disk, os.R_OK):
        return ""
    if asked.returncode != 0:
        raise FlashError(f"{disk}: cannot be looked into — sudo passant flash …")
    kind = asked.stdout.strip()
    # A table of partitions is found too, and has no type.
    return _KINDS.get(kind, f"{kind} data") if kind else ""


def _mounted(mounts: Path) -> Iterator[tuple[str, str]]:
    """Read device number and mount point of each mount; proc(5) has the fields.

    Some file systems (btrfs) have a number of their own, so that their source's is told too.
    """
    for line in mounts.read_text(encoding="utf-8", errors="replace").splitlines():
        fields, _, rest = line.partition(" - ")
        device, point = fields.split(" ")[2], fields.split(" ")[4].encode().decode("unicode_escape")
        yield device, point
        source = rest.split(" ")[1] if " " in rest else ""
        if source.startswith("/dev/"):
            yield _number(Path(source)), point


def _swapped() -> Iterator[tuple[str, str]]:
    if _SWAPS.exists():
        for line in _SWAPS.read_text(encoding="utf-8").splitlines()[1:]:
            yield _number(Path(line.split()[0])), "swap"


def _number(path: Path) -> str:
    try:
        device = path.stat().st_rdev
    except OSError:
        return ""
    return f"{os.major(device)}:{os.minor(device)}"


def _disks_of(device: str) -> set[Path]:
    """Find the disks beneath a device number, through partitions and volumes."""
    entry = _BLOCKS / device
    return _beneath(entry.resolve()) if device and entry.exists() else set()


def _beneath(node: Path) -> set[Path]:
    found = {node.parent if (node / "partition").exists() else node}
    for slave in (node / "slaves").glob("*"):
        found |= _beneath(slave.resolve())
    return found
