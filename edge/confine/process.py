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


def _prctl(option: int, value: int = 0) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    answer = libc.prctl(option, ctypes.c_ulong(value), ctypes.c_ulong(0), ctypes.c_ulong(0), ctypes.c_ulong(0))
    if answer < 0:
        raise IsolationError(f"prctl {option}: {os.strerror(ctypes.get_errno())}; a Linux kernel from 3.5 on is needed")
    return int(answer)
