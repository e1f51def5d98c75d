"""System calls that a process gives up for good: seccomp, in every thread and every child.

Rules deny and everything else is allowed, because OpenCV, LiteRT and libcamera change what they need from
version to version; what is denied here is what none of them may ever do. A call of another architecture
(32-bit, x32) kills the process, which is libseccomp's own default.
"""

import errno
import os
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum, unique
from types import ModuleType
from typing import Any

from edge.confine import IsolationError

# From <linux/socket.h>: the families end below this, and the type's low bits tell it from its flags.
_FAMILIES_END = 64
_TYPE_MASK = 0xF
# From <linux/ioctl.h>: the byte of a request that names the kind of device.
_IOCTL_KIND_MASK = 0xFF00
_NETLINK_KOBJECT_UEVENT = 15
_AF_NETLINK = 16
# libseccomp's __NR_SCMP_ERROR; a call that only another architecture has is another negative number.
_UNKNOWN = -1


@unique
class Compare(IntEnum):
    """How an argument is compared; the numbers are libseccomp's."""

    DIFFERS = 1
    EQUALS = 4
    AT_LEAST = 5
    MASKED_EQUALS = 7


@dataclass(frozen=True, slots=True)
class Argument:
    """A condition on one argument of a call; `mask` only with `MASKED_EQUALS`."""

    index: int
    compare: Compare
    value: int
    mask: int = 0


@dataclass(frozen=True, slots=True)
class Denied:
    """A call that fails with `answer` where all conditions hold."""

    call: str
    conditions: tuple[Argument, ...] = ()
    answer: int = errno.EPERM


