"""What an honest appliance would say of a film, worked out apart from it, to the byte.

The same film goes through the pipeline in this process; from its sums follow the reports, the book of windows and the
events. The code is the one under test: a fault that both share is not found here.
"""

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from edge.clock import ReplayClock
from edge.config.site import Site
from edge.contract import wire
from edge.contract.report import WindowReport
from edge.publisher.events import window
from edge.publisher.events.envelope import Draft
from edge.units import NS_PER_S
from edge.vision.aggregate.tally import Tally
from edge.vision.detect.detector import load_detector
from edge.vision.durable import write_durably
from edge.vision.judge.alarm import Alarm
from edge.vision.lens import Lens
from edge.vision.lookout import Lookout
from edge.vision.pipeline import Crew
from edge.vision.pulse import Pulse
from edge.vision.register import Register, Under

_AS_FAST_AS_IT_GOES: Final = 1e9
_NEW_BOOK: Final = b'{"version": 1, "sequence": %d, "until_s": 0, "revisions": {}, "part": null}'
_START_NS: Final = 1_800_000_000 * NS_PER_S


@dataclass(frozen=True, kw_only=True, slots=True)
class Sums:
    """The windows of one film: those that were over, the one that was cut, and by which model."""

    over: tuple[Tally, ...]
    cut: tuple[Tally, ...]
    model: int

    def starting(self, start_s: int) -> "Sums":
        """Move the windows to where the replay's clock began."""
        shift_ns = start_s * NS_PER_S - _START_NS
        moved = [
            tuple(replace(one, start_ns=one.start_ns + shift_ns) for one in part) for part in (self.over, self.cut)
        ]
        return replace(self, over=moved[0], cut=moved[1])


@dataclass(frozen=True, kw_only=True, slots=True)
class Expected:
    """What vision may have said and written: reports in order, and every content that a file of its may have had."""

    reports: tuple[WindowReport, ...]
    books: frozenset[bytes]
    kept: frozenset[bytes]


class _Outlet:
    def __init__(self) -> None:
        self.whole: list[Tally] = []
        self.parts: list[Tally] = []

    def over(self, tally: Tally) -> None:
        self.whole.append(tally)

    def cut(self, tally: Tally) -> None:
        self.parts.append(tally)

    def alarm(self, alarm: Alarm) -> None:
        raise AssertionError(f"alarm {alarm.kind.name}: the proof's street may raise none")


def count(site: Site) -> Sums:
    """Count a film as fast as it goes; raises what vision's own parts raise."""
    outlet = _Outlet()
    detector = load_detector(site.detector)
    pulse = Pulse(isolated=True, replay=True, invoked=lambda: (0, 0.0))
    clock = ReplayClock(_START_NS, _AS_FAST_AS_IT_GOES)
    Lookout(Lens(site), Crew(eye=detector), clock, outlet, pulse).run(lambda: False)
    return Sums(over=tuple(outlet.whole), cut=tuple(outlet.parts), model=detector.hash64)


def expect(sums: Sums, site: Site, first: int) -> Expected:
    """Work out the reports and files of a run whose first report has this number."""
    under = Under(site=site.hash64, model=sums.model, replay=True, isolated=True)
    reports: list[WindowReport] = []
    books: set[bytes] = set()
    with tempfile.TemporaryDirectory(prefix="passant-") as folder:
        path = Path(folder, "register")
        write_durably(path, _NEW_BOOK % 0)
        books.add(path.read_bytes())
        # A book that exists already goes on from its number; a new one would begin at the present second.
        write_durably(path, _NEW_BOOK % (first - 1))
        register = Register(path, under)
        for tally, tell in (*((one, register.whole) for one in sums.over), *((one, register.cut) for one in sums.cut)):
            register.save()
            books.add(path.read_bytes())
            reports.extend(tell(tally))
        register.save()
        books.add(path.read_bytes())
    return Expected(reports=tuple(reports), books=frozenset(books), kept=frozenset(map(wire.encode, reports)))


def drafts(site: Site, reports: Iterable[WindowReport]) -> Iterator[Draft]:
    """Draft the events of reports as the publisher does, in its order."""
    for report in reports:
        yield from window.drafts(site, report, publisher_isolated=True)
