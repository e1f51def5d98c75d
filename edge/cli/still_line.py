"""The asker's end of the stills' channel: a socket in the setup folder, there for one still and gone after it."""

import fcntl
import math
import os
import select
import socket
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from edge.contract import stills
from edge.contract.channel import MOST_PATH_BYTES
from edge.contract.peer import peer_of
from edge.contract.stills import SETUP_GROUP, SOCKET_NAME, StillHeader, StillRefusedError

# Vision looks each second; before its first still it loads models, which takes a small device a while.
_PATIENCE_S: Final = 30.0
_TICK_S: Final = 0.1
# Everybody who may enter the folder may connect; vision, whose user may be another, among them.
_UMASK: Final = 0o111


class StillLineError(Exception):
    """No still can be had; the text says why and how to mend it."""


class Line:
    """One session: it waits for others to end theirs, then listens, and leaves nothing behind."""

    def __init__(self, folder: Path, patience_s: float = _PATIENCE_S) -> None:
        self._folder = folder
        self._path = folder / SOCKET_NAME
        self._patience_s = patience_s
        self._lock: int | None = None
        self._socket: socket.socket | None = None
        self._owner = 0

    def __enter__(self) -> Self:
        try:
            self._lock = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
            self._owner = os.fstat(self._lock).st_uid
            self._await_turn(self._lock)
            self._socket = self._listening()
        except BaseException as error:
            self._close()
            if isinstance(error, OSError):
                raise StillLineError(_worded(self._folder, error)) from error
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def receive(self) -> tuple[StillHeader, bytes]:
        """Wait for vision and take its still; raises StillLineError where none comes, StillError where it is none."""
        end_s = time.monotonic() + self._patience_s
        while (channel := self._accepted(end_s)) is not None:
            with channel:
                # Whoever else may enter the folder must not hand out pictures in vision's name.
                if peer_of(channel).uid in {0, self._owner}:
                    return self._taken(channel, end_s)
        raise StillLineError(
            f"{self._folder}: no vision came within {self._patience_s:.0f} s — is passant run running, with this state "
            "folder (--state)?"
        )

    def _taken(self, channel: socket.socket, end_s: float) -> tuple[StillHeader, bytes]:
        try:
            return stills.receive(channel, end_s - time.monotonic())
        except StillRefusedError:
            raise StillLineError(
                f"vision gives you no still: it takes you for neither root nor a member of {SETUP_GROUP} — its log "
                "says for whom"
            ) from None

    def _await_turn(self, lock: int) -> None:
        end_s = time.monotonic() + self._patience_s
        while True:
            with suppress(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            if time.monotonic() >= end_s:
                raise StillLineError(f"{self._folder}: somebody else is taking stills — wait, then ask again")
            time.sleep(_TICK_S)

    def _listening(self) -> socket.socket:
        if len(os.fsencode(self._path)) > MOST_PATH_BYTES:
            raise StillLineError(f"{self._path}: too long a path for a socket — run with a shorter state folder")
        # Ours alone as long as we hold the lock: what lies here was left by somebody who was killed.
        self._path.unlink(missing_ok=True)
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        before = os.umask(_UMASK)
        try:
            listening.bind(os.fspath(self._path))
            listening.listen(1)
            listening.settimeout(0.0)
        except BaseException:
            listening.close()
            raise
        finally:
            os.umask(before)
        return listening

    def _accepted(self, end_s: float) -> socket.socket | None:
        if self._socket is None:
            raise StillLineError("the line is not open")
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        while poll.poll(math.ceil(max(0.0, end_s - time.monotonic()) * 1000)):
            with suppress(OSError):
                return self._socket.accept()[0]
        return None

    def _close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            with suppress(OSError):
                self._path.unlink()
        if self._lock is not None:
            os.close(self._lock)
        self._socket = self._lock = None


def _worded(folder: Path, error: OSError) -> str:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return (
            f"{folder}: there is no such folder — start passant run, or name its state folder (--state): that of a run "
            "by hand is ~/.local/state/passant/DEVICE of its user"
        )
    if isinstance(error, PermissionError):
        return (
            f"{folder}: may not be used ({error.strerror}) — use sudo; for {SETUP_GROUP} to be let in, start passant "
            "run once more after the group was made"
        )
    return f"{folder}: {error.strerror} — name the state folder of passant run (--state)"
