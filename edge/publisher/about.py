"""The documents that a broker keeps for whoever comes later: `status` and `about`."""

import math
from pathlib import Path
from typing import Any

from edge import __version__
from edge.config.site import Line, Point, Site, Zone
from edge.contract import bounds
from edge.contract.capacity import bits_per_hour, capacity
from edge.publisher.events.envelope import KINDS, compact, schema_of, source_of, type_of

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_PROMISE = (
    "an event stays on the device until the broker has acknowledged it (PUBACK); the broker's disk is the broker's"
)
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
            "v": 1,
            "device": _device(site),
            "coordinates": _coordinates(site),
            "lines": _features([_line(line) for line in site.lines]),
            "zones": _features([_zone(zone) for zone in site.zones]),
            "windows": {"seconds": site.window_s, "alignment": "UTC", "mostRevision": bounds.MOST_REVISION},
            "events": [{"kind": kind, "type": type_of(kind), "dataschema": schema_of(kind)} for kind in KINDS],
            "durability": {"promise": "puback", "text": _PROMISE},
            "capacity": _capacity(site),
            "site": f"{site.hash64:016x}",
            "legal": site.legal.mode.value,
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


def _line(line: Line) -> dict[str, Any]:
    return {
        "type": "Feature",
        "id": line.id,
        "geometry": {"type": "LineString", "coordinates": [line.start, line.end]},
        "properties": {"forward": "from the left hand to the right of someone walking along the line"},
    }


def _zone(zone: Zone) -> dict[str, Any]:
    ring: list[Point] = [*zone.polygon, zone.polygon[0]]
    return {
        "type": "Feature",
        "id": zone.id,
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "properties": {"use": zone.use.value},
    }


def _capacity(site: Site) -> dict[str, Any]:
    """Bound what can pass from the process that sees to this one: bits of each message, and of all in an hour."""
    found = capacity(len(site.lines), len(site.zones), site.window_s)
    return {
        "bitsPerMessage": {one.message.__name__: math.ceil(one.bits) for one in found},
        "messagesPerHour": {one.message.__name__: one.per_hour for one in found},
        "bitsPerHour": math.ceil(bits_per_hour(found)),
    }
