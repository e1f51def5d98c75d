"""What the process is forbidden about itself: dumps, new privileges, threads before their time.

Numbers from <linux/prctl.h>.
"""

import ctypes
import os
import resource
import signal
import socket
import stat
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from edge.confine import IsolationError

_STANDARD_ERROR = 2
_PR_SET_PDEATHSIG = 1
_PR_GET_DUMPABLE = 3
_PR_SET_DUMPABLE = 4
_PR_SET_NO_NEW_PRIVS = 38
# From <linux/capability.h>, version 3: two words of 32 capabilities each, for one thread.
_PR_CAPBSET_READ, _PR_CAPBSET_DROP = 23, 24
_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL = 47, 4
_CAPABILITIES_VERSION, _CAPABILITIES_END = 0x2008_0522, 64
_CAP_DAC_OVERRIDE = 1
CAP_FSETID = 4
"""Leaves the set-user-ID bits of a file that is written to; without the right to set any it grants nothing."""


class _CapabilityHeader(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("thread", ctypes.c_int32))


class _CapabilityWord(ctypes.Structure):
    _fields_ = (("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32))


def require_one_thread() -> None:
    """Raise IsolationError where threads run already: namespaces and Landlock bind only the thread that asks."""
    threads = sum(1 for _ in Path("/proc/self/task").iterdir())
    if threads > 1:
        raise IsolationError(f"{threads} threads run already; confine the process before it imports numpy")


def harden() -> None:
    """Forbid memory dumps, reading by other processes of the same user, and privileges gained by a program."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    _prctl(_PR_SET_DUMPABLE, 0)


def drop_capabilities(kept: Collection[int] = ()) -> None:
    """Give up what root may, for good, and for programs started later too; as an ordinary user nothing changes.

    With them a root process reads another's memory by /proc and the kernel's by /proc/kcore, whatever Landlock says
    (CAP_PERFMON goes before it). DAC_OVERRIDE stays, and `kept`: the state folder may be another user's, and Landlock
    or read-only mounts hold root too. Raises IsolationError where the kernel refuses.
    """
    kept = {_CAP_DAC_OVERRIDE, *kept}
    for capability in range(_CAPABILITIES_END):
        if capability not in kept and _has_in_bounding_set(capability):
            _drop_from_bounding_set(capability)
    libc = ctypes.CDLL(None, use_errno=True)
    # Kernels before 4.3 have no ambient ones to clear.
    libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL, ctypes.c_ulong(0), ctypes.c_ulong(0), ctypes.c_ulong(0))
    header = _CapabilityHeader(version=_CAPABILITIES_VERSION)
    words = (_CapabilityWord * 2)()
    if libc.capget(ctypes.byref(header), words) == 0:
        left = words[0].permitted & sum(1 << capability for capability in kept)
        words = (_CapabilityWord * 2)(_CapabilityWord(effective=left, permitted=left))
        if libc.capset(ctypes.byref(header), words) == 0:
            return
    raise IsolationError(f"capset: {os.strerror(ctypes.get_errno())}; run it as a user without privileges")


def end_with_parent() -> None:
    """Have the kernel send us SIGTERM when the process that started us dies; raises IsolationError where it is gone."""
    parent = os.getppid()
    _prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        raise IsolationError("whoever started this process is gone")


def dumpable() -> bool:
    """Tell whether anything could still write the process's memory to disk or read it."""
    return _prctl(_PR_GET_DUMPABLE) != 0 or resource.getrlimit(resource.RLIMIT_CORE) != (0, 0)


def close_inherited(kept: Collection[int] = ()) -> None:
    """Close what whoever started us left open, but for the standard three and `kept`.

    Known by its lack of close-on-exec, which Python sets on whatever it opens itself.
    """
    for number in sorted(int(entry.name) for entry in Path("/proc/self/fd").iterdir()):
        with suppress(OSError):
            if number > _STANDARD_ERROR and number not in kept and os.get_inheritable(number):
                os.close(number)


def inherited_network_sockets() -> tuple[int, ...]:
    """Find open descriptors that are sockets of a network, given to us by whoever started us."""
    most = min(resource.getrlimit(resource.RLIMIT_NOFILE)[0], 65_536)
    return tuple(number for number in range(most) if _is_network_socket(number))


def _is_network_socket(number: int) -> bool:
    try:
        if not stat.S_ISSOCK(os.fstat(number).st_mode):
            return False
        with socket.socket(fileno=os.dup(number)) as borrowed:
            return borrowed.family != socket.AF_UNIX
    except OSError:
        return False  # not open


def _has_in_bounding_set(capability: int) -> bool:
    libc = ctypes.CDLL(None, use_errno=True)
    return bool(libc.prctl(_PR_CAPBSET_READ, ctypes.c_ulong(capability), *(ctypes.c_ulong(0),) * 3) == 1)


def _drop_from_bounding_set(capability: int) -> None:
    # An ordinary user may not, and has none that a program could regain: no new privileges.
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_CAPBSET_DROP, ctypes.c_ulong(capability), *(ctypes.c_ulong(0),) * 3)


def _prctl(option: int, value: int = 0) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    answer = libc.prctl(option, ctypes.c_ulong(value), ctypes.c_ulong(0), ctypes.c_ulong(0), ctypes.c_ulong(0))
    if answer < 0:
        raise IsolationError(f"prctl {option}: {os.strerror(ctypes.get_errno())}; a Linux kernel from 3.5 on is needed")
    return int(answer)
