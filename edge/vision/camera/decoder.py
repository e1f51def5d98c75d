"""The process that decodes one recording and may die of it: `python -m edge.vision.camera.decoder`.

A damaged file can abort the decoder library and with it the process, so it is not the process that counts.
Everything it may do it inherits from its parent: no network, no file written. It ends with its parent.
"""

import ctypes
import mmap
import os
import resource
import signal
import sys
from collections import deque
from typing import Never, cast

import cv2
import numpy as np

from edge.confine.memory import stays_off_the_disk
from edge.vision.camera.mediatime import MediaTime
from edge.vision.camera.rate import NS_PER_S, Thinning
from edge.vision.camera.tokens import (
    CHANNELS,
    RECORD,
    SLOTS,
    Ended,
    Ending,
    Opened,
    Pictured,
    Returned,
    Start,
    Token,
    pack,
    unpack,
)
from edge.vision.frame import Pixels

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_STANDARD_ERROR = 2
_NOISE_BYTES = 1 << 16
# A damaged stretch of packets ends within this many, or the recording does.
_MOST_FAILURES = 250
# A damaged header may claim a picture of any size.
_MOST_MEMORY = 1 << 30
_LONGEST_NS = 30 * 24 * 3600 * NS_PER_S


class _Pipes:
    """The two pipes of tokens; a reader that is gone ends the process."""

    def __init__(self, tell: int, hear: int) -> None:
        self._tell = tell
        self._hear = hear

    def say(self, token: Token) -> None:
        try:
            os.write(self._tell, pack(token))
        except BrokenPipeError:
            sys.exit(0)

    def listen(self) -> Token:
        record = os.read(self._hear, RECORD.size)
        if not record:
            sys.exit(0)
        return unpack(record)

    def end(self, why: Ending, at_ns: int = 0) -> Never:
        self.say(Ended(why=why, at_ns=at_ns))
        sys.exit(0)


class _Ear:
    """Hears what the library complains in, so that each picture is told what was said about it, and passes it on."""

    def __init__(self) -> None:
        self._noise, complain = os.pipe()
        self._on = os.dup(_STANDARD_ERROR)
        os.dup2(complain, _STANDARD_ERROR)
        # Who complains without end is not heard to the end, and goes on.
        for number in (self._noise, complain, _STANDARD_ERROR):
            os.set_blocking(number, False)
        os.close(complain)

    def lines(self) -> int:
        """Count the lines since the last time."""
        number = 0
        try:
            while noise := os.read(self._noise, _NOISE_BYTES):
                os.write(self._on, noise)
                number += noise.count(b"\n")
        except BlockingIOError:
            pass
        return number


class _Reel:
    """A recording, frame by frame, over the places where it is damaged."""

    def __init__(self, capture: cv2.VideoCapture) -> None:
        self._capture = capture
        self.fps = max(0.0, capture.get(cv2.CAP_PROP_FPS))
        self.length_ns = self._declared_ns()
        self._time = MediaTime(fps=self.fps, length_ns=self.length_ns)
        self.now_ns = 0

    def _declared_ns(self) -> int:
        frames = self._capture.get(cv2.CAP_PROP_FRAME_COUNT)
        length = frames / self.fps * NS_PER_S if self.fps > 0 else 0.0
        return round(length) if 0 < length < _LONGEST_NS else 0

    def advance(self) -> bool:
        """Go to the next frame that can be decoded; False at the end."""
        for _ in range(_MOST_FAILURES):
            if self._capture.grab():
                self.now_ns = self._time.at(self._capture.get(cv2.CAP_PROP_POS_MSEC))
                return True
        return False

    def picture(self, into: Pixels | None = None) -> Pixels | None:
        """Convert the present frame, into the given memory where the size is the same."""
        good, picture = self._capture.retrieve(into)
        return cast("Pixels", picture) if good and picture is not None and picture.size else None

    @property
    def is_key(self) -> bool:
        """Whether the present frame was decoded without any other."""
        return self._capture.get(cv2.CAP_PROP_FRAME_TYPE) == ord("I")

    @property
    def over_ns(self) -> int:
        """Where the last frame was over in media time."""
        return self._time.over_ns


