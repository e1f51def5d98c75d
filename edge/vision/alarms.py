"""Alarms on their way out: what the judge says, in the words of the contract, numbered so that a re-send is known."""

import secrets
from collections.abc import Callable
from typing import Final

from edge.config.site import LegalMode, Site
from edge.contract import bounds
from edge.contract.report import Advice, AlarmReport
from edge.units import NS_PER_S
from edge.vision.courier import Courier
from edge.vision.judge.alarm import Alarm, BollardAdvice
from edge.vision.register import Under

_TENTHS_A_S: Final = 10
_TENTH_NS: Final = NS_PER_S // _TENTHS_A_S


class Herald:
    """Tells alarms of one run of vision; `tell` takes what may cross the boundary.

    Numbers begin anywhere, so that no two runs give one alarm's number to another: a clock that is put back would, and
    at a boot it may be. A judge that is made anew, since the clock or the pictures' size changed, counts from 1 again:
    its alarms follow those of the one before.
    """

    def __init__(self, site: Site, under: Under, tell: Callable[[AlarmReport], None]) -> None:
        self._drill = site.legal.mode is LegalMode.DRILL
        self._under = under
        self._tell = tell
        self._first = secrets.randbelow(bounds.SERIAL.most // 2)
        self._newest = 0

    def alarm(self, alarm: Alarm) -> None:
        """Tell one message about an alarm; numbers over a field's bound are cut to it."""
        under = self._under
        if alarm.revision == 0 and alarm.number <= self._newest:
            self._first += self._newest
            self._newest = 0
        self._newest = max(self._newest, alarm.number)
        valid_tenths = _tenths(alarm.valid_s, bounds.VALID_TENTHS)
        at_tenths = _cut(alarm.at_ns // _TENTH_NS, bounds.INSTANT_TENTHS)
        oldest_tenths = max(bounds.INSTANT_TENTHS.least, at_tenths - bounds.MOST_ALARM_AGE_S * _TENTHS_A_S)
        self._tell(
            AlarmReport(
                serial=min(self._first + alarm.number, bounds.SERIAL.most),
                revision=min(alarm.revision, bounds.ALARM_REVISION.most),
                site=under.site,
                model=under.model,
                kind=alarm.kind,
                phase=alarm.phase,
                severity=alarm.severity,
                at_line=alarm.at_line,
                place=alarm.place,
                since_tenths=max(oldest_tenths, _cut(alarm.since_ns // _TENTH_NS, bounds.INSTANT_TENTHS)),
                at_tenths=at_tenths,
                valid_tenths=valid_tenths,
                level=alarm.level,
                drill=self._drill,
                replay=under.replay,
                isolated=under.isolated,
                advice=tuple(_advice(advice, valid_tenths) for advice in alarm.advice[: bounds.MOST_BOLLARDS]),
            )
        )


class Outbound:
    """Where the loop's news goes: windows to the courier, alarms by the herald."""

    def __init__(self, courier: Courier, herald: Herald) -> None:
        self.over = courier.over
        self.cut = courier.cut
        self.alarm = herald.alarm


def _advice(advice: BollardAdvice, most_tenths: int) -> Advice:
    """Write advice that holds no longer than the alarm it is about."""
    arrival_s = advice.arrival_s
    return Advice(
        bollard=advice.bollard,
        inhibit=advice.inhibit,
        valid_tenths=min(_tenths(advice.valid_s, bounds.ADVICE_TENTHS), most_tenths),
        arrival_tenths=None if arrival_s is None else _tenths(arrival_s, bounds.ARRIVAL_TENTHS),
    )


def _tenths(seconds: float, bound: bounds.Range) -> int:
    return _cut(round(seconds * _TENTHS_A_S), bound)


def _cut(value: int, bound: bounds.Range) -> int:
    return max(bound.least, min(value, bound.most))
