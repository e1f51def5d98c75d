"""A small MQTT 5 broker for demonstrations: on this machine only, on a free port, gone when it is closed.

It is rumqttd inside the `iotcore` package, in a process of its own that also ends when this one does.
"""

import socket
import tempfile
from pathlib import Path
from typing import Self

from iotcore import Broker

HOST = "127.0.0.1"
_TRIES = 5
_START_S = 10.0
# Retained messages over the limit silently end the connection, so it is far above ours.
_CONFIG = """\
id = 0
[router]
id = 0
max_connections = 64
max_outgoing_packet_count = 200
max_segment_size = 10485760
max_segment_count = 4
[v5.1]
name = "demo"
listen = "{host}:{port}"
next_connection_delay_ms = 1
[v5.1.connections]
connection_timeout_ms = 10000
max_payload_size = 1048576
max_inflight_count = 100
dynamic_filters = true
"""


class DemoBroker:
    """A broker at `host`:`port` from entering the block to leaving it."""

    host = HOST

    def __init__(self) -> None:
        self.port = 0
        self._folder = tempfile.TemporaryDirectory(prefix="passant-broker-")
        self._broker: Broker | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    @property
    def url(self) -> str:
        """The address as a site file writes it."""
        return f"mqtt://{self.host}:{self.port}"

    def start(self) -> None:
        """Start listening; raises OSError where no port could be had, RuntimeError where it does not come up."""
        for attempt in range(1, _TRIES + 1):
            self.port = _free_port()
            config = Path(self._folder.name, "rumqttd.toml")
            config.write_text(_CONFIG.format(host=HOST, port=self.port), encoding="utf-8")
            try:
                self._broker = Broker(config_path=str(config)).start(_START_S)
            except OSError:
                # Somebody took the port in between.
                if attempt == _TRIES:
                    raise
            else:
                return

    def close(self) -> None:
        """Stop the broker and remove its folder."""
        if self._broker is not None:
            self._broker.stop()
            self._broker = None
        self._folder.cleanup()


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind((HOST, 0))
        return int(sock.getsockname()[1])
