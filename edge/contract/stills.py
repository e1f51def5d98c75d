"""The stills' own channel: one masked picture, one way, only while somebody on the device holds it open.

Whoever wants a still listens at SOCKET_NAME in the setup folder; vision looks there now and then, connects, sends a
header and the picture in pieces, and hangs up. Vision reads nothing, and the publisher has no part in it. Length before
content: what is longer than the header said, or than there may be, is refused.
"""

import math
import select
import socket
import struct
import time
from dataclasses import dataclass
from enum import IntEnum, unique
from typing import Final

SETUP_FOLDER: Final = "setup"
SETUP_GROUP: Final = "passant-setup"
SOCKET_NAME: Final = "still"
LEAST_GAP_S: Final = 0.5
"""Vision gives no two stills closer together, whoever asks."""
MOST_BYTES: Final = 1024 * 1024
MOST_SIDE_PX: Final = 16_384
PIECE_BYTES: Final = 16 * 1024

_HEADER = struct.Struct("!4sBHHI")
_MAGIC: Final = b"PST1"


@unique
class StillState(IntEnum):
    """Whether a still shows anything; where not, it is black, and this is why."""

    SHOWN = 0
    NO_PICTURE = 1
    NO_MODEL = 2
    FAILED = 3
    NOT_PROVEN = 4
    EXPOSURE = 5
    MOVED = 6
    NIGHT = 7
    GAP = 8
    EVEN = 9
    UNSEEN = 10


class StillError(Exception):
    """What came over the channel is no still; the text says how, and quotes nothing."""


class StillRefusedError(StillError):
    """The other end hung up without a word."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StillHeader:
    """What goes before the picture: its state, its width and height in px and its length in bytes."""

    state: StillState
    width: int
    height: int
    length: int

    def __post_init__(self) -> None:
        """Hold the bounds; raises StillError."""
        if not (
            1 <= self.width <= MOST_SIDE_PX and 1 <= self.height <= MOST_SIDE_PX and 1 <= self.length <= MOST_BYTES
        ):
            raise StillError("a header is out of bounds")

    def encode(self) -> bytes:
        """Write the header."""
        return _HEADER.pack(_MAGIC, self.state, self.width, self.height, self.length)

    @classmethod
    def decode(cls, data: bytes) -> "StillHeader":
        """Read a header; raises StillError where it is none."""
        if len(data) != _HEADER.size:
            raise StillError("a header has another length")
        magic, state, width, height, length = _HEADER.unpack(data)
        if magic != _MAGIC or state not in set(StillState):
            raise StillError("a header is not known here; both ends must be of one version")
        return cls(state=StillState(state), width=width, height=height, length=length)


def send(sock: socket.socket, header: StillHeader, picture: bytes, patience_s: float) -> None:
    """Send a still within so many seconds; raises StillError where the other end does not take it."""
    if len(picture) != header.length:
        raise StillError("a header tells another length than its picture's")
    end_s = time.monotonic() + patience_s
    pieces = (picture[at : at + PIECE_BYTES] for at in range(0, len(picture), PIECE_BYTES))
    for piece in (header.encode(), *pieces):
        sock.settimeout(max(1e-3, end_s - time.monotonic()))
        try:
            sock.send(piece)
        except OSError as error:
            raise StillError("it was not taken") from error


def receive(sock: socket.socket, patience_s: float) -> tuple[StillHeader, bytes]:
    """Take a still within so many seconds; raises StillError where none comes, StillRefusedError where nothing does."""
    end_s = time.monotonic() + patience_s
    first = _piece(sock, _HEADER.size, end_s)
    if not first:
        raise StillRefusedError("vision hung up without a word")
    header = StillHeader.decode(first)
    picture = b""
    while len(picture) < header.length:
        wanted = min(PIECE_BYTES, header.length - len(picture))
        piece = _piece(sock, wanted, end_s)
        if len(piece) != wanted:
            raise StillError("the still broke off")
        picture += piece
    return header, picture


def _piece(sock: socket.socket, most_bytes: int, end_s: float) -> bytes:
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    if not poll.poll(math.ceil(max(0.0, end_s - time.monotonic()) * 1000)):
        raise StillError("the still did not come in time")
    try:
        data, _, flags, _ = sock.recvmsg(most_bytes, 0, socket.MSG_DONTWAIT)
    except OSError:
        return b""
    if flags & (socket.MSG_TRUNC | socket.MSG_CTRUNC):
        raise StillError("more came than the header said")
    return data
