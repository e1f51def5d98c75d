"""The taps of the proof: every packet of a network namespace, every file closed after writing, every line of a log.

Numbers from <linux/if_packet.h>, <linux/fanotify.h> and <linux/sockios.h>.
"""

import ctypes
import os
import select
import socket
import struct
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import suppress
from fcntl import ioctl
from pathlib import Path
from typing import Final, Self

LOOPBACK: Final = "lo"
_ETH_P_ALL: Final = 3
_PACKET_OUTGOING: Final = 4
_SOL_PACKET, _PACKET_STATISTICS = 263, 6
_SO_TIMESTAMPNS, _SO_RCVBUFFORCE = 35, 33
_BUFFER_BYTES: Final = 64 << 20
_LARGEST_PACKET: Final = 1 << 17
_STAMP: Final = struct.Struct("qq")
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 1
_POLL_S: Final = 0.1
_SAMPLE_S: Final = 0.01
_DECODER: Final = b"edge.vision.camera.decoder"
# fanotify: notify only, not blocking, without limits; mark a whole file system; tell when a written file is closed.
_FAN_FLAGS: Final = 0x1 | 0x2 | 0x10
_FAN_MARK: Final = 0x1 | 0x100
_FAN_CLOSE_WRITE: Final = 0x8
_AT_FDCWD: Final = -100
_FAN_EVENT: Final = struct.Struct("IBBHQii")
_MOST_FILE_BYTES: Final = 16 << 20

Keep = Callable[[int, bytes], None]
"""Takes a piece and the Unix time in ns at which it came by."""


