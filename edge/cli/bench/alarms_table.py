"""The rows of `passant bench alarms`, as a table and against the goals."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

# The 95 % bound is one-sided: recall is at least so much.
_Z: Final = 1.645
# From the last light of a frame to its alarm at the broker, s: reading, the detector, the judge, two processes and a
# broker on the same machine. It is added to every delay, and stated; the world itself takes no time.
CHANNEL_S: Final = 0.2
LEAST_RECALL: Final = {("heavy-vehicle", False): 0.99, ("heavy-vehicle", True): 0.97, ("wrong-way", False): 0.98}
MOST_FALSE: Final = {"heavy-vehicle": 1, "wrong-way": 1}
FALSE_DAYS: Final = 30.0
MOST_P99_S: Final = 2.0
LEAST_LEVEL: Final = 0.95
# What a site tells of crowds for which nobody has counted moments: no goal is set for it.
BOXES_ALONE: Final = "density, boxes alone"


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One kind by day or by night, `factor` times the measured errors; `of` is how many should be told, if not all.

    `level_share` is the share of time at which the density's level was right within one step.
    """

    kind: str
    night: bool
    factor: float
    scenes: int
    recalled: int
    early: int
    latencies_s: tuple[float, ...]
    missed: tuple[tuple[int, ...], ...]
    false_alarms: int
    days: float
    passed: dict[str, int] = field(default_factory=dict)
    false_notes: tuple[str, ...] = ()
    of: int | None = None
    level_share: float | None = None

    @property
    def recall(self) -> float:
        """The share told of what should be; nan where nothing should."""
        return self.recalled / self.wanted if self.wanted else math.nan

    @property
    def wanted(self) -> int:
        """How many should be told."""
        return self.scenes if self.of is None else self.of

    @property
    def least_recall(self) -> float:
        """The lower bound of recall (Wilson 1927, one-sided, 95 %)."""
        return wilson(self.recalled, self.wanted)

    def delay_s(self, share: float) -> float:
        """Give the delay that a share of those told stays within, the channel's included; nan where none was told."""
        if not self.latencies_s:
            return math.nan
        at = min(len(self.latencies_s) - 1, math.ceil(share * len(self.latencies_s)) - 1)
        return self.latencies_s[max(0, at)] + CHANNEL_S


def wilson(hits: int, number: int) -> float:
    """Compute the lower bound of a share of which `hits` of `number` were seen."""
    if not number:
        return 0.0
    share, z2 = hits / number, _Z * _Z
    middle = share + z2 / (2 * number)
    spread = _Z * math.sqrt(share * (1 - share) / number + z2 / (4 * number * number))
    return max(0.0, (middle - spread) / (1 + z2 / number))


def table(rows: list[Row]) -> str:
    """Write a line a row, what was missed or told falsely under it."""
    head = (
        f"{'kind':<24}{'light':<7}{'errors':<8}{'scenes':>7}{'recall':>9}{'at least':>10}{'p50 s':>8}{'p99 s':>8}"
        f"{'false a day':>13}{'in days':>9}{'level ±1':>10}"
    )
    foot = (
        f"delays are from when it truly begins to the alarm, {CHANNEL_S} s for detector, channel and broker included; "
        "at least: Wilson, 95 %"
    )
    return "\n".join([head, *(line for row in rows for line in _lines(row)), foot, *_early(rows), *_passed(rows)])


def goals_of(rows: list[Row]) -> list[tuple[str, bool]]:
    """Hold the rows of the measured errors against the goals."""
    goals = []
    for row in (row for row in rows if row.factor == 1.0):
        light = "by night" if row.night else "by day"
        least = LEAST_RECALL.get((row.kind, row.night))
        if least is not None:
            goals.append((f"{row.kind} {light}: recall at least {least}; {row.recall:.3f}", row.recall >= least))
        if row.kind == "heavy-vehicle":
            p99_s = row.delay_s(0.99)
            goals.append((f"{row.kind} {light}: p99 at most {MOST_P99_S} s; {p99_s:.2f} s", p99_s <= MOST_P99_S))
        if row.level_share is not None and row.kind != BOXES_ALONE:
            level = row.level_share
            goals.append((f"density level within one step at least {LEAST_LEVEL}; {level:.3f}", level >= LEAST_LEVEL))
    for kind, most in MOST_FALSE.items():
        own = [row for row in rows if row.factor == 1.0 and row.kind == kind]
        if own and own[0].days:
            alarms = sum(row.false_alarms for row in own)
            rate = alarms * FALSE_DAYS / own[0].days
            goals.append(
                (f"{kind}: at most {most} false in 30 days; {rate:.1f} ({alarms} in {own[0].days:.0f})", rate <= most)
            )
    return goals


def _lines(row: Row) -> Iterator[str]:
    days = f"{row.days:.0f}" if row.days else "-"
    rate = f"{row.false_alarms / row.days:.3f}" if row.days else "-"
    level = "" if row.level_share is None else f"{row.level_share:.3f}"
    yield (
        f"{row.kind:<24}{'night' if row.night else 'day':<7}{'as is' if row.factor == 1.0 else f'x{row.factor:.0f}':<8}"
        f"{row.scenes:>7}{row.recall:>9.3f}{row.least_recall:>10.3f}{row.delay_s(0.5):>8.2f}{row.delay_s(0.99):>8.2f}"
        f"{rate:>13}{days:>9}{level:>10}"
    )
    if row.missed:
        yield f"    missed: {', '.join(map(str, row.missed[:6]))}"
    if row.false_notes:
        yield f"    false: {'; '.join(row.false_notes[:4])}"


def _early(rows: list[Row]) -> Iterator[str]:
    early = [f"{row.early} {row.kind} by {'night' if row.night else 'day'}" for row in rows if row.early]
    if early:
        yield f"told over 1 s before it begins, with no delay counted where still open then: {', '.join(early)}"


def _passed(rows: list[Row]) -> Iterator[str]:
    for factor in sorted({row.factor for row in rows}):
        row = next(row for row in rows if row.factor == factor)
        if row.days:
            who = ", ".join(f"{number} {kind}" for kind, number in row.passed.items())
            yield f"in {row.days:.0f} days with errors x{factor:.0f} passed: {who}"
