"""What every payload says of itself: its window, its quality and the disclosure rule it was made under."""

from dataclasses import dataclass
from typing import Any

from edge.contract import bounds
from edge.contract.report import CameraState, Metres, WindowReport
from edge.publisher.clock import rfc3339

# Under this share of the window observed, an event is marked degraded; nothing is extrapolated.
DEGRADED_PERMILLE = 900
_MEASURED = frozenset({Metres.UNVERIFIED, Metres.VERIFIED})
_RULE = "classes and averages of fewer objects are withheld; totals are given"


@dataclass(frozen=True, kw_only=True, slots=True)
class Provenance:
    """One report's circumstances, and whether this process's own isolation was proven."""

    report: WindowReport
    publisher_isolated: bool

    @property
    def is_measured(self) -> bool:
        """Whether the site's ground is measured well enough for metres."""
        return self.report.metres in _MEASURED

    @property
    def observed_s(self) -> float | None:
        """How many seconds of the window were observed; None where too few for a rate."""
        if self.report.observed_permille < DEGRADED_PERMILLE:
            return None
        return self.report.window_s * self._coverage

    def blocks(self, suppressed: list[str]) -> dict[str, Any]:
        """Write the blocks that stand in every payload."""
        return {
            "quality": self._quality(),
            "privacy": {"rule": _RULE, "leastObjects": bounds.LEAST_OBJECTS, "leastWindowS": bounds.LEAST_WINDOW_S},
            "suppressed": suppressed,
        }

    def window(self) -> dict[str, Any]:
        """Write the window and the share of it that was observed."""
        start_s, window_s = self.report.window_start_s, self.report.window_s
        return {
            "from": rfc3339(start_s),
            "to": rfc3339(start_s + window_s),
            "durationS": window_s,
            "coverage": self._coverage,
        }

    @property
    def _coverage(self) -> float:
        return self.report.observed_permille / 1000

    def _quality(self) -> dict[str, Any]:
        trouble = self.report.trouble
        return {
            "coverage": self._coverage,
            "degraded": self.report.observed_permille < DEGRADED_PERMILLE,
            "trouble": "none" if trouble is CameraState.STREAMING else trouble.name.lower(),
            "metres": self.report.metres.name.lower(),
            "replay": self.report.replay,
            "isolation": proven(self.report.isolated and self.publisher_isolated),
            "model": f"{self.report.model:016x}",
        }


def proven(isolated: bool) -> str:  # noqa: FBT001  the value itself is what is written
    """Write whether an isolation was proven."""
    return "proven" if isolated else "unproven"
