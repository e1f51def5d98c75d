"""`passant anonymise INPUT OUTPUT`: masks a picture, a film or a folder of them."""

import argparse
import sys
from pathlib import Path

from edge.config import Files, SiteError, load
from edge.config.site import Detector, Privacy, PrivacyFill, PrivacyLevel

_EPILOG = """\
Pictures: JPEG, PNG, WebP, TIFF, BMP. Films: AVI, MP4, MOV, 3GP, MKV, WebM. What a file is, is told by its content.
Of a folder each picture and film keeps its relative path, name, format and size; anything else is listed as
skipped and not copied; links are not followed. Nothing but masked pixels is written: no EXIF, no sound, no subtitles.
A frame for which nothing is proven is black. INPUT is never changed; OUTPUT must not exist (a folder may be empty).

Exit codes: 0 every picture and film was written; 1 one was not, or nothing could be done (the reason is on
stderr and in the report); 2 the command line is wrong; 129, 130, 143 it was stopped, and there is no OUTPUT.
"""


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `passant anonymise`."""
    parser = subparsers.add_parser(
        "anonymise",
        description="Masks faces, plates, people and vehicles in a picture, a film or a folder of both.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    default = Privacy()
    parser.add_argument("input", type=Path, metavar="INPUT", help="a picture, a film or a folder")
    parser.add_argument("output", type=Path, metavar="OUTPUT", help="the new picture, film or folder")
    parser.add_argument(
        "--level",
        choices=[level.value for level in PrivacyLevel],
        help=f"what is masked; default: the site's, or {default.level.value}",
    )
    parser.add_argument(
        "--fill",
        choices=[fill.value for fill in PrivacyFill],
        help=f"what stands in its place; default: the site's, or {default.fill.value}",
    )
    parser.add_argument("--site", type=Path, help="a site file, for its level, fill, polygons and detector")
    parser.add_argument("--report", metavar="FILE", help="write a report in JSON; - for stdout")
    parser.add_argument(
        "--no-isolation", action="store_true", help="for developers: let the process that sees pixels have a network"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Anonymise; gives the exit code."""
    # Imported here so that the help needs nothing of it.
    from edge.cli.anonymise.errand import Errand  # noqa: PLC0415
    from edge.cli.anonymise.stage import RefusedError  # noqa: PLC0415
    from edge.vision.files.orders import Setup  # noqa: PLC0415

    try:
        privacy, detector, size = _asked(args.site)
        setup = Setup(
            level=args.level or privacy.level.value,
            fill=args.fill or privacy.fill.value,
            polygons=privacy.polygons,
            size=size,
            model=detector.model,
            threads=detector.threads,
            isolation=not args.no_isolation,
        )
        return Errand(args.input, args.output, args.report, setup).run()
    except (SiteError, RefusedError) as error:
        print(error, file=sys.stderr)
        return 1


def _asked(site_file: Path | None) -> tuple[Privacy, Detector, tuple[int, int] | None]:
    """Give what a site file says of it: privacy, detector, and the size in px that polygons refer to."""
    if site_file is None:
        return Privacy(), Detector(), None
    site = load(site_file, files=Files.NONE)
    return site.privacy, site.detector, site.camera.size
