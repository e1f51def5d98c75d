"""What vision may say, and when: every message is checked against the site before anything is done with it.

A report is refused for good: vision then forgets it. So nothing is refused that a wrong clock could explain.
"""

from collections.abc import Iterable
from dataclasses import replace
from hashlib import blake2b

from edge.config.site import Site
from edge.contract import bounds
from edge.contract.report import DirectionCounts, Hello, LineReport, Verdict, WindowReport, ZoneReport
from edge.contract.wire import encode
from edge.publisher.clock import Clock
from edge.publisher.events.traffic_flow import listed_classes, withheld_classes
from edge.publisher.outbox import REMEMBERED_S

# The two processes share a clock; a window may begin so much after now only because it was set meanwhile.
FUTURE_TOLERANCE_S = 300
# Two health messages may be so much closer than their period, as long as the mean rate is kept.
_HEALTH_SLACK_S = 0.5
_DIGEST_BYTES = 16


class Inbox:
    """The checks of one site; `loopback` tells whether its broker is on this machine."""

    def __init__(self, site: Site, *, loopback: bool, clock: Clock) -> None:
        self._site = site
        self._loopback = loopback
        self._clock = clock
        self._health_due_s = clock.steady()

    def judge_hello(self, hello: Hello) -> Verdict:
        """Tell whether vision works under our site file, and on pictures that may be published."""
        return self._judge_site(hello.site, replay=hello.replay)

    def judge(self, report: WindowReport) -> Verdict:
        """Check one report: the first fault found, or STORED where it may be."""
        verdict = self._judge_site(report.site, replay=report.replay)
        if verdict is Verdict.STORED and not self._fits(report):
            verdict = Verdict.REFUSED_SHAPE
        if verdict is Verdict.STORED and not self._is_due(report):
            verdict = Verdict.REFUSED_WINDOW
        return verdict

    def admits_health(self) -> bool:
        """Tell whether a health message may come now; if so, the next one may come a period later."""
        now_s = self._clock.steady()
        if now_s < self._health_due_s - _HEALTH_SLACK_S:
            return False
        self._health_due_s = max(now_s, self._health_due_s) + bounds.HEALTH_PERIOD_S
        return True

    def _judge_site(self, site: int, *, replay: bool) -> Verdict:
        allowed = site == self._site.hash64 and (self._loopback or not replay)
        return Verdict.STORED if allowed else Verdict.REFUSED_SITE

    def _fits(self, report: WindowReport) -> bool:
        return (
            len(report.lines) == len(self._site.lines)
            and len(report.zones) == len(self._site.zones)
            and all(map(_adds_up, _directions(report.lines)))
            and all(map(_is_possible, report.zones))
        )

    def _is_due(self, report: WindowReport) -> bool:
        aligned = report.window_s == self._site.window_s and report.window_start_s % report.window_s == 0
        if not aligned or not self._clock.is_set:
            return aligned
        age_s = self._clock.now() - report.window_start_s
        return age_s <= REMEMBERED_S and (report.replay or age_s >= -FUTURE_TOLERANCE_S)


def digest(report: WindowReport) -> bytes:
    """Compute what two reports share when they say the same, whatever their numbers."""
    return blake2b(encode(replace(report, sequence=bounds.SEQUENCE.least)), digest_size=_DIGEST_BYTES).digest()


def _directions(lines: Iterable[LineReport]) -> Iterable[DirectionCounts]:
    for line in lines:
        yield line.forward
        yield line.backward


def _adds_up(counts: DirectionCounts) -> bool:
    """Tell whether the total holds the listed classes, and what is left over is of two withheld ones at least.

    Of a single withheld class, a subtraction would tell the count.
    """
    rest = counts.vehicles - sum(listed_classes(counts).values())
    return rest == 0 or (rest > 0 and len(withheld_classes(counts)) > 1)


def _is_possible(zone: ZoneReport) -> bool:
    """Tell whether no mean is above its maximum."""
    pairs = ((zone.people_mean_hundredths, zone.people_max), (zone.vehicles_mean_hundredths, zone.vehicles_max))
    return all(mean is None or most is None or mean <= most * 100 for mean, most in pairs)
