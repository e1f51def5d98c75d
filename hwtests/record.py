"""What a run of the suite found out: how each test ended, and what was measured over time."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

OUTCOMES: Final = ("failed", "skipped", "passed")
"""The worst first. A skip is no pass."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """How one test ended; `why` is the reason of a skip or the last line of a failure."""

    test: str
    outcome: str
    seconds: float
    why: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Series:
    """Measures of one kind over time: points are (seconds, value)."""

    name: str
    unit: str
    points: list[tuple[float, float]] = field(default_factory=list)


@dataclass(kw_only=True, slots=True)
class Record:
    """All of a run."""

    device: str = "?"
    began: str = ""
    software: str = "?"
    results: list[Result] = field(default_factory=list)
    series: dict[str, Series] = field(default_factory=dict)

    def note(self, name: str, unit: str, at_s: float, value: float) -> None:
        """Add a measure."""
        self.series.setdefault(name, Series(name=name, unit=unit)).points.append((at_s, value))

    def count(self, outcome: str) -> int:
        """Tell how many tests ended so."""
        return sum(result.outcome == outcome for result in self.results)

    @property
    def verdict(self) -> str:
        """Say in words what this comes to."""
        if self.count("failed"):
            return "not fit"
        if not self.count("passed"):
            return "nothing was tested"
        return "fit, as far as it was tested" if self.count("skipped") else "fit"

    def in_order(self) -> Iterator[Result]:
        """Give the results, the worst first."""
        for outcome in OUTCOMES:
            yield from (result for result in self.results if result.outcome == outcome)
