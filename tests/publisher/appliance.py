"""The publisher as a process, and a stand-in for vision at the other end of the channel."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Self

from edge.contract.channel import ChannelAbsentError, ChannelClosedError, Connection, connect
from edge.contract.report import FROM_PUBLISHER, AlarmAnswer, AlarmReport, Answer, Hello, Verdict, WindowReport
from tests.publisher.street import HELLO

PATIENCE_S = 20.0
ROOT = Path(__file__).parents[2]


class Publisher:
    """A publisher that can be killed and started again on the same state."""

    def __init__(self, folder: Path, port: int, **settings: object) -> None:
        self.state = folder / "state"
        self.channel = folder / "state" / "channel"
        self.state.mkdir(parents=True, exist_ok=True)
        self._log = folder / "publisher.log"
        self._told = folder / "state" / "told.json"
        self._settings = {
            "host": "127.0.0.1",
            "tls": False,
            "username": None,
            "device": None,
            "alerts": False,
            "isolation": False,
            "files": {},
            "port": port,
            "state": str(self.state),
            "channel": str(self.channel),
            "told": str(self._told),
            **settings,
        }
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.kill()

    @property
    def log(self) -> str:
        return self._log.read_text() if self._log.exists() else ""

    @property
    def told(self) -> dict[str, object]:
        """What the process said of itself at its end."""
        return dict(json.loads(self._told.read_text()))

    def start(self) -> None:
        command = [sys.executable, "-m", "tests.publisher.child", json.dumps(self._settings)]
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)

    def terminate(self) -> int:
        """Ask it to end; its exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.wait()

    def wait(self) -> int:
        assert self.process is not None
        return self.process.wait(PATIENCE_S)

    def kill(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(PATIENCE_S)

    def says(self, text: str) -> bool:
        """Wait until the log holds a text."""
        return eventually(lambda: text in self.log)


class Vision:
    """Sends reports until they are answered, over as many connections as that takes."""

    def __init__(self, channel: Path, hello: Hello = HELLO) -> None:
        self._channel = channel
        self._hello = hello
        self._connection: Connection | None = None
        self.waiting: dict[int, WindowReport] = {}
        self.verdicts: dict[int, Verdict] = {}
        # Reports that are to be handed in again later, and what became of messages about alarms.
        self.put_off: set[int] = set()
        self.alarms: dict[tuple[int, int], Verdict] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.vanish()

    def vanish(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def connected(self) -> Connection:
        """Connect, if need be, and send again what has no answer."""
        end_s = time.monotonic() + PATIENCE_S
        while self._connection is None:
            try:
                connection = connect(self._channel, FROM_PUBLISHER)
                for message in (self._hello, *self.waiting.values()):
                    connection.send(message)
                self._connection = connection
            except (ChannelAbsentError, ChannelClosedError):
                if time.monotonic() > end_s:
                    raise
                time.sleep(0.05)
        return self._connection

    def hand_in(self, *reports: WindowReport) -> None:
        """Send reports; the answers may come later."""
        connection = self.connected()
        for report in reports:
            self.waiting[report.sequence] = report
            try:
                connection.send(report)
            except ChannelClosedError:
                self._connection = None
                connection = self.connected()

    def say(self, alarm: AlarmReport) -> Verdict:
        """Send a message about an alarm and wait for the answer."""
        self.connected().send(alarm)
        key = (alarm.serial, alarm.revision)
        assert eventually(lambda: self.listen(0.05) or key in self.alarms)
        return self.alarms.pop(key)

    def listen(self, timeout_s: float = 0.2) -> None:
        """Take one answer, if there is one."""
        try:
            message = self.connected().receive(timeout_s)
        except ChannelClosedError:
            self._connection = None
            return
        if isinstance(message, AlarmAnswer):
            self.alarms[message.serial, message.revision] = message.verdict
        elif isinstance(message, Answer) and message.verdict is Verdict.LATER:
            self.put_off.add(message.sequence)
        elif isinstance(message, Answer):
            self.verdicts[message.sequence] = message.verdict
            self.waiting.pop(message.sequence, None)

    def settle(self, timeout_s: float = PATIENCE_S) -> dict[int, Verdict]:
        """Wait until every report is answered, or the time is up."""
        end_s = time.monotonic() + timeout_s
        while self.waiting and time.monotonic() < end_s:
            self.listen()
        return self.verdicts


def eventually(holds: object, timeout_s: float = PATIENCE_S) -> bool:
    """Wait until a condition holds; tells whether it did in time."""
    assert callable(holds)
    end_s = time.monotonic() + timeout_s
    while time.monotonic() < end_s:
        if holds():
            return True
        time.sleep(0.02)
    return bool(holds())
