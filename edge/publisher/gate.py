"""What may be said of alarms, and when: first the mandate, then whether the site has such an alarm and it still holds.

Nothing here is left to vision's word: it may be wrong, or somebody else's.
"""

from typing import Final

from edge.config.site import LegalMode, Line, Site, Zone
from edge.contract import bounds
from edge.contract.bucket import TokenBucket
from edge.contract.report import AlarmKind, AlarmPhase, AlarmReport, Verdict
from edge.publisher.clock import Clock

# The two processes share a clock; an alarm may lie so far ahead of it only because it was set meanwhile.
_FUTURE_TENTHS: Final = 50
_TENTHS_A_S: Final = 10
# Alarms about which a bollard's controller is told.
_WITH_ADVICE: Final = frozenset({AlarmKind.HEAVY_VEHICLE, AlarmKind.VEHICLE})
# Phases in which an alarm is open: after them nothing comes near a bollard that is known.
_OPEN: Final = frozenset({AlarmPhase.RAISED, AlarmPhase.UPDATED})


class Gate:
    """The checks of one site's alarms."""

    def __init__(self, site: Site, clock: Clock) -> None:
        self._site = site
        self._clock = clock
        self._bucket = TokenBucket(clock.steady())

    def judge(self, report: AlarmReport) -> Verdict:
        """Check one message about an alarm: the first fault found, LATER where too many came, or STORED."""
        if not self._has_mandate(report):
            return Verdict.REFUSED_LEGAL
        place = self.place_of(report)
        if place is None or not self._fits(report, place):
            return Verdict.REFUSED_SHAPE
        if not self._site.legal.permits(place.id, self._clock.now()):
            return Verdict.REFUSED_LEGAL
        if not self._holds(report):
            return Verdict.REFUSED_WINDOW
        if self._bucket.holds(self._clock.steady()) < 1:
            return Verdict.LATER
        return Verdict.STORED

    @property
    def site_now(self) -> str | None:
        """The hash of the site file, while alerts that were made under it may be told; None while none may."""
        legal, now_s = self._site.legal, self._clock.now()
        holds = legal.mode is not LegalMode.STATISTICS and legal.start_s <= now_s < legal.end_s
        return f"{self._site.hash64:016x}" if holds and self._clock.is_set else None

    def count_new(self) -> None:
        """Note that a message was stored which was not known before."""
        self._bucket.take(self._clock.steady())

    def place_of(self, report: AlarmReport) -> Line | Zone | None:
        """Find the line or zone that an alarm is about; None where there is none."""
        places: tuple[Line, ...] | tuple[Zone, ...] = self._site.lines if report.at_line else self._site.zones
        return places[report.place] if report.place < len(places) else None

    def _has_mandate(self, report: AlarmReport) -> bool:
        """Tell whether the site may raise alarms, or drills, at all; with a clock that is not set, nobody can tell."""
        mode = self._site.legal.mode
        return mode is not LegalMode.STATISTICS and self._clock.is_set and report.drill == (mode is LegalMode.DRILL)

    def _fits(self, report: AlarmReport, place: Line | Zone) -> bool:
        age_tenths = report.at_tenths - report.since_tenths
        return (
            report.kind in place.alarms
            and (report.level is not None) == (report.kind is AlarmKind.DENSITY)
            and 0 <= age_tenths <= bounds.MOST_ALARM_AGE_S * _TENTHS_A_S
            and (not report.advice or (report.kind in _WITH_ADVICE and report.phase in _OPEN))
            and self._advice_fits(report)
        )

    def _advice_fits(self, report: AlarmReport) -> bool:
        """Tell whether advice is about the site's bollards, of each once, and holds no longer than the alarm."""
        told = [advice.bollard for advice in report.advice]
        return (
            len(set(told)) == len(told)
            and all(index < len(self._site.bollards) for index in told)
            and all(advice.valid_tenths <= report.valid_tenths for advice in report.advice)
        )

    def _holds(self, report: AlarmReport) -> bool:
        """Tell whether its time is not over; a recording has a time of its own."""
        if report.replay:
            return True
        now_tenths = self._clock.now() * _TENTHS_A_S
        return report.at_tenths - _FUTURE_TENTHS <= now_tenths < report.at_tenths + report.valid_tenths
