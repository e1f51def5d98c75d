"""`passant bench privacy`: what must not be seen, held against what the masks hide; beside it a peer, in one run.

A box counts as covered where at least 95 % of its pixels are masked. Black frames hide all, so they are counted on
their own, and the share of boxes covered in frames that are not black stands beside the share of all.
"""

import argparse
import json
import sys
import time
from dataclasses import asdict
from typing import TYPE_CHECKING

from edge.cli.bench.data import add_data
from edge.cli.bench.environment import UnobtainableError
from edge.cli.bench.truth import TruthError
from edge.config.site import PrivacyLevel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge.cli.bench.privacy_truth import Material, TruthSet
    from edge.cli.bench.tally import Pace, Row, Tally
    from edge.vision.anonymise.eyes import Eyes
    from edge.vision.frame import Cover

_SETS = ("faces", "plates", "vtest", "coco")


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `passant bench privacy`."""
    parser = subparsers.add_parser(
        "privacy",
        help="what the masks hide of labelled faces, plates and people, beside a peer",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_data(parser, "faces/, plates/, videos/vtest.avi and objects/")
    parser.add_argument("--only", choices=_SETS, help="one set of pictures; default: all that are there")
    levels = [level.value for level in PrivacyLevel]
    parser.add_argument("--level", choices=levels, help="one level; default: all three")
    parser.add_argument("--no-peer", action="store_true", help="leave the peer out: it takes a minute and a download")
    parser.add_argument("--misses", type=int, default=0, metavar="N", help="list the N worst boxes of each row")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of a table")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Measure and print; exit 0 when every goal that could be judged is met."""
    from edge.cli.bench.privacy_goals import judged_goals  # noqa: PLC0415 - numpy is for those who measure
    from edge.cli.bench.privacy_table import misses, table  # noqa: PLC0415
    from edge.cli.bench.privacy_truth import truth_sets  # noqa: PLC0415
    from edge.vision.camera.source import CameraError  # noqa: PLC0415
    from edge.vision.detect.manifest import ModelError  # noqa: PLC0415

    levels = [level for level in PrivacyLevel if args.level in {None, level.value}]
    notes: list[str] = []
    try:
        sets = truth_sets(args.data, args.only)
        rows = [row for truth in sets for row in _measured(truth, levels, notes, with_peer=not args.no_peer)]
    except (TruthError, OSError, KeyError, ValueError, CameraError) as error:
        print(f"{args.data}: {error}", file=sys.stderr)
        return 2
    except ModelError as error:
        print(error, file=sys.stderr)
        return 2
    goals = judged_goals(rows)
    if args.json:
        print(json.dumps({"rows": [asdict(row) for row in rows], "notes": notes, "goals": dict(goals)}, indent=1))
        return 0 if all(is_met for _, is_met in goals) else 1
    print(table(rows))
    for line in (*notes, *misses(rows, args.misses)):
        print(line)
    for goal, is_met in goals:
        print(f"{'met   ' if is_met else 'MISSED'}  {goal}")
    return 0 if all(is_met for _, is_met in goals) else 1


def _measured(truth: "TruthSet", levels: list[PrivacyLevel], notes: list[str], *, with_peer: bool) -> "Iterator[Row]":
    from edge.cli.bench.masked import load_all_eyes  # noqa: PLC0415

    if truth.of_faces and with_peer:
        yield from _of_peer(truth, notes)
    eyes = load_all_eyes()
    for level in levels:
        yield from _of_level(truth, level, eyes, notes)


def _of_level(truth: "TruthSet", level: PrivacyLevel, eyes: "list[Eyes]", notes: list[str]) -> "Iterator[Row]":
    """Judge every file of a set at one level, and time the whole job."""
    from edge.cli.bench.masked import judged  # noqa: PLC0415
    from edge.cli.bench.tally import Pace, Tally  # noqa: PLC0415

    tallies = {sought: Tally(truth=truth.name, sought=sought, by=level.value) for sought in truth.sought}
    began_s, began_cpu_s, frames = time.perf_counter(), time.process_time(), 0
    for material in truth.files:
        _say(f"{truth.name} {level.value}: {material.path.name}")
        for one in judged(material, level, eyes):
            frames += 1
            for sought, tally in tallies.items():
                labels = material.labels[sought].get(one.index)
                tally.add((material.path.name, one.index), one.size, one.cover, labels, late=one.late)
    pace: Pace | None = Pace(
        frames=frames, wall_s=time.perf_counter() - began_s, cpu_s=time.process_time() - began_cpu_s
    )
    if truth.files[0].film:
        pace = _film_pace(truth.files[0], level, frames, notes)
    yield from (tally.row(pace) for tally in tallies.values())


def _film_pace(material: "Material", level: PrivacyLevel, frames: int, notes: list[str]) -> "Pace | None":
    """Time the command itself: both passes, decoding and encoding included."""
    from edge.cli.bench.masked import UntimedError, timed  # noqa: PLC0415

    _say(f"{material.path.name} {level.value}: passant anonymise")
    try:
        return timed(material.path, level, frames)
    except UntimedError as error:
        notes.append(f"{material.path.name} at {level.value} not timed: {error}")
        return None


def _of_peer(truth: "TruthSet", notes: list[str]) -> "Iterator[Row]":
    from edge.cli.bench.peer import BOXES, peer_of  # noqa: PLC0415
    from edge.cli.bench.tally import Tally  # noqa: PLC0415

    _say(f"{truth.name}: deface")
    try:
        peer = peer_of(truth.files, _say)
    except UnobtainableError as error:
        notes.append(f"peer not measured on {truth.name}: {error}")
        return
    notes.append(f"deface on {truth.name} ran with {peer.backend}, its faster backend here")
    for name, covers in peer.covers.items():
        for sought in sorted(truth.of_faces):
            tally = Tally(truth=truth.name, sought=sought, by=name)
            _add_all(tally, truth, covers)
            # It was timed with boxes, which are quicker to draw.
            yield tally.row(peer.pace if name == BOXES else None)


def _add_all(tally: "Tally", truth: "TruthSet", covers: list[list["Cover"]]) -> None:
    for material, of_file in zip(truth.files, covers, strict=True):
        for index, cover in enumerate(of_file):
            size = (cover.shape[1], cover.shape[0])
            labels = material.labels[tally.sought].get(index)
            tally.add((material.path.name, index), size, cover, labels, late=True)


def _say(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)
