"""The one path between the two processes: a Unix socket of whole messages, checked at both ends.

Length before content: a message longer than the longest permitted one is cut off by the kernel and
refused (`MSG_TRUNC`). No room is ever offered for a file descriptor, so the kernel closes one that
is sent along and says so (`MSG_CTRUNC`). What is refused is counted, never repaired, never quoted.
"""

import math
import os
import select
import socket
import stat
import struct
import time
from collections.abc import Iterable
from contextlib import suppress
from enum import Enum, unique
from pathlib import Path
from types import TracebackType
from typing import Self

from edge.contract import bounds, wire
from edge.contract.report import Message

# struct sockaddr_un holds 108 bytes, one of them the closing zero.
MOST_PATH_BYTES = 107
# So many bad messages end a connection.
MOST_REFUSED = 16
# A peer that takes no message for so long is gone.
SEND_TIMEOUT_S = 10.0
_SYSTEMD_FIRST_FD = 3
_CREDENTIALS = struct.Struct("3i")  # struct ucred: pid, uid, gid


class ChannelError(Exception):
    """The channel cannot be used; the text says what to mend."""


class ChannelPathError(ChannelError, ValueError):
    """The place of the socket cannot hold one."""


class ChannelAbsentError(ChannelError, ConnectionError):
    """Nobody listens, or it is not the one we may speak with; trying again later may help."""


class ChannelClosedError(ChannelError, ConnectionError):
    """The connection is over."""


@unique
class Refusal(Enum):
    """Why a message was refused."""

    OVERSIZED = "oversized"
    DESCRIPTOR = "descriptor"
    MALFORMED = "malformed"


class Connection:
    """One end of a connection; sending and receiving may happen in two threads, each in one only."""

    def __init__(self, sock: socket.socket, receives: tuple[type, ...]) -> None:
        """Take over `sock`; only messages of the types in `receives` are let in."""
        self.refused: dict[Refusal, int] = dict.fromkeys(Refusal, 0)
        self._socket = sock
        self._socket.settimeout(SEND_TIMEOUT_S)
        self._receives = receives
        self._most_bytes = wire.most_bytes(receives)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def closed(self) -> bool:
        """Whether this end was closed."""
        return self._socket.fileno() < 0

    def fileno(self) -> int:
        """Tell the descriptor, for waiting on it together with others."""
        return self._socket.fileno()

    def close(self) -> None:
        """Close this end; the other end finds out."""
        self._socket.close()

    def send(self, message: Message) -> None:
        """Send one message; raises ContractError where it breaks the contract, ChannelClosedError at the end."""
        data = wire.encode(message)
        try:
            self._socket.send(data)
        except OSError as error:
            raise self._ended("the other process takes no messages") from error

    def receive(self, timeout_s: float) -> Message | None:
        """Wait for the next good message; None when none came in time.

        Bad ones are counted in `refused`. Raises ChannelClosedError at the end, or after too many bad ones.
        """
        end_s = time.monotonic() + timeout_s
        while self._readable(end_s - time.monotonic()):
            message = self._next()
            if isinstance(message, Refusal):
                self._refuse(message)
            else:
                return message
        return None

    def _readable(self, timeout_s: float) -> bool:
        if self.closed:
            raise ChannelClosedError("this end of the channel is closed")
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        return bool(poll.poll(max(0.0, timeout_s) * 1000))

    def _next(self) -> Message | Refusal:
        try:
            data, _, flags, _ = self._socket.recvmsg(self._most_bytes, 0, socket.MSG_DONTWAIT)
        except OSError as error:
            raise self._ended("the other process is gone") from error
        if not data and self._hung_up():
            raise self._ended("the other process closed the channel")
        if flags & socket.MSG_CTRUNC:
            return Refusal.DESCRIPTOR
        if flags & socket.MSG_TRUNC:
            return Refusal.OVERSIZED
        try:
            return wire.decode(data, self._receives)
        except wire.ContractError:
            return Refusal.MALFORMED

    def _hung_up(self) -> bool:
        # An empty message reads like the end; only a hang-up tells them apart.
        poll = select.poll()
        poll.register(self._socket, select.POLLRDHUP)
        return bool(poll.poll(0))

    def _refuse(self, why: Refusal) -> None:
        self.refused[why] += 1
        if sum(self.refused.values()) >= MOST_REFUSED:
            raise self._ended(f"{MOST_REFUSED} messages broke the contract")

    def _ended(self, why: str) -> ChannelClosedError:
        self.close()
        return ChannelClosedError(why)


