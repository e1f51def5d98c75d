"""Disks that must not be overwritten: real ones of the loop driver, mounted, of volumes, partitions and so on."""

import os
import struct
import subprocess
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from edge.cli.flash.fault import FlashError
from edge.cli.flash.manifest import Manifest
from edge.cli.flash.target import target_at
from edge.cli.flash.write import Patch, write_card
from tests.cli.flash.drawn_image import MIB, SIZE, silent, write_release
from tests.cli.flash.loop import loop_device

SBIN = f"{os.environ['PATH']}:/usr/sbin:/sbin"


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    path = tmp_path / "disk"
    path.write_bytes(bytes(8 * MIB))
    return path


def objection(path: Path, *, least: int = SIZE, huge: bool = False) -> str:
    with pytest.raises(FlashError) as caught:
        target_at(path, least=least, huge=huge)
    assert " — " in str(caught.value)
    return str(caught.value)


@contextmanager
def partition(device: Path, start: int) -> Iterator[Path]:
    """Tell the kernel of a partition of 1 MiB, since not every kernel reads tables; gives its folder in sysfs."""
    sectors = [str(start // 512), str(MIB // 512)]
    subprocess.run(["addpart", device, "1", *sectors], check=True, env={"PATH": SBIN})
    try:
        yield Path(f"/sys/block/{device.name}/{device.name}p1")
    finally:
        # It would outlive the file that the device stands for.
        subprocess.run(["delpart", device, "1"], check=True, env={"PATH": SBIN})


def lvm_label() -> bytes:
    """The label of an LVM volume, in its second sector; its sum is a CRC-32 with a start of its own."""
    body = struct.pack("<I8s32sQ", 32, b"LVM2 001", b"x" * 32, 8 * MIB).ljust(512 - 20, b"\0")
    total = zlib.crc32(body, 0xF597A6CF ^ 0xFFFFFFFF) ^ 0xFFFFFFFF
    return struct.pack("<8sQI", b"LABELONE", 1, total) + body


def test_a_free_disk_and_a_file_are_taken(disk: Path) -> None:
    assert target_at(disk, least=SIZE, huge=False).name == "disk"
    with loop_device(disk) as device:
        target = target_at(device, least=SIZE, huge=False)
        assert (target.name, target.bytes, target.is_disk) == (device.name, 8 * MIB, True)


def test_a_card_that_was_flashed_before_is_taken(tmp_path: Path) -> None:
    with loop_device(write_release(tmp_path).image) as device, partition(device, 4 * MIB):
        assert target_at(device, least=SIZE, huge=False).is_disk


def test_a_mounted_disk_is_refused_by_us_and_by_the_kernel(tmp_path: Path, disk: Path) -> None:
    subprocess.run(["mkfs.ext4", "-q", disk], check=True, env={"PATH": SBIN})
    point = tmp_path / "a point"
    point.mkdir()
    with loop_device(disk) as device:
        target = target_at(device, least=SIZE, huge=False)
        if subprocess.run(["mount", device, point], check=False, capture_output=True).returncode != 0:
            pytest.skip("this machine lets us mount nothing")
        try:
            assert f"is in use at {point}" in objection(device)
            # Mounted after we looked, or where we cannot see it.
            release = write_release(tmp_path)
            before = disk.read_bytes()
            with pytest.raises(FlashError, match="close or umount"):
                write_card(release.image, _any_manifest(release.image), target, Patch(start=0, content=b""), silent)
            assert disk.read_bytes() == before
        finally:
            subprocess.run(["umount", point], check=True)


def _any_manifest(image: Path) -> Manifest:
    return Manifest(image=image.name, bytes=image.stat().st_size, sha256="")


def test_the_disk_this_system_runs_on_is_refused(tmp_path: Path, disk: Path) -> None:
    with loop_device(disk) as device:
        number = device.stat().st_rdev
        mounts = tmp_path / "mountinfo"
        mounts.write_text(f"1 1 {os.major(number)}:{os.minor(number)} / / rw - ext4 {device} rw\n")
        with pytest.raises(FlashError, match="this system runs on"):
            target_at(device, least=SIZE, huge=False, mounts=mounts)


def test_the_real_system_disk_is_refused() -> None:
    root = Path("/").stat().st_dev
    node = Path(f"/sys/dev/block/{os.major(root)}:{os.minor(root)}")
    if not node.exists():
        pytest.skip("the root of this system is on no disk of its own")
    device = Path("/dev") / node.resolve().name
    if not device.exists():
        pytest.skip(f"{device} has no node here")
    told = objection(device)
    assert "this system runs on" in told or "is a partition" in told or "is a volume" in told


@pytest.mark.parametrize(("what", "offset"), [("swap space", 0), ("an LVM volume", 512), ("swap space", 4 * MIB)])
def test_what_computers_keep_on_disks_is_refused(tmp_path: Path, disk: Path, what: str, offset: int) -> None:
    content = bytearray(write_release(tmp_path).image.read_bytes()[:MIB] if offset > MIB else b"").ljust(8 * MIB, b"\0")
    if what == "swap space":
        content[offset : offset + 4096] = _swap()
    else:
        content[offset : offset + 512] = lvm_label()
    disk.write_bytes(content)
    with loop_device(disk) as device, partition(device, 4 * MIB):
        assert f"holds {what}" in objection(device)


def _swap() -> bytes:
    head = struct.pack("<1024xIII16s16s", 1, 15, 0, b"u" * 16, b"")
    return head.ljust(4086, b"\0") + b"SWAPSPACE2"


def test_a_partition_is_no_disk(tmp_path: Path, disk: Path) -> None:
    disk.write_bytes(write_release(tmp_path).image.read_bytes())
    with loop_device(disk) as device, partition(device, 4 * MIB) as part:
        major, minor = map(int, (part / "dev").read_text().split(":"))
        node = tmp_path / "node"
        os.mknod(node, 0o600 | 0o060000, os.makedev(major, minor))
        assert f"is a partition, not a disk — name the whole card: {device}" in objection(node)


def test_small_huge_read_only_and_no_disks_are_refused(tmp_path: Path, disk: Path) -> None:
    assert "use a larger card" in objection(disk, least=9 * MIB)
    huge = tmp_path / "huge"
    huge.touch()
    os.truncate(huge, 257 * 10**9)
    assert "add --huge" in objection(huge)
    assert target_at(huge, least=SIZE, huge=True).bytes == 257 * 10**9
    with loop_device(disk, "-r") as device:
        assert "is read-only" in objection(device)
    for path in (tmp_path, Path("/dev/null"), tmp_path / "nothing"):
        objection(path)


def test_a_file_that_a_loop_device_stands_for_is_refused(disk: Path) -> None:
    with loop_device(disk) as device:
        assert f"is in use as {device}" in objection(disk)