class _Ring:
    """The slots in shared memory, and which of them are free to write."""

    def __init__(self, memory: int, order: Start) -> None:
        self._size = (order.width, order.height)
        shape = (SLOTS, order.height, order.width, CHANNELS)
        self._slots = np.frombuffer(mmap.mmap(memory, 0), np.uint8).reshape(shape)
        self._free = deque(range(SLOTS))

    def take(self, pipes: _Pipes) -> int:
        """Wait for a free slot."""
        while not self._free:
            token = pipes.listen()
            if isinstance(token, Returned):
                self._free.append(token.slot)
        return self._free.popleft()

    def give_back(self, slot: int) -> None:
        """Free a slot that was taken for nothing."""
        self._free.appendleft(slot)

    def fill(self, slot: int, reel: _Reel, own: tuple[int, int]) -> Ending | None:
        """Put the present frame into a slot; gives why that was not possible."""
        view = self._slots[slot]
        picture = reel.picture(view if own == self._size else None)
        if picture is None:
            return Ending.NO_PICTURE
        if (picture.shape[1], picture.shape[0]) != own:
            return Ending.SIZE_CHANGED
        if own != self._size:
            smaller = self._size[0] < own[0]
            cv2.resize(picture, self._size, dst=view, interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR)
        elif picture is not view:
            # A picture that had to be turned is not written where it was asked for.
            np.copyto(view, picture)
        return None


def _decode(path: str, memory: int, pipes: _Pipes) -> Never:
    ear = _Ear()
    reel, own = _open(path, pipes, ear)
    order = pipes.listen()
    if not isinstance(order, Start):
        raise TypeError(f"the first order is Start, not {type(order).__name__}")
    ring = _Ring(memory, order)
    thinning = Thinning(order.period_ns)
    while True:
        if thinning.keeps(reel.now_ns):
            slot = ring.take(pipes)
            failure = ring.fill(slot, reel, own)
            if failure is Ending.SIZE_CHANGED:
                pipes.end(failure, reel.now_ns)
            if failure is None:
                pipes.say(Pictured(slot=slot, taken_ns=reel.now_ns, complaints=ear.lines(), is_key=int(reel.is_key)))
            else:
                ring.give_back(slot)
        if not reel.advance():
            pipes.end(Ending.OVER, reel.over_ns)


def _open(path: str, pipes: _Pipes, ear: _Ear) -> tuple[_Reel, tuple[int, int]]:
    capture = cv2.VideoCapture(path, cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 1])
    if not capture.isOpened():
        pipes.end(Ending.NOT_A_VIDEO)
    # Refused as an opening parameter, and off unless set.
    capture.set(cv2.CAP_PROP_ORIENTATION_AUTO, 1)
    # What is said of the file as a whole is not said of its first picture.
    ear.lines()
    reel = _Reel(capture)
    own = _first_size(reel)
    if own is None:
        pipes.end(Ending.NO_PICTURE)
    pipes.say(Opened(width=own[0], height=own[1], fps_milli=round(reel.fps * 1000), length_ns=reel.length_ns))
    return reel, own


def _first_size(reel: _Reel) -> tuple[int, int] | None:
    while reel.advance():
        picture = reel.picture()
        if picture is not None:
            return picture.shape[1], picture.shape[0]
    return None


def _confine(parent: int) -> None:
    """End with the parent and by no other signal, leave no core, take no more memory than a recording needs."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    libc.prctl(_PR_SET_DUMPABLE, 0)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_DATA, (_MOST_MEMORY, _MOST_MEMORY))
    # Its parent says so where that is not possible.
    stays_off_the_disk()
    # It may have gone before the signal was asked for.
    if os.getppid() != parent:
        sys.exit(0)


def main(arguments: list[str]) -> Never:
    """Decode `PATH` into the memory file, for the parent: `PATH MEMORY TELL HEAR PARENT`."""
    path, memory, tell, hear, parent = arguments[0], *map(int, arguments[1:])
    _confine(parent)
    cv2.setNumThreads(1)
    _decode(path, memory, _Pipes(tell, hear))


if __name__ == "__main__":
    main(sys.argv[1:])
