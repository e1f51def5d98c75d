"""The `alert` payload: one message in the life of an alarm, in the words of Smart Data Models' Alert.

https://github.com/smart-data-models/dataModel.Alert/tree/master/Alert
It names a place and a kind, never who. The bollards' advice is for the city's controller, which decides: it is no
command.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from hashlib import blake2b
from typing import Any, Final

from edge.config.site import Bollard, Legal, Line, Zone
from edge.contract.report import Advice, AlarmKind, AlarmPhase, AlarmReport, Severity
from edge.contract.wire import encode
from edge.publisher.clock import ClockState, rfc3339, rfc3339_tenths
from edge.publisher.events.envelope import ALERT, compact, id_of, type_of, wrapped
from edge.publisher.events.provenance import proven

_SECURITY, _TRAFFIC = "security", "traffic"
CATEGORIES: Final = {
    # Not `suspiciousAction`: what a driver means, no camera knows.
    AlarmKind.HEAVY_VEHICLE: (_SECURITY, "hazardOnRoad"),
    AlarmKind.VEHICLE: (_TRAFFIC, "hazardOnRoad"),
    AlarmKind.WRONG_WAY: (_TRAFFIC, "carWrongDirection"),
    AlarmKind.STOPPED_VEHICLE: (_TRAFFIC, "carStopped"),
    AlarmKind.PERSON_ON_CARRIAGEWAY: (_TRAFFIC, "pedestrianOnRoad"),
    AlarmKind.DENSITY: (_SECURITY, "crowdRisk"),
    AlarmKind.CROWD_MOVEMENT: (_SECURITY, "crowdRisk"),
}
"""The category and subCategory of each kind, from the closed lists of Alert."""
EXPERIMENTAL: Final = frozenset({AlarmKind.CROWD_MOVEMENT})
"""Kinds whose false alarms are not known well enough to act on them without looking."""
# CloudEvents' severity extension counts as OpenTelemetry's logs do: INFO, WARN, WARN3, ERROR and FATAL.
_SEVERITY_NUMBERS: Final = {
    Severity.INFORMATIONAL: 9,
    Severity.LOW: 13,
    Severity.MEDIUM: 15,
    Severity.HIGH: 17,
    Severity.CRITICAL: 21,
}
_TENTHS_A_S: Final = 10
_DIGEST_BYTES: Final = 16
_OPEN: Final = frozenset({AlarmPhase.RAISED, AlarmPhase.UPDATED})


def word(name: IntEnum) -> str:
    """Write a name of the contract as payloads do."""
    return name.name.lower().replace("_", "-")


@dataclass(frozen=True, kw_only=True, slots=True)
class AlertDraft:
    """An alert before the outbox has numbered it; `place` is what it is the newest of: `{object}.{kind}`.

    Times are in tenths of a second of Unix time: when it was made, until when it says that it holds, and until when by
    this machine's clock it is worth sending, which differs for a recording.
    """

    source: str
    subject: str
    place: str
    alarm: str
    revision: int
    severity: Severity
    at_tenths: int
    expires_tenths: int
    send_until_tenths: int
    # Hash of the site file that it was made under.
    site: str
    # Of the whole message: another one for the same alarm and revision is a conflict.
    digest: bytes
    # Whether it tells the end of its alarm.
    ended: bool
    data: dict[str, Any]

    @property
    def kind(self) -> str:
        """The kind of event."""
        return ALERT

    @property
    def id(self) -> str:
        """The event's id: the same for the same message about the same alarm, so that a re-send is known."""
        return id_of(self.source, type_of(ALERT), self.alarm, str(self.revision))

    def envelope(self, sequence: int, recorded: str | None) -> dict[str, Any]:
        """Put the data into its envelope, with when it expires and how grave it is."""
        return wrapped(
            self,
            rfc3339_tenths(self.at_tenths),
            sequence,
            recorded,
            expirytime=rfc3339_tenths(self.expires_tenths),
            severitytext=word(self.severity),
            severitynumber=_SEVERITY_NUMBERS[self.severity],
        )

    def render(self, sequence: int, recorded: str | None) -> bytes:
        """Write the event as the bytes that are sent."""
        return compact(self.envelope(sequence, recorded))


@dataclass(frozen=True, kw_only=True, slots=True)
class Circumstances:
    """Under what alerts are told: by whom, on what ground, by what clock, and whether this process is isolated."""

    source: str
    legal: Legal
    bollards: Sequence[Bollard]
    publisher_isolated: bool
    clock: ClockState


def draft(report: AlarmReport, place: Line | Zone, here: Circumstances, now_s: float) -> AlertDraft:
    """Draft the event of one message about an alarm at a line or zone."""
    expires = report.at_tenths + report.valid_tenths
    send_until = int(now_s * _TENTHS_A_S) + report.valid_tenths if report.replay else expires
    # What is told under a mandate ends with it; a recording's own time has none.
    mandate_ends = here.legal.end_s * _TENTHS_A_S
    if not report.replay:
        expires = min(expires, mandate_ends)
    alarm = id_of(here.source, str(report.serial))
    return AlertDraft(
        source=here.source,
        subject=f"{'line' if report.at_line else 'zone'}/{place.id}",
        place=f"{place.id}.{word(report.kind)}",
        alarm=alarm,
        revision=report.revision,
        severity=report.severity,
        at_tenths=report.at_tenths,
        expires_tenths=expires,
        send_until_tenths=min(send_until, mandate_ends),
        site=f"{report.site:016x}",
        digest=blake2b(encode(report), digest_size=_DIGEST_BYTES).digest(),
        ended=report.phase not in _OPEN,
        data={
            "alarm": alarm,
            **_what(report),
            "dateIssued": rfc3339_tenths(report.at_tenths),
            "validFrom": rfc3339_tenths(report.since_tenths),
            "validTo": rfc3339_tenths(expires),
            "drill": report.drill,
            "experimental": report.kind in EXPERIMENTAL,
            "legal": _legal(here.legal),
            "advice": [_advice(one, here.bollards[one.bollard], report.at_tenths, expires) for one in report.advice],
            "quality": {
                "replay": report.replay,
                "isolation": proven(report.isolated and here.publisher_isolated),
                "clock": here.clock.value,
                "model": f"{report.model:016x}",
            },
        },
    )


def _what(report: AlarmReport) -> dict[str, Any]:
    category, sub_category = CATEGORIES[report.kind]
    told: dict[str, Any] = {
        "kind": word(report.kind),
        "state": word(report.phase),
        "category": category,
        "subCategory": sub_category,
        "severity": word(report.severity),
    }
    return told if report.level is None else {**told, "level": report.level}


def _legal(legal: Legal) -> dict[str, str]:
    return {"mode": legal.mode.value, "basis": legal.basis, "until": rfc3339(legal.end_s)}


def _advice(advice: Advice, bollard: Bollard, at_tenths: int, most_tenths: int) -> dict[str, Any]:
    until = min(at_tenths + advice.valid_tenths, most_tenths)
    told: dict[str, Any] = {
        "bollard": bollard.id,
        "advice": "inhibit" if advice.inhibit else "nobody-seen",
        "validS": (until - at_tenths) / _TENTHS_A_S,
        "validTo": rfc3339_tenths(until),
    }
    return told if advice.arrival_tenths is None else {**told, "arrivalS": advice.arrival_tenths / _TENTHS_A_S}
