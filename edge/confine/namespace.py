"""Views of the machine of the process's own: no network interfaces, no devices, files that only can be read.

Both bind the calling thread only, so they come before any other thread. Where we are not root a user
namespace of our own is made for them; a child tries that first, because it cannot be undone half-way.
"""

import ctypes
import os
from collections.abc import Callable
from pathlib import Path

_NEW_MOUNTS = 0x0002_0000
_NEW_USERS = 0x1000_0000
_NEW_NETWORK = 0x4000_0000
_MS_NOSUID_NOEXEC, _MS_BIND, _MS_REC, _MS_PRIVATE = 0x2 | 0x8, 0x1000, 0x4000, 0x4_0000
_PR_SET_PDEATHSIG, _PR_GET_PDEATHSIG = 1, 2
# From <linux/mount.h> and <linux/fcntl.h>; the call has the same number on every architecture.
_MOUNT_SETATTR, _READ_ONLY = 442, 1
_AT_FDCWD, _AT_RECURSIVE = -100, 0x8000
_HARMLESS_DEVICES = ("null", "zero", "random", "urandom")


class _Attributes(ctypes.Structure):
    _fields_ = (
        ("set", ctypes.c_uint64),
        ("clear", ctypes.c_uint64),
        ("propagation", ctypes.c_uint64),
        ("users", ctypes.c_uint64),
    )


def leave_the_network() -> bool:
    """Move into a network namespace of our own, where there is no interface; tell whether that was allowed."""
    return _in_full(_unshare_network)


def hide_devices() -> bool:
    """Put a /dev with nothing but null, zero and random in place of the real one; tell whether that worked."""
    return _in_full(_mask_dev)


def write_only_below(folder: Path) -> bool:
    """Make every mount but `folder` read-only; tell whether that worked. Devices stay writable."""
    return _in_full(lambda: _freeze_all_but(folder))


def give_fresh(folder: Path) -> bool:
    """Put an empty file system in memory in a folder's place, for us and our children; tell whether that worked."""
    return _in_full(lambda: _mount_fresh(folder))


def _in_full(step: Callable[[], None]) -> bool:
    child = os.fork()
    if child == 0:
        os._exit(_succeeds(step))
    worked = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1
    return worked and _succeeds(step)


def _succeeds(step: Callable[[], None]) -> bool:
    try:
        step()
    except OSError:
        return False
    return True


def _unshare_network() -> None:
    _unshare(_NEW_NETWORK)


def _mask_dev() -> None:
    _unshare(_NEW_MOUNTS)
    kept = {name: os.open(f"/dev/{name}", os.O_PATH | os.O_CLOEXEC) for name in _HARMLESS_DEVICES}
    _mount("none", "/", None, _MS_REC | _MS_PRIVATE)
    _mount("tmpfs", "/dev", "tmpfs", _MS_NOSUID_NOEXEC)
    for name, number in kept.items():
        Path(f"/dev/{name}").touch()
        _mount(f"/proc/self/fd/{number}", f"/dev/{name}", None, _MS_BIND)
        os.close(number)


def _mount_fresh(folder: Path) -> None:
    _unshare(_NEW_MOUNTS)
    _mount("none", "/", None, _MS_REC | _MS_PRIVATE)
    _mount("tmpfs", str(folder), "tmpfs", _MS_NOSUID_NOEXEC)


def _freeze_all_but(folder: Path) -> None:
    _unshare(_NEW_MOUNTS)
    _mount("none", "/", None, _MS_REC | _MS_PRIVATE)
    _mount(str(folder), str(folder), None, _MS_BIND)
    _set_mounts("/", _Attributes(set=_READ_ONLY), _AT_RECURSIVE)
    _set_mounts(str(folder), _Attributes(clear=_READ_ONLY), 0)


def _set_mounts(path: str, attributes: "_Attributes", flags: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    size = ctypes.sizeof(attributes)
    here, number = ctypes.c_long(_AT_FDCWD), ctypes.c_long(_MOUNT_SETATTR)
    if libc.syscall(number, here, path.encode(), ctypes.c_long(flags), ctypes.byref(attributes), ctypes.c_long(size)):
        raise OSError(ctypes.get_errno(), "mount_setattr", path)


def _unshare(what: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(what) == 0:
        return
    user, group = os.geteuid(), os.getegid()
    # The kernel forgets this when the process gains the new namespace's rights.
    at_parents_death = ctypes.c_int()
    libc.prctl(_PR_GET_PDEATHSIG, ctypes.byref(at_parents_death), 0, 0, 0)
    if libc.unshare(what | _NEW_USERS) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    libc.prctl(_PR_SET_PDEATHSIG, at_parents_death, 0, 0, 0)
    Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1", encoding="ascii")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1", encoding="ascii")


def _mount(source: str, target: str, kind: str | None, flags: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    kind_bytes = kind.encode() if kind else None
    if libc.mount(source.encode(), target.encode(), kind_bytes, ctypes.c_ulong(flags), None) != 0:
        raise OSError(ctypes.get_errno(), "mount", target)
