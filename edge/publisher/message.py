"""What goes to a broker and what comes from one."""

from dataclasses import dataclass


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
