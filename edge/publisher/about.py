"""The documents that a broker keeps for whoever comes later: `status` and `about`."""

import math
from pathlib import Path
from typing import Any

from edge import __version__
from edge.config.site import LegalMode, Line, Point, Site, Zone
from edge.contract import bounds
from edge.contract.capacity import bits_per_hour, capacity
from edge.ground.calibration import calibrate
from edge.publisher.clock import rfc3339
from edge.publisher.events.alert import EXPERIMENTAL, word
from edge.publisher.events.envelope import KINDS, compact, schema_of, source_of, type_of

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_PROMISE = (
    "an event stays on the device until the broker has acknowledged it (PUBACK); the broker's disk is the broker's"
)
# What France's decree of 28 August 2023 lets algorithms look for at large events, and what of it this software does.
_DECREE = {
    "text": "décret n° 2023-828",
    "offered": ["crowd density", "crowd movement", "wrong way", "presence in a closed zone"],
    "notOffered": ["fallen person", "fire", "abandoned object"],
    "never": ["weapons"],
}
_COORDINATES = "pixels of the camera's picture, origin top left, x to the right, y down; not positions on the ground"


def status(state: str, boot: str) -> bytes:
    """Write the status document; `state` is online, offline or lost."""
    return compact({"state": state, "v": 1, "sw": __version__, "boot": boot})


def boot_id() -> str:
    """Name this boot of the machine."""
    return _BOOT_ID.read_text(encoding="ascii").strip()


def about(site: Site) -> bytes:
    """Write what the device is, what it watches and what its events promise."""
    return compact(
        {
            "v": 2,
            "device": _device(site),
            "coordinates": _coordinates(site),
            "calibration": _calibration(site),
            "lines": _features([_line(line, site) for line in site.lines]),
            "zones": _features([_zone(zone, site) for zone in site.zones]),
            "bollards": [bollard.id for bollard in site.bollards],
            "windows": {"seconds": site.window_s, "alignment": "UTC", "mostRevision": bounds.MOST_REVISION},
            "events": [{"kind": kind, "type": type_of(kind), "dataschema": schema_of(kind)} for kind in KINDS],
            "durability": {"promise": "puback", "text": _PROMISE},
            "capacity": _capacity(site),
            "site": f"{site.hash64:016x}",
            "legal": _legal(site),
            "decree": _DECREE,
        }
    )


def _device(site: Site) -> dict[str, Any]:
    """Write the device in the words of Smart Data Models' Device."""
    return {
        "id": source_of(site.device),
        "type": "Device",
        "deviceCategory": ["sensor"],
        "controlledProperty": ["trafficFlow", "occupancy"],
        "supportedProtocol": ["mqtt"],
        "softwareVersion": __version__,
    }


def _coordinates(site: Site) -> dict[str, Any]:
    return {"system": "picture", "text": _COORDINATES, "size": site.camera.size}


def _features(features: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": features}


def _line(line: Line, site: Site) -> dict[str, Any]:
    return {
        "type": "Feature",
        "id": line.id,
        "geometry": {"type": "LineString", "coordinates": [line.start, line.end]},
        "properties": {
            "forward": "from the left hand to the right of someone walking along the line",
            "alarms": _alarms(line, site),
        },
    }


def _zone(zone: Zone, site: Site) -> dict[str, Any]:
    ring: list[Point] = [*zone.polygon, zone.polygon[0]]
    return {
        "type": "Feature",
        "id": zone.id,
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "properties": {"use": zone.use.value, "alarms": _alarms(zone, site)},
    }


def _alarms(place: Line | Zone, site: Site) -> list[dict[str, Any]]:
    """List the alarms that a place may raise under the site's mandate."""
    if site.legal.mode is LegalMode.STATISTICS or place.id not in site.legal.perimeter:
        return []
    return [{"kind": word(kind), "experimental": kind in EXPERIMENTAL} for kind in sorted(place.alarms)]


def _legal(site: Site) -> dict[str, Any]:
    """Write on what ground alarms are raised, where and for how long: of statistics that there are none."""
    legal = site.legal
    if legal.mode is LegalMode.STATISTICS:
        return {"mode": legal.mode.value}
    return {
        "mode": legal.mode.value,
        "basis": legal.basis,
        "from": rfc3339(legal.start_s),
        "to": rfc3339(legal.end_s),
        "perimeter": sorted(legal.perimeter),
    }


def _calibration(site: Site) -> dict[str, Any]:
    """Write what metres are worth here; where the file does not say of what pictures it is, each event says it."""
    if site.ground is None:
        return {"state": "none"}
    size = site.ground.size or site.camera.size
    if size is None:
        return {"state": "unknown"}
    found = calibrate(site.ground, size)
    told: dict[str, Any] = {"state": found.state.name.lower()}
    return told if found.residual is None else {**told, "residual": round(found.residual, 4)}


def _capacity(site: Site) -> dict[str, Any]:
    """Bound what can pass from the process that sees to this one: bits of each message, and of all in an hour."""
    alarms = site.legal.mode is not LegalMode.STATISTICS
    found = capacity(len(site.lines), len(site.zones), site.window_s, alarms=alarms)
    return {
        "bitsPerMessage": {one.message.__name__: math.ceil(one.bits) for one in found},
        "messagesPerHour": {one.message.__name__: one.per_hour for one in found},
        "bitsPerHour": math.ceil(bits_per_hour(found)),
    }
