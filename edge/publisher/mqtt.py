"""The connection to a broker: the one file that imports paho.

What paho does and why it is used like this is in README.md. In short: one paho client per connection,
thrown away with it, so that nothing of paho's own memory is ever sent again; its callbacks only put
notes into a queue; its loop runs in a thread of ours, which survives whatever happens in it.
"""

import select
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from edge.publisher import faults
from edge.publisher.faults import Fault
from edge.publisher.message import Incoming, Outgoing
from edge.publisher.terms import Terms

_LOOP_S = 1.0
_MOST_WAKES = 4096
_CONNECT_TIMEOUT_S = 10.0
_USER_TIMEOUT_MS = 20_000
_LEAST_REFUSAL = 128
_DEFAULT_RECEIVE_MAXIMUM = 65_535
_MOST_RECEIVE_MAXIMUM = 16


@dataclass(frozen=True, slots=True)
class Up:
    """A connection is there: `window` messages may be unanswered at once."""

    session: "Session"
    window: int


@dataclass(frozen=True, slots=True)
class Down:
    """A connection ended, or did not come about."""

    session: "Session"
    fault: Fault


@dataclass(frozen=True, slots=True)
class Acked:
    """The broker answered a message: with success where `reason` is below 128."""

    session: "Session"
    number: int
    reason: int

    @property
    def accepted(self) -> bool:
        """Whether the broker took it; nobody having subscribed (16) is no refusal."""
        return self.reason < _LEAST_REFUSAL


Note = Up | Down | Acked | Incoming


