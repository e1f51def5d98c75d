"""`passant sign-image IMAGE --key KEY`: writes the manifest and the signature that `passant flash` asks for."""

import argparse
import sys
from pathlib import Path

from edge.cli.flash.fault import FlashError
from edge.cli.flash.manifest import beside, sign
from edge.cli.flash.meter import Meter


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `sign-image IMAGE --key KEY`."""
    parser = subparsers.add_parser("sign-image", description=__doc__)
    parser.add_argument("image", type=Path, metavar="IMAGE", help="the image")
    parser.add_argument("--key", type=Path, required=True, help="the release's private key, Ed25519 in PEM; mode 600")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Sign one image; 0 when both files are written."""
    try:
        with Meter() as meter:
            manifest = sign(arguments.image, arguments.key, meter.tell)
    except FlashError as fault:
        print(fault, file=sys.stderr)
        return 1
    print(f"{manifest.sha256}  {manifest.image}", *beside(arguments.image), sep="\n")
    return 0
