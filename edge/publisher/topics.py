"""The topics of one device: names, quality of service and whether the broker keeps the newest."""

from dataclasses import dataclass

ROOT = "passant/v1"
EVERYTHING = f"{ROOT}/+/+/#"


@dataclass(frozen=True, kw_only=True, slots=True)
class Topic:
    """One topic and how it is sent; a retained one is kept by the broker for those who come later."""

    name: str
    qos: int
    retained: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Topics:
    """Everything one device may write to: all of it below `passant/v1/{org}/{device}/`."""

    org: str
    device: str

    @property
    def status(self) -> Topic:
        """Whether the device is online, offline or lost; the last will goes here too."""
        return self._topic("status", retained=True)

    @property
    def about(self) -> Topic:
        """What the device is and what it watches."""
        return self._topic("about", retained=True)

    @property
    def health(self) -> Topic:
        """How the device is doing; the next one makes up for a lost one."""
        return self._topic("health", qos=0)

    def event(self, kind: str, subject: str) -> Topic:
        """Name the topic of an event of `kind` about `subject` (`{id}` or `{id}.{direction}`)."""
        return self._topic(f"ev/{kind}/{subject}")

    def last(self, kind: str, subject: str) -> Topic:
        """Name the topic that keeps the newest event of the same kind and subject."""
        return self._topic(f"last/{kind}/{subject}", retained=True)

    def _topic(self, leaf: str, *, qos: int = 1, retained: bool = False) -> Topic:
        return Topic(name=f"{ROOT}/{self.org}/{self.device}/{leaf}", qos=qos, retained=retained)
