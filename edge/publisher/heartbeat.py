"""What the publisher's watchdog lives on: both its threads go round, and the broker answers or is known to be away."""

from collections.abc import Callable

from edge.notify import Notifier
from edge.publisher.sender import Sender
from edge.publisher.vitals import Vitals


class Heartbeat:
    """Feeds the watchdog from the thread that hears vision, where the one that sends got somewhere as well."""

    def __init__(self, sender: Sender, vitals: Vitals, notifier: Notifier) -> None:
        self._sender = sender
        self._vitals = vitals
        self._notifier = notifier
        self._turns = 0

    def beat(self) -> None:
        """Tell the service manager, where the sender went round since the last call with nothing overdue."""
        before, self._turns = self._turns, self._sender.turns
        if self._turns != before:
            self._notifier.alive(self._status)

    def at_each(self, asked: Callable[[], bool]) -> Callable[[], bool]:
        """Beat whenever the thread asks this, which it does twice a second and after each message."""

        def answer() -> bool:
            self.beat()
            return asked()

        return answer

    def _status(self) -> str:
        broker, vision = self._vitals.broker, self._vitals.vision
        return (
            f"broker {'connected' if broker.connected else 'away'}, {broker.sent} events sent; "
            f"vision {'connected' if vision.connected else 'away'}"
        )
