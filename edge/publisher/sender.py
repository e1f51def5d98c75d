"""The thread that owns the outbox: it stores what the inbox hands it and sends what is stored.

Everything that happens — a report to store, a connection that came or went, an answer of the broker —
comes to it through one queue, in order. At most `MOST_UNANSWERED` messages are unanswered at once, fewer
where the broker allows fewer, none while there is no connection. Alerts go ahead of all else, into places that are
kept free for them.
"""

import logging
import queue
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

from edge.publisher.complaint import Complaints
from edge.publisher.delivery import Parcel, Part, alert_parcels, document, parcels_of, state
from edge.publisher.events.alert import AlertDraft
from edge.publisher.events.envelope import compact
from edge.publisher.keeper import Keeper
from edge.publisher.link import Link
from edge.publisher.mqtt import Acked, Down, Note, Session, Up
from edge.publisher.outbox import Batch, Outcome
from edge.publisher.topics import Topics
from edge.publisher.vitals import Vitals

MOST_UNANSWERED = 16
# Of these so many are kept free for alerts, where the broker allows enough to share.
FREE_FOR_ALERTS = 2
_LEAST_TO_SHARE = 4
HEALTH_S = 60.0
_TICK_S = 1.0
_GOODBYE_S = 3.0
# MQTT 5, section 2.4: packet too large.
_TOO_LARGE = 0x95

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Store:
    """Somebody wants a batch or an alert stored and waits for the outcome."""

    found: Batch | AlertDraft
    reply: "Future[Outcome | None]"


@dataclass(frozen=True, slots=True)
class _Stop:
    """Send what is left until then, say goodbye and end."""

    deadline_s: float


@dataclass(frozen=True, kw_only=True, slots=True)
class States:
    """The documents that are retained while the device is online, and after it went."""

    online: bytes
    offline: bytes
    about: bytes


