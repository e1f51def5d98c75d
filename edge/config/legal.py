"""`[legal]`: on what ground alarms may be raised, where, and for how long.

`statistics` is the default and raises none. `alert` needs the text it rests on, its beginning and end, and where it
holds; `drill` the same but for the text, and a broker that is none of the city's own.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from edge.config.clock import Clock, instant
from edge.config.site import Legal, LegalMode
from edge.config.table import Table

_KEYS: Final = ("mode", "basis", "from", "to", "perimeter")
_EXAMPLES: Final = {
    "basis": 'basis = "prefectoral order 2026-117"',
    "from": "from = 2026-07-14T08:00:00",
    "to": "to = 2026-07-15T02:00:00",
    "perimeter": 'perimeter = ["promenade"]',
}
_NEEDED: Final = {LegalMode.ALERT: tuple(_EXAMPLES), LegalMode.DRILL: ("from", "to", "perimeter")}
_MOST_BASIS: Final = 300
_MONTH_S: Final = 30 * 86_400


def legal(root: Table, places: Collection[str], own: Clock) -> Legal:
    """Read `[legal]`; `places` are the ids of the site's lines and zones."""
    table = root.table("legal", _KEYS)
    mode = table.choice("mode", LegalMode) or LegalMode.STATISTICS
    basis, perimeter = _basis(table), table.words("perimeter", {place: place for place in places})
    start_s, end_s = instant(table, "from", own), instant(table, "to", own)
    if mode is LegalMode.STATISTICS:
        _refuse(table)
        return Legal()
    examples = _examples(places, start_s, end_s, own)
    for key in _NEEDED[mode]:
        table.require(key, examples[key])
    if start_s is not None and end_s is not None and start_s >= end_s:
        table.fault("to", "is not after from", "write the later of the two in to")
    return Legal(mode=mode, basis=basis, start_s=start_s or 0, end_s=end_s or 0, perimeter=frozenset(perimeter or ()))


def _examples(places: Collection[str], start_s: int | None, end_s: int | None, own: Clock) -> dict[str, str]:
    """Write examples that fit what stands there: one of the site's own places, an end after its begin."""
    found = dict(_EXAMPLES)
    if places:
        found["perimeter"] = f'perimeter = ["{next(iter(places))}"]'
    if start_s is not None:
        found["to"] = f"to = {_spelt(start_s + _MONTH_S, own)}"
    if end_s is not None:
        found["from"] = f"from = {_spelt(end_s - _MONTH_S, own)}"
    return found


def _spelt(unix_s: int, own: Clock) -> str:
    """Write an instant as the site file would: in its own time, or with an offset where it has none."""
    at = datetime.fromtimestamp(unix_s, own.zone)
    return (at.replace(tzinfo=None) if own.stated else at).isoformat()


def _basis(table: Table) -> str:
    text = table.text("basis") or ""
    if len(text) > _MOST_BASIS or not text.isprintable():
        cause = f"has {len(text)} characters" if text.isprintable() else "has line breaks or control characters"
        table.fault("basis", cause, f"name the text or order on one line, in at most {_MOST_BASIS} characters")
    return text


def _refuse(table: Table) -> None:
    for key in _EXAMPLES:
        if key in table:
            table.fault(
                key, "stands without a mode that raises alarms", 'write mode = "alert" or "drill", or take it out'
            )
