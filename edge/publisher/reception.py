"""Vision's counterpart: takes its messages one by one and answers each report after the commit."""

import logging
from collections.abc import Callable

from edge.config.site import Site
from edge.contract.channel import ChannelClosedError, Connection
from edge.contract.report import Answer, Hello, Message, Verdict, VisionHealth, WindowReport
from edge.publisher.complaint import Complaints
from edge.publisher.events import crowd_flow, traffic_flow
from edge.publisher.events.envelope import Draft, source_of
from edge.publisher.events.provenance import Provenance
from edge.publisher.events.schema import EventRefusedError, check
from edge.publisher.inbox import Inbox, digest
from edge.publisher.outbox import Batch, Outcome
from edge.publisher.vitals import Vitals

_POLL_S = 0.5

_log = logging.getLogger(__name__)

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


class Reception:
    """Serves one connection of vision after the other."""

    def __init__(self, site: Site, inbox: Inbox, store: Callable[[Batch], Outcome | None], vitals: Vitals) -> None:
        self._site = site
        self._inbox = inbox
        self._store = store
        self._vitals = vitals
        self._vision = vitals.vision
        self._complaints = Complaints(_log)
        self._greeted = False
        self._silent = False

    def serve(self, connection: Connection, stopped: Callable[[], bool]) -> None:
        """Take messages until vision goes or `stopped`; says so in the log and the vitals when vision goes."""
        self._greeted = False
        self._vision.connected = True
        self._vision.connections += 1
        self._vision.connected_s = self._vitals.clock.steady()
        _log.info("vision is connected")
        before = self._vision.broken_messages
        try:
            while not stopped():
                message = connection.receive(_POLL_S)
                self._vision.broken_messages = before + sum(connection.refused.values())
                if message is not None:
                    self._take(message, connection)
                self._listen_for_silence()
        except ChannelClosedError as fault:
            _log.warning("vision is gone: %s; waiting for it to come back", fault)
        finally:
            self._vision.broken_messages = before + sum(connection.refused.values())
            self._vision.connected = False

    def _listen_for_silence(self) -> None:
        """Say once that vision stopped saying how it is, and once that it goes on."""
        silent = self._vitals.vision_silent
        if silent and not self._silent:
            _log.warning("vision is connected and says nothing; see whether it was stopped, or start it again")
        elif self._silent and not silent:
            _log.info("vision speaks again")
        self._silent = silent

    def _take(self, message: Message, connection: Connection) -> None:
        """Accept only what is permitted now: one Hello first, then reports and health."""
        if isinstance(message, Hello) and not self._greeted:
            self._greet(message)
        elif isinstance(message, WindowReport):
            verdict = self._judge(message)
            if verdict is not None:
                connection.send(Answer(sequence=message.sequence, verdict=verdict))
        elif isinstance(message, VisionHealth) and self._greeted and self._inbox.admits_health():
            self._vision.health, self._vision.health_s = message, self._vitals.clock.steady()
        else:
            self._vision.too_often += 1

    def _greet(self, hello: Hello) -> None:
        verdict = self._inbox.judge_hello(hello)
        if verdict is Verdict.STORED:
            self._greeted = True
            self._vision.hello = hello
            if not hello.isolated:
                self._complaints.say("vision's isolation is not proven; run it without --no-isolation")
        else:
            self._refuse(verdict)

    def _judge(self, report: WindowReport) -> Verdict | None:
        verdict = self._inbox.judge(report) if self._greeted else Verdict.REFUSED_SITE
        if verdict is Verdict.STORED:
            outcome = self._stored(report)
            if outcome is None:
                return None
            verdict = _VERDICTS[outcome]
        if verdict is not Verdict.STORED:
            self._refuse(verdict)
        return verdict

    def _stored(self, report: WindowReport) -> Outcome | None:
        """Store a report that may be; None where it stays with vision for now."""
        why = self._inbox.waits(report)
        if why is not None:
            self._vision.not_due += 1
            self._complaints.say(f"a report stays with vision: {why}")
            return None
        outcome = self._store(self._batch(report))
        if outcome is None:
            self._vision.not_stored += 1
        elif outcome is Outcome.STORED:
            self._inbox.count_new()
        return outcome

    def _refuse(self, verdict: Verdict) -> None:
        self._vision.verdicts[verdict] += 1
        self._complaints.say(f"a message from vision is refused: {_MENDS[verdict]}")

    def _batch(self, report: WindowReport) -> Batch:
        return Batch(
            window_start_s=report.window_start_s,
            revision=report.revision,
            digest=digest(report),
            drafts=[draft for draft in self._drafts(report) if self._is_valid(draft)],
        )

    def _drafts(self, report: WindowReport) -> list[Draft]:
        """Draft all events of a report; of a window in which nothing was observed, none."""
        if report.observed_permille == 0:
            return []
        source = source_of(self._site.device)
        provenance = Provenance(report=report, publisher_isolated=self._vitals.isolated)
        found: list[Draft] = []
        for line, line_report in zip(self._site.lines, report.lines, strict=True):
            found.extend(traffic_flow.drafts(source, line, line_report, provenance))
            found.append(crowd_flow.of_line(source, line, line_report, provenance))
        for zone, zone_report in zip(self._site.zones, report.zones, strict=True):
            found.append(crowd_flow.of_zone(source, zone, zone_report, provenance))
        return found

    def _is_valid(self, draft: Draft) -> bool:
        try:
            check(draft)
        except EventRefusedError as fault:
            self._vision.events_invalid += 1
            self._complaints.say(f"{fault}: it is dropped; please report this")
            return False
        return True
