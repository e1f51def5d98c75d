"""The connection to a broker: the one file that imports paho.

What paho does and why it is used like this is in README.md. In short: one paho client per connection,
thrown away with it, so that nothing of paho's own memory is ever sent again; its callbacks only put
notes into a queue; its loop runs in a thread of ours, which survives whatever happens in it.
"""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from edge.config.broker import is_loopback
from edge.publisher import faults
from edge.publisher.credentials import Credentials
from edge.publisher.faults import Fault

_LOOP_S = 1.0
_CONNECT_TIMEOUT_S = 10.0
# After so long a connection, the next failure counts as the first.
_STEADY_S = 60.0
_LEAST_REFUSAL = 128
_DEFAULT_RECEIVE_MAXIMUM = 65_535
# Broken off so often without a word, a broker may be one that knows only MQTT 3.1.1.
_SILENT_BEFORE_OLD = 3
_MOST_DOUBLINGS = 16
_MOST_RECEIVE_MAXIMUM = 16


@dataclass(frozen=True, kw_only=True, slots=True)
class Outgoing:
    """One message to send; what MQTT 3.1.1 has no room for is left out there."""

    topic: str
    qos: int
    retained: bool
    payload: bytes
    content_type: str
    expiry_s: int | None = None
    labels: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Incoming:
    """One message that a subscription brought."""

    topic: str
    payload: bytes
    retained: bool
    content_type: str | None
    expiry_s: int | None
    labels: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Pace:
    """How patient a connection is, in seconds."""

    start_delay_s: float = 30.0
    retry_least_s: float = 1.0
    retry_most_s: float = 60.0
    keepalive_s: int = 30
    session_expiry_s: int = 300
    will_delay_s: int = 45

    @classmethod
    def towards(cls, host: str) -> "Pace":
        """Choose a pace: a city of cameras must not stampede, a broker on this machine cannot be hurt."""
        return cls(start_delay_s=0.0, retry_least_s=0.2, retry_most_s=2.0) if is_loopback(host) else cls()


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """With whom to connect, as whom, and what is agreed at the beginning."""

    host: str
    port: int
    client_id: str
    credentials: Credentials
    pace: Pace
    # What the certificate is checked against, for messages.
    ca: str = "the system's CAs"
    will: Outgoing | None = None
    subscriptions: tuple[str, ...] = ()

    @property
    def where(self) -> str:
        """The broker's address, for messages."""
        return f"{self.host}:{self.port}"


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
        self._detail = ""
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
            while not self._dropped.is_set() and self._client.loop(_LOOP_S) == paho.MQTT_ERR_SUCCESS:
                self._announce()
        except Exception as error:  # noqa: BLE001  whatever happens in paho, the thread lives on
            return faults.of_error(self._terms.where, error, ca=self._terms.ca)
        finally:
            self._close()
        return self._ending()

    def _new_client(self) -> paho.Client:
        terms = self._terms
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=terms.client_id,
            # Without MQTT 5 a session never expires, so none is left behind.
            clean_session=None if self.mqtt5 else True,
            protocol=paho.MQTTv5 if self.mqtt5 else paho.MQTTv311,
            reconnect_on_failure=False,
        )
        client.connect_timeout = _CONNECT_TIMEOUT_S
        if terms.credentials.username is not None:
            client.username_pw_set(terms.credentials.username, terms.credentials.password)
        if terms.credentials.tls is not None:
            client.tls_set_context(terms.credentials.tls)
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

        def on_disconnect(_client: Any, _data: Any, flags: Any, reason: Any, _properties: Any) -> None:  # noqa: ANN401  paho's own
            self._end_reason = reason.value if flags.is_disconnect_packet_from_server else None

        def on_log(_client: Any, _data: Any, level: int, text: str) -> None:  # noqa: ANN401  paho's own
            # The only place where paho tells of a TLS alert that came after the handshake.
            if level >= paho.MQTT_LOG_ERR and "socket" in text:
                self._detail = text

        client.on_connect, client.on_publish, client.on_message = on_connect, on_publish, on_message
        client.on_disconnect, client.on_log = on_disconnect, on_log
        # Without a hook here, publish() writes to the socket in its caller's thread, beside the loop's.
        client.on_socket_register_write = lambda *_: None

    def _connect(self) -> None:
        terms = self._terms
        extra: dict[str, Any] = {}
        if self.mqtt5:
            properties = _empty(PacketTypes.CONNECT)
            properties.SessionExpiryInterval = terms.pace.session_expiry_s
            properties.ReceiveMaximum = _MOST_RECEIVE_MAXIMUM
            extra = {"clean_start": False, "properties": properties}
        self._client.connect(terms.host, terms.port, keepalive=terms.pace.keepalive_s, **extra)

    def _announce(self) -> None:
        """Tell once that the connection is there, and what the broker allows on it."""
        if self.window or self._answer is None or self._answer[0] != 0:
            return
        properties = self._answer[1]
        self.window = int(getattr(properties, "ReceiveMaximum", _DEFAULT_RECEIVE_MAXIMUM))
        self.most_bytes = getattr(properties, "MaximumPacketSize", None)
        for topic in self._terms.subscriptions:
            self._client.subscribe(topic, qos=1)
        self._put(Up(self, self.window))

    def _close(self) -> None:
        sock = self._client.socket()
        if sock is not None:
            sock.close()

    def _ending(self) -> Fault:
        where = self._terms.where
        if self._dropped.is_set():
            return Fault(text=f"the broker at {where} answers no more; connecting anew")
        if self._answer is not None and self._answer[0] != 0:
            return faults.of_refusal(where, self._answer[0])
        return faults.of_end(where, self._end_reason, was_up=self.window > 0, detail=self._detail)