def connect(path: Path, receives: tuple[type, ...], *, allowed_uids: Iterable[int] = ()) -> Connection:
    """Connect to the process that listens at `path`.

    It must run as root, as our own user or as one of `allowed_uids`. Raises ChannelAbsentError where nobody
    listens or somebody else does, ChannelPathError where the path cannot be a socket's.
    """
    address = _checked(path)
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        sock.settimeout(SEND_TIMEOUT_S)
        sock.connect(address)
        if _peer_uid(sock) not in {0, os.geteuid(), *allowed_uids}:
            raise ChannelAbsentError(f"{path}: the listener runs as another user; allow that user or start it as ours")
    except OSError as error:
        sock.close()
        if isinstance(error, ChannelAbsentError):
            raise
        raise ChannelAbsentError(f"{path}: {error.strerror or error}; start the publisher") from error
    return Connection(sock, receives)


class Listener:
    """The publisher's end: it listens at a path and serves one vision at a time.

    A newcomer is turned away, and counted in `rejected`, while another connection is open, when it runs as
    a user that is not allowed, and when it comes sooner than the contract's least time between two.
    """

    def __init__(self, path: Path, receives: tuple[type, ...], *, allowed_uids: Iterable[int] = ()) -> None:
        """Listen at `path` (mode 0660), or take the socket that systemd passes; a stale socket file is removed.

        Raises ChannelPathError where the path cannot be used, ChannelError where another process listens there.
        """
        self.rejected = 0
        self._path = path
        self._receives = receives
        self._allowed_uids = frozenset({os.geteuid(), *allowed_uids})
        self._current: Connection | None = None
        self._accepted_s = -math.inf
        passed = _from_systemd()
        self._owns_path = passed is None
        self._socket = passed or _bound(path)
        self._socket.settimeout(0.0)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def fileno(self) -> int:
        """Tell the descriptor, for waiting on it together with others."""
        return self._socket.fileno()

    def accept(self, timeout_s: float) -> Connection | None:
        """Wait for a vision to connect; None when none came in time or the one that came was turned away."""
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        if not poll.poll(max(0.0, timeout_s) * 1000):
            return None
        try:
            newcomer, _ = self._socket.accept()
        except OSError:
            return None  # gone again before it was let in
        if not self._welcome(newcomer):
            self.rejected += 1
            newcomer.close()
            return None
        self._accepted_s = time.monotonic()
        self._current = Connection(newcomer, self._receives)
        return self._current

    def close(self) -> None:
        """Stop listening and remove the socket file; an open connection stays open."""
        self._socket.close()
        if self._owns_path:
            # A confined process may not write there any more; the next listener removes what is left.
            with suppress(OSError):
                self._path.unlink()

    def _welcome(self, newcomer: socket.socket) -> bool:
        busy = self._current is not None and not self._current.closed
        soon = time.monotonic() - self._accepted_s < bounds.LEAST_RECONNECT_S
        return not busy and not soon and _peer_uid(newcomer) in self._allowed_uids


def _peer_uid(sock: socket.socket) -> int:
    raw = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    return int(_CREDENTIALS.unpack(raw)[1])


def _checked(path: Path) -> str:
    length = len(os.fsencode(path))
    if length > MOST_PATH_BYTES:
        raise ChannelPathError(
            f"{path}: a socket's path has at most {MOST_PATH_BYTES} bytes, this one {length}; "
            "choose a shorter state folder (--state)"
        )
    return os.fspath(path)


def _bound(path: Path) -> socket.socket:
    address = _checked(path)
    _remove_stale(path)
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    # The file has its mode from the start: there is no moment in which others may connect.
    before = os.umask(0o117)
    try:
        sock.bind(address)
    except OSError as error:
        sock.close()
        raise ChannelPathError(f"{path}: {error.strerror}; choose a folder that can be written to (--state)") from error
    finally:
        os.umask(before)
    sock.listen(1)
    return sock


def _remove_stale(path: Path) -> None:
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise ChannelPathError(f"{path}: something that is no socket lies here; move it away")
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as probe:
        if probe.connect_ex(os.fspath(path)) == 0:
            raise ChannelError(f"{path}: another publisher listens here; stop it first")
    path.unlink(missing_ok=True)


def _from_systemd() -> socket.socket | None:
    """Take the listening socket of a systemd socket unit (sd_listen_fds(3)), where there is one."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()) or os.environ.get("LISTEN_FDS") != "1":
        return None
    sock = socket.socket(fileno=_SYSTEMD_FIRST_FD)
    if (sock.family, sock.type) != (socket.AF_UNIX, socket.SOCK_SEQPACKET):
        raise ChannelError("systemd passed a socket of another kind; the unit needs ListenSequentialPacket=")
    return sock
