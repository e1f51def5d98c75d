"""What vision may say, and when: every message is checked against the site before anything is done with it.

A report is refused for good: vision then forgets it. So nothing is refused that a wrong clock could explain; it has
no answer until it is due, and stays with vision.
"""

from collections.abc import Iterable
from dataclasses import replace
from hashlib import blake2b
from itertools import starmap

from edge.config.site import Site
from edge.contract import bounds
from edge.contract.report import (
    AlarmReport,
    DirectionCounts,
    DirectionFlow,
    Hello,
    LineReport,
    Metres,
    Verdict,
    WindowReport,
)
from edge.contract.wire import encode
from edge.publisher.clock import Clock
from edge.publisher.events.traffic_flow import listed_classes, withheld_classes
from edge.publisher.gate import Gate
from edge.publisher.measures import (
    flow_is_possible,
    has_metres,
    is_possible,
    observation_is_possible,
    turns_are_possible,
)
from edge.publisher.outbox import FUTURE_TOLERANCE_S, REMEMBERED_S

# Vision keeps fewer reports than this while we are away: so many may come at once.
MOST_BACKLOG = 16_384
_REVISIONS = bounds.MOST_REVISION + 1
# Two health messages may be so much closer than their period, as long as the mean rate is kept.
_HEALTH_SLACK_S = 0.5
_DIGEST_BYTES = 16
_MEASURED = frozenset({Metres.UNVERIFIED, Metres.VERIFIED})


class Inbox:
    """The checks of one site; `loopback` tells whether its broker is on this machine."""

    def __init__(self, site: Site, *, loopback: bool, clock: Clock) -> None:
        self._site = site
        self._loopback = loopback
        self._clock = clock
        self.gate = Gate(site, clock)
        self._health_due_s = clock.steady()
        # How many new reports may come now, and since when that is known.
        self._allowed = float(MOST_BACKLOG)
        self._allowed_s = clock.steady()

    def judge_hello(self, hello: Hello) -> Verdict:
        """Tell whether vision works under our site file, and on pictures that may be published."""
        return self._judge_site(hello.site, replay=hello.replay)

    def judge(self, report: WindowReport) -> Verdict:
        """Check one report: the first fault found, or STORED where it may be."""
        verdict = self._judge_site(report.site, replay=report.replay)
        if verdict is Verdict.STORED and not self._fits(report):
            verdict = Verdict.REFUSED_SHAPE
        if verdict is Verdict.STORED and not self._is_aligned(report):
            verdict = Verdict.REFUSED_WINDOW
        return verdict

    def judge_alarm(self, report: AlarmReport) -> Verdict:
        """Check one message about an alarm: the first fault found, LATER, or STORED where it may be."""
        verdict = self._judge_site(report.site, replay=report.replay)
        return self.gate.judge(report) if verdict is Verdict.STORED else verdict

    def is_due_later(self, report: WindowReport) -> bool:
        """Tell whether a report that waits does so for its own window's sake: others may be stored before it."""
        return self._too_old_or_new(report) is not None

    def waits(self, report: WindowReport) -> str | None:
        """Tell why a report that may be stored may not be stored yet, or None where it may."""
        if self._refilled() < 1:
            return "more windows than have passed were reported"
        return self._too_old_or_new(report)

    def _too_old_or_new(self, report: WindowReport) -> str | None:
        if not self._clock.is_set:
            return None
        age_s = self._clock.now() - report.window_start_s
        if age_s > REMEMBERED_S:
            return f"its window is more than {REMEMBERED_S // 86_400} days old by this clock; is the clock right?"
        if age_s < -FUTURE_TOLERANCE_S and not report.replay:
            return "its window has not begun by this clock; is the clock right?"
        return None

    def count_new(self) -> None:
        """Note that a report was stored which was not known before."""
        self._allowed = self._refilled() - 1

    def admits_health(self) -> bool:
        """Tell whether a health message may come now; if so, the next one may come a period later."""
        now_s = self._clock.steady()
        if now_s < self._health_due_s - _HEALTH_SLACK_S:
            return False
        self._health_due_s = max(now_s, self._health_due_s) + bounds.HEALTH_PERIOD_S
        return True

    def _judge_site(self, site: int, *, replay: bool) -> Verdict:
        allowed = site == self._site.hash64 and replay == self._site.camera.replay and (self._loopback or not replay)
        return Verdict.STORED if allowed else Verdict.REFUSED_SITE

    def _fits(self, report: WindowReport) -> bool:
        return (
            len(report.lines) == len(self._site.lines)
            and len(report.zones) == len(self._site.zones)
            and all(map(_adds_up, _directions(report.lines)))
            and all(map(is_possible, report.zones))
            and all(starmap(flow_is_possible, _flows(report.lines)))
            and turns_are_possible(report.turns, report.lines)
            and observation_is_possible(report)
            and (self._site.ground is not None or report.metres is Metres.NONE)
            and (report.metres in _MEASURED or not has_metres(report))
        )

    def _is_aligned(self, report: WindowReport) -> bool:
        return report.window_s == self._site.window_s and report.window_start_s % report.window_s == 0

    def _refilled(self) -> float:
        """Compute how many new reports may come now: as many windows as have passed, each in all its revisions."""
        now_s = self._clock.steady()
        pace = self._site.camera.pace if self._site.camera.replay else 1.0
        passed = max(0.0, now_s - self._allowed_s) * pace / self._site.window_s
        self._allowed = min(self._allowed + passed * _REVISIONS, float(MOST_BACKLOG))
        self._allowed_s = now_s
        return self._allowed


def digest(report: WindowReport) -> bytes:
    """Compute what two reports share when they say the same, whatever their numbers."""
    return blake2b(encode(replace(report, sequence=bounds.SEQUENCE.least)), digest_size=_DIGEST_BYTES).digest()


def _directions(lines: Iterable[LineReport]) -> Iterable[DirectionCounts]:
    for line in lines:
        yield line.forward
        yield line.backward


def _flows(lines: Iterable[LineReport]) -> Iterable[tuple[DirectionCounts, DirectionFlow]]:
    for line in lines:
        yield line.forward, line.forward_flow
        yield line.backward, line.backward_flow


def _adds_up(counts: DirectionCounts) -> bool:
    """Tell whether the total holds the listed classes, and what is left over is of two withheld ones at least.

    Of a single withheld class, a subtraction would tell the count.
    """
    rest = counts.vehicles - sum(listed_classes(counts).values())
    return rest == 0 or (rest > 0 and len(withheld_classes(counts)) > 1)
