"""What a recording holds, as JSON and as a table: every figure, however few it rests on, for whose recording it is."""

from typing import TYPE_CHECKING, Final

from edge.cli.alerts import alerts
from edge.contract.levels import fruin
from edge.contract.report import CrowdEstimator, RoadUser
from edge.units import NS_PER_S, kmh_from_mps

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from edge.config.site import Site
    from edge.vision.aggregate.tally import Counts, Crowding, Flow, LineTally, Speeds, Tally, ZoneTally
    from edge.vision.recording import Analysis

Json = dict[str, object]

_MM: Final = 1000
_DM: Final = 10
_SLOWNESS: Final = 10**6
_PRESSURE: Final = 10**4
_WAYS: Final = ("forward", "backward")


def document(clip: "Path", site: "Site", analysis: "Analysis") -> Json:
    """Write a recording's figures; speeds and densities stand where there are metres and somebody to measure."""
    tally = analysis.tally
    return {
        "clip": str(clip),
        "frames": analysis.frames,
        "observed": round(tally.coverage, 4),
        "seconds": round(analysis.length_s, 3),
        "metres": tally.metres.name.lower(),
        "lines": [_line(line.id, one, tally.observed_ns) for line, one in zip(site.lines, tally.lines, strict=True)],
        "zones": [_zone(zone.id, one, tally.observed_ns) for zone, one in zip(site.zones, tally.zones, strict=True)],
        "turns": _turns(site, tally),
        "alerts": alerts(site, analysis.alarms, analysis.start_ns),
    }


def table(site: "Site", analysis: "Analysis") -> str:
    """Write the same for people to read."""
    tally = analysis.tally
    rows = [f"{analysis.length_s:.1f} s, {analysis.frames} frames, observed {tally.coverage:.1%}"]
    for line, counted in zip(site.lines, tally.lines, strict=True):
        rows += _line_rows(line.id, counted)
    for zone, present in zip(site.zones, tally.zones, strict=True):
        rows += _zone_rows(zone.id, present, tally.observed_ns)
    rows += [f"turn {turn['entry']} to {turn['exit']}: {turn['count']}" for turn in _turns(site, tally)]
    rows += map(_alert_row, alerts(site, analysis.alarms, analysis.start_ns))
    return "\n".join(rows)


def _line(name: str, line: "LineTally", observed_ns: int) -> Json:
    return {
        "id": name,
        "forward": _counts(line.forward),
        "backward": _counts(line.backward),
        "forwardFlow": _flow(line.forward_flow, observed_ns),
        "backwardFlow": _flow(line.backward_flow, observed_ns),
    }


def _counts(counts: "Counts") -> dict[str, int]:
    by_class = {kind.name.lower(): counts[kind] for kind in RoadUser if counts[kind]}
    return {"total": sum(counts), **by_class}


def _flow(flow: "Flow", observed_ns: int) -> Json:
    found: Json = {}
    if flow.vehicles.count:
        found["averageVehicleSpeedKmh"] = round(kmh_from_mps(_mean(flow.vehicles)), 1)
        found["spaceMeanSpeedKmh"] = round(kmh_from_mps(flow.vehicles.count * _SLOWNESS / flow.vehicles.slowness), 1)
    if flow.gaps:
        found["averageHeadwayS"] = round(flow.gaps_ns / flow.gaps / NS_PER_S, 2)
    if observed_ns:
        found["occupancy"] = round(flow.occupied_ns / observed_ns, 4)
    if flow.people.count:
        found["averageWalkingSpeedMps"] = round(_mean(flow.people), 2)
    return found


def _mean(speeds: "Speeds") -> float:
    """Compute the mean of speeds, m/s."""
    return speeds.total / speeds.count / _MM


def _zone(name: str, zone: "ZoneTally", observed_ns: int) -> Json:
    walkers_ns = zone.walkers.object_ns
    found: Json = {
        "id": name,
        "peopleMean": round(zone.people.mean(observed_ns), 3),
        "peopleMax": zone.people.most,
        "vehiclesMean": round(zone.vehicles.mean(observed_ns), 3),
        "vehiclesMax": zone.vehicles.most,
        "vehiclesStoppedMax": zone.stopped.most,
        **_crowding(zone.crowding),
    }
    if walkers_ns:
        found["averageWalkingSpeedMps"] = round(zone.walked / walkers_ns / _MM, 2)
        found["counterFlow"] = round(zone.against_ns / walkers_ns, 3)
    if zone.queue_ns:
        found["queueMaxM"] = zone.queue_most_dm / _DM
    return found


def _crowding(crowding: "Crowding") -> Json:
    if not crowding.measured_ns:
        return {}
    mean = crowding.density / crowding.measured_ns / _MM
    estimator = max(CrowdEstimator, key=lambda one: crowding.counted_ns[one])
    return {
        "densityMean": round(mean, 3),
        "densityMaxLocal": round(crowding.density_most / _MM, 3),
        "levelOfService": fruin(mean).name,
        "crowdPressureMax": crowding.pressure_most / _PRESSURE,
        "observedAreaM2": crowding.area_m2,
        "estimator": estimator.name.lower().replace("_", "-"),
    }


def _turns(site: "Site", tally: "Tally") -> list[Json]:
    return [
        {
            "entry": f"{site.lines[turn.entry].id}.{_WAYS[not turn.entry_forward]}",
            "exit": f"{site.lines[turn.exit].id}.{_WAYS[not turn.exit_forward]}",
            "count": turn.count,
        }
        for turn in tally.turns
    ]


def _line_rows(name: str, line: "LineTally") -> "Iterator[str]":
    for way, counts, flow in zip(
        _WAYS, (line.forward, line.backward), (line.forward_flow, line.backward_flow), strict=True
    ):
        named = _counts(counts)
        total = named.pop("total")
        speeds = [f"{kmh_from_mps(_mean(flow.vehicles)):.0f} km/h"] if flow.vehicles.count else []
        speeds += [f"on foot {_mean(flow.people):.1f} m/s"] if flow.people.count else []
        yield f"line {name:<20} {way:<9} {total:>5}  {', '.join([f'{n} {k}' for k, n in named.items()] + speeds)}"


def _zone_rows(name: str, zone: "ZoneTally", observed_ns: int) -> "Iterator[str]":
    people, vehicles = (one.mean(observed_ns) for one in (zone.people, zone.vehicles))
    yield (
        f"zone {name:<20} people {people:.1f} (most {zone.people.most}), "
        f"vehicles {vehicles:.1f} (most {zone.vehicles.most})"
    )
    found = _crowding(zone.crowding)
    if found:
        yield (
            f"     {name:<20} {found['densityMean']} people/m2, locally at most {found['densityMaxLocal']}, "
            f"level of service {found['levelOfService']}, over {found['observedAreaM2']} m2"
        )


def _alert_row(alert: Json) -> str:
    cleared = "still on at the end" if alert["cleared_s"] is None else f"cleared at {alert['cleared_s']:.1f} s"
    return (
        f"ALARM {alert['kind']} {alert['object']}: raised at {alert['raised_s']:.1f} s, {cleared}, {alert['severity']}"
    )
