"""How many messages about alarms there may be: what is news goes first, what only says "still" waits.

A bucket of tokens, half of what an hour may hold, filled with the other half in an hour: no hour holds more than all.
"""

from typing import Final

from edge.contract.bounds import MOST_ALARM_MESSAGES_AN_HOUR
from edge.units import NS_PER_S

FULL: Final = MOST_ALARM_MESSAGES_AN_HOUR / 2
PER_NS: Final = FULL / (3600 * NS_PER_S)
# What a refresh and a change must leave: alarms raised and ended need no leave.
REFRESH_LEAVES: Final = FULL / 3
CHANGE_LEAVES: Final = FULL / 10


class Budget:
    """The messages of one judge."""

    def __init__(self) -> None:
        self._tokens = FULL
        self._at_ns: int | None = None

    def fill(self, now_ns: int) -> None:
        """Let time pass."""
        elapsed_ns = 0 if self._at_ns is None else now_ns - self._at_ns
        self._at_ns = now_ns
        self._tokens = min(FULL, self._tokens + PER_NS * elapsed_ns)

    def allows(self, *, news: bool) -> bool:
        """Tell whether a message may be sent about an alarm that is open; `news` is whether it says anything new."""
        return self._tokens > (CHANGE_LEAVES if news else REFRESH_LEAVES)

    def spend(self) -> None:
        """Note a message."""
        self._tokens -= 1