class Sender:
    """Stores and sends; ask it to store from any one other thread."""

    def __init__(
        self,
        *,
        keeper: Keeper,
        topics: Topics,
        states: States,
        vitals: Vitals,
        new_link: Callable[[Callable[[Note], None]], Link],
        answer_timeout_s: float = 20.0,
    ) -> None:
        self._keeper = keeper
        self._topics = topics
        self._states = states
        self._vitals = vitals
        self._new_link = new_link
        self._answer_timeout_s = answer_timeout_s
        self._clock = vitals.clock
        self._complaints = Complaints(_log)
        self._notes: queue.SimpleQueue[Note | _Store | _Stop] = queue.SimpleQueue()
        self._link: Link | None = None
        self._session: Session | None = None
        self._window = 0
        self._ready: deque[Parcel] = deque()
        self._urgent: deque[Parcel] = deque()
        # By the number the broker answers under: the parcel, and when it was sent.
        self._unanswered: dict[int, tuple[Parcel, float]] = {}
        # By row: how many of its parcels are not answered yet.
        self._open: dict[int, int] = {}
        # Rows that are the broker's now; on the disk still until the next deletion succeeds.
        self._done: set[int] = set()
        self._cursor = 0
        # The last alert that was read, and whether there may be more.
        self._alert_cursor = 0
        self._alerts_wait = False
        self._health_due_s = 0.0
        self._deadline_s: float | None = None
        self._leaving = False
        self.turns = 0
        """How often the thread went round with nothing overdue: all answered in time, or no broker to answer."""
        self._thread = threading.Thread(target=self._run, name="sender", daemon=True)

    @property
    def alive(self) -> bool:
        """Whether the thread still works."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin to store and send."""
        self._thread.start()

    def store(self, found: Batch | AlertDraft, timeout_s: float) -> Outcome | None:
        """Have a batch or an alert committed; None where it was not, or nobody can tell in time."""
        reply: Future[Outcome | None] = Future()
        self._notes.put(_Store(found, reply))
        try:
            return reply.result(timeout_s)
        except TimeoutError:
            return None

    def close(self, drain_s: float) -> None:
        """Send what can be sent in `drain_s` seconds, say offline and goodbye, and end."""
        self._notes.put(_Stop(self._clock.steady() + drain_s))
        self._thread.join()

    def _run(self) -> None:
        self._keeper.count()
        while not self._finished():
            self._watch()
            self._fill()
            self._take_notes()
            self._tidy()
        self._say_goodbye()
        self._keeper.close()

    def _take_notes(self) -> None:
        """Wait for something to happen, then take all that has."""
        try:
            self._handle(self._notes.get(timeout=_TICK_S))
            while True:
                self._handle(self._notes.get_nowait())
        except queue.Empty:
            return

    def _handle(self, note: "Note | _Store | _Stop") -> None:
        if isinstance(note, _Store):
            note.reply.set_result(self._keeper.store(note.found))
            self._alerts_wait = self._alerts_wait or isinstance(note.found, AlertDraft)
        elif isinstance(note, Acked):
            self._answered(note)
        elif isinstance(note, Up):
            self._came_up(note)
        elif isinstance(note, Down):
            self._went_down(note)
        elif isinstance(note, _Stop):
            self._deadline_s = note.deadline_s

    def _came_up(self, note: Up) -> None:
        self._forget_connection()
        self._session = note.session
        self._window = min(MOST_UNANSWERED, note.window)
        self._alerts_wait = True
        self._ready.append(state(self._topics.status, self._states.online))
        self._ready.append(state(self._topics.about, self._states.about))
        self._health_due_s = 0.0
        broker = self._vitals.broker
        broker.connected, broker.mqtt5 = True, note.session.mqtt5
        broker.connections += 1
        _log.info("connected to the broker with MQTT %s", "5" if note.session.mqtt5 else "3.1.1")

    def _went_down(self, note: Down) -> None:
        if self._deadline_s is None:
            self._complaints.say(note.fault.text)
        if note.session is self._session:
            self._forget_connection()

    def _forget_connection(self) -> None:
        """Take back everything unanswered: it goes again, in order, on the next connection."""
        self._session, self._window, self._cursor, self._alert_cursor = None, 0, 0, 0
        self._ready.clear()
        self._urgent.clear()
        self._unanswered.clear()
        self._open.clear()
        self._vitals.broker.connected = False

    def _answered(self, note: Acked) -> None:
        if note.session is not self._session:
            return
        parcel, _ = self._unanswered.pop(note.number, (None, 0.0))
        if parcel is not None:
            self._settle(parcel, None if note.accepted else note.reason)

    def _settle(self, parcel: Parcel, refusal: int | None) -> None:
        """Note what became of a parcel; `refusal` is the reason code it came back with, or None."""
        if refusal is not None:
            self._refused(parcel, refusal)
        if parcel.sequence is not None and (refusal is None or parcel.part is Part.LAST):
            self._close_part(parcel.sequence)

    def _refused(self, parcel: Parcel, reason: int) -> None:
        broker = self._vitals.broker
        broker.refused, broker.last_refusal = broker.refused + 1, reason
        mend = f"allow this device to write {parcel.message.topic} (reason {reason})"
        self._complaints.say(f"the broker refused a message: {mend}")
        if parcel.part is Part.EVENT and parcel.sequence is not None:
            self._open.pop(parcel.sequence, None)
            self._keeper.bury(parcel.sequence, reason)

    def _close_part(self, sequence: int) -> None:
        left = self._open.get(sequence)
        if left is None:
            return
        if left > 1:
            self._open[sequence] = left - 1
            return
        del self._open[sequence]
        self._done.add(sequence)
        self._vitals.broker.sent += 1

    def _tidy(self) -> None:
        """Delete what the broker has; where the disk cannot now, it is tried again and not sent again."""
        if self._done and self._keeper.forget(tuple(self._done)):
            self._done.clear()

    def _fill(self) -> None:
        """Hand over as much as the window has room for."""
        while self._session is not None and (parcel := self._next_parcel()) is not None:
            if parcel.is_over(self._clock.now()):
                self._open.pop(parcel.sequence or 0, None)
                continue
            if self._too_large(parcel):
                self._settle(parcel, _TOO_LARGE)
                continue
            number = self._session.publish(parcel.message)
            self._unanswered[number] = (parcel, self._clock.steady())

    def _next_parcel(self) -> Parcel | None:
        """Take what goes next: alerts first; all else leaves some places free."""
        room = self._window - len(self._unanswered)
        if room > 0 and (self._urgent or self._load_alerts()):
            return self._urgent.popleft()
        free = FREE_FOR_ALERTS if self._window >= _LEAST_TO_SHARE else 0
        if room > free and (self._ready or self._load()):
            return self._ready.popleft()
        return None

    def _load_alerts(self) -> bool:
        """Read alerts that still hold; tells whether there were any."""
        while self._alerts_wait and not self._urgent and not self._leaving and self._session is not None:
            rows = self._keeper.alerts(self._alert_cursor, FREE_FOR_ALERTS)
            self._alerts_wait = bool(rows)
            for row in rows:
                self._alert_cursor = row.sequence
                parcels = alert_parcels(row, self._topics, self._clock, expires=self._session.mqtt5)
                if parcels and row.sequence not in self._done:
                    self._open[row.sequence] = len(parcels)
                    self._urgent.extend(parcels)
        return bool(self._urgent)

    def _load(self) -> bool:
        """Read the next rows from the outbox; tells whether there were any."""
        while not self._ready and not self._leaving:
            rows = self._keeper.after(self._cursor, MOST_UNANSWERED)
            if not rows:
                break
            self._cursor = rows[-1].sequence
            for row in rows:
                if row.sequence not in self._done:
                    parcels = parcels_of(row, self._topics, self._clock)
                    self._open[row.sequence] = len(parcels)
                    self._ready.extend(parcels)
        return bool(self._ready)

    def _too_large(self, parcel: Parcel) -> bool:
        most = None if self._session is None else self._session.most_bytes
        return most is not None and parcel.most_bytes > most

    def _watch(self) -> None:
        """See to what comes by time: a silent broker, a dead thread, the health message."""
        now_s = self._clock.steady()
        oldest_s = next((sent_s for _, sent_s in self._unanswered.values()), now_s)
        late_s = now_s - oldest_s - self._answer_timeout_s
        if self._session is not None and late_s > 0:
            self._session.drop()
        # A connection that was dropped and is still there: its thread is stuck, and only a new process mends that.
        if late_s <= self._answer_timeout_s:
            self.turns += 1
        if self._deadline_s is None and (self._link is None or not self._link.alive):
            self._link = self._new_link(self._notes.put)
            self._link.start()
        if now_s >= self._health_due_s:
            self._health_due_s = now_s + HEALTH_S
            self._tell_health()

    def _tell_health(self) -> None:
        # Asked for none: alerts that nobody could be told in time are dropped and counted all the same.
        self._keeper.alerts(self._alert_cursor, 0)
        self._keeper.count()
        if self._session is not None:
            self._session.publish(document(self._topics.health, compact(self._vitals.document())))

    def _finished(self) -> bool:
        if self._deadline_s is None:
            return False
        late = self._clock.steady() >= self._deadline_s
        idle = not self._ready and not self._urgent and not self._unanswered and not self._done
        return late or self._session is None or (idle and not self._load_alerts() and not self._load())

    def _say_goodbye(self) -> None:
        """Leave word that the device is offline, and wait until the broker has it."""
        self._leaving = True
        until_s = self._clock.steady() + _GOODBYE_S
        farewell = state(self._topics.status, self._states.offline)
        self._ready = deque([farewell])
        self._urgent.clear()
        while self._session is not None and self._waits_for(farewell) and self._clock.steady() < until_s:
            self._fill()
            self._take_notes()
            self._tidy()
        if self._link is not None:
            self._link.close(_GOODBYE_S)

    def _waits_for(self, parcel: Parcel) -> bool:
        return bool(self._ready) or any(sent is parcel for sent, _ in self._unanswered.values())
