"""Who is at the other end of a Unix socket, as the kernel says (unix(7), SO_PEERCRED; SO_PEERGROUPS since Linux 4.13).

In a user namespace of one's own the kernel tells of every user and group outside only that they are none of ours.
"""

import socket
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_CREDENTIALS = struct.Struct("3i")  # struct ucred: pid, uid, gid
_SO_PEERGROUPS: Final = 59
# As many as Python asks for at once; somebody in more groups counts as being in none.
_MOST_GROUPS_BYTES: Final = 1024
_ALL_IDS: Final = 2**32 - 1
_UID_MAP = Path("/proc/self/uid_map")
_OVERFLOW_UID = Path("/proc/sys/kernel/overflowuid")


@dataclass(frozen=True, kw_only=True, slots=True)
class Peer:
    """The process that connected, or that listened when it was connected to; `groups` holds the primary one too."""

    pid: int
    uid: int
    groups: frozenset[int]
    hidden: bool
    """Whether a user namespace keeps its ids from us; they then say nothing."""


def peer_of(sock: socket.socket) -> Peer:
    """Ask the kernel who is at the other end of a connected Unix socket."""
    raw = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    pid, uid, gid = _CREDENTIALS.unpack(raw)
    return Peer(pid=pid, uid=uid, groups=_groups(sock) | {gid}, hidden=uid == _hidden_uid())


def _groups(sock: socket.socket) -> frozenset[int]:
    try:
        raw = sock.getsockopt(socket.SOL_SOCKET, _SO_PEERGROUPS, _MOST_GROUPS_BYTES)
    except OSError:
        return frozenset()
    return frozenset(struct.unpack(f"{len(raw) // 4}I", raw))


def _hidden_uid() -> int | None:
    """Tell which id the kernel gives for those it does not tell; None where it tells all."""
    try:
        told = sum(int(line.split()[2]) for line in _UID_MAP.read_text(encoding="ascii").splitlines())
        return int(_OVERFLOW_UID.read_text(encoding="ascii")) if told < _ALL_IDS else None
    except (OSError, ValueError):
        return None
