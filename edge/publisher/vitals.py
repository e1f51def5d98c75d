"""How the publisher is doing: written by its two threads, read by the health message.

Every field is written by one thread and is a whole value, so no lock is needed.
"""

from dataclasses import dataclass, field
from typing import Any

from edge.config.site import Legal, LegalMode
from edge.contract import bounds
from edge.contract.report import Hello, Verdict, VisionHealth
from edge.publisher.clock import Clock
from edge.publisher.outbox import Tally

# Vision that said nothing for so long may have stopped, whatever it said last.
_MOST_SILENCE_S = 3 * bounds.HEALTH_PERIOD_S


@dataclass(kw_only=True, slots=True)
class VisionVitals:
    """What is known of vision; the inbox's thread writes."""

    connected: bool = False
    connections: int = 0
    connected_s: float | None = None
    hello: Hello | None = None
    health: VisionHealth | None = None
    health_s: float | None = None
    broken_messages: int = 0
    turned_away: int = 0
    too_often: int = 0
    events_invalid: int = 0
    not_stored: int = 0
    not_due: int = 0
    verdicts: dict[Verdict, int] = field(default_factory=lambda: dict.fromkeys(Verdict, 0))


@dataclass(kw_only=True, slots=True)
class BrokerVitals:
    """What is known of the broker and the outbox; the sender's thread writes."""

    connected: bool = False
    connections: int = 0
    mqtt5: bool = True
    sent: int = 0
    refused: int = 0
    last_refusal: int | None = None
    outbox: str = "starting"
    tally: Tally | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Vitals:
    """Everything that the health message tells."""

    clock: Clock
    started_s: float
    software: str
    isolated: bool
    legal: Legal = field(default_factory=Legal)
    vision: VisionVitals = field(default_factory=VisionVitals)
    broker: BrokerVitals = field(default_factory=BrokerVitals)

    @property
    def vision_silent(self) -> bool:
        """Whether vision said for three periods not how it is."""
        heard = [said for said in (self.vision.connected_s, self.vision.health_s) if said is not None]
        return bool(heard) and self.clock.steady() - max(heard) > _MOST_SILENCE_S

    def document(self) -> dict[str, Any]:
        """Write the health message."""
        return {
            "v": 1,
            "time": self.clock.stamp(),
            "sw": self.software,
            "uptimeS": int(self.clock.steady() - self.started_s),
            "clock": self.clock.state.value,
            "isolation": {"publisher": _proven(self.isolated), "vision": self._vision_isolation()},
            "legal": self._legal(),
            "vision": self._vision(),
            "refused": self._refused(),
            "outbox": self._outbox(),
            "broker": self._broker(),
        }

    def _legal(self) -> dict[str, Any]:
        """Write the mode of the site file, and whether alarms may be raised under it now."""
        legal, now_s = self.legal, self.clock.now()
        may = legal.mode is not LegalMode.STATISTICS and self.clock.is_set
        return {"mode": legal.mode.value, "inForce": may and legal.start_s <= now_s < legal.end_s}

    def _vision_isolation(self) -> str:
        hello = self.vision.hello
        return "unknown" if hello is None else _proven(hello.isolated)

    def _vision(self) -> dict[str, Any]:
        vision, health = self.vision, self.vision.health
        told: dict[str, Any] = {
            "channel": self._channel(),
            "connections": vision.connections,
        }
        if vision.hello is not None:
            told["model"] = f"{vision.hello.model:016x}"
            told["replay"] = vision.hello.replay
        if health is not None and vision.health_s is not None:
            told |= {
                "ageS": int(self.clock.steady() - vision.health_s),
                "camera": "unknown" if self.vision_silent else health.camera.name.lower(),
                "framesDropped": health.frames_dropped,
                "detectorMs": health.detector_ms,
                "reportsWaiting": health.reports_waiting,
                "reportsLost": health.reports_lost,
                "alarmsLost": health.alarms_lost,
            }
            if not self.vision_silent:
                told["fps"] = health.fps_tenths / 10
        elif self.vision_silent:
            told["camera"] = "unknown"
        return told

    def _channel(self) -> str:
        if not self.vision.connected:
            return "gone" if self.vision.connections else "never"
        return "stale" if self.vision_silent else "connected"

    def _refused(self) -> dict[str, int]:
        vision = self.vision
        return {
            "messages": vision.broken_messages,
            "connections": vision.turned_away,
            "tooOften": vision.too_often,
            "site": vision.verdicts[Verdict.REFUSED_SITE],
            "shape": vision.verdicts[Verdict.REFUSED_SHAPE],
            "window": vision.verdicts[Verdict.REFUSED_WINDOW],
            "legal": vision.verdicts[Verdict.REFUSED_LEGAL],
            "events": vision.events_invalid,
        }

    def _outbox(self) -> dict[str, Any]:
        told: dict[str, Any] = {
            "state": self.broker.outbox,
            "reportsNotStored": self.vision.not_stored,
            "reportsNotDue": self.vision.not_due,
        }
        tally = self.broker.tally
        if tally is not None:
            told |= {
                "waiting": tally.pending,
                "deadLetters": tally.dead,
                "droppedAtCap": tally.dropped,
                "damaged": tally.damaged,
                "refusedByBroker": tally.refused,
                "alertsExpired": tally.expired,
            }
        return told

    def _broker(self) -> dict[str, Any]:
        broker = self.broker
        return {
            "connections": broker.connections,
            "protocol": "5.0" if broker.mqtt5 else "3.1.1",
            "sent": broker.sent,
            "refusals": broker.refused,
            "lastRefusal": broker.last_refusal,
        }


def _proven(isolated: bool) -> str:  # noqa: FBT001  the value itself is what is written
    return "proven" if isolated else "unproven"
