"""What one check found: a verdict, a line of words, the mend, and the figures behind it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

Figure = int | float | str | bool | None
"""What JSON can say; a missing measure is None."""
Figures = dict[str, Figure]
"""Figures by name; the unit is in the name."""


class Verdict(StrEnum):
    """How a check ended. ABSENT is no pass: there was nothing to check, or no way to."""

    FAIL = "fail"
    WARN = "warn"
    ABSENT = "not here"
    PASS = "pass"  # noqa: S105  a verdict, not a password


WORST_FIRST: Final = tuple(Verdict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One check of one name; `mend` is empty only where there is nothing to mend."""

    name: str
    verdict: Verdict
    said: str
    mend: str = ""
    figures: Figures = field(default_factory=dict)


def passed(name: str, said: str, **figures: Figure) -> Finding:
    """Say that it is as it should be."""
    return Finding(name=name, verdict=Verdict.PASS, said=said, figures=figures)


def warned(name: str, said: str, mend: str, **figures: Figure) -> Finding:
    """Say that it works, and should be mended."""
    return Finding(name=name, verdict=Verdict.WARN, said=said, mend=mend, figures=figures)


def failed(name: str, said: str, mend: str, **figures: Figure) -> Finding:
    """Say that it does not work."""
    return Finding(name=name, verdict=Verdict.FAIL, said=said, mend=mend, figures=figures)


def absent(name: str, said: str, mend: str = "", **figures: Figure) -> Finding:
    """Say that it could not be checked here; that is no pass."""
    return Finding(name=name, verdict=Verdict.ABSENT, said=said, mend=mend, figures=figures)


def worst(findings: Iterable[Finding]) -> Verdict:
    """Give the worst verdict; what is not here changes nothing, but where nothing else was found."""
    found = {finding.verdict for finding in findings}
    return next((one for one in (Verdict.FAIL, Verdict.WARN, Verdict.PASS) if one in found), Verdict.ABSENT)


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Sort the worst first; within a verdict the order stays."""
    return sorted(findings, key=lambda finding: WORST_FIRST.index(finding.verdict))
