"""Vision's counterpart in the test's hand: a publisher that writes down what it gets."""

import time
from contextlib import suppress
from pathlib import Path
from typing import Self

from edge.contract.channel import ChannelClosedError, Connection, Listener
from edge.contract.report import FROM_VISION, Answer, Hello, Message, Verdict, WindowReport

PATIENCE_S = 30.0
HELLO = Hello(site=1, model=2, replay=False, isolated=True)


class Publisher:
    """The other end: it writes down what it gets, and answers as the test wants."""

    def __init__(self, path: Path) -> None:
        self.listener = Listener(path, FROM_VISION)
        self.connection: Connection | None = None

    def welcome(self) -> Hello:
        """Wait for vision; its first word."""
        end_s = time.monotonic() + PATIENCE_S
        while self.connection is None and time.monotonic() < end_s:
            self.connection = self.listener.accept(0.1)
        assert self.connection is not None
        hello = self.hear()
        assert isinstance(hello, Hello)
        return hello

    def hear(self, timeout_s: float = PATIENCE_S) -> Message | None:
        assert self.connection is not None
        return self.connection.receive(timeout_s)

    def hear_all(self) -> list[WindowReport]:
        """Take and answer every report until vision leaves."""
        reports = []
        with suppress(ChannelClosedError):
            while True:
                message = self.hear()
                if isinstance(message, WindowReport):
                    reports.append(message)
                    self.answer(message)
        self.leave()
        return reports

    def hear_report(self) -> WindowReport:
        message = self.hear()
        assert isinstance(message, WindowReport)
        return message

    def answer(self, report: WindowReport, verdict: Verdict = Verdict.STORED) -> None:
        assert self.connection is not None
        self.connection.send(Answer(sequence=report.sequence, verdict=verdict))

    def leave(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        self.leave()
        self.listener.close()
