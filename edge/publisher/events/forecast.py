"""The `forecast` payload: what is expected at a line or in a zone, with an interval and how often such intervals held.

Smart Data Models has no forecast of counts; names are those of our own events.
"""

from collections.abc import Iterator
from typing import Any

from edge.config.site import Line, Site, Zone
from edge.publisher.clock import rfc3339
from edge.publisher.events.envelope import FORECAST, Draft, source_of
from edge.publisher.events.provenance import Provenance
from edge.publisher.forecast.forecaster import Forecast, Outlook
from edge.publisher.forecast.series import Ahead
from edge.publisher.forecast.spread import INTERVAL

_METHOD = "profile of the week and persistence of deviations; intervals from past errors"
_MINUTE_S = 60
# A count is told to the tenth, an average number of people to the hundredth.
_COUNT, _MEAN = ("count", 1), ("meanPresent", 2)


def drafts(site: Site, found: Forecast, *, publisher_isolated: bool) -> Iterator[Draft]:
    """Draft an event for each line and zone of which something is expected."""
    source = source_of(site.device)
    provenance = Provenance(report=found.slot, publisher_isolated=publisher_isolated)
    for line, outlook in zip(site.lines, found.lines, strict=True):
        if outlook is not None:
            yield of_line(source, line, outlook, provenance)
    for zone, outlook in zip(site.zones, found.zones, strict=True):
        if outlook is not None:
            yield of_zone(source, zone, outlook, provenance)


def of_line(source: str, line: Line, outlook: Outlook, provenance: Provenance) -> Draft:
    """Draft what is expected of a line: counts of a slot, both directions. `provenance` is of the slot just over."""
    return _draft(source, ("line", line.id), outlook, provenance, _COUNT)


def of_zone(source: str, zone: Zone, outlook: Outlook, provenance: Provenance) -> Draft:
    """Draft what is expected in a zone: how many are present on average over a slot."""
    return _draft(source, ("zone", zone.id), outlook, provenance, _MEAN)


def _draft(
    source: str, place: tuple[str, str], outlook: Outlook, provenance: Provenance, measure: tuple[str, int]
) -> Draft:
    slot = provenance.report
    both = {"people": outlook.people, "vehicles": outlook.vehicles}
    return Draft(
        kind=FORECAST,
        source=source,
        subject="/".join(place),
        place=place[1],
        window_start_s=slot.window_start_s,
        window_s=slot.window_s,
        revision=slot.revision,
        data={
            "window": provenance.window(),
            "measure": measure[0],
            "horizons": _horizons(both, slot.window_start_s + slot.window_s, slot.window_s, measure[1]),
            "interval": INTERVAL,
            "method": _METHOD,
            "basis": {"days": outlook.days},
            **provenance.blocks([name for name, ahead in both.items() if not ahead]),
        },
    )


def _horizons(both: dict[str, tuple[Ahead, ...]], issued_s: int, slot_s: int, digits: int) -> list[dict[str, Any]]:
    """List the horizons, nearest first, each with what is expected of the slot that ends there."""
    found: dict[int, dict[str, Any]] = {}
    for name, aheads in both.items():
        for ahead in aheads:
            end_s = issued_s + ahead.minutes * _MINUTE_S
            when = {"minutes": ahead.minutes, "from": rfc3339(end_s - slot_s), "to": rfc3339(end_s)}
            found.setdefault(ahead.minutes, when)[name] = _expected(ahead, digits)
    return [found[minutes] for minutes in sorted(found)]


def _expected(ahead: Ahead, digits: int) -> dict[str, Any]:
    return {
        "value": round(ahead.value, digits),
        "low": round(ahead.low, digits),
        "high": round(ahead.high, digits),
        "measured": {"coverage": round(ahead.coverage, 3), "forecasts": ahead.of},
    }
