"""Room, health and wear of the disk that the state is kept on.

Wear is told by the eMMC's own registers (JEDEC JESD84-B51, DEVICE_LIFE_TIME_EST and PRE_EOL_INFO), which the kernel
shows; SD cards have none, and a SATA or NVMe disk's own figures need root and smartctl, so nothing is said of them.
"""

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

from edge.cli.doctor.finding import Figures, Finding, Verdict, failed, passed

_MB: Final = 1e6
_LEAST_MB: Final = 50.0
_TIGHT_MB: Final = 500.0
_LEAST_INODES: Final = 1000
# Tenths of its life: 0x0B is "exceeded"; at 0x09 some 80 to 90 % are over.
_WORN: Final = 0x09
_EXCEEDED: Final = 0x0B
_NORMAL_END: Final = 1
_COPY: Final = "replace the card or the board before it fails"


def disk(state: Path, sysfs: Path = Path("/sys")) -> Finding:
    """Look at the disk of the state folder, or of the nearest folder above it that is there."""
    folder = next(one for one in (state, *state.parents) if one.exists())
    found = os.statvfs(folder)
    left_mb, all_mb = found.f_bavail * found.f_frsize / _MB, found.f_blocks * found.f_frsize / _MB
    life, end, errors = _life(sysfs), _end_of_life(sysfs), _errors(sysfs)
    figures: Figures = {
        "folder": str(folder),
        "freeMB": round(left_mb),
        "totalMB": round(all_mb),
        "lifeTenths": life or None,
        "preEndOfLife": end or None,
        "errors": errors,
    }
    said = f"{folder}: {left_mb:.0f} of {all_mb:.0f} MB free"
    if found.f_flag & os.ST_RDONLY:
        mend = "the kernel may have found an error: look into dmesg, and replace the card if so; else mount it writable"
        return failed("disk", f"{folder} is read-only", mend, **figures)
    is_full = left_mb < _LEAST_MB or 0 < found.f_favail < _LEAST_INODES or (found.f_files and not found.f_favail)
    room = f"free some: sudo du -xh {folder} | sort -h | tail"
    check = "have it checked at the next start (fsck), and replace the card where it comes back"
    judged = (
        (is_full, Verdict.FAIL, "", room),
        (errors, Verdict.FAIL, f"; the file system has counted {errors} errors", check),
        (life >= _EXCEEDED or end > _NORMAL_END + 1, Verdict.FAIL, "; the flash is worn out", _COPY),
        (life >= _WORN or end > _NORMAL_END, Verdict.WARN, "; the flash has had most of its life", _COPY),
        (left_mb < _TIGHT_MB, Verdict.WARN, "", room),
    )
    for holds, verdict, why, mend in judged:
        if holds:
            return Finding(name="disk", verdict=verdict, said=f"{said}{why}", mend=mend, figures=figures)
    return passed("disk", f"{said}, {(life - 1) * 10} % of its life over at least" if life else said, **figures)


def _life(sysfs: Path) -> int:
    """Give the worst of the eMMCs' estimates, 1 for the first tenth; 0 where no disk tells."""
    return _most(sysfs, "life_time")


def _end_of_life(sysfs: Path) -> int:
    """Give 1 for normal, 2 where 80 % of the reserve is used, 3 for urgent; 0 where no disk tells."""
    return _most(sysfs, "pre_eol_info")


def _most(sysfs: Path, name: str) -> int:
    found: list[int] = []
    for path in sysfs.glob(f"block/mmcblk*/device/{name}"):
        with suppress(OSError, ValueError):
            found += [int(word, 16) for word in path.read_text(encoding="ascii").split()]
    # The register's own 0 stands for "not defined".
    return max(found, default=0)


def _errors(sysfs: Path) -> int:
    total = 0
    for path in sysfs.glob("fs/ext4/*/errors_count"):
        with suppress(OSError, ValueError):
            total += int(path.read_text(encoding="ascii"))
    return total
