"""Files a process may touch from now on: Landlock, which binds the calling thread and its children.

Numbers from <linux/landlock.h>; the three calls have the same numbers on every architecture.
"""

import ctypes
import os
from collections.abc import Mapping
from enum import IntFlag
from pathlib import Path

from edge.confine import IsolationError

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_ASK_VERSION = 1
_RULE_PATH_BENEATH = 1
_SCOPE_VERSION = 6
_NET_VERSION = 4
_BIND_TCP = 1
_SCOPE_ABSTRACT_SOCKETS_AND_SIGNALS = 3


class Access(IntFlag):
    """What may be done to files; the numbers are the kernel's."""

    EXECUTE = 1 << 0
    WRITE_FILE = 1 << 1
    READ_FILE = 1 << 2
    REMOVE_DIR = 1 << 4
    REMOVE_FILE = 1 << 5
    MAKE_CHAR = 1 << 6
    MAKE_DIR = 1 << 7
    MAKE_REG = 1 << 8
    MAKE_SOCK = 1 << 9
    MAKE_FIFO = 1 << 10
    MAKE_BLOCK = 1 << 11
    MAKE_SYM = 1 << 12
    REFER = 1 << 13
    TRUNCATE = 1 << 14


READ = Access.EXECUTE | Access.READ_FILE
# Device nodes are in no grant: nobody makes one, not even in the state folder.
WRITE = (
    Access.WRITE_FILE
    | Access.REMOVE_DIR
    | Access.REMOVE_FILE
    | Access.MAKE_DIR
    | Access.MAKE_REG
    | Access.MAKE_SOCK
    | Access.MAKE_FIFO
    | Access.MAKE_SYM
    | Access.REFER
    | Access.TRUNCATE
)
CHANGE = WRITE | Access.MAKE_CHAR | Access.MAKE_BLOCK
_OF_A_FILE = Access.EXECUTE | Access.WRITE_FILE | Access.READ_FILE | Access.TRUNCATE
# The version of Landlock that brought each; an older kernel does not know it.
_SINCE = {Access.REFER: 2, Access.TRUNCATE: 3}


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def version() -> int:
    """Tell the kernel's version of Landlock; 0 where it has none."""
    return max(0, _call(_CREATE_RULESET, None, 0, _ASK_VERSION))


def restrict(handled: Access, grants: Mapping[Path, Access]) -> bool:
    """Forbid `handled` everywhere but under the paths in `grants`; False where the kernel has no Landlock.

    A path that does not exist is granted nothing. Also forbidden, where the kernel knows how: listening on TCP
    ports, abstract Unix sockets and signals to processes outside. Raises IsolationError where the kernel refuses.
    """
    have = version()
    if have == 0:
        return False
    for access, since in _SINCE.items():
        if have < since:
            handled &= ~access
    ruleset = _Ruleset(
        files=handled,
        net=_BIND_TCP if have >= _NET_VERSION else 0,
        scoped=_SCOPE_ABSTRACT_SOCKETS_AND_SIGNALS if have >= _SCOPE_VERSION else 0,
    )
    number = _require(_call(_CREATE_RULESET, ctypes.byref(ruleset), ctypes.sizeof(ruleset), 0))
    try:
        for path, access in grants.items():
            _grant(number, path, access & handled)
        _require(_call(_RESTRICT_SELF, number, 0, 0))
    finally:
        os.close(number)
    return True


def _grant(ruleset: int, path: Path, access: Access) -> None:
    try:
        parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not path.is_dir():
            access &= _OF_A_FILE
        if access:
            rule = _PathBeneath(allowed=access, parent=parent)
            _require(_call(_ADD_RULE, ruleset, _RULE_PATH_BENEATH, ctypes.byref(rule), 0))
    finally:
        os.close(parent)


def _require(answer: int) -> int:
    if answer < 0:
        raise IsolationError(f"Landlock: {os.strerror(ctypes.get_errno())}; set no_new_privs first")
    return answer


def _call(number: int, *arguments: object) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    wide = (ctypes.c_long(one) if isinstance(one, int) else one for one in arguments)
    return int(libc.syscall(ctypes.c_long(number), *wide))