class Session:
    """One connection, from its CONNECT to its end."""

    def __init__(self, terms: Terms, *, mqtt5: bool, put: Callable[[Note], None]) -> None:
        self.mqtt5 = mqtt5
        self.window = 0
        self.most_bytes: int | None = None
        self._terms = terms
        self._put = put
        self._dropped = threading.Event()
        self._answer: tuple[int, Properties | None] | None = None
        self._end_reason: int | None = None
        self._unsubscribed = terms.subscriptions
        self._granted = True
        self._detail = ""
        self._woken, self._waker = socket.socketpair()
        self._waker.settimeout(0.0)
        self._client = self._new_client()

    def publish(self, message: Outgoing) -> int:
        """Hand a message over and tell the number it will be answered under."""
        return self._client.publish(
            message.topic,
            message.payload,
            qos=message.qos,
            retain=message.retained,
            properties=_properties(PacketTypes.PUBLISH, message) if self.mqtt5 else None,
        ).mid

    def disconnect(self) -> None:
        """Say goodbye: the broker then keeps the last will to itself."""
        self._client.disconnect()

    def drop(self) -> None:
        """End the connection without a word, because the broker gives none either."""
        self._dropped.set()

    def run(self) -> Fault:
        """Connect and serve the connection to its end; tells why it ended."""
        try:
            self._connect()
            while not self._dropped.is_set() and self._turn() == paho.MQTT_ERR_SUCCESS:
                self._announce()
        except Exception as error:  # noqa: BLE001  whatever happens in paho, the thread lives on
            return faults.of_error(self._terms.where, error, ca=self._terms.ca)
        finally:
            self._close()
        return self._ending()

    def _new_client(self) -> paho.Client:
        terms = self._terms
        client = _Client(
            CallbackAPIVersion.VERSION2,
            client_id=terms.client_id,
            # Without MQTT 5 a session never expires, so none is left behind.
            clean_session=None if self.mqtt5 else True,
            protocol=paho.MQTTv5 if self.mqtt5 else paho.MQTTv311,
            reconnect_on_failure=False,
        )
        client.trust = terms.credentials.tls
        client.connect_timeout = _CONNECT_TIMEOUT_S
        if terms.credentials.username is not None:
            client.username_pw_set(terms.credentials.username, terms.credentials.password)
        if terms.will is not None:
            self._set_will(client, terms.will)
        self._hook(client)
        return client

    def _set_will(self, client: paho.Client, will: Outgoing) -> None:
        properties = None
        if self.mqtt5:
            properties = _properties(PacketTypes.WILLMESSAGE, will)
            properties.WillDelayInterval = self._terms.pace.will_delay_s
        client.will_set(will.topic, will.payload, will.qos, will.retained, properties)

    def _hook(self, client: paho.Client) -> None:
        """Let paho call us; each call notes something down and nothing else."""

        def on_connect(_client: Any, _data: Any, _flags: Any, reason: Any, properties: Any) -> None:  # noqa: ANN401  paho's own
            self._answer = (reason.value, properties)

        def on_publish(_client: Any, _data: Any, number: int, reason: Any, _properties: Any) -> None:  # noqa: ANN401  paho's own
            self._put(Acked(self, number, reason.value))

        def on_message(_client: Any, _data: Any, message: paho.MQTTMessage) -> None:  # noqa: ANN401  paho's own
            self._put(_incoming(message))

        def on_subscribe(_client: Any, _data: Any, _number: int, reasons: Any, _properties: Any) -> None:  # noqa: ANN401  paho's own
            self._granted = not any(reason.is_failure for reason in reasons)
            if not self._granted:
                self._dropped.set()

        def on_disconnect(_client: Any, _data: Any, flags: Any, reason: Any, _properties: Any) -> None:  # noqa: ANN401  paho's own
            # Called twice, for the broker's word and for the end that follows it.
            if flags.is_disconnect_packet_from_server:
                self._end_reason = reason.value

        def on_log(_client: Any, _data: Any, level: int, text: str) -> None:  # noqa: ANN401  paho's own
            # The only place where paho tells of a TLS alert that came after the handshake.
            if level >= paho.MQTT_LOG_ERR and "socket" in text:
                self._detail = text

        client.on_connect, client.on_publish, client.on_message = on_connect, on_publish, on_message
        client.on_subscribe, client.on_disconnect, client.on_log = on_subscribe, on_disconnect, on_log
        # Without a hook here, publish() writes to the socket in its caller's thread, beside the loop's.
        client.on_socket_register_write = lambda *_: self._wake()

    def _wake(self) -> None:
        # Woken often enough already, or over: both are well.
        with suppress(OSError):
            self._waker.send(b"\0")

    def _connect(self) -> None:
        terms = self._terms
        extra: dict[str, Any] = {}
        if self.mqtt5:
            properties = _empty(PacketTypes.CONNECT)
            properties.SessionExpiryInterval = terms.pace.session_expiry_s
            properties.ReceiveMaximum = _MOST_RECEIVE_MAXIMUM
            extra = {"clean_start": False, "properties": properties}
        self._client.connect(terms.host, terms.port, keepalive=terms.pace.keepalive_s, **extra)

    def _turn(self) -> int:
        """Wait for something to do and do it; tells paho's word on whether the connection is still there.

        paho's own loop() would make itself a pair of TCP sockets, and this process may listen nowhere.
        """
        sock = self._client.socket()
        if sock is None:
            return paho.MQTT_ERR_NO_CONN
        readable, writable = self._wait(sock)
        result = self._client.loop_read() if readable else paho.MQTT_ERR_SUCCESS
        if result == paho.MQTT_ERR_SUCCESS and writable:
            result = self._client.loop_write()
        return self._client.loop_misc() if result == paho.MQTT_ERR_SUCCESS else result

    def _wait(self, sock: Any) -> tuple[bool, bool]:  # noqa: ANN401  a socket, with or without TLS
        buffered = isinstance(sock, ssl.SSLSocket) and sock.pending() > 0
        poll = select.poll()
        poll.register(sock, select.POLLIN | (select.POLLOUT if self._client.want_write() else 0))
        poll.register(self._woken, select.POLLIN)
        events = dict(poll.poll(0 if buffered else _LOOP_S * 1000))
        if self._woken.fileno() in events:
            self._woken.recv(_MOST_WAKES)
        found = events.get(sock.fileno(), 0)
        return buffered or bool(found & ~select.POLLOUT), self._client.want_write()

    def _announce(self) -> None:
        """Tell once that the connection is there, with its subscriptions, and what the broker allows on it."""
        if self.window or self._answer is None or self._answer[0] != 0:
            return
        if self._unsubscribed:
            self._client.subscribe([(topic, 1) for topic in self._unsubscribed])
            self._unsubscribed = ()
            self._granted = False
        if self._granted:
            properties = self._answer[1]
            self.most_bytes = getattr(properties, "MaximumPacketSize", None)
            self.window = int(getattr(properties, "ReceiveMaximum", _DEFAULT_RECEIVE_MAXIMUM))
            self._put(Up(self, self.window))

    def _close(self) -> None:
        for sock in (self._client.socket(), self._woken, self._waker):
            if sock is not None:
                sock.close()

    def _ending(self) -> Fault:
        where = self._terms.where
        if not self._granted and self._dropped.is_set():
            return Fault(text=f"the broker at {where} does not let us read; allow it, or name --org and --device")
        if self._dropped.is_set():
            return Fault(text=f"the broker at {where} answers no more; connecting anew")
        if self._answer is not None and self._answer[0] != 0:
            return faults.of_refusal(where, self._answer[0])
        return faults.of_end(where, self._end_reason, was_up=self.window > 0, detail=self._detail)


class _Client(paho.Client):
    """A paho client that makes its socket as the process's rights allow, and leaves none open that failed."""

    trust: ssl.SSLContext | None = None

    def _create_socket(self) -> socket.socket:
        # paho binds to port 0 first, which Landlock refuses: this process may listen nowhere.
        sock = socket.create_connection((self._host, self._port), timeout=self._connect_timeout)
        try:
            # What is sent into a dead network is noticed in the time that an answer may take.
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _USER_TIMEOUT_MS)
            return sock if self.trust is None else self.trust.wrap_socket(sock, server_hostname=self._host)
        except OSError:
            sock.close()
            raise


def _properties(packet: int, message: Outgoing) -> Properties:
    properties = _empty(packet)
    properties.PayloadFormatIndicator = 1
    properties.ContentType = message.content_type
    if message.expiry_s is not None:
        properties.MessageExpiryInterval = message.expiry_s
    if message.labels:
        properties.UserProperty = list(message.labels)
    return properties


def _empty(packet: int) -> Properties:
    return Properties(packet)  # type: ignore[no-untyped-call]


def _incoming(message: paho.MQTTMessage) -> Incoming:
    properties = message.properties
    return Incoming(
        topic=message.topic,
        payload=bytes(message.payload),
        retained=message.retain,
        content_type=getattr(properties, "ContentType", None),
        expiry_s=getattr(properties, "MessageExpiryInterval", None),
        labels=tuple(getattr(properties, "UserProperty", ())),
    )
