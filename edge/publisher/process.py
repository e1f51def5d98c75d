"""The publisher: takes reports from vision, keeps them as events on the disk and sends them to the broker."""

import logging
import signal
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from edge import __version__
from edge.config.broker import is_loopback
from edge.config.site import Broker, Site
from edge.contract.channel import ChannelError, Listener
from edge.contract.report import FROM_VISION
from edge.notify import Notifier
from edge.publisher import about
from edge.publisher.clock import Clock
from edge.publisher.complaint import Complaints
from edge.publisher.credentials import CredentialError, read_credentials
from edge.publisher.delivery import document
from edge.publisher.events.alert import AlertDraft
from edge.publisher.forecast.forecaster import open_forecaster
from edge.publisher.heartbeat import Heartbeat
from edge.publisher.inbox import Inbox
from edge.publisher.isolation import confine
from edge.publisher.keeper import Keeper
from edge.publisher.link import Link
from edge.publisher.outbox import Batch, Outcome
from edge.publisher.reception import Reception
from edge.publisher.sender import Sender, States
from edge.publisher.terms import Pace, Terms
from edge.publisher.topics import Topics
from edge.publisher.vitals import Vitals

# After SIGTERM: how long vision may still hand in its last window, and how long is spent on sending.
_LAST_REPORTS_S = 3.0
_DRAIN_S = 10.0
# An answer waits for a commit, which waits for the disk.
_COMMIT_TIMEOUT_S = 30.0
_ACCEPT_S = 0.5
_CANNOT_RUN = 2
_BROKE_OFF = 1

_log = logging.getLogger(__name__)


def run(site: Site, state: Path, channel: Path, *, isolation: bool, allowed_uids: Collection[int] = ()) -> int:
    """Run the publisher until SIGTERM or SIGINT; returns the exit code.

    `state` is the folder of the outbox, `channel` the path that vision connects to, as our own user or one of
    `allowed_uids`. Raises IsolationError where `isolation` is asked for and cannot be proven.
    """
    if site.broker is None:
        _log.error("%s names no broker; write [broker] url", site.path)
        return _CANNOT_RUN
    try:
        terms = _terms(site, site.broker)
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        listener = Listener(channel, FROM_VISION, allowed_uids=allowed_uids)
    except (CredentialError, ChannelError, OSError) as fault:
        _log.error("the publisher cannot run: %s", fault)
        return _CANNOT_RUN
    notifier = Notifier.of_service()
    with listener:
        isolated = confine(state=state, allow_unproven=not isolation)
        return _Publisher(site, state, terms, isolated=isolated).run(listener, notifier)


class _Stop:
    """Whether the process was asked to end, and whether vision's last moment is over."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._asked_s: float | None = None

    def ask(self, *_signal: object) -> None:
        """Note that the process was asked to end."""
        if self._asked_s is None:
            self._asked_s = self._clock.steady()

    @property
    def asked(self) -> bool:
        """Whether the process was asked to end."""
        return self._asked_s is not None

    @property
    def over(self) -> bool:
        """Whether vision has had its moment to hand in the last window."""
        return self._asked_s is not None and self._clock.steady() - self._asked_s >= _LAST_REPORTS_S


class _Publisher:
    """The parts of the process, put together."""

    def __init__(self, site: Site, state: Path, terms: Terms, *, isolated: bool) -> None:
        clock = Clock()
        self._stop = _Stop(clock)
        self._vitals = Vitals(
            clock=clock, started_s=clock.steady(), software=__version__, isolated=isolated, legal=site.legal
        )
        boot = about.boot_id()
        inbox = Inbox(site, loopback=is_loopback(terms.host), clock=clock)
        self._sender = Sender(
            keeper=Keeper(state, clock, self._vitals.broker, Complaints(_log), lambda: inbox.gate.site_now),
            topics=_topics(site),
            states=States(
                online=about.status("online", boot), offline=about.status("offline", boot), about=about.about(site)
            ),
            vitals=self._vitals,
            new_link=lambda put: Link(terms, put),
        )
        self._forecaster = open_forecaster(site, state, clock)
        self._reception = Reception(site, inbox, self._store, self._vitals, self._forecaster)

    def run(self, listener: Listener, notifier: Notifier) -> int:
        """Serve until asked to end, then send what can be sent; returns the exit code."""
        heartbeat = Heartbeat(self._sender, self._vitals, notifier)
        with _signals(self._stop.ask):
            self._sender.start()
            notifier.ready()
            while not self._stop.asked and self._sender.alive:
                self._receive(listener, heartbeat)
            if not self._sender.alive:
                _log.error("the sending thread broke off; start the publisher again")
                return _BROKE_OFF
            _log.info("asked to end: sending what is left")
            notifier.stopping()
            self._sender.close(_DRAIN_S)
            if self._forecaster is not None:
                self._forecaster.close()
        return 0

    def _receive(self, listener: Listener, heartbeat: Heartbeat) -> None:
        heartbeat.beat()
        connection = listener.accept(_ACCEPT_S)
        self._vitals.vision.turned_away = listener.rejected
        if connection is not None:
            with connection:
                self._reception.serve(connection, heartbeat.at_each(self._is_over))

    def _is_over(self) -> bool:
        return self._stop.over or not self._sender.alive

    def _store(self, found: Batch | AlertDraft) -> Outcome | None:
        return self._sender.store(found, _COMMIT_TIMEOUT_S)


def _terms(site: Site, broker: Broker) -> Terms:
    topics = _topics(site)
    return Terms(
        host=broker.host,
        port=broker.port,
        client_id=site.device.id,
        credentials=read_credentials(broker),
        pace=Pace.towards(broker.host),
        ca=str(broker.ca) if broker.ca else "any CA of this system",
        will=document(topics.status, about.status("lost", about.boot_id())),
    )


def _topics(site: Site) -> Topics:
    return Topics(org=site.device.org, device=site.device.id)


@contextmanager
def _signals(ask: Callable[..., None]) -> Iterator[None]:
    before = {number: signal.signal(number, ask) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
