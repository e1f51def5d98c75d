"""Vision's counterpart: takes its messages and answers each report, and each message about an alarm, after the commit.

Before a report is stored, whatever else has come is looked at: an alarm never waits behind a backlog of windows.
"""

import logging
from collections import deque
from collections.abc import Callable

from edge.config.site import Site
from edge.contract.channel import ChannelClosedError, Connection
from edge.contract.report import (
    AlarmAnswer,
    AlarmReport,
    Answer,
    Hello,
    Message,
    Verdict,
    VisionHealth,
    WindowReport,
)
from edge.publisher.clock import ClockState
from edge.publisher.complaint import Complaints
from edge.publisher.events import alert, forecast, window
from edge.publisher.events.alert import AlertDraft, Circumstances
from edge.publisher.events.envelope import Draft, Event, source_of
from edge.publisher.events.schema import EventRefusedError, check
from edge.publisher.forecast.forecaster import Forecaster
from edge.publisher.inbox import Inbox, digest
from edge.publisher.outbox import Batch, Outcome
from edge.publisher.vitals import Vitals

_POLL_S = 0.5
# Reports set by while what came after them is looked at: more than vision has under way without an answer.
_MOST_SET_BY = 32

_log = logging.getLogger(__name__)

_UNSYNCHRONISED = (
    "alarms are told by a clock that nothing synchronises: [legal]'s dates, and how long an alarm holds, are only as"
    " right as it is, and each alert says so; give this device a time server"
)

_VERDICTS = {
    Outcome.STORED: Verdict.STORED,
    Outcome.REPEATED: Verdict.STORED,
    Outcome.CONFLICT: Verdict.REFUSED_WINDOW,
}
_MENDS = {
    Verdict.REFUSED_SITE: "vision works under another site file or on a recording; start both with the same file",
    Verdict.REFUSED_SHAPE: "it does not fit the site's lines and zones or the disclosure rules",
    Verdict.REFUSED_WINDOW: "its window is not one of the site, or was reported before with other content",
}
_ALARM_MENDS = {
    Verdict.REFUSED_SITE: _MENDS[Verdict.REFUSED_SITE],
    Verdict.REFUSED_SHAPE: "the site has no such alarm at that place, or no such bollard",
    Verdict.REFUSED_WINDOW: "its time is over, or not come by this clock; or it was said before with other content",
    Verdict.REFUSED_LEGAL: "[legal] does not permit it here and now, or the clock is not set",
}


