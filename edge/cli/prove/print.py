"""The proof as a table for people."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from edge.cli.prove.left import bound_bits, health_bits, moments_bits
from edge.cli.prove.optical import reader

if TYPE_CHECKING:
    from edge.cli.prove.egress import Run

_WIDTHS: Final = (3, 8, 10, 8, 8, 6, 6, 8)
_NAMES: Final = ("run", "build", "network B", "files B", "log B", "marks", "found", "late ±s")


def heading() -> str:
    """Write the table's first line."""
    return f"{_columns(_NAMES)}  findings"


def row(one: "Run") -> str:
    """Write the line of one run: bytes captured by channel, marks sought, kinds of them found, what was noticed."""
    outcome = one.outcome
    cells = (
        one.number,
        one.leak or "honest",
        outcome.sent_bytes,
        outcome.file_bytes,
        outcome.log_bytes,
        outcome.marks_sought,
        len(outcome.marks),
        f"{outcome.spread_s:.3f}",
    )
    counted = Counter(finding.channel.value for finding in outcome.findings)
    noticed = ", ".join(f"{name} {number}" for name, number in counted.items()) or "none"
    return f"{_columns(cells)}  {noticed}"


def _columns(cells: Sequence[object]) -> str:
    return " ".join(str(cell).rjust(width) for cell, width in zip(cells, _WIDTHS, strict=True))


def remarks(runs: Sequence["Run"]) -> Iterator[str]:
    """Say of each flagged run what was noticed first, how it was captured, and what could still pass unnoticed."""
    yield ""
    for one in runs:
        for text in [*sorted(one.outcome.marks), *dict.fromkeys(finding.text for finding in one.outcome.findings)][:2]:
            yield f"run {one.number}: {text}"
    outcome = runs[0].outcome
    who = "as root" if outcome.root else "as an ordinary user"
    yield f"captured   every packet in a network namespace of its own, {who}"
    removed = "removed ones too" if outcome.unlinked_seen else "but not those removed before the end: that needs root"
    yield f"           every file below the only folder that can be written, {removed}"
    yield f"searched   text, picture files, raw pixels, bits; in base64, hex and deflate; read by {reader()}"
    yield from _remaining(runs)


def _remaining(runs: Sequence["Run"]) -> Iterator[str]:
    """State what is left: counted and estimated, not measured."""
    honest = [one.outcome.spread_s for one in runs if one.leak is None]
    yield "left       counts, files, log: nothing on this footage; what only other footage sets off is not seen here"
    moments, health = moments_bits(honest), health_bits()
    yield f"           moments: {moments:.0f} bits an hour; health: {health:.0f} bits an hour, if every figure lied"
    yield f"bound      {bound_bits():.0f} bits an hour may cross from vision to publisher here (passant capacity)"


def verdict(runs: Sequence["Run"], *, good: bool) -> str:
    """Write the last line."""
    honest = [one for one in runs if one.leak is None]
    leaking = [one for one in runs if one.leak is not None]
    told = f"honest runs flagged: {sum(one.is_flagged for one in honest)} of {len(honest)}"
    if leaking:
        told += f"; leaks caught: {sum(one.is_caught for one in leaking)} of {len(leaking)}"
    return f"verdict    {'holds' if good else 'DOES NOT HOLD'}: {told}"
