"""The thread that puts closed windows on disk and takes them to the publisher, so that the frame loop never waits."""

import logging
import queue
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.contract import bounds, channel
from edge.contract.channel import ChannelAbsentError, ChannelClosedError, Connection
from edge.contract.report import FROM_PUBLISHER, Answer, Hello, Verdict, VisionHealth
from edge.vision.aggregate.tally import Tally
from edge.vision.register import Register
from edge.vision.reports import ReportStore

_log = logging.getLogger(__name__)

# Reports under way without an answer: few enough that neither side ever waits for the other's buffer.
MOST_UNDER_WAY: Final = 16
# A publisher that says nothing about a report for so long is stuck; a new connection tries again.
ANSWER_PATIENCE_S: Final = 60.0
_LONGEST_PAUSE_S: Final = 30.0
_TICK_S: Final = 0.1
# The publisher refuses what comes before its period is over, by its own watch.
_HEALTH_PERIOD_S: Final = bounds.HEALTH_PERIOD_S + 0.5


@dataclass(frozen=True, slots=True)
class _Closed:
    tally: Tally
    is_over: bool


class Courier(threading.Thread):
    """Numbers, stores and delivers windows; `store` and `register` are its own once it runs.

    `health` is asked every `bounds.HEALTH_PERIOD_S` with how many reports wait and how many were lost.
    """

    def __init__(
        self,
        *,
        path: Path,
        hello: Hello,
        store: ReportStore,
        register: Register,
        health: Callable[[int, int], VisionHealth],
    ) -> None:
        super().__init__(name="courier", daemon=True)
        self.refused = 0
        """How many reports the publisher refused since the start."""
        self._path = path
        self._hello = hello
        self._store = store
        self._register = register
        self._health = health
        self._closed: queue.SimpleQueue[_Closed] = queue.SimpleQueue()
        self._finish_s: float | None = None
        self._line: Connection | None = None
        self._under_way: dict[int, float] = {}
        self._pause_s = float(bounds.LEAST_RECONNECT_S)
        self._next_try_s = 0.0
        self._next_health_s = time.monotonic() + _HEALTH_PERIOD_S
        self._is_away = False

    def over(self, tally: Tally) -> None:
        """Hand over a window that is over."""
        self._closed.put(_Closed(tally, is_over=True))

    def cut(self, tally: Tally) -> None:
        """Hand over a window that goes on without us."""
        self._closed.put(_Closed(tally, is_over=False))

    def finish(self, patience_s: float) -> bool:
        """Store what was handed over, offer it to the publisher for so long, and end; tell whether all was taken."""
        self._finish_s = time.monotonic() + patience_s
        self._next_try_s, self._pause_s = 0.0, float(bounds.LEAST_RECONNECT_S)
        self.join()
        return self._store.waiting == 0

    def run(self) -> None:
        """Work until `finish`: what was handed over goes to disk first, then over the channel."""
        # A report that was closed just before a crash is in the folder only: once it is answered, nothing else tells.
        self._save()
        while not self._is_done():
            self._keep()
            if self._line is None:
                self._connect()
            if self._line is not None:
                self._converse(self._line)
        self._keep()
        self._store.write_held()
        self._hang_up()

    def _is_done(self) -> bool:
        if self._finish_s is None or not self._closed.empty():
            return False
        return self._store.waiting == 0 or time.monotonic() >= self._finish_s

    def _keep(self) -> None:
        while not self._closed.empty():
            closed = self._closed.get()
            tell = self._register.whole if closed.is_over else self._register.cut
            for report in tell(closed.tally):
                self._store.add(report)
            self._save()

    def _save(self) -> None:
        try:
            self._register.save()
        except OSError as error:
            _log.warning("the register of windows is in memory only: %s; free some disk space", error.strerror or error)

    def _connect(self) -> None:
        now_s = time.monotonic()
        if now_s < self._next_try_s:
            time.sleep(min(_TICK_S, self._next_try_s - now_s))
            return
        self._next_try_s = now_s + self._pause_s * random.uniform(1.0, 1.5)  # noqa: S311  spreads load, hides nothing
        self._pause_s = min(2 * self._pause_s, _LONGEST_PAUSE_S)
        try:
            line = channel.connect(self._path, FROM_PUBLISHER)
            line.send(self._hello)
        except (ChannelAbsentError, ChannelClosedError) as error:
            self._say(error)
            return
        self._line, self._under_way = line, {}
        self._say(None)

    def _say(self, error: Exception | None) -> None:
        if error is not None and not self._is_away:
            _log.warning("the publisher is away (%s); reports are kept until it is back", error)
        elif error is None and self._is_away:
            _log.info("the publisher is back")
        self._is_away = error is not None

    def _converse(self, line: Connection) -> None:
        try:
            self._send_reports(line)
            self._send_health(line)
            answer = line.receive(_TICK_S)
        except ChannelClosedError as error:
            self._hang_up()
            self._say(error)
            return
        if isinstance(answer, Answer):
            self._take(answer)
        elif self._under_way and time.monotonic() - min(self._under_way.values()) > ANSWER_PATIENCE_S:
            _log.error("the publisher has not answered for %d s; connecting anew", ANSWER_PATIENCE_S)
            self._hang_up()

    def _send_reports(self, line: Connection) -> None:
        for sequence in self._store.sequences():
            if len(self._under_way) >= MOST_UNDER_WAY:
                return
            if sequence not in self._under_way and (report := self._store.read(sequence)) is not None:
                line.send(report)
                self._under_way[sequence] = time.monotonic()

    def _send_health(self, line: Connection) -> None:
        if time.monotonic() >= self._next_health_s:
            self._next_health_s = time.monotonic() + _HEALTH_PERIOD_S
            self._store.write_held()
            line.send(self._health(self._store.waiting, self._store.lost + self.refused))

    def _take(self, answer: Answer) -> None:
        if self._under_way.pop(answer.sequence, None) is None:
            return  # an answer to nothing that was asked
        # An answer is the proof of a publisher that works: when it goes, it is worth trying again soon.
        self._pause_s = float(bounds.LEAST_RECONNECT_S)
        if answer.verdict is not Verdict.STORED:
            self.refused += 1
            _log.error("the publisher refused report %d: %s", answer.sequence, answer.verdict.name)
        self._store.forget(answer.sequence)

    def _hang_up(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None
