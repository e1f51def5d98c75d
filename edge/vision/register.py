"""Gives each window its sequence number and revision, over restarts and clock changes too: numbers only, on disk."""

import json
import logging
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from edge.contract import bounds
from edge.contract.report import WindowReport
from edge.units import NS_PER_S
from edge.vision.aggregate.held import tally_of
from edge.vision.aggregate.release import Header, release
from edge.vision.aggregate.tally import Tally, merge
from edge.vision.durable import read_durable, write_durably
from edge.vision.revise import ZONE_GROUPS, Given, given_by, revised, totals_only

_log = logging.getLogger(__name__)

_VERSION: Final = 1
_MOST_REMEMBERED: Final = 256
# A report of less is of so few that beside totals it tells nothing.
_LEAST_CUT_NS: Final = 60 * NS_PER_S


@dataclass(frozen=True, kw_only=True, slots=True)
class Under:
    """Under what all reports of one run are made; see WindowReport."""

    site: int
    model: int
    replay: bool
    isolated: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """What was seen of a window before vision stopped inside it; `told` when a report of it was made.

    `given` is what the last report gave, and what was seen since.
    """

    site: int
    tally: Tally
    told: bool
    given: Given | None = None


@dataclass(kw_only=True, slots=True)
class _Book:
    """What outlives a restart: the last number given, the last revision of recent windows, a part of a window."""

    sequence: int = 0
    until_s: int = 0
    revisions: dict[int, int] = field(default_factory=dict)
    part: Part | None = None


class Register:
    """The book of windows in one state folder; for one thread.

    `unanswered` are the reports that wait in the folder: they tell what the book may have missed at a power cut.
    A book that is lost or damaged is begun anew with a number that was never given: the seconds since 2020.
    """

    def __init__(self, path: Path, under: Under, unanswered: Iterable[WindowReport] = ()) -> None:
        self._path = path
        self._under = under
        book = _read(path)
        self._is_new = book is None
        self._book = book or _Book()
        for report in unanswered:
            self._note(report)

    @property
    def reported_until_ns(self) -> int:
        """Where the last window in the book ends, as Unix time in ns; 0 when there is none."""
        return self._book.until_s * NS_PER_S

    def whole(self, tally: Tally) -> tuple[WindowReport, ...]:
        """Make the report of a window that is over, with what was seen of it before a restart."""
        kept_back = self._kept_back(tally)
        joined, given = self._joined(tally)
        self._book.part = None
        return kept_back + self._report(joined, given)

    def cut(self, tally: Tally) -> tuple[WindowReport, ...]:
        """Make the report of a window that vision leaves while it goes on; none where nothing was seen of it.

        Of less than a minute only totals are given. The last revision is kept back for the window's end, or for the
        report after it.
        """
        kept_back = self._kept_back(tally)
        joined, given = self._joined(tally)
        if joined.observed_ns == 0:
            return kept_back
        told = self._next_revision(joined) < bounds.MOST_REVISION
        reports = self._report(joined, given, cut=True) if told else ()
        if reports:
            given = given_by(reports[0])
        self._book.part = Part(site=self._under.site, tally=joined, told=told, given=given)
        return kept_back + reports

    def save(self) -> None:
        """Write the book, synced; raises OSError."""
        write_durably(self._path, json.dumps({"version": _VERSION, **asdict(self._book)}).encode("ascii"))

    def _kept_back(self, tally: Tally) -> tuple[WindowReport, ...]:
        part = self._book.part
        if part is None or part.told or part.site != self._under.site or _same_window(part.tally, tally):
            return ()
        self._book.part = None
        return self._report(part.tally, part.given)

    def _joined(self, tally: Tally) -> tuple[Tally, Given | None]:
        """Add what was seen of the window before, and tell what was given of it, with what was seen since."""
        part = self._book.part
        if part is None or part.site != self._under.site or not _same_window(part.tally, tally):
            return tally, None
        given = part.given
        if given is not None:
            given = replace(given, since=tally if given.since is None else merge(given.since, tally))
        # The same site file: lines and zones are the same, so the sums fit.
        joined = merge(part.tally, tally)
        # A clock that was set back may show a part of the window twice.
        return replace(joined, observed_ns=min(joined.observed_ns, joined.length_ns)), given

    def _next_revision(self, tally: Tally) -> int:
        return self._book.revisions.get(tally.start_ns // NS_PER_S, -1) + 1

    def _report(self, tally: Tally, given: Given | None, *, cut: bool = False) -> tuple[WindowReport, ...]:
        revision = self._next_revision(tally)
        if revision > bounds.MOST_REVISION:
            _log.error("a window was reported %d times and is not reported again; see who set the clock", revision)
            return ()
        if self._is_new:
            self._is_new = False
            self._book.sequence = max(self._book.sequence, int(time.time()) - bounds.WINDOW_START_S.least)
        header = Header(
            sequence=self._book.sequence + 1,
            site=self._under.site,
            model=self._under.model,
            revision=revision,
            replay=self._under.replay,
            isolated=self._under.isolated,
        )
        report = release(tally, header)
        if revision > 0:
            report = revised(report, tally, given)
        if cut and tally.observed_ns < _LEAST_CUT_NS:
            report = totals_only(report)
        self._note(report)
        return (report,)

    def _note(self, report: WindowReport) -> None:
        book = self._book
        book.sequence = max(book.sequence, report.sequence)
        known = book.revisions.pop(report.window_start_s, 0)
        book.revisions[report.window_start_s] = max(known, report.revision)
        while len(book.revisions) > _MOST_REMEMBERED:
            del book.revisions[next(iter(book.revisions))]
        book.until_s = max(book.until_s, report.window_start_s + report.window_s)


def _same_window(one: Tally, other: Tally) -> bool:
    return (one.start_ns, one.length_ns) == (other.start_ns, other.length_ns)


def _read(path: Path) -> _Book | None:
    try:
        return _book(json.loads(read_durable(path)))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        _log.error("%s cannot be read (%s) and is begun anew; look after the disk", path.name, type(error).__name__)
        return None


def _book(held: dict[str, Any]) -> _Book:
    if held["version"] != _VERSION:
        raise ValueError("another version")
    return _Book(
        sequence=int(held["sequence"]),
        until_s=int(held["until_s"]),
        revisions={int(start): int(revision) for start, revision in held["revisions"].items()},
        part=None if held["part"] is None else _part(held["part"]),
    )


def _part(held: dict[str, Any]) -> Part:
    # A book of before revisions were held back has none: totals only.
    given = held.get("given")
    return Part(
        site=int(held["site"]),
        told=bool(held["told"]),
        tally=tally_of(held["tally"]),
        given=None if given is None else _given(given),
    )


def _given(held: dict[str, Any]) -> Given:
    return Given(
        kinds=tuple(tuple(map(int, direction)) for direction in held["kinds"]),
        # A book of before there were metres knows of people and vehicles only.
        zones=tuple((*map(bool, zone), *(False,) * (ZONE_GROUPS - len(zone))) for zone in held["zones"]),
        flows=tuple(tuple(map(bool, flow)) for flow in held.get("flows", ())),
        turns=tuple(tuple(map(int, turn)) for turn in held.get("turns", ())),
        since=None if held["since"] is None else tally_of(held["since"]),
    )