def raise_loopback() -> None:
    """Switch on the one interface that a new network namespace has; raises OSError."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        request = struct.pack("16sh14x", LOOPBACK.encode(), 0)
        (flags,) = struct.unpack_from("h", ioctl(sock, _SIOCGIFFLAGS, request), 16)
        ioctl(sock, _SIOCSIFFLAGS, struct.pack("16sh14x", LOOPBACK.encode(), flags | _IFF_UP))


class Tap(ABC, threading.Thread):
    """A thread that takes in what comes by until it is closed; ended by leaving the block."""

    def __init__(self, name: str) -> None:
        super().__init__(name=name, daemon=True)
        self._over = threading.Event()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._over.set()
        self.join()

    def run(self) -> None:
        """Take in until asked to end, and then what is left."""
        while not self._over.is_set():
            self._take(_POLL_S)
        self._take(0.0)

    @abstractmethod
    def _take(self, timeout_s: float) -> None:
        """Take in what comes within so many seconds, and all that is there already."""


class PacketTap(Tap):
    """Every packet that leaves by the loopback interface of this network namespace, link header included."""

    def __init__(self, keep: Keep) -> None:
        super().__init__("packets")
        self._keep = keep
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ETH_P_ALL))
        self._socket.bind((LOOPBACK, 0))
        with suppress(OSError):
            self._socket.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _BUFFER_BYTES)
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        self.missed = 0
        """How many packets the kernel had no room for, once closed."""

    def __exit__(self, *exc: object) -> None:
        super().__exit__(*exc)
        told = self._socket.getsockopt(_SOL_PACKET, _PACKET_STATISTICS, 8)
        self.missed = struct.unpack("II", told)[1]
        self._socket.close()

    def _take(self, timeout_s: float) -> None:
        while select.select([self._socket], [], [], timeout_s)[0]:
            packet, notes, _, sender = self._socket.recvmsg(_LARGEST_PACKET, socket.CMSG_SPACE(_STAMP.size))
            if sender[2] == _PACKET_OUTGOING:
                self._keep(_stamped(notes), packet)
            timeout_s = 0.0


class PipeTap(Tap):
    """Every line that comes out of a pipe, with its end."""

    def __init__(self, pipe: int, keep: Keep) -> None:
        super().__init__("log")
        self._pipe = pipe
        self._keep = keep
        self._rest = b""

    def _take(self, timeout_s: float) -> None:
        while select.select([self._pipe], [], [], timeout_s)[0]:
            piece = os.read(self._pipe, 1 << 16)
            if not piece:
                time.sleep(timeout_s)
                return
            *lines, self._rest = (self._rest + piece).split(b"\n")
            for line in lines:
                self._keep(time.time_ns(), line + b"\n")
            timeout_s = 0.0

    def __exit__(self, *exc: object) -> None:
        super().__exit__(*exc)
        if self._rest:
            self._keep(time.time_ns(), self._rest)


class ProgressTap(Tap):
    """How far the decoder of a recording has come: it writes once for each frame that vision has room for.

    So that it is known when vision took which frame, by the kernel's word and not by vision's.
    """

    def __init__(self, keep: Callable[[int, int], None]) -> None:
        super().__init__("progress")
        self._keep = keep
        self._last = -1
        self._decoder: Path | None = None

    def _take(self, timeout_s: float) -> None:
        if self._decoder is None:
            self._decoder = next(filter(_is_decoder, Path("/proc").glob("[0-9]*")), None)
        written = None if self._decoder is None else _written(self._decoder)
        if written is not None and written != self._last:
            self._last = written
            self._keep(time.time_ns(), written)
        time.sleep(min(timeout_s, _SAMPLE_S))


class FileTap(Tap):
    """Every file of one file system as it was when somebody who wrote to it closed it; needs root.

    `keep` gets the name and the content, of files too that are gone by then. Raises OSError where it is not allowed.
    """

    def __init__(self, folder: Path, keep: Callable[[str, bytes], None]) -> None:
        super().__init__("files")
        self._keep = keep
        libc = ctypes.CDLL(None, use_errno=True)
        self._number = libc.fanotify_init(_FAN_FLAGS, os.O_RDONLY | os.O_CLOEXEC | os.O_LARGEFILE)
        if self._number < 0:
            raise OSError(ctypes.get_errno(), "fanotify_init")
        mask = ctypes.c_uint64(_FAN_CLOSE_WRITE)
        if libc.fanotify_mark(self._number, _FAN_MARK, mask, _AT_FDCWD, os.fsencode(folder)) < 0:
            os.close(self._number)
            raise OSError(ctypes.get_errno(), "fanotify_mark")

    def __exit__(self, *exc: object) -> None:
        super().__exit__(*exc)
        os.close(self._number)

    def _take(self, timeout_s: float) -> None:
        while select.select([self._number], [], [], timeout_s)[0]:
            data, start = os.read(self._number, 1 << 16), 0
            while start < len(data):
                length, *_, number, _pid = _FAN_EVENT.unpack_from(data, start)
                self._read(number)
                start += length
            timeout_s = 0.0

    def _read(self, number: int) -> None:
        if number < 0:
            return
        try:
            name = os.readlink(f"/proc/self/fd/{number}")  # noqa: PTH115  a descriptor's name, not a path's
            self._keep(name, os.pread(number, _MOST_FILE_BYTES, 0))
        finally:
            os.close(number)


def _is_decoder(process: Path) -> bool:
    """Tell whether a process decodes for an appliance in our own network's walls: its parent's parent's is ours."""
    try:
        words = (process / "cmdline").read_bytes().split(b"\0")
        if _DECODER not in words:
            return False
        return any(_parent(ancestor) == os.getpid() for ancestor in _ancestors(int(process.name)))
    except OSError:
        return False


def _ancestors(process: int) -> Iterator[int]:
    while process > 1:
        yield process
        process = _parent(process)


def _parent(process: int) -> int:
    return int(
        Path(f"/proc/{process}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()[1]
    )


def _written(process: Path) -> int | None:
    """Read how many writes a process has made; None where it is gone or may not be asked."""
    try:
        return int((process / "io").read_text(encoding="ascii").partition("syscw: ")[2].split()[0])
    except (OSError, IndexError):
        return None


def _stamped(notes: list[tuple[int, int, bytes]]) -> int:
    for level, kind, data in notes:
        if (level, kind) == (socket.SOL_SOCKET, _SO_TIMESTAMPNS):
            seconds, nanoseconds = _STAMP.unpack(data[: _STAMP.size])
            return int(seconds * 10**9 + nanoseconds)
    return time.time_ns()
