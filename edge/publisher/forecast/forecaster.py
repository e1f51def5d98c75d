"""Forecasts of all lines and zones of a site, from the reports that become its events and from nothing else.

What an event withholds, a forecast cannot tell: it is reckoned from released figures alone.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path
from typing import Final

from edge.config.site import Line, Site, Zone
from edge.contract.report import WindowReport
from edge.publisher.clock import Clock
from edge.publisher.forecast.archive import MARK_BYTES, Archive
from edge.publisher.forecast.series import Ahead, Series
from edge.publisher.forecast.slots import Slots, Windows, people_in, people_over, vehicles_in, vehicles_over
from edge.publisher.forecast.week import Week, slot_length

# A forecast that is told so late is of little use, and one of a backlog of none.
_MOST_DELAY_S: Final = 300
# A power cut costs at most so much of what was learnt; an SD card is not written to more often.
_SAVE_EVERY_S: Final = 3600

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Outlook:
    """What is expected at one line or zone after a slot."""

    people: tuple[Ahead, ...]
    vehicles: tuple[Ahead, ...]
    # How many days' worth of slots that rests on: of the two the fewer.
    days: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Forecast:
    """What is expected after a slot: `slot` stands for all its windows; by line and zone, None where nothing is."""

    slot: WindowReport
    lines: tuple[Outlook | None, ...]
    zones: tuple[Outlook | None, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Pair:
    """The two series of one place."""

    people: Series
    vehicles: Series

    def see(self, slot: int, people: float | None, vehicles: float | None) -> Outlook | None:
        """Take a slot in; None marks what was withheld."""
        given = [(series, value) for series, value in ((self.people, people), (self.vehicles, vehicles))]
        ahead = [_seen(series, slot, value) for series, value in given]
        days = [series.days for (series, _), found in zip(given, ahead, strict=True) if found]
        return Outlook(people=ahead[0], vehicles=ahead[1], days=min(days)) if days else None


class Forecaster:
    """Learns from each report, and tells what is expected each time a slot is whole."""

    def __init__(self, site: Site, week: Week, archive: Archive, clock: Clock) -> None:
        self._clock = clock
        self._archive = archive
        self._week = week
        self._slots = Slots(week.slot_s)
        self._lines = tuple(_pair(week) for _ in site.lines)
        self._zones = tuple(_pair(week) for _ in site.zones)
        self._series = dict(_marked(site, week, (*self._lines, *self._zones)))
        self._saved_s = clock.steady()
        # A report that the disk refused comes again: it gets the same answer.
        self._last: tuple[WindowReport, Forecast | None] | None = None
        archive.load(self._series)

    def take(self, report: WindowReport) -> Forecast | None:
        """Learn from a report; what is expected, where its slot is whole now and there is something to tell in time."""
        alike = replace(report, sequence=1)
        if self._last is None or self._last[0] != alike:
            windows = self._slots.take(report)
            self._last = (alike, None if windows is None else self._told(windows))
        return self._last[1]

    def close(self) -> None:
        """Write down what was learnt."""
        self._saved_s = self._clock.steady()
        self._archive.save(self._series)

    def _told(self, windows: Windows) -> Forecast | None:
        slot = windows[-1].window_start_s // self._week.slot_s
        lines = tuple(
            pair.see(slot, people_over(reports), vehicles_over(reports))
            for pair, reports in zip(self._lines, zip(*(one.lines for one in windows), strict=True), strict=True)
        )
        zones = tuple(
            pair.see(slot, people_in(reports), vehicles_in(reports))
            for pair, reports in zip(self._zones, zip(*(one.zones for one in windows), strict=True), strict=True)
        )
        if self._clock.steady() - self._saved_s >= _SAVE_EVERY_S:
            self.close()
        if not self._is_timely((slot + 1) * self._week.slot_s) or not any((*lines, *zones)):
            return None
        return Forecast(slot=_whole(windows, slot * self._week.slot_s), lines=lines, zones=zones)

    def _is_timely(self, issued_s: int) -> bool:
        return self._clock.is_set and abs(self._clock.now() - issued_s) <= _MOST_DELAY_S


def open_forecaster(site: Site, folder: Path, clock: Clock) -> Forecaster | None:
    """Begin, or go on from what the folder keeps; None where there is nothing to forecast.

    A recording's time is not the street's, and windows that make up no quarter, half or whole hour fit no horizon.
    """
    slot_s = slot_length(site.window_s)
    if site.camera.replay:
        return None
    if slot_s is None:
        _log.info("no forecasts: windows of %d s make up no quarter, half or whole hour", site.window_s)
        return None
    return Forecaster(site, Week(slot_s=slot_s, zone=site.time_zone), Archive(folder), clock)


def _pair(week: Week) -> _Pair:
    return _Pair(people=Series(week), vehicles=Series(week))


def _seen(series: Series, slot: int, value: float | None) -> tuple[Ahead, ...]:
    if value is not None:
        return series.see(slot, value)
    series.withhold(slot)
    return ()


def _whole(windows: Windows, start_s: int) -> WindowReport:
    """Let the last window's report stand for the slot: its span, and how much of it was seen."""
    permille = sum(one.observed_permille for one in windows) // len(windows)
    window_s = sum(one.window_s for one in windows)
    isolated = all(one.isolated for one in windows)
    return replace(
        windows[-1], window_start_s=start_s, window_s=window_s, observed_permille=permille, isolated=isolated
    )


def _marked(site: Site, week: Week, pairs: tuple[_Pair, ...]) -> Iterator[tuple[bytes, Series]]:
    """Mark each series with what it is of: a line that is drawn elsewhere has learnt nothing yet."""
    places: tuple[Line | Zone, ...] = (*site.lines, *site.zones)
    for place, pair in zip(places, pairs, strict=True):
        for what, series in (("people", pair.people), ("vehicles", pair.vehicles)):
            words = (what, *_words(place), site.camera.size, site.window_s, str(week.zone))
            yield blake2b(repr(words).encode(), digest_size=MARK_BYTES).digest(), series


def _words(place: Line | Zone) -> tuple[object, ...]:
    if isinstance(place, Line):
        return ("line", place.id, place.start, place.end)
    return ("zone", place.id, place.polygon)
