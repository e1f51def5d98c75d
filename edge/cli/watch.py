"""`passant watch BROKER_URL`: subscribes to a broker and shows what the devices send, as it comes."""

import argparse
import logging
import queue
import secrets
import sys
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from edge.cli.arrivals import FOREIGN, Arrival, arrival_of, line_of, printable
from edge.config.site import Broker
from edge.publisher.complaint import Complaints
from edge.publisher.credentials import CredentialError, read_credentials
from edge.publisher.link import Link
from edge.publisher.message import Incoming, Outgoing
from edge.publisher.mqtt import Acked, Down, Note, Session, Up
from edge.publisher.terms import Pace, Terms
from edge.publisher.topics import ROOT

_log = logging.getLogger(__name__)

_PORTS = {"mqtt": 1883, "mqtts": 8883}
_CLOSE_S = 3.0
# Faults speak of a site file; here there are arguments.
_ARGUMENTS = {
    "[broker] url": "the broker's URL",
    "[broker] ca": "--ca",
    "[broker] certificate and key": "--certificate and --key",
    "[broker] username or password_file": "--username or --password-file",
    "certificate and key, or username and password_file": "--certificate and --key, or --username and --password-file",
    "register the device under [device] id": "allow client ids that begin with passant-watch-",
    "another client with this device's id": "another client with our id",
    "give each device its own id": "start again",
}
# A subscriber may come back at once, and leaves no session behind.
_PACE = replace(Pace.towards("localhost"), retry_most_s=5.0, session_expiry_s=0)


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `watch BROKER_URL`."""
    parser = subparsers.add_parser("watch", description=__doc__)
    parser.add_argument("url", metavar="BROKER_URL", help="mqtt://host:port or mqtts://host:port, no credentials in it")
    parser.add_argument("--org", default="+", help="only this organisation's devices")
    parser.add_argument("--device", default="+", help="only this device")
    parser.add_argument("--ca", type=Path, help="what the broker's certificate is checked against")
    parser.add_argument("--certificate", type=Path, help="our certificate")
    parser.add_argument("--key", type=Path, help="its key; a file of mode 600")
    parser.add_argument("--username", help="our user name")
    parser.add_argument("--password-file", type=Path, help="the password; a file of mode 600")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Show what arrives until interrupted; 1 where the arguments cannot be used."""
    try:
        broker = replace(
            broker_at(arguments.url),
            ca=arguments.ca,
            certificate=arguments.certificate,
            key=arguments.key,
            username=arguments.username,
            password_file=arguments.password_file,
        )
        terms = watching(broker, org=arguments.org, device=arguments.device)
    except ValueError as fault:
        print(fault, file=sys.stderr)
        return 1
    with Watcher(terms, _show) as watcher:
        watcher.wait()
    return 0


def _show(arrival: Arrival) -> None:
    # The retained copies say again what the events said.
    if not arrival.leaf.startswith("last/"):
        print(line_of(arrival), flush=True)


def broker_at(url: str) -> Broker:
    """Read a broker's address; raises ValueError, which never quotes it."""
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ValueError("the broker's URL is mqtt://host:port or mqtts://host:port")
    if "@" in parts.netloc:
        raise ValueError("take user name and password out of the URL; use --username and --password-file")
    return Broker(host=parts.hostname, port=parts.port or _PORTS[parts.scheme], tls=parts.scheme == "mqtts")


def watching(broker: Broker, *, org: str = "+", device: str = "+") -> Terms:
    """Make the terms of a subscriber; raises CredentialError."""
    if not broker.tls and (broker.username or broker.certificate):
        raise CredentialError("credentials would travel unencrypted; use mqtts://")
    return Terms(
        host=broker.host,
        port=broker.port,
        client_id=f"passant-watch-{secrets.token_hex(4)}",
        credentials=read_credentials(broker),
        pace=_PACE,
        ca=str(broker.ca) if broker.ca else "any CA of this system",
        subscriptions=(f"{ROOT}/{org}/{device}/#",),
    )


class Watcher:
    """A subscription that comes back by itself; hands every arrival to `tell`, in a thread of its own."""

    def __init__(self, terms: Terms, tell: Callable[[Arrival], None], say: Callable[[str], None] | None = None) -> None:
        """Prepare to watch; `say` is told what is wrong with the connection, by default standard error is."""
        self._tell = tell
        self._say = say or Complaints(_log).say
        self._where = terms.where
        self._notes: queue.SimpleQueue[Note | None] = queue.SimpleQueue()
        self._link = Link(terms, self._notes.put)
        self._up = threading.Event()
        self._session: Session | None = None
        self._answers = threading.Semaphore(0)
        self._ended = threading.Event()
        # Whether it was said that somebody else uses our topics.
        self._foreign = False
        self._unread: BrokenPipeError | None = None
        self._thread = threading.Thread(target=self._run, name="watcher", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._link.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def ready(self, timeout_s: float) -> bool:
        """Wait until the broker has granted the subscription; tells whether it was in time."""
        return self._up.wait(timeout_s)

    def wait(self) -> None:
        """Wait until somebody closes the watcher; raises BrokenPipeError where nobody reads any more what it tells."""
        self._ended.wait()
        if self._unread is not None:
            raise self._unread

    def remove(self, topics: Iterable[str], timeout_s: float) -> None:
        """End what the broker keeps under these topics, and wait for its answers as long as there is time."""
        until_s = time.monotonic() + timeout_s
        session = self._session
        if session is None:
            return
        for topic in topics:
            nothing = Outgoing(topic=topic, qos=1, retained=True, payload=b"", content_type="application/json")
            session.publish(nothing)
            self._answers.acquire(timeout=max(0.0, until_s - time.monotonic()))

    def close(self) -> None:
        """Say goodbye and hand over what had arrived."""
        self._link.close(_CLOSE_S)
        self._notes.put(None)
        self._thread.join(_CLOSE_S)
        self._ended.set()

    def _run(self) -> None:
        try:
            while (note := self._notes.get()) is not None:
                self._take(note)
        except BrokenPipeError as unread:
            self._unread = unread
            self._ended.set()

    def _take(self, note: Note) -> None:
        if isinstance(note, Incoming):
            self._read(note)
        elif isinstance(note, Up):
            self._session = note.session
            self._up.set()
        elif isinstance(note, Acked):
            self._answers.release()
        elif isinstance(note, Down):
            self._say(printable(in_arguments(note.fault.text)))

    def _read(self, message: Incoming) -> None:
        """Tell one message; one that nobody can read must not end the watching."""
        try:
            arrival = arrival_of(message)
            if arrival is not None:
                self._tell(arrival)
        except FOREIGN:
            if not self._foreign:
                self._foreign = True
                topic = printable(message.topic)
                self._say(f"a message that is not of Passant was left out, under {topic}; others may follow")


def in_arguments(text: str) -> str:
    """Write a fault for somebody who has no site file."""
    for ours, theirs in _ARGUMENTS.items():
        text = text.replace(ours, theirs)
    return text
