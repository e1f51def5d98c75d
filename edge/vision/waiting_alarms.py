"""Messages about alarms that the publisher has not answered: in memory only, and only while their time lasts.

Nothing stale is told: what was not taken when its validity is over is dropped and counted. Of one alarm the newest
message stands for those before it, but for the one that raised it: whoever hears of an end must have heard of the
beginning. Where that one went stale untold, the next that says that it is open raises it, and an end is not told.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from edge.contract.bucket import TokenBucket
from edge.contract.report import AlarmPhase, AlarmReport, Verdict

_TENTHS_A_S: Final = 10.0
# Under way without an answer: few enough that neither side ever waits for the other's buffer.
_MOST_UNDER_WAY: Final = 16
# A message that the publisher would not have yet is offered again after so long.
_AGAIN_S: Final = 1.0
# What may be said while only so many tokens are left: a new alarm always, its end rather than news of its middle. The
# judge has a budget of its own and leaves more; this holds whatever the judge does.
_LEAST_TOKENS: Final = {AlarmPhase.RAISED: 1.0, AlarmPhase.UPDATED: 60.0}
_LEAST_FOR_ENDS: Final = 30.0
_OPEN: Final = frozenset({AlarmPhase.RAISED, AlarmPhase.UPDATED})
# More alarms than are ever open at once.
_MOST_TOLD: Final = 1024


@dataclass(kw_only=True, slots=True)
class _Held:
    """One message, until when it holds, and where it stands."""

    report: AlarmReport
    until_s: float
    under_way: bool = False
    # Whether a token was taken for it: sent again, it costs none.
    paid: bool = False
    not_before_s: float = 0.0

    @property
    def key(self) -> tuple[int, int]:
        return self.report.serial, self.report.revision

    @property
    def rank(self) -> int:
        """New alarms go first, then ends, then the rest."""
        return {AlarmPhase.RAISED: 0, AlarmPhase.UPDATED: 2}.get(self.report.phase, 1)


class WaitingAlarms:
    """Takes messages from one thread and gives them to another, the most urgent first; `now_s` is a steady clock."""

    def __init__(self, now_s: Callable[[], float]) -> None:
        self.lost = 0
        """How many were dropped since the start because their time was over."""
        self._now_s = now_s
        self._lock = threading.Lock()
        self._held: list[_Held] = []
        # Alarms of which the publisher stored something, and no end; oldest first.
        self._told: dict[int, None] = {}
        self._bucket = TokenBucket(now_s())

    @property
    def waiting(self) -> int:
        """How many have no answer and still hold."""
        with self._lock:
            self._drop_stale()
            return len(self._held)

    def add(self, report: AlarmReport) -> None:
        """Take a message; it stands for the older ones of its alarm that are not under way."""
        with self._lock:
            self._drop_stale()
            self._supersede(report)
            self._held.append(_Held(report=report, until_s=self._now_s() + report.valid_tenths / _TENTHS_A_S))
            self._raise_untold()

    def take(self) -> AlarmReport | None:
        """Give the next message to send, which is then under way; None where none may be sent now."""
        with self._lock:
            self._drop_stale()
            if sum(held.under_way for held in self._held) >= _MOST_UNDER_WAY:
                return None
            held = min(filter(self._may_go, self._held), key=lambda held: held.rank, default=None)
            if held is None:
                return None
            if not held.paid:
                self._bucket.take(self._now_s())
            held.under_way = held.paid = True
            return held.report

    def answered(self, serial: int, revision: int, verdict: Verdict) -> bool:
        """Take an answer: but for LATER the message is done with; tells whether it was under way."""
        with self._lock:
            held = next((one for one in self._held if one.key == (serial, revision) and one.under_way), None)
            if held is None:
                return False
            if verdict is Verdict.LATER:
                held.under_way, held.not_before_s = False, self._now_s() + _AGAIN_S
            else:
                self._held.remove(held)
            if verdict is Verdict.STORED:
                self._remember(held.report)
            return True

    def take_back(self) -> None:
        """Take back what is under way, because the connection is gone; of each alarm what is still worth telling."""
        with self._lock:
            for held in self._held:
                held.under_way = False
            for held in tuple(self._held):
                self._supersede(held.report)

    def _remember(self, report: AlarmReport) -> None:
        self._told.pop(report.serial, None)
        if report.phase in _OPEN:
            self._told[report.serial] = None
        if len(self._told) > _MOST_TOLD:
            del self._told[next(iter(self._told))]

    def _raise_untold(self) -> None:
        """Let what is now the first message of an alarm raise it; where that is its end, nobody need know."""
        for held in tuple(self._held):
            # What was given away once may be known already: it goes again in the same words.
            if held.paid or held.report.serial in self._told or self._has_earlier(held):
                continue
            if held.report.phase in _OPEN:
                held.report = replace(held.report, phase=AlarmPhase.RAISED)
            else:
                self._held.remove(held)

    def _has_earlier(self, held: _Held) -> bool:
        return any(other.report.serial == held.report.serial and other.key < held.key for other in self._held)

    def _supersede(self, report: AlarmReport) -> None:
        self._held = [
            held
            for held in self._held
            if held.report.serial != report.serial
            or held.report.revision >= report.revision
            or held.under_way
            or held.report.phase is AlarmPhase.RAISED
        ]

    def _drop_stale(self) -> None:
        now_s = self._now_s()
        fresh = [held for held in self._held if held.until_s > now_s]
        lost = len(self._held) - len(fresh)
        self.lost, self._held = self.lost + lost, fresh
        if lost:
            self._raise_untold()

    def _may_go(self, held: _Held) -> bool:
        now_s = self._now_s()
        if held.under_way or held.not_before_s > now_s:
            return False
        # Their order is the order of their numbers: an end is not told before its beginning was given away.
        if any(other.report.serial == held.report.serial and other.key < held.key for other in self._unsent()):
            return False
        return held.paid or self._bucket.holds(now_s) >= _LEAST_TOKENS.get(held.report.phase, _LEAST_FOR_ENDS)

    def _unsent(self) -> list[_Held]:
        return [held for held in self._held if not held.under_way]
