"""Attempts at what a unit forbids, without the process's own confinement: `python3 -m tests.systemd.probes SIDE`.

It runs in the unit's place, and once without any unit. It writes one JSON object: each attempt with what became of it,
"done" or the name of the error. Nothing is harmed where an attempt succeeds: files are opened, calls lead nowhere.
"""

import ctypes
import errno
import json
import mmap
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pyseccomp

from edge.confine import syscalls

CALLS = (
    *("mount", "umount2", "pivot_root", "open_tree", "move_mount", "fsopen", "setns", "ptrace", "process_vm_readv"),
    *("process_vm_writev", "pidfd_getfd", "perf_event_open", "bpf", "init_module", "finit_module", "kexec_load"),
    *("swapon", "acct", "iopl", "quotactl", "fanotify_init", "chroot", "setpriority", "sched_setscheduler"),
)
VISION_FAMILIES = {"AF_INET": (2, 1), "AF_INET datagram": (2, 2), "AF_INET6": (10, 1), "AF_INET6 datagram": (10, 2)}
FAMILIES = {"AF_PACKET": (17, 3), "AF_ALG": (38, 5), "AF_VSOCK": (40, 1), "AF_CAN": (29, 3), "AF_TIPC": (30, 1)}
FOREIGN_FILES = ("/etc/passwd", "/etc/passant/site.toml", "/usr/bin/env", "/opt/passant/bin/passant")
FOREIGN_FOLDERS = (
    *("/etc", "/usr", "/opt", "/run", "/root", "/var/lib", "/var/lib/passant", "/var/log", "/srv", "/proc/sys/kernel"),
)
SECRETS = ("/etc/shadow", "/proc/1/environ", "/root/.profile")
CLONE_NEWUSER = 0x1000_0000
HIDDEN = {"vision": "/var/lib/passant/publisher", "publisher": "/var/lib/passant/vision"}


def call(name: str) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    number = syscalls.number_of(name, pyseccomp.Arch.NATIVE)
    if libc.syscall(ctypes.c_long(number), *(ctypes.c_long(-1),) * 6) < 0:
        raise OSError(ctypes.get_errno(), name)


def new_user_namespace() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWUSER) < 0:
        raise OSError(ctypes.get_errno(), "unshare")


def make_file(folder: str) -> None:
    path = Path(folder, "passant-probe")
    path.touch(exist_ok=False)
    path.unlink()


def open_file(path: str, flags: int) -> None:
    os.close(os.open(path, flags | os.O_NONBLOCK | os.O_NOCTTY))


def run_what_was_written(state: Path) -> None:
    program = state / "program"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o700)
    try:
        subprocess.run([program], check=True)
    finally:
        program.unlink()


def set_group_bit(state: Path) -> None:
    path = state / "mine"
    path.touch()
    try:
        path.chmod(0o2755)
    finally:
        path.unlink()


def writable_code() -> None:
    mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC).close()


def a_network() -> None:
    """Find a network interface besides loopback's, or the loopback that other services listen on."""
    with socket.socket(socket.AF_INET) as sock:
        sock.connect(("127.0.0.1", 1883))


def attempts(side: str) -> dict[str, Callable[[], object]]:
    state = Path("/var/lib/passant", side)
    families = {**FAMILIES, **(VISION_FAMILIES if side == "vision" else {})}
    return {
        **{f"socket {name}": partial(_socket, *given) for name, given in families.items()},
        **({"the broker": a_network} if side == "vision" else {}),
        **{f"change {path}": partial(open_file, path, os.O_WRONLY) for path in FOREIGN_FILES},
        **{f"a file in {folder}": partial(make_file, folder) for folder in FOREIGN_FOLDERS},
        **{f"read {path}": partial(open_file, path, os.O_RDONLY) for path in SECRETS},
        "look at the other's state": lambda: list(Path(HIDDEN[side]).iterdir()),
        "other processes": lambda: list(Path("/proc/1/task").iterdir()),
        "a signal to systemd": lambda: os.kill(1, 0),
        "a new user namespace": new_user_namespace,
        "run what was written": partial(run_what_was_written, state),
        "a set-group-ID bit": partial(set_group_bit, state),
        "memory to write and run": writable_code,
        "a device's node": lambda: os.mknod(state / "node", 0o600 | 0o020000, os.makedev(1, 3)),
        "another personality": _personality,
        **{f"call {name}": partial(call, name) for name in CALLS},
    }


def _socket(family: int, kind: int) -> None:
    socket.socket(family, kind).close()


def _personality() -> None:
    # The 32-bit one, of an older kernel.
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.personality(ctypes.c_ulong(0x0020_0000)) < 0:
        raise OSError(ctypes.get_errno(), "personality")


def outcome(attempt: Callable[[], object]) -> str:
    try:
        attempt()
    except OSError as error:
        return errno.errorcode[error.errno or 0]
    return "done"


if __name__ == "__main__":
    json.dump({name: outcome(attempt) for name, attempt in attempts(sys.argv[1]).items()}, sys.stdout)
