"""`passant flash IMAGE DEVICE --site SITE`: writes a card for one device, once nothing speaks against it.

What it writes, and how a card says whose it is: README.md beside this file.
"""

import argparse
import signal
import sys
import time
from pathlib import Path
from typing import NoReturn

from edge.cli.check import checked
from edge.cli.flash.fault import FlashError
from edge.cli.flash.label import Label, on_terminal, save_label
from edge.cli.flash.layout import Area, parcel_area
from edge.cli.flash.load import Load, load_of
from edge.cli.flash.manifest import Manifest, verified
from edge.cli.flash.meter import Meter
from edge.cli.flash.target import HUGE_BYTES, Target, target_at
from edge.cli.flash.write import Patch, write_card
from edge.config import SiteError
from edge.config.disk import Files
from edge.vision.detect.manifest import ModelError

_INTERRUPTED = 130


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `flash IMAGE DEVICE --site SITE`."""
    parser = subparsers.add_parser("flash", description=__doc__.partition("\n")[0])
    parser.add_argument("image", type=Path, metavar="IMAGE", help="the image, beside its .manifest and .manifest.sig")
    parser.add_argument(
        "device", type=Path, metavar="DEVICE", help="the whole card, such as /dev/sdX; or a regular file"
    )
    parser.add_argument("--site", type=Path, required=True, help="the site file")
    parser.add_argument("--trust", type=Path, required=True, help="the release's public key, Ed25519 in PEM")
    parser.add_argument("--claim", type=Path, help="the device's claim, as passant ca claim has written it")
    parser.add_argument(
        "--label", type=Path, help="where the label goes, PNG; default: label-ID.png beside the site file"
    )
    parser.add_argument("--huge", action="store_true", help=f"take a disk of more than {HUGE_BYTES // 10**9} GB, too")
    parser.add_argument("--yes", action="store_true", help="do not ask before the card is overwritten")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Write one card; 0 when it was read back as it was written."""
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        return _flash(arguments)
    except (SiteError, ModelError, FlashError) as fault:
        print(f"\n{fault}" if isinstance(fault, FlashError) and sys.stderr.isatty() else fault, file=sys.stderr)
    except OSError as error:
        print(f"{error.filename or arguments.image}: {error.strerror} — mend that, and flash again", file=sys.stderr)
    return 1


def _flash(arguments: argparse.Namespace) -> int:
    # A certificate and its key are made on the device: what the site names is looked at by `load_of`.
    for line in checked(arguments.site, time.time(), files=Files.CLIP):
        if line.startswith("note"):
            print(line)
    load = load_of(arguments.site, arguments.claim)
    with Meter() as meter:
        manifest = verified(arguments.image, arguments.trust, meter.tell)
    area = _room(arguments.image, load)
    target = _target(arguments, manifest)
    if not (arguments.yes or _agreed(target, load)):
        print("nothing was written", file=sys.stderr)
        return 1
    try:
        with Meter() as meter:
            patch = Patch(start=area.start, content=load.parcel)
            write_card(arguments.image, manifest, target, patch, meter.tell)
    except KeyboardInterrupt:
        print(f"\ninterrupted: {target.path} does not boot now — flash it again", file=sys.stderr)
        return _INTERRUPTED
    _finish(arguments, load, target)
    return 0


def _room(image: Path, load: Load) -> Area:
    area = parcel_area(image)
    if len(load.parcel) > area.size:
        raise FlashError(
            f"{image}: the site's files need {len(load.parcel)} bytes, {area.size} are there — shorten them"
        )
    return area


def _target(arguments: argparse.Namespace, manifest: Manifest) -> Target:
    target = target_at(arguments.device, least=manifest.bytes, huge=arguments.huge)
    read = (arguments.image, arguments.site, arguments.trust, arguments.claim)
    if any(path is not None and path.exists() and path.samefile(target.path) for path in read):
        raise FlashError(f"{target.path}: would be overwritten while it is read — name the card")
    return target


def _agreed(target: Target, load: Load) -> bool:
    """Have the device's name typed; tells whether it was."""
    what = " ".join(filter(None, (target.model, f"{target.bytes / 10**9:.2f} GB")))
    print(f"{target.path}: {what}; all that it holds will be lost")
    print(
        f"it becomes {load.site.device.org}/{load.site.device.id}; type {target.name} to overwrite it: ",
        end="",
        flush=True,
    )
    return sys.stdin.readline().strip() == target.name


def _finish(arguments: argparse.Namespace, load: Load, target: Target) -> None:
    device, claim = load.site.device, load.claim
    label = Label(org=device.org, id=device.id, fingerprint=claim.fingerprint if claim else "")
    path = arguments.label or arguments.site.parent / f"label-{device.id}.png"
    save_label(path, label)
    print(on_terminal(label))
    print(f"written and read back: {target.path}\nlabel: {path}")
    if claim:
        print(f"the card holds the claim; delete {arguments.claim}, and keep the card safe until its first start")


def _interrupt(_number: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt
