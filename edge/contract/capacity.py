"""The published bound: the most information that can cross from vision to the publisher, per message and per hour.

An upper bound by counting: every field is taken as free, hashes and sequence numbers too, as if vision were an enemy
who chose each of them. Not counted is what could be told by the moment at which a message is sent.
"""

import math
from dataclasses import dataclass
from typing import Final, get_type_hints

from edge.contract import bounds
from edge.contract.report import AlarmReport, Hello, LineReport, TurnReport, VisionHealth, WindowReport, ZoneReport
from edge.contract.wire import capacity_bits, list_bits

_HOUR_S: Final = 3600
PUBLISHED_BITS_PER_MESSAGE: Final = {Hello: 130, WindowReport: 10_681, VisionHealth: 86, AlarmReport: 412}
"""At most so many bits in one message of each type: a test holds it."""
PUBLISHED_BITS_PER_HOUR: Final = 3_557_000
"""At most so many bits in an hour, at the largest site with the shortest windows: a test holds it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Capacity:
    """What can cross at most for one kind of message: bits in each, messages in an hour."""

    message: type
    bits: float
    per_hour: int

    @property
    def bits_per_hour(self) -> float:
        """Bits in an hour."""
        return self.bits * self.per_hour


def capacity(
    lines: int = bounds.MOST_LINES,
    zones: int = bounds.MOST_ZONES,
    window_s: int = bounds.LEAST_WINDOW_S,
    *,
    alarms: bool = True,
) -> tuple[Capacity, ...]:
    """Compute the bound for a site with so many lines and zones; without arguments, for the largest there can be.

    Reports are counted for each hour that is reported on, each window as often as the contract lets it be reported
    again: those of an outage come later and all at once. Each connection opens with one Hello. `alarms` is whether the
    site may raise any: where it may not, the publisher takes no message about one.
    """
    alarms_an_hour = bounds.MOST_ALARM_MESSAGES_AN_HOUR if alarms else 0
    return (
        Capacity(message=Hello, bits=capacity_bits(Hello), per_hour=_HOUR_S // bounds.LEAST_RECONNECT_S),
        Capacity(
            message=WindowReport,
            bits=_report_bits(lines, zones),
            per_hour=math.ceil(_HOUR_S / window_s) * (bounds.MOST_REVISION + 1),
        ),
        Capacity(message=AlarmReport, bits=capacity_bits(AlarmReport), per_hour=alarms_an_hour),
        Capacity(message=VisionHealth, bits=capacity_bits(VisionHealth), per_hour=_HOUR_S // bounds.HEALTH_PERIOD_S),
    )


def bits_per_hour(capacities: tuple[Capacity, ...]) -> float:
    """Add up the bits of all messages of an hour."""
    return sum(one.bits_per_hour for one in capacities)


def _report_bits(lines: int, zones: int) -> float:
    """Compute the bits of a report with just so many lines and zones: the publisher's site file fixes both."""
    hints = get_type_hints(WindowReport, include_extras=True)
    fixed = sum(capacity_bits(hint) for name, hint in hints.items() if name not in {"lines", "zones", "turns"})
    listed = lines * capacity_bits(LineReport) + zones * capacity_bits(ZoneReport)
    return fixed + listed + _turn_bits(lines)


def _turn_bits(lines: int) -> float:
    """Compute the bits of all turns between so many lines: each pair of ways over them is listed once at most."""
    if lines == 0:
        return 0.0
    count = get_type_hints(TurnReport, include_extras=True)["count"]
    ways = 2 * lines
    return list_bits(2 * math.log2(ways) + capacity_bits(count), min(bounds.MOST_TURNS, ways * ways))
