"""The thread that puts closed windows on disk and takes them to the publisher, so that the frame loop never waits.

Alarms go ahead of windows, at once, and never to the disk.
"""

import logging
import os
import queue
import random
import select
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from edge.contract import bounds, channel
from edge.contract.channel import ChannelAbsentError, ChannelClosedError, Connection
from edge.contract.report import FROM_PUBLISHER, AlarmAnswer, AlarmReport, Answer, Hello, Message, Verdict, VisionHealth
from edge.vision.aggregate.tally import Tally
from edge.vision.register import Register
from edge.vision.reports import ReportStore
from edge.vision.waiting_alarms import WaitingAlarms

_log = logging.getLogger(__name__)

# Reports under way without an answer: few enough that neither side ever waits for the other's buffer.
MOST_UNDER_WAY: Final = 16
# A publisher that says nothing about a report for so long is stuck; a new connection tries again.
ANSWER_PATIENCE_S: Final = 60.0
_LONGEST_PAUSE_S: Final = 30.0
# An alarm cannot wait until it is worth trying again: while there is one, tries are no further apart than this.
_LONGEST_PAUSE_FOR_ALARMS_S: Final = 1.2 * bounds.LEAST_RECONNECT_S
# A report that the publisher would not have yet is offered again after so long.
_AGAIN_S: Final = 60.0
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
        """How many reports, and messages about alarms, the publisher refused since the start."""
        self._path = path
        self._hello = hello
        self._store = store
        self._register = register
        self._health = health
        self._closed: queue.SimpleQueue[_Closed] = queue.SimpleQueue()
        self._alarms = WaitingAlarms(time.monotonic)
        # Written to by whoever hands something over, so that we need not look for it by the clock; open to the end.
        self._bell = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._finish_s: float | None = None
        self._line: Connection | None = None
        self._under_way: dict[int, float] = {}
        # Reports that the publisher would not have yet, and when they are offered again.
        self._later: dict[int, float] = {}
        self._pause_s = float(bounds.LEAST_RECONNECT_S)
        self._next_try_s = 0.0
        self._tried_s = -_LONGEST_PAUSE_FOR_ALARMS_S
        self._next_health_s = time.monotonic() + _HEALTH_PERIOD_S
        self._is_away = False

    def over(self, tally: Tally) -> None:
        """Hand over a window that is over."""
        self._closed.put(_Closed(tally, is_over=True))
        self._ring()

    def cut(self, tally: Tally) -> None:
        """Hand over a window that goes on without us."""
        self._closed.put(_Closed(tally, is_over=False))
        self._ring()

    def raise_alarm(self, report: AlarmReport) -> None:
        """Hand over a message about an alarm; any thread may. It is sent at once where the publisher is there.

        It is kept in memory until it is answered, or until it holds no more.
        """
        self._alarms.add(report)
        self._ring()

    def finish(self, patience_s: float) -> bool:
        """Store what was handed over, offer it to the publisher for so long, and end; tell whether all was taken."""
        self._finish_s = time.monotonic() + patience_s
        self._next_try_s, self._pause_s = 0.0, float(bounds.LEAST_RECONNECT_S)
        self._ring()
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
        self._store.write_held()
        self._hang_up()

    def _is_done(self) -> bool:
        if self._finish_s is None or not self._closed.empty():
            return False
        nothing_left = self._store.waiting == 0 and self._alarms.waiting == 0
        return nothing_left or time.monotonic() >= self._finish_s

    def _ring(self) -> None:
        os.eventfd_write(self._bell, 1)

    def _wait(self, timeout_s: float) -> None:
        """Wait until something is handed over, or the publisher says something, or the time is over."""
        poll = select.poll()
        poll.register(self._bell, select.POLLIN)
        if self._line is not None:
            poll.register(self._line, select.POLLIN)
        ready = poll.poll(timeout_s * 1000 if self._closed.empty() else 0)
        if any(number == self._bell for number, _ in ready):
            os.eventfd_read(self._bell)

    def _keep(self) -> None:
        """Put one window on the disk: others wait, so that an alarm need not."""
        if self._closed.empty():
            return
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
        if self._alarms.waiting:
            self._next_try_s = min(self._next_try_s, self._tried_s + _LONGEST_PAUSE_FOR_ALARMS_S)
        if now_s < self._next_try_s:
            self._wait(min(_TICK_S, self._next_try_s - now_s))
            return
        self._tried_s = now_s
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
            self._send_alarms(line)
            self._send_reports(line)
            self._send_health(line)
            self._wait(_TICK_S)
            while (answer := line.receive(0.0)) is not None:
                self._take(answer)
        except ChannelClosedError as error:
            self._hang_up()
            self._say(error)
            return
        if self._under_way and time.monotonic() - min(self._under_way.values()) > ANSWER_PATIENCE_S:
            _log.error("the publisher has not answered for %d s; connecting anew", ANSWER_PATIENCE_S)
            self._hang_up()

    def _send_alarms(self, line: Connection) -> None:
        while (report := self._alarms.take()) is not None:
            line.send(report)

    def _send_reports(self, line: Connection) -> None:
        for sequence in self._store.sequences():
            if len(self._under_way) >= MOST_UNDER_WAY:
                return
            if self._may_go(sequence) and (report := self._store.read(sequence)) is not None:
                # Reading a full folder takes its time.
                self._send_alarms(line)
                line.send(report)
                self._under_way[sequence] = time.monotonic()

    def _may_go(self, sequence: int) -> bool:
        return sequence not in self._under_way and self._later.get(sequence, 0.0) <= time.monotonic()

    def _send_health(self, line: Connection) -> None:
        if time.monotonic() >= self._next_health_s:
            self._next_health_s = time.monotonic() + _HEALTH_PERIOD_S
            self._store.write_held()
            told = self._health(self._store.waiting, self._store.lost + self.refused)
            line.send(replace(told, alarms_lost=min(self._alarms.lost, bounds.ALARMS_LOST.most)))

    def _take(self, answer: Message) -> None:
        # An answer is the proof of a publisher that works: when it goes, it is worth trying again soon.
        self._pause_s = float(bounds.LEAST_RECONNECT_S)
        if isinstance(answer, Answer):
            self._take_report(answer)
        elif isinstance(answer, AlarmAnswer):
            self._take_alarm(answer)

    def _take_report(self, answer: Answer) -> None:
        if self._under_way.pop(answer.sequence, None) is None:
            return  # an answer to nothing that was asked
        if answer.verdict is Verdict.LATER:
            self._later[answer.sequence] = time.monotonic() + _AGAIN_S
            return
        if answer.verdict is not Verdict.STORED:
            self.refused += 1
            _log.error("the publisher refused report %d: %s", answer.sequence, answer.verdict.name)
        self._later.pop(answer.sequence, None)
        self._store.forget(answer.sequence)

    def _take_alarm(self, answer: AlarmAnswer) -> None:
        known = self._alarms.answered(answer.serial, answer.revision, answer.verdict)
        if known and answer.verdict not in {Verdict.STORED, Verdict.LATER}:
            self.refused += 1
            _log.error("the publisher refused a message about an alarm: %s", answer.verdict.name)

    def _hang_up(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None
            self._alarms.take_back()