class Reception:
    """Serves one connection of vision after the other."""

    def __init__(
        self,
        site: Site,
        inbox: Inbox,
        store: Callable[[Batch | AlertDraft], Outcome | None],
        vitals: Vitals,
        forecaster: Forecaster | None = None,
    ) -> None:
        self._site = site
        self._inbox = inbox
        self._store = store
        self._vitals = vitals
        self._forecaster = forecaster
        self._vision = vitals.vision
        self._complaints = Complaints(_log)
        self._greeted = False
        self._silent = False
        self._set_by: deque[WindowReport] = deque()

    def serve(self, connection: Connection, stopped: Callable[[], bool]) -> None:
        """Take messages until vision goes or `stopped`; says so in the log and the vitals when vision goes."""
        self._greeted = False
        self._set_by.clear()
        self._vision.connected = True
        self._vision.connections += 1
        self._vision.connected_s = self._vitals.clock.steady()
        _log.info("vision is connected")
        before = self._vision.broken_messages
        try:
            while not stopped():
                message = connection.receive(0.0 if self._set_by else _POLL_S)
                self._vision.broken_messages = before + sum(connection.refused.values())
                if message is not None:
                    self._take(message, connection)
                if self._set_by and (message is None or len(self._set_by) >= _MOST_SET_BY):
                    self._answer(self._set_by.popleft(), connection)
                self._listen_for_silence()
        except ChannelClosedError as fault:
            _log.warning("vision is gone: %s; waiting for it to come back", fault)
            self._store_set_by()
        finally:
            self._vision.broken_messages = before + sum(connection.refused.values())
            self._vision.connected = False

    def _store_set_by(self) -> None:
        """Store what vision said before it went: it will hand it in again, and is then told that it is known."""
        while self._set_by and self._judge(self._set_by.popleft()) is not None:
            pass

    def _listen_for_silence(self) -> None:
        """Say once that vision stopped saying how it is, and once that it goes on."""
        silent = self._vitals.vision_silent
        if silent and not self._silent:
            _log.warning("vision is connected and says nothing; see whether it was stopped, or start it again")
        elif self._silent and not silent:
            _log.info("vision speaks again")
        self._silent = silent

    def _take(self, message: Message, connection: Connection) -> None:
        """Accept only what is permitted now: one Hello first, then alarms, reports and health."""
        if isinstance(message, Hello) and not self._greeted:
            self._greet(message)
        elif isinstance(message, WindowReport) and self._greeted:
            self._set_by.append(message)
        elif isinstance(message, WindowReport):
            self._answer(message, connection)
        elif isinstance(message, AlarmReport):
            verdict = self._judge_alarm(message)
            if verdict is not None:
                connection.send(AlarmAnswer(serial=message.serial, revision=message.revision, verdict=verdict))
        elif isinstance(message, VisionHealth) and self._greeted and self._inbox.admits_health():
            self._vision.health, self._vision.health_s = message, self._vitals.clock.steady()
        else:
            self._vision.too_often += 1

    def _answer(self, report: WindowReport, connection: Connection) -> None:
        verdict = self._judge(report)
        if verdict is not None:
            connection.send(Answer(sequence=report.sequence, verdict=verdict))

    def _greet(self, hello: Hello) -> None:
        verdict = self._inbox.judge_hello(hello)
        if verdict is Verdict.STORED:
            self._greeted = True
            self._vision.hello = hello
            if not hello.isolated:
                self._complaints.say("vision's isolation is not proven; run it without --no-isolation")
        else:
            self._refuse(verdict, _MENDS)

    def _judge(self, report: WindowReport) -> Verdict | None:
        verdict = self._inbox.judge(report) if self._greeted else Verdict.REFUSED_SITE
        if verdict is Verdict.STORED:
            why = self._inbox.waits(report)
            if why is not None:
                return self._leave(report, why)
            outcome = self._stored(report)
            if outcome is None:
                return None
            verdict = _VERDICTS[outcome]
        if verdict is not Verdict.STORED:
            self._refuse(verdict, _MENDS)
        return verdict

    def _leave(self, report: WindowReport, why: str) -> Verdict | None:
        """Leave a report with vision; one that waits for its own window's sake need not hold up others."""
        self._vision.not_due += 1
        self._complaints.say(f"a report stays with vision: {why}")
        return Verdict.LATER if self._inbox.is_due_later(report) else None

    def _stored(self, report: WindowReport) -> Outcome | None:
        """Store a report that may be; None where it could not be."""
        outcome = self._store(self._batch(report))
        if outcome is None:
            self._vision.not_stored += 1
        elif outcome is Outcome.STORED:
            self._inbox.count_new()
        return outcome

    def _judge_alarm(self, report: AlarmReport) -> Verdict | None:
        """Store a message about an alarm; None where it could not be: vision offers it again while it holds."""
        verdict = self._inbox.judge_alarm(report) if self._greeted else Verdict.REFUSED_SITE
        if verdict is Verdict.LATER:
            self._vision.too_often += 1
            self._complaints.say("messages about alarms come too often: they stay with vision; see what raises them")
        elif verdict is not Verdict.STORED:
            self._refuse(verdict, _ALARM_MENDS)
        else:
            return self._store_alarm(report)
        return verdict

    def _store_alarm(self, report: AlarmReport) -> Verdict | None:
        event = self._alert(report)
        if event is None or not self._is_valid(event):
            return Verdict.REFUSED_SHAPE
        outcome = self._store(event)
        if outcome is None:
            self._vision.not_stored += 1
            return Verdict.LATER
        if outcome is Outcome.STORED:
            self._inbox.gate.count_new()
        elif outcome is Outcome.CONFLICT:
            self._refuse(_VERDICTS[outcome], _ALARM_MENDS)
        return _VERDICTS[outcome]

    def _alert(self, report: AlarmReport) -> AlertDraft | None:
        place = self._inbox.gate.place_of(report)
        here = Circumstances(
            source=source_of(self._site.device),
            legal=self._site.legal,
            bollards=self._site.bollards,
            publisher_isolated=self._vitals.isolated,
            clock=self._clock_state(),
        )
        return None if place is None else alert.draft(report, place, here, self._vitals.clock.now())

    def _clock_state(self) -> ClockState:
        """Look how far the clock can be believed by which the mandate holds."""
        state = self._vitals.clock.state
        if state is ClockState.UNSYNCHRONISED and not self._site.camera.replay:
            self._complaints.say(_UNSYNCHRONISED)
        return state

    def _refuse(self, verdict: Verdict, mends: dict[Verdict, str]) -> None:
        self._vision.verdicts[verdict] += 1
        self._complaints.say(f"a message from vision is refused: {mends[verdict]}")

    def _batch(self, report: WindowReport) -> Batch:
        return Batch(
            window_start_s=report.window_start_s,
            revision=report.revision,
            digest=digest(report),
            drafts=[draft for draft in self._drafts(report) if self._is_valid(draft)],
        )

    def _drafts(self, report: WindowReport) -> list[Draft]:
        isolated = self._vitals.isolated
        drafts = list(window.drafts(self._site, report, publisher_isolated=isolated))
        expected = None if self._forecaster is None else self._forecaster.take(report)
        if expected is not None:
            drafts.extend(forecast.drafts(self._site, expected, publisher_isolated=isolated))
        return drafts

    def _is_valid(self, event: Event) -> bool:
        try:
            check(event)
        except EventRefusedError as fault:
            self._vision.events_invalid += 1
            self._complaints.say(f"{fault}: it is dropped; please report this")
            return False
        return True
