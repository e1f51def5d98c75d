"""`passant bench sheets`: contact sheets to look at, before and after, at every level and fill.

The sheets show unmasked pictures of your data beside the masked ones. They are for the one who judges the masks: look
at them, and delete them. A folder inside a git checkout is refused.
"""

import argparse
import sys
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from edge.cli.bench.data import add_data

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge.vision.frame import Pixels


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `passant bench sheets`."""
    parser = subparsers.add_parser(
        "sheets",
        help="contact sheets of masks, before and after, to look at",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_data(parser, "pictures and films")
    parser.add_argument("--out", type=Path, metavar="DIR", required=True, help="where to; made if it is not there")
    parser.add_argument("--only", choices=("pictures", "films"), help="default: both")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Write the sheets; exit 1 where there is nothing to show, or nowhere to write it."""
    from edge.cli.bench.pictures import write_jpeg  # noqa: PLC0415 - numpy is for those who draw
    from edge.vision.camera.source import CameraError  # noqa: PLC0415
    from edge.vision.detect.manifest import ModelError  # noqa: PLC0415

    checkout = checkout_of(args.out)
    if checkout is not None:
        print(f"{args.out}: lies in a git checkout, {checkout}: name a folder outside", file=sys.stderr)
        return 1
    written = []
    try:
        args.out.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name, pixels in _sheets(args.data, args.only):
            written.append(args.out / f"{name}.jpg")
            write_jpeg(written[-1], pixels)
            print(written[-1], flush=True)
    except (OSError, CameraError, ModelError) as error:
        print(error, file=sys.stderr)
        return 1
    if not written:
        print(f"{args.data}: none of the pictures and films that these sheets are of — try --data", file=sys.stderr)
    return 0 if written else 1


def checkout_of(folder: Path) -> Path | None:
    """Give the git checkout in which a folder lies or would lie; None where in none."""
    place = folder.resolve()
    return next((parent for parent in (place, *place.parents) if (parent / ".git").exists()), None)


def _sheets(data: Path, only: str | None) -> "Iterator[tuple[str, Pixels]]":
    from edge.cli.bench.contact import film_sheets, picture_sheets  # noqa: PLC0415 - see run
    from edge.cli.bench.masked import load_all_eyes  # noqa: PLC0415

    eyes = load_all_eyes()
    pictures = picture_sheets(data, eyes[0]) if only != "films" else ()
    return chain(pictures, film_sheets(data, eyes) if only != "pictures" else ())
