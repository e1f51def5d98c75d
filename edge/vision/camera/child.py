"""The reader's end of a decoder process: its start, its tokens, its shared memory and its end."""

import fcntl
import mmap
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from edge.vision.camera.source import CameraError, CameraGoneError
from edge.vision.camera.tokens import CHANNELS, RECORD, SLOTS, Returned, Start, Token, pack, ring_bytes, unpack
from edge.vision.frame import Pixels

_ROOT = Path(__file__).resolve().parents[3]
_NOISE_BYTES = 1 << 16
_SEALS = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL


class DecoderDiedError(CameraGoneError):
    """The decoder process ended without saying why; the text says by which signal or status."""


class DecoderProcess:
    """A running decoder of one recording. Whoever starts it must call `end`, from the thread that started it."""

    def __init__(self, path: Path) -> None:
        self._memory = os.memfd_create("passant-frames", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        self._tokens, tell = os.pipe()
        hear, self._orders = os.pipe()
        self._noise, noise = os.pipe()
        self.warnings = 0
        try:
            self._process = _spawn(path, memory=self._memory, tell=tell, hear=hear, noise=noise)
        except OSError as error:
            self._close()
            raise CameraError(f"{path}: cannot start a decoder ({error.strerror})") from error
        finally:
            for theirs in (tell, hear, noise):
                os.close(theirs)
        os.set_blocking(self._noise, False)
        self._poll = select.poll()
        self._poll.register(self._tokens, select.POLLIN)
        self._poll.register(self._noise, select.POLLIN)
        self._noisy = True

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    def listen(self, timeout_s: float) -> Token | None:
        """Wait for the next token; None when none came in time. Raises DecoderDiedError."""
        until = time.monotonic() + timeout_s
        while True:
            ready = {fd for fd, _ in self._poll.poll(max(0.0, until - time.monotonic()) * 1000)}
            if self._noise in ready:
                self._drain()
            if self._tokens in ready:
                return self._token()
            if time.monotonic() >= until:
                return None

    def start(self, size: tuple[int, int], period_ns: int) -> list[Pixels]:
        """Order pictures of this size, and map the slots they will lie in, read-only."""
        width, height = size
        os.ftruncate(self._memory, ring_bytes(width, height))
        # A decoder that shrank its memory under us would kill us by SIGBUS.
        fcntl.fcntl(self._memory, fcntl.F_ADD_SEALS, _SEALS)
        ring = mmap.mmap(self._memory, 0, access=mmap.ACCESS_READ)
        self._order(Start(width=width, height=height, period_ns=period_ns))
        return list(np.frombuffer(ring, np.uint8).reshape(SLOTS, height, width, CHANNELS))

    def give_back(self, slot: int) -> None:
        """Let the decoder write into a slot again."""
        self._order(Returned(slot=slot))

    def end(self) -> None:
        """End the process and wait for it, so that its CPU time counts as a child's."""
        self._process.kill()
        self._process.wait()
        self._drain()
        self._close()

    def _order(self, token: Token) -> None:
        try:
            os.write(self._orders, pack(token))
        except BrokenPipeError:
            # What the decoder still said is read first; that it is gone is found after.
            return

    def _token(self) -> Token:
        record = os.read(self._tokens, RECORD.size)
        if record:
            return unpack(record)
        status = self._process.wait()
        self._drain()
        how = signal.Signals(-status).name if status < 0 else f"status {status}"
        raise DecoderDiedError(f"its decoder ended by {how}")

    def _drain(self) -> None:
        """Count the lines the decoder library complains in, and forget them."""
        try:
            while noise := os.read(self._noise, _NOISE_BYTES):
                self.warnings += noise.count(b"\n")
        except BlockingIOError:
            return
        if self._noisy:
            self._poll.unregister(self._noise)
            self._noisy = False

    def _close(self) -> None:
        for fd in (self._memory, self._tokens, self._orders, self._noise):
            os.close(fd)


def _spawn(path: Path, *, memory: int, tell: int, hear: int, noise: int) -> "subprocess.Popen[bytes]":
    numbers = [str(number) for number in (memory, tell, hear, os.getpid())]
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "edge.vision.camera.decoder", os.fspath(path.absolute()), *numbers],
        stdin=subprocess.DEVNULL,
        stdout=noise,
        stderr=noise,
        pass_fds=(memory, tell, hear),
        env={
            "PATH": os.defpath,
            "PYTHONPATH": os.fspath(_ROOT),
            "PYTHONDONTWRITEBYTECODE": "1",
            # One thread each: pictures are the only thing decoded, and more threads cost more CPU in sum.
            "OPENBLAS_NUM_THREADS": "1",
            "OMP_NUM_THREADS": "1",
        },
    )