class Link:
    """A connection that comes back by itself, in a thread of its own; it tells of itself in notes."""

    def __init__(self, terms: Terms, put: Callable[[Note], None]) -> None:
        self._terms = terms
        self._put = put
        self._stop = threading.Event()
        self._session: Session | None = None
        self._mqtt5 = True
        self._silent = 0
        self._thread = threading.Thread(target=self._run, name="mqtt", daemon=True)

    @property
    def alive(self) -> bool:
        """Whether the thread still works."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin to connect."""
        self._thread.start()

    def close(self, timeout_s: float) -> None:
        """Say goodbye to the broker and end the thread."""
        self._stop.set()
        session = self._session
        if session is not None:
            session.disconnect()
        self._thread.join(timeout_s)

    def _run(self) -> None:
        failures = 0
        self._stop.wait(_between(0.0, self._terms.pace.start_delay_s))
        while not self._stop.is_set():
            self._session = session = Session(self._terms, mqtt5=self._mqtt5, put=self._put)
            began_s = time.monotonic()
            fault = session.run()
            self._put(Down(session, fault))
            self._choose_version(session, fault)
            steady = session.window > 0 and time.monotonic() - began_s >= _STEADY_S
            failures = 0 if steady else failures + 1
            self._stop.wait(self._pause_s(failures))

    def _choose_version(self, session: Session, fault: Fault) -> None:
        """Go back to MQTT 3.1.1 where the broker says that it has no 5, or keeps hanging up without a word."""
        if fault.version_refused:
            self._mqtt5 = not session.mqtt5
        elif fault.silent:
            self._silent += 1
            self._mqtt5 = self._silent % _SILENT_BEFORE_OLD != 0
        elif session.window and self._silent:
            self._silent, self._mqtt5 = 0, True

    def _pause_s(self, failures: int) -> float:
        """Wait longer after each failure, and never as long as the neighbour."""
        pace = self._terms.pace
        longest_s = min(pace.retry_most_s, pace.retry_least_s * 2.0 ** min(failures, _MOST_DOUBLINGS))
        return _between(longest_s / 2, longest_s)


def _between(least: float, most: float) -> float:
    return random.uniform(least, most)  # noqa: S311  spreads load, hides nothing


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
