"""What may leave: the disclosure rules, applied to a window's sums on the way to the boundary."""

from collections.abc import Sequence
from dataclasses import dataclass

from edge.contract import bounds
from edge.contract.report import (
    VEHICLE_KINDS,
    CameraState,
    DirectionCounts,
    LineReport,
    RoadUser,
    TurnReport,
    WindowReport,
)
from edge.units import NS_PER_S
from edge.vision.aggregate import averages
from edge.vision.aggregate.tally import Counts, Tally, TurnTally


@dataclass(frozen=True, kw_only=True, slots=True)
class Header:
    """What a report says of itself; see WindowReport."""

    sequence: int
    site: int
    model: int
    revision: int
    replay: bool
    isolated: bool


def release(tally: Tally, header: Header) -> WindowReport:
    """Make the report of a window: counts in total always, classes and averages only of at least 5 objects.

    Numbers over a field's bound are cut to it.
    """
    return WindowReport(
        sequence=header.sequence,
        site=header.site,
        model=header.model,
        window_start_s=tally.start_ns // NS_PER_S,
        window_s=tally.length_ns // NS_PER_S,
        revision=header.revision,
        observed_permille=_observed(tally),
        replay=header.replay,
        isolated=header.isolated,
        lines=tuple(
            LineReport(
                forward=_direction(line.forward),
                backward=_direction(line.backward),
                forward_flow=averages.flow(line.forward_flow, tally.observed_ns),
                backward_flow=averages.flow(line.backward_flow, tally.observed_ns),
            )
            for line in tally.lines
        ),
        zones=tuple(averages.zone(zone, tally.observed_ns) for zone in tally.zones),
        turns=_turns(tally.turns),
        metres=tally.metres,
        trouble=_trouble(tally),
    )


def listable(counts: Sequence[int]) -> tuple[bool, ...]:
    """Tell which classes may be listed beside their total.

    Those of at least 5; and if just one class that occurred would be missing, the next smallest goes too, or
    subtracting the others from the total would tell it.
    """
    listed = [count >= bounds.LEAST_OBJECTS for count in counts]
    missing = [i for i, count in enumerate(counts) if 0 < count < bounds.LEAST_OBJECTS]
    if len(missing) == 1 and any(listed):
        smallest = min((i for i, is_listed in enumerate(listed) if is_listed), key=lambda i: counts[i])
        listed[smallest] = False
    return tuple(listed)


def _direction(counts: Counts) -> DirectionCounts:
    vehicles = [counts[kind] for kind in VEHICLE_KINDS]
    listed = {
        kind.name.lower(): min(count, bounds.LISTED_COUNT.most)
        for kind, count, may in zip(VEHICLE_KINDS, vehicles, listable(vehicles), strict=True)
        if may
    }
    return DirectionCounts(
        people=min(counts[RoadUser.PERSON], bounds.COUNT.most), vehicles=min(sum(vehicles), bounds.COUNT.most), **listed
    )


def _turns(turns: Sequence[TurnTally]) -> tuple[TurnReport, ...]:
    """List turns of at least 5, the largest first, as far as none of those withheld can be told by a subtraction.

    The totals of lines are known: of the turns that begin, or end, at one line, none may be the only one missing. What
    one line withholds is missing at the other, so it is looked at until nothing changes.
    """
    listed = {turn for turn in turns if turn.count >= bounds.LEAST_OBJECTS}
    listed = _untold(turns, set(sorted(listed, key=_largest)[: bounds.MOST_TURNS]))
    return tuple(
        TurnReport(
            entry=turn.entry,
            entry_forward=turn.entry_forward,
            exit=turn.exit,
            exit_forward=turn.exit_forward,
            count=min(turn.count, bounds.LISTED_COUNT.most),
        )
        for turn in sorted(listed, key=_largest)
    )


def _untold(turns: Sequence[TurnTally], listed: set[TurnTally]) -> set[TurnTally]:
    """Take out turns until at every end none is missing, or two at least, or all."""
    while True:
        alone = [group for group in _groups(turns) if _missing(group, listed) == 1 and group & listed]
        if not alone:
            return listed
        for group in alone:
            if _missing(group, listed) == 1 and group & listed:
                listed.discard(min(group & listed, key=lambda turn: (turn.count, turn.way)))


def _groups(turns: Sequence[TurnTally]) -> list[set[TurnTally]]:
    """Group the turns by where they begin, and by where they end."""
    groups: dict[tuple[str, int, bool], set[TurnTally]] = {}
    for turn in turns:
        groups.setdefault(("entry", turn.entry, turn.entry_forward), set()).add(turn)
        groups.setdefault(("exit", turn.exit, turn.exit_forward), set()).add(turn)
    return list(groups.values())


def _missing(group: set[TurnTally], listed: set[TurnTally]) -> int:
    return sum(turn.count > 0 for turn in group - listed)


def _largest(turn: TurnTally) -> tuple[int, tuple[int, bool, int, bool]]:
    return -turn.count, turn.way


def _observed(tally: Tally) -> int:
    """Give the share that was observed, cut to whole thousandths; some, where anything was counted."""
    counted = any(any(line.forward) or any(line.backward) for line in tally.lines)
    return max(int(tally.coverage * bounds.PERMILLE.most), int(counted))


def _trouble(tally: Tally) -> CameraState:
    """Give why the picture was worth nothing for most of the time that it was; nothing, where all was observed."""
    lost_ns = tally.lost_ns
    if _observed(tally) == bounds.PERMILLE.most or not any(lost_ns):
        return CameraState.STREAMING
    return max(CameraState, key=lambda state: lost_ns[state])
