"""The publisher's watchdog is fed by what its threads get done, with a real broker that answers, hangs or is away."""

import time
from pathlib import Path

from edge.notify import Notifier
from edge.publisher.heartbeat import Heartbeat
from edge.publisher.sender import Sender
from tests.publisher.appliance import PATIENCE_S, eventually
from tests.publisher.mosquitto import Mosquitto, free_port
from tests.publisher.test_sender import batch, sending

# Longer than a turn of the sender's thread, which takes a second at most.
A_FEW_TURNS_S = 3.0


class Heard(Notifier):
    """A notifier that only counts."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def alive(self, status: "object") -> None:
        assert callable(status)
        self.said.append(status())


def _beats(heartbeat: Heartbeat, heard: Heard) -> bool:
    before = len(heard.said)
    heartbeat.beat()
    return len(heard.said) > before


def test_it_is_fed_once_a_turn_while_the_broker_answers_or_is_known_to_be_away(tmp_path: Path) -> None:
    with sending(tmp_path / "state", free_port(), drain_s=0.1) as (sender, vitals):
        heard = Heard()
        heartbeat = Heartbeat(sender, vitals, heard)
        for _ in range(3):
            assert eventually(lambda: _beats(heartbeat, heard))
        assert heard.said[-1] == "broker away, 0 events sent; vision away"


def test_a_broker_that_hangs_is_left_and_starves_nothing(tmp_path: Path, broker: Mosquitto) -> None:
    with sending(tmp_path / "state", broker.port, answer_timeout_s=0.5, drain_s=0.1) as (sender, vitals):
        assert eventually(lambda: vitals.broker.connected)
        broker.freeze()
        try:
            sender.store(batch(1), PATIENCE_S)
            assert eventually(lambda: not vitals.broker.connected)
            before = sender.turns
            assert eventually(lambda: sender.turns > before)
        finally:
            broker.thaw()


def test_a_connection_that_cannot_be_left_starves_it(tmp_path: Path, broker: Mosquitto) -> None:
    heard = Heard()
    with sending(tmp_path / "state", broker.port, answer_timeout_s=0.5, drain_s=0.1) as (sender, vitals):
        heartbeat = Heartbeat(sender, vitals, heard)
        assert eventually(lambda: vitals.broker.connected)
        # As where its thread is stuck and hears nothing.
        assert sender._session is not None
        sender._session.drop = lambda: None  # type: ignore[method-assign]
        broker.freeze()
        try:
            sender.store(batch(1), PATIENCE_S)
            assert eventually(lambda: _still(sender))
            heartbeat.beat()
            assert not _beats(heartbeat, heard)
        finally:
            broker.thaw()


def _still(sender: Sender) -> bool:
    before = sender.turns
    time.sleep(A_FEW_TURNS_S)
    return sender.turns == before
