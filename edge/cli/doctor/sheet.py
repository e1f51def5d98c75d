"""What the doctor says: as text for a ladder, and as a JSON document for programs.

JSON, version 1: `v`, `kind` ("passant-doctor"), `time` (RFC 3339, null while the clock is not set), `software`, `org`
and `device` (null without a site), `verdict` (the worst: fail, warn, pass or "not here") and `findings`, in the order
of the checks: `name`, `verdict`, `said`, `mend` (empty where there is nothing to mend) and `figures`. The keys of
figures differ by name and have their units in them.
Names and keys may be added to within a version; none is renamed, none changes its unit.
"""

import textwrap
from collections.abc import Iterator, Sequence
from typing import Any, Final

from edge import __version__
from edge.cli.doctor.finding import Finding, Verdict, in_order, worst
from edge.config.site import Site
from edge.publisher.clock import Clock

VERSION: Final = 1
_WIDTH: Final = 100
_INDENT: Final = 29
_COLOURS: Final = {Verdict.FAIL: "31;1", Verdict.WARN: "33", Verdict.PASS: "32", Verdict.ABSENT: "2"}


def document(findings: Sequence[Finding], site: Site | None) -> dict[str, Any]:
    """Write the document."""
    return {
        "v": VERSION,
        "kind": "passant-doctor",
        "time": Clock().stamp(),
        "software": __version__,
        "org": site.device.org if site else None,
        "device": site.device.id if site else None,
        "verdict": worst(findings).value,
        "findings": [
            {
                "name": finding.name,
                "verdict": finding.verdict.value,
                "said": finding.said,
                "mend": finding.mend,
                "figures": finding.figures,
            }
            for finding in findings
        ],
    }


def text(findings: Sequence[Finding], *, colour: bool) -> Iterator[str]:
    """Say it, the worst first: a line each, and under what is to be mended the mend."""
    for finding in in_order(findings):
        verdict = f"{finding.verdict.value:<8}"
        shown = f"\033[{_COLOURS[finding.verdict]}m{verdict}\033[0m" if colour else verdict
        yield f"{shown}  {finding.name:<18} {finding.said}"
        if finding.mend and finding.verdict is not Verdict.PASS:
            pad = " " * _INDENT
            yield from textwrap.wrap(f"→ {finding.mend}", _WIDTH, initial_indent=pad, subsequent_indent=f"{pad}  ")
    yield summary(findings)


def summary(findings: Sequence[Finding]) -> str:
    """Count the verdicts in one line."""
    counts = {verdict: sum(one.verdict is verdict for one in findings) for verdict in Verdict}
    told = (
        f"{counts[Verdict.FAIL]} failed, {counts[Verdict.WARN]} warned, {counts[Verdict.PASS]} passed, "
        f"{counts[Verdict.ABSENT]} not here"
    )
    return f"in all    {told}"
