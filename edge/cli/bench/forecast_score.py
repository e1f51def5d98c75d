"""Scores of forecasts against what came, beside the two rules that cost nothing: the same as now, as a week ago."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from edge.publisher.forecast.series import Ahead, Series
from edge.publisher.forecast.week import Week

_MINUTE_S: Final = 60


@dataclass(kw_only=True, slots=True)
class Score:
    """Sums over the slots of which all three forecasts and the truth are known."""

    slots: int = 0
    counted: float = 0.0
    off: float = 0.0
    persistence_off: float = 0.0
    week_off: float = 0.0
    held: int = 0
    width: float = 0.0

    def add(self, ahead: Ahead, came: float, now: float, week_ago: float) -> None:
        """Take one forecast in, with what came and what the two rules said."""
        self.slots += 1
        self.counted += came
        self.off += abs(ahead.value - came)
        self.persistence_off += abs(now - came)
        self.week_off += abs(week_ago - came)
        self.held += ahead.low <= came <= ahead.high
        self.width += ahead.high - ahead.low

    @property
    def mean_error(self) -> float:
        """The mean absolute error, in what is counted."""
        return self.off / self.slots

    @property
    def over_persistence(self) -> float:
        """The share by which the error is below persistence's."""
        return 1 - self.off / self.persistence_off

    @property
    def over_week(self) -> float:
        """The share by which the error is below that of the same slot last week."""
        return 1 - self.off / self.week_off

    @property
    def coverage(self) -> float:
        """The share of what came that lay in the interval."""
        return self.held / self.slots


@dataclass(kw_only=True, slots=True)
class Scores:
    """Scores by what the caller tells slots apart by (a year), and by minutes ahead."""

    by: dict[tuple[int, int], Score] = field(default_factory=dict)

    def of(self, part: int, minutes: int) -> Score:
        """Give the score of a part and a horizon, begun where there is none."""
        return self.by.setdefault((part, minutes), Score())


def rolled(counts: Mapping[int, float], week: Week, part: Callable[[int], int]) -> Scores:
    """Go through a series in order, as the publisher does, and score what is said of each slot before it comes.

    `counts` by slot number, gaps left out; `part` sorts a slot that is forecast.
    """
    series, scores = Series(week), Scores()
    for slot in sorted(counts):
        for ahead in series.see(slot, counts[slot]):
            target = slot + ahead.minutes * _MINUTE_S // week.slot_s
            came, week_ago = counts.get(target), counts.get(target - week.cells)
            if came is not None and week_ago is not None:
                scores.of(part(target), ahead.minutes).add(ahead, came, counts[slot], week_ago)
    return scores
