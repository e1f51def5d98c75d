"""All events of one window: what the publisher makes of a report, in its order."""

from collections.abc import Iterator

from edge.config.site import Site
from edge.contract.report import WindowReport
from edge.publisher.events import crowd_density, crowd_flow, traffic_flow
from edge.publisher.events.envelope import Draft, source_of
from edge.publisher.events.provenance import Provenance


def drafts(site: Site, report: WindowReport, *, publisher_isolated: bool) -> Iterator[Draft]:
    """Draft the events of a report that fits the site; of a window in which nothing was observed, none."""
    if report.observed_permille == 0:
        return
    source = source_of(site.device)
    provenance = Provenance(report=report, publisher_isolated=publisher_isolated)
    for index, line_report in enumerate(report.lines):
        yield from traffic_flow.drafts(source, site, index, line_report, provenance)
        yield crowd_flow.of_line(source, site.lines[index], line_report, provenance)
    for zone, zone_report in zip(site.zones, report.zones, strict=True):
        yield crowd_flow.of_zone(source, zone, zone_report, provenance)
        yield from crowd_density.drafts(source, zone, zone_report, provenance)
