"""Keeps an outbox at hand: opens it, replaces a broken one, and goes on by itself when the disk has room again."""

import errno
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from edge.publisher.clock import Clock
from edge.publisher.complaint import Complaints
from edge.publisher.events.alert import AlertDraft
from edge.publisher.outbox import Batch, Outbox, Outcome
from edge.publisher.outbox_faults import OutboxCorruptError, OutboxFailingError, OutboxFullError
from edge.publisher.rescue import open_outbox
from edge.publisher.row import Row
from edge.publisher.vitals import BrokerVitals

Result = TypeVar("Result")

_TRIES = 2
_MENDS = {
    "SQLITE_FULL": "the disk is full; make room: reports stay with vision until then",
    "SQLITE_BUSY": "another publisher uses this state folder; stop it, or choose another folder (--state)",
    "SQLITE_READONLY": "the state folder cannot be written to; correct its owner and mode",
    "SQLITE_CANTOPEN": "the state folder cannot be written to; correct its owner and mode",
}


class Keeper:
    """An outbox that answers None where it could not do what was asked, and says why in the log."""

    def __init__(
        self,
        folder: Path,
        clock: Clock,
        vitals: BrokerVitals,
        complaints: Complaints,
        site_now: Callable[[], str | None] = lambda: None,
    ) -> None:
        """Begin; `site_now` gives the hash of the site file under which alerts may be told now, None where none may."""
        self._folder = folder
        self._clock = clock
        self._vitals = vitals
        self._complaints = complaints
        self._site_now = site_now
        self._outbox: Outbox | None = None
        # Whether the file failed in use, however whole it looks when it is opened.
        self._distrusted = False

    def store(self, found: Batch | AlertDraft) -> Outcome | None:
        """Commit a batch or an alert; None where it could not be, so that nobody may forget it yet."""
        recorded_s, recorded = int(self._clock.now()), self._clock.stamp()
        if recorded is None:
            self._complaints.say("the clock is not set: events do not say when they were recorded; let it synchronise")
        if isinstance(found, AlertDraft):
            return self._try(lambda outbox: outbox.store_alert(found, recorded_s=recorded_s, recorded=recorded))
        return self._try(lambda outbox: outbox.store(found, recorded_s=recorded_s, recorded=recorded))

    def after(self, sequence: int, most: int) -> list[Row]:
        """Read pending events in order; none where they cannot be read now."""
        return self._try(lambda outbox: outbox.after(sequence, most)) or []

    def alerts(self, sequence: int, most: int) -> list[Row]:
        """Read alerts that still hold and may be told, in order; none where they cannot be read now."""
        now_s, site = self._clock.now(), self._site_now()
        return self._try(lambda outbox: outbox.alerts(sequence, most, now_s, site)) or []

    def forget(self, sequences: Iterable[int]) -> bool:
        """Delete sent events; False where that must be tried again."""
        return self._try(lambda outbox: outbox.forget(sequences)) is not None

    def bury(self, sequence: int, reason: int) -> bool:
        """Move an event to the dead letters; False where that must be tried again."""
        return self._try(lambda outbox: outbox.bury(sequence, reason)) is not None

    def count(self) -> None:
        """Bring the vitals up to date."""
        self._vitals.tally = self._try(Outbox.tally) or self._vitals.tally

    def close(self) -> None:
        """Close the file."""
        if self._outbox is not None:
            self._outbox.close()
            self._outbox = None

    def _try(self, work: Callable[[Outbox], Result]) -> Result | None:
        """Do something with the outbox, and again where it could be mended in between."""
        for attempt in range(_TRIES):
            try:
                result = work(self._opened())
            except OutboxCorruptError:
                self.close()
                self._distrusted = True
            except OutboxFullError as fault:
                if attempt or not self._fold():
                    self._fail(fault)
                    return None
            except (OutboxFailingError, OSError) as fault:
                self.close()
                self._fail(fault)
                return None
            else:
                self._vitals.outbox = "ready"
                return result
        return None

    def _fold(self) -> bool:
        """Make room on a full disk; tells whether there is any hope that it helped."""
        try:
            self._opened().fold()
        except (OutboxFailingError, OutboxCorruptError, OSError):
            return False
        return True

    def _opened(self) -> Outbox:
        if self._outbox is None:
            self._outbox = open_outbox(self._folder, self._clock, distrust=self._distrusted)
            self._distrusted = False
        return self._outbox

    def _fail(self, fault: OSError) -> None:
        full = isinstance(fault, OutboxFullError) or fault.errno == errno.ENOSPC
        name = "SQLITE_FULL" if full else str(fault) if isinstance(fault, OutboxFailingError) else _words(fault)
        self._vitals.outbox = "full" if full else "failing"
        mend = _MENDS.get(name, "look at the disk and the state folder")
        self._complaints.say(f"the outbox in {self._folder} takes nothing ({name}): {mend}")


def _words(fault: OSError) -> str:
    words = fault.strerror or type(fault).__name__
    return words if fault.filename is None else f"{words}: {fault.filename}"
