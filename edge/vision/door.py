"""The door to the stills' channel: vision looks whether somebody who may ask for a still waits in the setup folder.

Vision listens for nobody. Whoever wants a still listens, vision connects, and gives one only when the kernel says that
it is root or a member of the setup group. Where vision has a user namespace of its own the kernel tells neither; then
the folder speaks, in which nobody else can have made a socket.
"""

import grp
import logging
import os
import socket
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.contract.peer import Peer, peer_of
from edge.contract.stills import SETUP_GROUP, SOCKET_NAME

_log = logging.getLogger(__name__)

# Somebody who listens takes a connection at once; one who does not must not hold vision up.
_CONNECT_S: Final = 1.0
_OTHERS: Final = stat.S_IRWXO


@dataclass(frozen=True, kw_only=True, slots=True)
class Visitor:
    """Somebody who may have a still: the open channel, and who it is, for the journal."""

    channel: socket.socket
    who: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Admission:
    """Who may ask; found out before the confinement, which hides groups."""

    folder: Path
    # None where the device has no such group: then root alone may.
    group: int | None
    # Whether our own user is a member of it.
    is_ours: bool
    # Whether the folder, as it was then, lets in nobody but its owner, root and the group.
    closed: bool

    @classmethod
    def at(cls, folder: Path) -> "Admission":
        """Look up the setup group, whether this process belongs to it, and whether the folder is closed to others."""
        try:
            group = grp.getgrnam(SETUP_GROUP).gr_gid
        except KeyError:
            group = None
        is_ours = group is not None and group in {os.getegid(), *os.getgroups()}
        return cls(folder=folder, group=group, is_ours=is_ours, closed=_is_closed(folder, group))

    def admits(self, peer: Peer) -> bool:
        """Tell whether somebody may have a still."""
        if peer.hidden:
            return self.closed
        if peer.uid == 0 or (self.group is not None and self.group in peer.groups):
            return True
        return self.is_ours and peer.uid == os.geteuid()


def _is_closed(folder: Path, group: int | None) -> bool:
    try:
        found = folder.lstat()
    except OSError:
        return False
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {0, os.geteuid()}:
        return False
    return not found.st_mode & _OTHERS and (found.st_gid == group or not found.st_mode & stat.S_IWGRP)


class Door:
    """Looked at now and then; lets one visitor in at a time."""

    def __init__(self, admission: Admission) -> None:
        self._admission = admission
        self._path = admission.folder / SOCKET_NAME
        # The socket that was knocked at last: each is asked in once, and gone when its owner has what it wanted.
        self._met: tuple[int, int] | None = None

    def look(self) -> Visitor | None:
        """Connect to whoever waits and was not met yet; None where nobody does, or somebody who may not ask."""
        try:
            found = self._path.lstat()
        except OSError:
            return None
        which = (found.st_ino, found.st_ctime_ns)
        if not stat.S_ISSOCK(found.st_mode) or which == self._met:
            return None
        self._met = which
        channel = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            channel.settimeout(_CONNECT_S)
            channel.connect(os.fspath(self._path))
            peer = peer_of(channel)
        except OSError:
            channel.close()  # gone again, or left behind by somebody who was killed
            return None
        if self._admission.admits(peer):
            return Visitor(channel=channel, who=_said(peer))
        channel.close()
        _log.warning("a still was refused: %s asked, and is neither root nor in %s", _said(peer), SETUP_GROUP)
        return None


def _said(peer: Peer) -> str:
    if peer.hidden:
        return f"process {peer.pid} of root or of a member of {SETUP_GROUP} (which one is hidden from here)"
    return f"user {peer.uid}, process {peer.pid}"
