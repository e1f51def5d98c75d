"""Memory that stays memory: what a process sees must not reach a disk by way of swap.

Numbers from <linux/mman.h>.
"""

import ctypes
import resource
from contextlib import suppress
from pathlib import Path

_MCL_CURRENT, _MCL_FUTURE, _MCL_ONFAULT = 1, 2, 4
_SWAPS = Path("/proc/swaps")
# Compressed memory, which is no disk.
_IN_MEMORY = "/dev/zram"


def stays_off_the_disk() -> bool:
    """Have the kernel keep the process's memory where it is; tell whether none of it can reach a disk.

    Where there is no swap, there is nothing to be done. Otherwise all memory is locked as it is touched, also what
    is shared with programs that are started later; they must lock their own. That takes root, or LimitMEMLOCK=infinity.
    """
    if not swap_on_disk(_SWAPS.read_text(encoding="utf-8") if _SWAPS.exists() else ""):
        return True
    return lock()


def lock() -> bool:
    """Lock all memory, present and future, as it is touched; tell whether that was allowed."""
    unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_MEMLOCK, unlimited)
    if resource.getrlimit(resource.RLIMIT_MEMLOCK) != unlimited:
        # With less, the next larger picture would end the process.
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    return bool(libc.mlockall(_MCL_CURRENT | _MCL_FUTURE | _MCL_ONFAULT) == 0)


def swap_on_disk(swaps: str) -> bool:
    """Read /proc/swaps: tell whether some swap is on a disk."""
    return any(not line.startswith(_IN_MEMORY) for line in swaps.splitlines()[1:])
