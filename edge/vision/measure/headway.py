"""Headway: the time between successive passes of a line in one direction, while it was watched without a break."""

from dataclasses import dataclass

_NEVER_NS = -(2**63)


@dataclass(kw_only=True, slots=True, eq=False)
class Headway:
    """The first and last pass of one line in one direction since the last break.

    Passes become certain late and out of turn. Each adds what it makes the stretch of time from first to last longer,
    so that however they come, what they add sums up to all gaps between successive passes.
    """

    _first_ns: int | None = None
    _last_ns: int = 0
    _watched_ns: int = _NEVER_NS

    def interrupt(self, now_ns: int) -> None:
        """Begin anew: what passed before this instant of the source's clock was not seen to its end."""
        self._first_ns, self._watched_ns = None, now_ns

    def add(self, at_ns: int) -> int | None:
        """Take in a pass; gives by how much the gaps grow in all, None where it has none before it."""
        if at_ns < self._watched_ns:
            return None
        if self._first_ns is None:
            self._first_ns = self._last_ns = at_ns
            return None
        grown_ns = max(0, at_ns - self._last_ns, self._first_ns - at_ns)
        self._first_ns, self._last_ns = min(self._first_ns, at_ns), max(self._last_ns, at_ns)
        return grown_ns
