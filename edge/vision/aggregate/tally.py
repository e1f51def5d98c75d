"""The sums of one window: numbers only, exact, before anything is withheld. They never cross the boundary."""

from dataclasses import dataclass

Counts = tuple[int, ...]
"""A count per RoadUser, in its order."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LineTally:
    """Passes of one line."""

    forward: Counts
    backward: Counts


@dataclass(frozen=True, kw_only=True, slots=True)
class Presence:
    """People or vehicles in one zone: object-nanoseconds, the most at once, and how many different ones at least."""

    object_ns: int
    most: int
    distinct: int

    def mean(self, observed_ns: int) -> float:
        """Compute how many were present on average over the time observed."""
        return self.object_ns / observed_ns if observed_ns else 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class ZoneTally:
    """Who was present in one zone."""

    people: Presence
    vehicles: Presence


@dataclass(frozen=True, kw_only=True, slots=True)
class Tally:
    """One window, [start_ns, start_ns + length_ns) in Unix nanoseconds, of which observed_ns were seen."""

    start_ns: int
    length_ns: int
    observed_ns: int
    lines: tuple[LineTally, ...]
    zones: tuple[ZoneTally, ...]

    @property
    def coverage(self) -> float:
        """Share of the window that was observed, 0..1."""
        return min(1.0, self.observed_ns / self.length_ns) if self.length_ns else 0.0


def merge(earlier: Tally, later: Tally) -> Tally:
    """Add up two parts of the same window, seen before and after a restart."""
    if (earlier.start_ns, earlier.length_ns) != (later.start_ns, later.length_ns):
        raise ValueError("only parts of the same window can be merged")
    return Tally(
        start_ns=earlier.start_ns,
        length_ns=earlier.length_ns,
        observed_ns=earlier.observed_ns + later.observed_ns,
        lines=tuple(
            LineTally(forward=_sum(a.forward, b.forward), backward=_sum(a.backward, b.backward))
            for a, b in zip(earlier.lines, later.lines, strict=True)
        ),
        zones=tuple(
            ZoneTally(people=_join(a.people, b.people), vehicles=_join(a.vehicles, b.vehicles))
            for a, b in zip(earlier.zones, later.zones, strict=True)
        ),
    )


def _sum(a: Counts, b: Counts) -> Counts:
    return tuple(x + y for x, y in zip(a, b, strict=True))


def _join(a: Presence, b: Presence) -> Presence:
    # Who was there before a restart can't be known again: distinct is counted low, so that more is withheld, not less.
    return Presence(object_ns=a.object_ns + b.object_ns, most=max(a.most, b.most), distinct=max(a.distinct, b.distinct))
