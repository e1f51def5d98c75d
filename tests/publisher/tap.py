"""A wire between a client and a broker that counts what is on it: unanswered messages with quality of service 1."""

import socket
import threading
import time
from collections.abc import Callable
from typing import Self

PUBLISH, PUBACK = 3, 4


class Tap:
    """Forwards one loopback port to another; `most` is the highest number of unanswered messages ever seen.

    Each answer is held for `answer_s`, so that a client has the time to send all it may, however busy the machine is.
    """

    def __init__(self, target_port: int, answer_s: float = 0.0) -> None:
        self._target_port = target_port
        self._answer_s = answer_s
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.most = 0
        self.sent = 0
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(10)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        unanswered: set[int] = set()

        def from_client(kind: int, flags: int, body: bytes) -> None:
            if kind == PUBLISH and (flags >> 1) & 3 == 1:
                length = int.from_bytes(body[:2], "big")
                unanswered.add(int.from_bytes(body[2 + length : 4 + length], "big"))
                self.sent += 1
                self.most = max(self.most, len(unanswered))

        def from_broker(kind: int, _flags: int, body: bytes) -> None:
            if kind == PUBACK:
                time.sleep(self._answer_s)
                unanswered.discard(int.from_bytes(body[:2], "big"))

        with client:
            try:
                broker = socket.create_connection(("127.0.0.1", self._target_port))
            except OSError:
                return
            with broker:
                back = threading.Thread(target=_pump, args=(broker, client, from_broker), daemon=True)
                back.start()
                _pump(client, broker, from_client)
                back.join(10)


def _pump(source: socket.socket, sink: socket.socket, note: Callable[[int, int, bytes], None]) -> None:
    """Forward whole packets; each is noted before it goes on."""
    buffer = b""
    try:
        while data := source.recv(65536):
            buffer += data
            while (packet := _first(buffer)) is not None:
                head, body = packet
                note(buffer[0] >> 4, buffer[0] & 15, body)
                sink.sendall(buffer[: head + len(body)])
                buffer = buffer[head + len(body) :]
    except OSError:
        pass
    for end in (source, sink):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            continue


def _first(buffer: bytes) -> tuple[int, bytes] | None:
    """Find the first whole packet: the length of its fixed header, and the rest of it."""
    length, shift, at = 0, 0, 1
    while True:
        if at >= len(buffer):
            return None
        length |= (buffer[at] & 127) << shift
        at, shift = at + 1, shift + 7
        if not buffer[at - 1] & 128:
            break
    return (at, buffer[at : at + length]) if len(buffer) >= at + length else None
