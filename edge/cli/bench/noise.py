"""`passant bench noise`: the errors of the real detector and of movement, measured on recordings, as numbers.

Nothing is trained on them and no threshold comes from them: `bench alarms` errs as often as the real detector does.
"""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

from edge.cli.bench.data import add_data
from edge.cli.bench.noise_table import table
from edge.cli.bench.truth import TruthError
from edge.cli.bench.world.noise import FITTED, fitted, to_json

if TYPE_CHECKING:
    from edge.cli.bench.noise_fit import Material

_FILMS: Final = (".mp4", ".avi")
# Recordings of one steady camera on ordinary life; the others are packed, burn, fall or move.
_ORDINARY: Final = ("tfl/", "sobral_", "vtest", "otvision_", "intel_")
# By their own titles, where no truth beside them says so.
_NIGHT: Final = ("625_201709042131",)


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `passant bench noise`."""
    parser = subparsers.add_parser("noise", help="the detector's errors, as numbers for alarms", description=__doc__)
    add_data(parser, "videos/**/*.mp4 and .avi")
    parser.add_argument("--rounds", type=int, metavar="N", default=100, help="draws of clips for the spread; 100")
    parser.add_argument("--seed", type=int, metavar="N", default=0, help="for those draws; default: 0")
    parser.add_argument("--write", action="store_true", help=f"keep the numbers in {FITTED.name}, which alarms use")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of a table")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Measure and print; exit 2 where nothing can be measured."""
    from edge.cli.bench.noise_fit import fit  # noqa: PLC0415

    try:
        material = gathered(args.data)
    except (TruthError, OSError, ValueError) as error:
        print(f"{args.data}: {error}", file=sys.stderr)
        return 2
    noise = fit(material)
    if args.write:
        FITTED.write_text(to_json(noise), encoding="ascii")
    if args.json:
        print(json.dumps(asdict(noise), indent=1))
    else:
        print(table(noise, fitted(), material, (args.rounds, args.seed)))
    return 0


def gathered(data: Path) -> "Material":
    """Run the pipeline over the recordings below `data`/videos; raises TruthError where there is none."""
    from edge.cli.bench.noise_blobs import blobs_of, stray_blobs_of  # noqa: PLC0415
    from edge.cli.bench.noise_fit import Material  # noqa: PLC0415
    from edge.cli.bench.noise_log import log_of  # noqa: PLC0415
    from edge.cli.bench.noise_sightings import followed, sightings_of, truth_boxes  # noqa: PLC0415
    from edge.config.site import Detector  # noqa: PLC0415
    from edge.contract.report import RoadUser  # noqa: PLC0415
    from edge.vision.detect.detector import load_detector  # noqa: PLC0415

    detector = load_detector(Detector())
    sightings, strays, blobs, stray_blobs = [], [], [], []
    watched, looks = {False: 0, True: 0}, {}
    for film in films(data):
        print(f"\r{film.stem:<30}", end="", file=sys.stderr, flush=True)
        log = log_of(film, night=film.stem in _NIGHT, detector=detector)
        truth = film.with_suffix(".gt.csv")
        things = truth_boxes(truth, RoadUser.PERSON) if truth.is_file() else followed(log)
        own, others = sightings_of(log, things)
        sightings += own
        strays += others
        blobs += list(blobs_of(log, things))
        looks[log.name] = sum(bool(glimpse.looked) for glimpse in log.glimpses)
        # By day a blob is known to be of nothing only where all who move are marked.
        if truth.is_file() or log.night:
            watched[log.night] += sum(glimpse.moving is not None for glimpse in log.glimpses)
            stray_blobs += [(log.night, side) for side in stray_blobs_of(log, things)]
    print(end="\r", file=sys.stderr)
    return Material(
        sightings=tuple(sightings),
        strays=tuple(strays),
        blobs=tuple(blobs),
        stray_blobs=tuple(stray_blobs),
        watched=watched,
        looks=looks,
    )


def films(data: Path) -> list[Path]:
    """Find the recordings of ordinary life below `data`/videos."""
    folder = data / "videos"
    found = [path for path in sorted(folder.rglob("*")) if path.suffix in _FILMS and path.is_file()]
    ordinary = [path for path in found if str(path.relative_to(folder)).startswith(_ORDINARY)]
    if not ordinary:
        raise TruthError(f"{data}: no recording of a street (videos/tfl/*.mp4, ...); name another folder with --data")
    return ordinary
