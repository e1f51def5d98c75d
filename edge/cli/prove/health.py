"""The health message, the loosest that is sent: each number must be one that an honest run can have."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from edge import __version__
from edge.cli.prove.capture import Facts
from edge.publisher.clock import ClockState
from edge.publisher.events.envelope import compact
from edge.units import NS_PER_S

MOST_FPS: Final = 60.0
"""Frames a second: more than the pace of the proof's film gives."""
MOST_DETECTOR_MS: Final = 2_000
"""CPU time of one look of the network, in ms, on a machine that is slow and busy."""
_MOST_UNSENT: Final = 16
_SLACK_S: Final = 3
_TOP: Final = ("v", "time", "sw", "uptimeS", "clock", "isolation", "legal", "vision", "refused", "outbox", "broker")
_VISION: Final = ("channel", "connections", "model", "replay")
_PULSE: Final = ("ageS", "camera", "framesDropped", "detectorMs", "reportsWaiting", "reportsLost", "alarmsLost", "fps")
_REFUSED: Final = ("messages", "connections", "tooOften", "site", "shape", "window", "legal", "events")
_OUTBOX: Final = ("state", "reportsNotStored", "reportsNotDue")
_TALLY: Final = ("waiting", "deadLetters", "droppedAtCap", "damaged", "refusedByBroker", "alertsExpired")
_BROKER: Final = ("connections", "protocol", "sent", "refusals", "lastRefusal")
_CAMERA: Final = ("starting", "streaming", "ended")


def health_faults(payload: bytes, at_ns: int, facts: Facts, model: str) -> Iterator[str]:
    """Name what is not as an honest run has it in a health message that was sent at this time."""
    try:
        told = json.loads(payload)
        if compact(told) != payload or not isinstance(told, dict):
            yield "another spelling"
        yield from _faults(told, at_ns, facts, model)
    except (ValueError, KeyError, TypeError):
        yield "another shape"


def _faults(told: dict[str, Any], at_ns: int, facts: Facts, model: str) -> Iterator[str]:
    if tuple(told) != _TOP or (told["v"], told["sw"]) != (1, __version__):
        yield "other fields"
    if abs(datetime.fromisoformat(told["time"]).timestamp() - at_ns / NS_PER_S) > _SLACK_S:
        yield "a time that is not its own"
    if not _counts(told["uptimeS"], (at_ns - facts.began_ns) // NS_PER_S + 1):
        yield "an uptime longer than the run"
    if told["clock"] not in {state.value for state in ClockState}:
        yield "a clock's state that there is not"
    if told["legal"] != {"mode": "statistics", "inForce": False}:
        yield "another mode than statistics"
    if told["refused"] != dict.fromkeys(_REFUSED, 0):
        yield "something refused"
    yield from _vision_faults(told["vision"], told["isolation"], model)
    yield from _outlet_faults(told["outbox"], told["broker"])


def _vision_faults(vision: dict[str, Any], isolation: dict[str, Any], model: str) -> Iterator[str]:
    greeted, beating = len(vision) > 2, len(vision) > len(_VISION)  # noqa: PLR2004  channel and connections
    names = (_VISION if greeted else _VISION[:2]) + (_PULSE if beating else ())
    if tuple(vision) != names or isolation != {"publisher": "proven", "vision": "proven" if greeted else "unknown"}:
        yield "other fields of vision"
    if vision["channel"] not in {"never", "connected", "gone"} or not _counts(vision["connections"], 1):
        yield "another channel"
    if greeted and (vision["model"], vision["replay"]) != (model, True):
        yield "another model"
    if beating and not _can_be(vision):
        yield "numbers of vision that cannot be"


def _can_be(vision: dict[str, Any]) -> bool:
    return (
        vision["camera"] in _CAMERA
        and (vision["framesDropped"], vision["reportsLost"], vision["alarmsLost"]) == (0, 0, 0)
        and _counts(vision["ageS"], 3 * 10)
        and _counts(vision["detectorMs"], MOST_DETECTOR_MS)
        and _counts(vision["reportsWaiting"], _MOST_UNSENT)
        and 0 <= vision["fps"] <= MOST_FPS
        and round(vision["fps"] * 10) == vision["fps"] * 10
    )


def _outlet_faults(outbox: dict[str, Any], broker: dict[str, Any]) -> Iterator[str]:
    if tuple(outbox) not in {_OUTBOX, _OUTBOX + _TALLY} or outbox["state"] not in {"starting", "ready"}:
        yield "other fields of the outbox"
    if any(value for name, value in outbox.items() if name not in {"state", "waiting"}):
        yield "an outbox that lost something"
    if not _counts(outbox.get("waiting", 0), 256):
        yield "an outbox that is full"
    fixed = (broker["connections"], broker["protocol"], broker["refusals"], broker["lastRefusal"])
    if tuple(broker) != _BROKER or fixed != (1, "5.0", 0, None) or not _counts(broker["sent"], 1 << 16):
        yield "other fields of the broker"


def _counts(value: object, most: float) -> bool:
    """Tell whether a value is a whole number from 0 to `most`."""
    return type(value) is int and 0 <= value <= most
