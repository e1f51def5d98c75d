"""With whom the publisher connects, as whom, and how patiently."""

from dataclasses import dataclass

from edge.config.broker import is_loopback
from edge.publisher.credentials import Credentials
from edge.publisher.message import Outgoing


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
