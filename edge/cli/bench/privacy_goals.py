"""What the masks must reach, held against the rows of one run."""

from typing import Final

from edge.cli.bench.peer import BOXES, ELLIPSES
from edge.cli.bench.tally import Row
from edge.config.site import PrivacyLevel

Goal = tuple[str, bool]

_HEADS: Final = PrivacyLevel.FACES_AND_PLATES.value
_WHOLE: Final = PrivacyLevel.PEOPLE_AND_VEHICLES.value
# Covered share at least, by set, kind of label and level.
_COVERED: Final = {
    ("faces", "faces", _WHOLE): 0.99,
    ("faces", "faces", _HEADS): 0.97,
    ("plates", "plates", _WHOLE): 0.99,
    ("plates", "plates", _HEADS): 0.95,
    ("vtest", "upper thirds", _WHOLE): 0.995,
}
# Masked pixels at most, as a multiple of the labelled persons'.
_AREA: Final = {("vtest", "persons", _WHOLE): 3.0, ("vtest", "persons", _HEADS): 1.0}
_MOST_BLACK: Final = 0.01
_TIMES_AS_FAST: Final = 3.0


def judged_goals(rows: list[Row]) -> list[Goal]:
    """Hold the rows against the goals; a goal whose rows are not there is left out."""
    by_key = {(row.truth, row.sought, row.by): row for row in rows}
    goals: list[Goal] = []
    for key, least in _COVERED.items():
        if key in by_key:
            goals += _coverage(by_key[key], least)
            goals += _beside_peer(by_key[key], *(by_key.get((*key[:2], peer)) for peer in (ELLIPSES, BOXES)))
    goals += [_area(by_key[key], most) for key, most in _AREA.items() if key in by_key]
    goals += [_black(row) for row in rows if (row.truth, row.sought, row.by) in _AREA]
    return goals


def _named(row: Row) -> str:
    return f"{row.truth}, {row.sought}, {row.by}"


def _coverage(row: Row, least: float) -> list[Goal]:
    """Both shares count: that of all boxes, and that of the boxes in frames which were not black."""
    share = min(row.share, row.share_shown)
    return [(f"{_named(row)}: at least {least:.1%} covered; {share:.2%}", share >= least)]


def _beside_peer(row: Row, ellipses: Row | None, boxes: Row | None) -> list[Goal]:
    """More than the peer hides as it comes, no less than its whole boxes do, and so many times as fast."""
    goals: list[Goal] = []
    if ellipses is not None:
        shares = f"{row.share_shown:.2%} to {ellipses.share:.2%}"
        # More than all there is nothing.
        is_met = row.share_shown > ellipses.share or row.share_shown == 1.0
        goals.append((f"{_named(row)}: more covered than by {ellipses.by}, or all; {shares}", is_met))
    if boxes is not None:
        shares = f"{row.share_shown:.2%} to {boxes.share:.2%}"
        goals.append((f"{_named(row)}: no less covered than by {boxes.by}; {shares}", row.share_shown >= boxes.share))
    if boxes is not None and row.truth == "vtest" and row.pace and boxes.pace:
        times, spared = row.pace.fps / boxes.pace.fps, boxes.pace.cpu_ms / row.pace.cpu_ms
        by_cpu = f"by processor time {spared:.2f}"
        words = f"{_named(row)}: at least {_TIMES_AS_FAST:.0f} times as fast as {ELLIPSES}; {times:.2f}, {by_cpu}"
        goals.append((words, times >= _TIMES_AS_FAST))
    return goals


def _area(row: Row, most: float) -> Goal:
    words = f"{_named(row)}: masked area under {most:.0f} times the labelled; {row.area_over_boxes:.2f}"
    return words, row.area_over_boxes < most


def _black(row: Row) -> Goal:
    share = row.black_late / max(1, row.frames)
    return (
        f"{_named(row)}: at most {_MOST_BLACK:.0%} of frames black after the first second; {share:.2%}",
        share <= _MOST_BLACK,
    )
