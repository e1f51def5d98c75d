"""One page to hand over: what the doctor found, as HTML that needs nothing else - no script, no network, no font."""

from collections.abc import Iterator, Sequence
from html import escape
from typing import Any, Final

from edge.cli.doctor.finding import Finding, Verdict, in_order
from edge.cli.doctor.sheet import document, summary
from edge.config.site import Site

_STYLE: Final = """
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #57606a; --paper: #fff; --line: #d0d7de;
  --fail: #b3261e; --warn: #8a5a00; --pass: #1a7f37; --absent: #57606a; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #9da7b1; --paper: #0d1117; --line: #30363d;
  --fail: #ff8a80; --warn: #e3b341; --pass: #56d364; --absent: #9da7b1; } }
@media print { :root { --ink: #000; --soft: #444; --paper: #fff; --line: #999;
  --fail: #b3261e; --warn: #8a5a00; --pass: #1a7f37; --absent: #444; } tr { break-inside: avoid; } }
@page { margin: 15mm; }
body { font: 16px/1.45 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 60rem;
  margin: 1.5rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; }
p { margin: .25rem 0; color: var(--soft); }
.verdict { font-size: 1.25rem; font-weight: 700; margin: 1rem 0; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .5rem .75rem .5rem 0; border-top: 1px solid var(--line); }
th { font-weight: 600; white-space: nowrap; }
td.v { font-weight: 700; white-space: nowrap; width: 5.5rem; }
td { overflow-wrap: anywhere; }
.mend { display: block; font-weight: 600; }
.figures { display: block; color: var(--soft); font-size: .8rem; font-variant-numeric: tabular-nums; }
.fail { color: var(--fail); } .warn { color: var(--warn); } .pass { color: var(--pass); }
.absent { color: var(--absent); }
.sign { display: flex; gap: 2rem; margin-top: 3rem; } .sign div { flex: 1; border-top: 1px solid var(--ink);
  padding-top: .25rem; color: var(--soft); }
"""
_CLASSES: Final = {Verdict.FAIL: "fail", Verdict.WARN: "warn", Verdict.PASS: "pass", Verdict.ABSENT: "absent"}
_WORDS: Final = {
    "fail": "Not fit: mend what failed, and look again.",
    "warn": "It works. Mend what is warned of.",
    "pass": "Fit.",
    "not here": "Nothing could be checked.",
}


def page(findings: Sequence[Finding], site: Site | None) -> str:
    """Write the page."""
    told = document(findings, site)
    return "\n".join([*_head(told), *_rows(findings), *_foot(findings)])


def _head(told: dict[str, Any]) -> Iterator[str]:
    whose = f"{told['device']} of {told['org']}" if told["device"] else "a device without a site file"
    kind = "absent" if told["verdict"] == "not here" else told["verdict"]
    yield "<!doctype html>"
    yield '<html lang="en"><head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>passant doctor: {escape(whose)}</title><style>{_STYLE}</style></head><body>"
    yield f"<h1>{escape(whose)}</h1>"
    yield f"<p>passant doctor, {escape(told['time'] or 'clock not set')}, passant {escape(told['software'])}</p>"
    yield f'<p class="verdict {kind}">{_WORDS[told["verdict"]]}</p>'


def _rows(findings: Sequence[Finding]) -> Iterator[str]:
    yield "<table>"
    for finding in in_order(findings):
        mend = f'<span class="mend">{escape(finding.mend)}</span>' if finding.mend else ""
        figures = ", ".join(f"{key} {'?' if value is None else value}" for key, value in finding.figures.items())
        yield (
            f'<tr><td class="v {_CLASSES[finding.verdict]}">{finding.verdict.value}</td><th>{escape(finding.name)}</th>'
            f'<td>{escape(finding.said)}{mend}<span class="figures">{escape(figures)}</span></td></tr>'
        )
    yield "</table>"


def _foot(findings: Sequence[Finding]) -> Iterator[str]:
    yield f"<p>{escape(summary(findings))}. What is not here was not checked; it is no pass.</p>"
    yield '<div class="sign"><div>name</div><div>date</div><div>signature</div></div>'
    yield "</body></html>\n"