# Neither process looks into another, loads code into the kernel, changes mounts, keys or clocks, goes round
# the filter (io_uring has no seccomp), makes device nodes, or leaves what another process finds: System V and
# POSIX queues, shared memory and semaphores, extended attributes. adjtimex stays: it tells whether the clock is set.
NEITHER = (
    *("io_uring_setup", "io_uring_enter", "io_uring_register"),
    *("ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "pidfd_getfd", "kcmp"),
    *("bpf", "perf_event_open", "userfaultfd", "keyctl", "add_key", "request_key", "memfd_secret"),
    *("mount", "umount2", "pivot_root", "chroot", "move_mount", "open_tree", "mount_setattr"),
    *("fsopen", "fsconfig", "fsmount", "fspick", "setns", "unshare", "open_by_handle_at"),
    *("init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load", "reboot"),
    *("swapon", "swapoff", "acct", "quotactl", "syslog", "vhangup", "iopl", "ioperm"),
    *("settimeofday", "clock_settime", "clock_adjtime", "sethostname", "setdomainname"),
    *("mknod", "mknodat"),
    *("shmget", "shmat", "shmdt", "shmctl", "msgget", "msgsnd", "msgrcv", "msgctl"),
    *("semget", "semop", "semtimedop", "semctl"),
    *("mq_open", "mq_unlink", "mq_timedsend", "mq_timedreceive", "mq_notify", "mq_getsetattr"),
    *("setxattr", "lsetxattr", "fsetxattr", "setxattrat"),
    *("removexattr", "lremovexattr", "fremovexattr", "removexattrat"),
)
# Landlock lets a file's mode, owner and times be changed anywhere.
_FILE_ATTRIBUTES = (
    *("chmod", "fchmod", "fchmodat", "fchmodat2", "chown", "lchown", "fchown", "fchownat"),
    *("utime", "utimes", "futimesat", "utimensat", "file_setattr"),
)
# Younger than the oldest libseccomp that will do; the same on every architecture.
_YOUNG = {"fchmodat2": 452, "setxattrat": 463, "removexattrat": 466, "file_setattr": 469}
_NEW_USER_NAMESPACE = 0x1000_0000


def never() -> tuple[Denied, ...]:
    """List what neither process may do.

    clone3 hides its flags behind a pointer; without it the C library falls back to clone, whose flags are seen.
    """
    namespace = Argument(0, Compare.MASKED_EQUALS, _NEW_USER_NAMESPACE, mask=_NEW_USER_NAMESPACE)
    return (
        *(Denied(call) for call in NEITHER),
        Denied("clone3", answer=errno.ENOSYS),
        Denied("clone", (namespace,)),
    )


def file_attributes() -> tuple[Denied, ...]:
    """List the changing of a file's mode, owner and times: files must be made with the right ones."""
    return tuple(Denied(call) for call in _FILE_ATTRIBUTES)


def limits_of_others() -> tuple[Denied, ...]:
    """List the changing of limits and priorities of any process but the caller."""
    return (
        Denied("prlimit64", (Argument(0, Compare.DIFFERS, 0),)),
        Denied("setpriority", (Argument(0, Compare.DIFFERS, 0),)),
        Denied("setpriority", (Argument(1, Compare.DIFFERS, 0),)),
    )


def number_of(call: str, architecture: int) -> int:
    """Tell a call's number; negative where that architecture has none, raises IsolationError where it is unknown."""
    number = int(_library().resolve_syscall(architecture, call))
    if number == _UNKNOWN:
        number = _YOUNG.get(call, _UNKNOWN)
    if number == _UNKNOWN:
        raise IsolationError(f"libseccomp does not know {call}; version 2.5.4 or later is needed")
    return number


def sockets_except(families: Iterable[int]) -> tuple[Denied, ...]:
    """List the making of sockets of every family but these; pairs, which reach nobody, stay for AF_UNIX."""
    allowed = frozenset(families)
    return _families("socket", allowed) + _families("socketpair", frozenset({socket.AF_UNIX}))


def unix_only_as_seqpacket() -> tuple[Denied, ...]:
    """List the making of Unix sockets of any type but the channel's: D-Bus, journals and proxies speak others."""
    return unix_types(kind for kind in range(_TYPE_MASK + 1) if kind != socket.SOCK_SEQPACKET)


def unix_types(kinds: Iterable[int]) -> tuple[Denied, ...]:
    """List the making of Unix sockets of these types: those that are open already stay, and can be accepted on."""
    return tuple(
        Denied(
            "socket",
            (
                Argument(0, Compare.EQUALS, socket.AF_UNIX),
                Argument(1, Compare.MASKED_EQUALS, kind, mask=_TYPE_MASK),
            ),
        )
        for kind in kinds
    )


def netlink_only_for_devices() -> tuple[Denied, ...]:
    """List netlink but for the kernel's news of devices, which libcamera listens to."""
    return (
        Denied(
            "socket",
            (
                Argument(0, Compare.EQUALS, _AF_NETLINK),
                Argument(2, Compare.DIFFERS, _NETLINK_KOBJECT_UEVENT),
            ),
        ),
    )


def device_requests(kinds: Iterable[int]) -> tuple[Denied, ...]:
    """List the ioctl requests of these kinds of device, each named by its letter's code."""
    return tuple(
        Denied("ioctl", (Argument(1, Compare.MASKED_EQUALS, kind << 8, mask=_IOCTL_KIND_MASK),)) for kind in kinds
    )


def load(rules: Iterable[Denied]) -> None:
    """Give up these calls in all threads of the process and all its children, at once and for good.

    Raises IsolationError where libseccomp is missing or too old, or the kernel refuses.
    """
    pyseccomp = _library()
    try:
        gate = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
        gate.set_attr(pyseccomp.Attr.CTL_TSYNC, 1)
        for rule in rules:
            number = number_of(rule.call, pyseccomp.Arch.NATIVE)
            gate.add_rule(pyseccomp.ERRNO(rule.answer), number, *(_native(pyseccomp, one) for one in rule.conditions))
        gate.load()
    except OSError as error:
        raise IsolationError(
            f"the kernel takes no system call filter ({os.strerror(error.errno or 0)}); it needs CONFIG_SECCOMP_FILTER"
        ) from error


def _library() -> ModuleType:
    try:
        import pyseccomp  # noqa: PLC0415  it looks for the C library when it is imported, and raises without it
    except (ImportError, RuntimeError) as error:
        raise IsolationError("libseccomp is missing; apt install libseccomp2, pip install pyseccomp") from error
    return pyseccomp  # type: ignore[no-any-return]


def _native(pyseccomp: ModuleType, condition: Argument) -> Any:  # noqa: ANN401  the library has no types
    if condition.compare is Compare.MASKED_EQUALS:
        return pyseccomp.Arg(condition.index, int(condition.compare), condition.mask, condition.value)
    return pyseccomp.Arg(condition.index, int(condition.compare), condition.value)


def _families(call: str, allowed: frozenset[int]) -> tuple[Denied, ...]:
    # The last rule also takes numbers whose upper half, which the kernel ignores, is not zero.
    return (
        *(
            Denied(call, (Argument(0, Compare.EQUALS, family),))
            for family in range(_FAMILIES_END)
            if family not in allowed
        ),
        Denied(call, (Argument(0, Compare.AT_LEAST, _FAMILIES_END),)),
    )
