"""`[[bollards]]`: the ground they rise from, the line they close, and how long that takes."""

from typing import Final

from edge.config.name import BOLLARD, Taken, own_id
from edge.config.shape import Size, polygon, stroke
from edge.config.site import Bollard
from edge.config.table import Table
from edge.contract.bounds import MOST_BOLLARDS

_KEYS: Final = ("id", "footprint", "line", "rise_s")
_LEAST_RISE_S, _MOST_RISE_S = 0.1, 120


def bollards(root: Table, size: Size, taken: Taken) -> tuple[Bollard, ...]:
    """Read `[[bollards]]`; faulty ones are noted and left out, and the ids of all go into `taken`."""
    found = [_bollard(table, size, taken) for table in root.tables("bollards", _KEYS, MOST_BOLLARDS)]
    return tuple(bollard for bollard in found if bollard)


def _bollard(table: Table, size: Size, taken: Taken) -> Bollard | None:
    name = own_id(table, BOLLARD, taken)
    table.require("footprint", "footprint = [[600, 400], [620, 400], [620, 420], [600, 420]]")
    table.require("line", "line = {from = [500, 410], to = [720, 410]}")
    table.require("rise_s", "rise_s = 3.5")
    footprint = polygon(table, "footprint", size)
    line = stroke(table.table("line", ("from", "to")), size) if "line" in table else None
    rise_s = table.number("rise_s", _LEAST_RISE_S, _MOST_RISE_S)
    if name is None or footprint is None or line is None or rise_s is None:
        return None
    return Bollard(id=name, footprint=footprint, line=line, rise_s=float(rise_s))
