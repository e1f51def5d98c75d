"""Attempts at what must be impossible, from everywhere in the process: a confinement counts once they all fail."""

import ctypes
import os
import secrets
import socket
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

Probe = Callable[[], frozenset[str]]
"""Tries forbidden things and names those that succeeded."""

_SEPARATOR = "\n"
# From <linux/ipc.h>; readable and writable by the user only.
_IPC_PRIVATE, _IPC_RMID, _OWN = 0, 0, 0o600
_PAGE_BYTES = 4096


def everywhere(probe: Probe) -> frozenset[str]:
    """Run a probe in this thread, in a new thread and in a child process; name all that succeeded anywhere."""
    found = set(probe())
    thread = threading.Thread(target=lambda: found.update(probe()))
    thread.start()
    thread.join()
    return frozenset(found) | _in_child(probe)


def sockets(wanted: Iterable[tuple[str, int, int, int]]) -> frozenset[str]:
    """Try to make sockets, each given as (name, family, type, protocol); name those that could be made."""
    made = set()
    for name, family, kind, protocol in wanted:
        with suppress(OSError), socket.socket(family, kind, protocol):
            made.add(name)
    return frozenset(made)


def writable(folders: Iterable[Path]) -> frozenset[str]:
    """Try to make a file in each folder, and remove it again; name the folders where that worked."""
    found = set()
    for folder in folders:
        path = folder / f".passant-{secrets.token_hex(8)}"
        with suppress(OSError):
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
            path.unlink()
            found.add(str(folder))
    return frozenset(found)


def openable(paths: Iterable[Path]) -> frozenset[str]:
    """Try to open each path for reading and for both reading and writing; name those that opened."""
    found = set()
    for path in paths:
        for mode in (os.O_RDONLY, os.O_RDWR):
            with suppress(OSError):
                os.close(os.open(path, mode | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY))
                found.add(str(path))
    return frozenset(found)


def system_v() -> frozenset[str]:
    """Try to make shared memory and a message queue that other processes could find, and remove them again."""
    libc = ctypes.CDLL(None)
    found = set()
    memory = libc.shmget(_IPC_PRIVATE, _PAGE_BYTES, _OWN)
    if memory >= 0:
        libc.shmctl(memory, _IPC_RMID, None)
        found.add("shared memory")
    queue = libc.msgget(_IPC_PRIVATE, _OWN)
    if queue >= 0:
        libc.msgctl(queue, _IPC_RMID, None)
        found.add("message queues")
    return frozenset(found)


def _in_child(probe: Probe) -> frozenset[str]:
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        with suppress(BaseException):
            os.write(write, _SEPARATOR.join(probe()).encode())
            status = 0
        os._exit(status)
    os.close(write)
    with os.fdopen(read, encoding="utf-8") as told:
        names = told.read()
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 0:
        return frozenset({"a child process that did not answer"})
    return frozenset(filter(None, names.split(_SEPARATOR)))
