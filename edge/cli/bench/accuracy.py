"""`passant bench accuracy`: counted against what a person counted, clip by clip."""

import argparse
import json
import sys
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from edge.cli.bench.data import add_data
from edge.cli.bench.truth import Clip, Passes, TruthError, clips_of
from edge.contract.report import RoadUser

if TYPE_CHECKING:
    from edge.vision.aggregate.tally import Counts

_HEAVY = (RoadUser.BUS, RoadUser.LORRY)
# The clips of one camera are judged together: each is too short to tell much.
_TOGETHER = "625_"


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One line of one clip in one direction."""

    clip: str
    line: str
    direction: str
    night: bool
    truth: int
    counted: int
    heavy_truth: int | None
    heavy_ambiguous: int
    heavy_counted: int
    classes: dict[str, int]

    @property
    def error(self) -> int:
        """How many were counted too many or too few."""
        return abs(self.counted - self.truth)

    @property
    def heavy_error(self) -> int:
        """How many heavy vehicles too many or too few; an ambiguous one may be called either."""
        if self.heavy_truth is None:
            return 0
        most = self.heavy_truth + self.heavy_ambiguous
        return max(self.heavy_truth - self.heavy_counted, self.heavy_counted - most, 0)


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `passant bench accuracy`."""
    parser = subparsers.add_parser("accuracy", help="count recordings whose truth is known", description=__doc__)
    add_data(parser, "videos/**/NAME.gt.json beside NAME.mp4 or .avi")
    parser.add_argument("--fps", type=float, metavar="N", help="frames a second at most; default: the recordings' own")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of a table")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Count and print; exit 0 when every goal is met."""
    try:
        rows = [row for clip in clips_of(args.data) for row in measured(clip, args.fps)]
    except (TruthError, OSError, KeyError, ValueError) as error:
        print(f"{args.data}: {error}", file=sys.stderr)
        return 2
    goals = judged(rows)
    if args.json:
        print(json.dumps({"rows": [asdict(row) for row in rows], "goals": dict(goals)}, indent=1))
    else:
        print(_table(rows))
        for goal, is_met in goals:
            print(f"{'met   ' if is_met else 'MISSED'}  {goal}")
    return 0 if all(is_met for _, is_met in goals) else 1


def measured(clip: Clip, fps: float | None) -> list[Row]:
    """Count a clip."""
    # Imported here so that the other commands do not pay for the pipeline.
    from edge.vision.detect.detector import load_detector  # noqa: PLC0415
    from edge.vision.recording import analyse  # noqa: PLC0415

    site = clip.site(fps)
    print(f"\r{clip.name:<30}", end="", file=sys.stderr, flush=True)
    analysis = analyse(site, site.camera, load_detector(site.detector), lambda *_: None)
    print(end="\r", file=sys.stderr)
    counted = {line.id: tally for line, tally in zip(site.lines, analysis.tally.lines, strict=True)}
    return [
        _row(clip, passes, counted[passes.line].forward if passes.forward else counted[passes.line].backward)
        for passes in clip.passes
    ]


def _row(clip: Clip, passes: Passes, counts: "Counts") -> Row:
    return Row(
        clip=clip.name,
        line=passes.line,
        direction=passes.direction,
        night=clip.night,
        truth=passes.total,
        counted=sum(counts),
        heavy_truth=passes.heavy,
        heavy_ambiguous=passes.ambiguous,
        heavy_counted=sum(counts[kind] for kind in _HEAVY),
        classes={kind.name.lower(): counts[kind] for kind in RoadUser if counts[kind]},
    )


def judged(rows: list[Row]) -> list[tuple[str, bool]]:
    """Hold the rows against the goals; a goal whose clips are not there is left out."""
    goals = []
    for clip, most in (("intel_car-detection", 0), ("sobral_vehicle_counting", 0), ("sobral_video1", 3), ("vtest", 2)):
        own = [row for row in rows if row.clip == clip]
        if own:
            worst = max(row.error for row in own)
            goals.append((f"{clip}: at most {most} off per direction; worst {worst}", worst <= most))
    together = [row for row in rows if row.clip.startswith(_TOGETHER)]
    for name, night, most_share in (("day", False, 0.10), ("night", True, 0.35)):
        own = [row for row in together if row.night is night]
        if own:
            share = sum(row.error for row in own) / sum(row.truth for row in own)
            goals.append((f"tfl by {name}: at most {most_share:.0%} off in all; {share:.1%}", share <= most_share))
    if together:
        heavy = sum(row.heavy_error for row in together)
        goals.append((f"tfl heavy vehicles: at most 2 off in all; {heavy}", heavy <= 2))  # noqa: PLR2004  the goal
    return goals


def _table(rows: list[Row]) -> str:
    head = f"{'clip':<26}{'line':<5}{'direction':<10}{'':<7}{'truth':>5}{'counted':>9}{'error':>7}   classes"
    return "\n".join([head, *map(_line, rows)])


def _line(row: Row) -> str:
    classes = ", ".join(f"{count} {name}" for name, count in row.classes.items())
    light = "night" if row.night else "day"
    heavy = "" if row.heavy_truth is None else f"   (heavy: {row.heavy_truth}, counted {row.heavy_counted})"
    return (
        f"{row.clip:<26}{row.line:<5}{row.direction:<10}{light:<7}{row.truth:>5}{row.counted:>9}{row.error:>7}"
        f"   {classes}{heavy}"
    )
