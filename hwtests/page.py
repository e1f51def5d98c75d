"""The report that a tester signs: one HTML page with plots as inline SVG; no script, no network."""

from collections.abc import Iterator
from html import escape
from typing import Final

from hwtests.record import Record, Series

_STYLE: Final = """
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #57606a; --paper: #fff; --line: #d0d7de;
  --failed: #b3261e; --skipped: #8a5a00; --passed: #1a7f37; --plot: #0969da; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #9da7b1; --paper: #0d1117; --line: #30363d;
  --failed: #ff8a80; --skipped: #e3b341; --passed: #56d364; --plot: #58a6ff; } }
@media print { :root { --ink: #000; --soft: #444; --paper: #fff; --line: #999; --failed: #b3261e; --skipped: #8a5a00;
  --passed: #1a7f37; --plot: #0969da; } tr, figure { break-inside: avoid; } }
@page { margin: 15mm; }
body { font: 16px/1.45 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 60rem;
  margin: 1.5rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
p { margin: .25rem 0; color: var(--soft); }
.verdict { font-size: 1.25rem; font-weight: 700; color: var(--ink); }
table { border-collapse: collapse; width: 100%; }
td { vertical-align: top; overflow-wrap: anywhere; padding: .4rem .75rem .4rem 0; border-top: 1px solid var(--line); }
td:first-child { font-weight: 700; white-space: nowrap; }
td:last-child { text-align: right; white-space: nowrap; color: var(--soft); }
.why { display: block; color: var(--soft); }
.failed { color: var(--failed); } .skipped { color: var(--skipped); } .passed { color: var(--passed); }
figure { margin: 1rem 0; } svg { width: 100%; height: auto; } svg text { font: 12px system-ui, sans-serif;
  fill: var(--soft); } polyline { fill: none; stroke: var(--plot); stroke-width: 2; } circle { fill: var(--plot); }
.axis { stroke: var(--line); }
.sign { display: flex; gap: 2rem; margin-top: 3.5rem; } .sign div { flex: 1; border-top: 1px solid var(--ink);
  padding-top: .25rem; color: var(--soft); }
"""
_WIDTH, _HEIGHT = 720, 200
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 12, 12, 28


def page(record: Record) -> str:
    """Write the page."""
    return "\n".join([*_head(record), *_table(record), *_plots(record), *_foot()])


def _head(record: Record) -> Iterator[str]:
    yield '<!doctype html><html lang="en"><head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>hwtests: {escape(record.device)}</title><style>{_STYLE}</style></head><body>"
    yield f"<h1>Passant on {escape(record.device)}</h1>"
    yield f"<p>begun {escape(record.began)}, passant {escape(record.software)}</p>"
    yield f'<p class="verdict">{escape(record.verdict)}</p>'
    counts = ", ".join(f"{record.count(outcome)} {outcome}" for outcome in ("failed", "skipped", "passed"))
    yield f"<p>{counts}. What was skipped was not tested, and is no pass.</p>"


def _table(record: Record) -> Iterator[str]:
    yield "<h2>Tests</h2><table>"
    for one in record.in_order():
        why = f'<span class="why">{escape(one.why)}</span>' if one.why else ""
        yield (
            f'<tr><td class="{one.outcome}">{one.outcome}</td><td>{escape(one.test)}{why}</td>'
            f"<td>{one.seconds:.1f} s</td></tr>"
        )
    yield "</table>"


def _plots(record: Record) -> Iterator[str]:
    if record.series:
        yield "<h2>Measures</h2>"
    for series in record.series.values():
        if len(series.points) == 1:
            # One measure is no course of anything.
            yield f"<p>{escape(series.name)}: {series.points[0][1]:.4g} {escape(series.unit)}</p>"
            continue
        yield f"<figure><figcaption>{escape(series.name)}, {escape(series.unit)}</figcaption>{plot(series)}</figure>"


def plot(series: Series) -> str:
    """Draw a series as an SVG element: a line, its axes, least and most."""
    times, values = zip(*series.points, strict=True)
    least, most, last_s = min(values), max(values), max(times) or 1.0
    room = (most - least) * 0.1 or max(abs(most) * 0.1, 1.0)
    low, high = min(least, max(0.0, least - room)), most + room
    across, tall = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM
    places = [
        (_LEFT + across * at_s / last_s, _TOP + tall * (high - value) / (high - low)) for at_s, value in series.points
    ]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in places) if len(places) < 40 else ""  # noqa: PLR2004
    foot = _TOP + tall
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(series.name)}: {least:g} to {most:g}">'
        f'<path class="axis" d="M{_LEFT} {_TOP}V{foot}H{_WIDTH - _RIGHT}" fill="none"/>'
        f'<text x="{_LEFT - 6}" y="{_TOP + 10}" text-anchor="end">{high:.4g}</text>'
        f'<text x="{_LEFT - 6}" y="{foot}" text-anchor="end">{low:.4g}</text>'
        f'<text x="{_LEFT}" y="{_HEIGHT - 8}">0 s</text>'
        f'<text x="{_WIDTH - _RIGHT}" y="{_HEIGHT - 8}" text-anchor="end">{last_s:.0f} s</text>'
        f'<polyline points="{line}"/>{dots}</svg>'
    )


def _foot() -> Iterator[str]:
    yield '<div class="sign"><div>tester</div><div>date</div><div>signature</div></div></body></html>'
