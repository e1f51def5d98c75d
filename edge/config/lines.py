"""`[[lines]]` of a site file."""

from typing import Final

from edge.config.clock import Clock
from edge.config.name import Taken, own_id
from edge.config.shape import Size, stroke
from edge.config.site import Line
from edge.config.table import Table
from edge.config.week import spans
from edge.contract.bounds import MOST_LINES
from edge.contract.report import AlarmKind

_KEYS: Final = ("id", "from", "to", "one_way", "when")
_ONE_WAY: Final = {"forward": True, "backward": False}


def lines(root: Table, size: Size, taken: Taken, own: Clock) -> tuple[Line, ...]:
    """Read `[[lines]]`; faulty ones are noted and left out, and the ids of all go into `taken`."""
    found = [_line(table, size, taken, own) for table in root.tables("lines", _KEYS, MOST_LINES)]
    return tuple(line for line in found if line)


def _line(table: Table, size: Size, taken: Taken, own: Clock) -> Line | None:
    name = own_id(table, "line", taken)
    ends = stroke(table, size)
    one_way = table.word("one_way", _ONE_WAY)
    when = spans(table, own)
    if "when" in table and "one_way" not in table:
        mend = 'write one_way = "forward" too, or take it out'
        table.fault("when", "says when alarms are raised, and this line raises none", mend)
    alarms = frozenset[AlarmKind]() if one_way is None else frozenset({AlarmKind.WRONG_WAY})
    if name is None or ends is None:
        return None
    return Line(id=name, start=ends[0], end=ends[1], one_way=one_way, alarms=alarms, when=when)
