"""`passant bench plates`: the plate detector alone, on photographs whose plates are known, beside its rivals."""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from edge.cli.bench.data import add_data
from edge.cli.bench.plate_crops import Crop, crops_of
from edge.cli.bench.plate_rivals import READER, haar, text_detector
from edge.cli.bench.truth import TruthError

if TYPE_CHECKING:
    from edge.vision.detect.plates import PlateDetector
    from edge.vision.frame import Boxes, Cover

    Finder = Callable[[Sequence[Crop]], tuple[list["Boxes"], list["Cover"], float] | None]

OURS: Final = "passant"
SIZES_PX: Final = (None, 45, 30, 20)
SAME_IOU: Final = 0.5
COVERED: Final = 0.95
# What rivals' boxes are masked with: the same margin as ours.
MARGIN: Final = 1.2
LEAST_COVERAGE: Final = {None: 0.98, 45: 0.98, 20: 0.95}
MOST_FALSE: Final = 0.02
MOST_COST: Final = 0.4
COST_SIZE: Final = (320, 192)
COST_RUNS: Final = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One finder at one size of the plates; shares lie in 0..1, `cpu_ms` is per crop, all steps included."""

    finder: str
    plate_px: int | None
    crops: int
    recall: float
    coverage: float
    falsely: float
    cpu_ms: float


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `passant bench plates`."""
    parser = subparsers.add_parser(
        "plates", help="find plates in photographs whose truth is known", description=__doc__
    )
    add_data(parser, "plates/**/NAME.txt beside photographs")
    parser.add_argument(
        "--reader",
        metavar="PYTHON",
        default=sys.executable,
        help=f"a Python that has {READER} installed, which is no part of Passant; default: this one",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Measure, print and judge; exit 0 when all goals are met, 1 when not, 2 where nothing can be measured."""
    try:
        crops = crops_of(args.data)
    except TruthError as error:
        print(f"passant: {error}", file=sys.stderr)
        return 2
    # Imported here so that the other commands do not pay for the detector.
    from edge.vision.detect.plates import load_plate_detector  # noqa: PLC0415

    finders: list[tuple[str, Finder]] = [
        (OURS, finder_of(load_plate_detector())),
        ("haar", lambda some: _masked(some, haar([crop.pixels for crop in some]))),
        (READER, lambda some: _masked(some, text_detector([crop.pixels for crop in some], args.reader))),
    ]
    rows = [row for name, find in finders for plate_px in SIZES_PX if (row := measured(name, find, crops, plate_px))]
    cost = _cost()
    goals = judged(rows, cost)
    if args.json:
        print(json.dumps({"rows": [asdict(row) for row in rows], "cost": cost, "goals": dict(goals)}, indent=1))
    else:
        print(_table(rows))
        for goal, is_met in goals:
            print(f"{'met   ' if is_met else 'MISSED'}  {goal}")
    return 0 if all(is_met for _, is_met in goals) else 1


def finder_of(detector: "PlateDetector") -> "Finder":
    """Make a finder of a plate detector: it is shown each crop as one region."""
    from edge.vision.detect.region import whole  # noqa: PLC0415

    def find(crops: Sequence[Crop]) -> "tuple[list[Boxes], list[Cover], float]":
        before_s = detector.invoke_cpu_s
        found = [detector.detect(crop.pixels, [whole((crop.pixels.shape[1], crop.pixels.shape[0]))]) for crop in crops]
        return [one.boxes for one in found], [one.cover for one in found], detector.invoke_cpu_s - before_s

    return find


def _masked(
    crops: Sequence[Crop], found: "tuple[list[Boxes], float] | None"
) -> "tuple[list[Boxes], list[Cover], float] | None":
    """Mask a rival's boxes with the margin that ours get."""
    if found is None:
        return None
    boxes, cpu_s = found
    return boxes, [_cover(crop, own) for crop, own in zip(crops, boxes, strict=True)], cpu_s


def _cover(crop: Crop, boxes: "Boxes") -> "Cover":
    cover = np.zeros(crop.pixels.shape[:2], np.uint8)
    for box in boxes:
        middle, half = (box[:2] + box[2:]) / 2, (box[2:] - box[:2]) / 2 * MARGIN
        x0, y0 = np.floor(np.maximum(middle - half, 0)).astype(int)
        x1, y1 = np.ceil(middle + half).astype(int)
        cover[y0:y1, x0:x1] = 255
    return cover


def measured(name: str, find: "Finder", crops: Sequence[Crop], plate_px: int | None) -> Row | None:
    """Let a finder look at every crop, its plate so wide, or as it is; nothing where the finder is not installed."""
    shown = [small for crop in crops if (small := crop if plate_px is None else crop.shrunk(plate_px))]
    print(f"\r{name} {plate_px or 'native'}      ", end="", file=sys.stderr, flush=True)
    found = find(shown)
    print(end="\r", file=sys.stderr)
    if found is None:
        return None
    boxes, covers, cpu_s = found
    judgements = [covered(crop, cover) for crop, cover in zip(shown, covers, strict=True)]
    return Row(
        finder=name,
        plate_px=plate_px,
        crops=len(shown),
        recall=float(np.mean([_recalled(crop, own) for crop, own in zip(shown, boxes, strict=True)])),
        coverage=float(np.mean([share >= COVERED for share, _ in judgements])),
        falsely=float(np.mean([falsely for _, falsely in judgements])),
        cpu_ms=cpu_s / len(shown) * 1e3,
    )


def _recalled(crop: Crop, boxes: "Boxes") -> bool:
    from edge.vision.detect.decode import iou  # noqa: PLC0415

    return bool((iou(boxes, crop.box) >= SAME_IOU).any())


def covered(crop: Crop, cover: "Cover") -> tuple[float, float]:
    """Tell which share of the plate's box is masked, and which share of the crop is masked outside it."""
    x0, y0, x1, y1 = (round(float(side)) for side in crop.box[0])
    x1, y1 = max(x1, x0 + 1), max(y1, y0 + 1)
    own = cover[y0:y1, x0:x1] > 0
    return float(own.mean()), float(((cover > 0).sum() - own.sum()) / cover.size)


def _cost() -> float:
    """Measure the processor time of all looks at a 320x192 crop over that of one for road users, in turns."""
    from edge.config.site import Detector as DetectorSite  # noqa: PLC0415
    from edge.vision.detect.detector import load_detector  # noqa: PLC0415
    from edge.vision.detect.plates import load_plate_detector  # noqa: PLC0415
    from edge.vision.detect.region import Region  # noqa: PLC0415

    plates, road = load_plate_detector(), load_detector(DetectorSite())
    picture = np.random.default_rng(1).integers(0, 256, (480, 640, 3), np.uint8)
    crop = Region(x0=0, y0=0, x1=COST_SIZE[0], y1=COST_SIZE[1])
    for _ in range(COST_RUNS):
        plates.detect(picture, [crop])
        road.detect(picture, [Region(x0=0, y0=0, x1=640, y1=480)])
    return plates.invoke_cpu_s / COST_RUNS / (road.invoke_cpu_s / road.invocations)


def judged(rows: Sequence[Row], cost: float) -> list[tuple[str, bool]]:
    """Hold our rows against the goals."""
    ours = {row.plate_px: row for row in rows if row.finder == OURS}
    goals = []
    for plate_px, least in LEAST_COVERAGE.items():
        row, where = ours[plate_px], _size(plate_px)
        goals.append((f"{where}: at least {least:.0%} of plates covered; {row.coverage:.1%}", row.coverage >= least))
        if least == LEAST_COVERAGE[None]:
            goals.append(
                (f"{where}: under {MOST_FALSE:.0%} falsely masked; {row.falsely:.2%}", row.falsely < MOST_FALSE)
            )
    goals.append((f"at most {MOST_COST} of a look for road users per 320x192 crop; {cost:.2f}", cost <= MOST_COST))
    return goals


def _size(plate_px: int | None) -> str:
    return "natively" if plate_px is None else f"{plate_px} px wide"


def _table(rows: Sequence[Row]) -> str:
    head = f"{'finder':<22}{'plates':<12}{'crops':>5}{'recall':>8}{'covered':>9}{'falsely':>9}{'CPU ms':>8}"
    lines = [
        f"{row.finder:<22}{_size(row.plate_px):<12}{row.crops:>5}{row.recall:>8.3f}{row.coverage:>9.3f}"
        f"{row.falsely:>9.2%}{row.cpu_ms:>8.1f}"
        for row in rows
    ]
    if not any(row.finder == READER for row in rows):
        lines.append(f"{READER:<22}is not installed; pip install it elsewhere and name that Python with --reader")
    return "\n".join([head, *lines])
