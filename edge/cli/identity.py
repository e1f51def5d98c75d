"""`passant identity`: on the device, takes what came with its card, gets its certificate, and keeps it renewed."""

import argparse
import shutil
import sys
import time
from pathlib import Path

from edge.config import SiteError
from edge.config.disk import Files
from edge.config.load import load
from edge.config.site import Site
from edge.identity import parcel
from edge.identity.durable import PRIVATE, write_whole
from edge.identity.fault import IdentityError
from edge.identity.keep import Papers, accept, keep, papers_of, request

_MOST_BYTES = 64 * 1024


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `identity unpack | keep | request | accept`."""
    parser = subparsers.add_parser("identity", description=__doc__)
    steps = parser.add_subparsers(metavar="STEP", required=True)
    unpack = steps.add_parser("unpack", help="lay out the files that passant flash left on the card, once")
    unpack.add_argument("area", type=Path, metavar="PARTITION", help="the partition PASSANT-SITE, or a copy of it")
    unpack.add_argument("folder", type=Path, metavar="FOLDER", help="the device's folder for its site file")
    unpack.set_defaults(run=_guarded, step=_unpack)
    due = steps.add_parser("keep", help="get the certificate by the claim, or renew it where that is due")
    asked = steps.add_parser("request", help="write a request, to be carried to passant ca sign")
    taken = steps.add_parser("accept", help="take the certificate that passant ca sign has made")
    for step in (unpack, due):
        step.add_argument("--owner", help="the user the publisher runs as: key and password become its own")
    for step, does in ((due, _keep), (asked, _request), (taken, _accept)):
        step.add_argument("site", type=Path, metavar="SITE", help="the site file")
        step.set_defaults(run=_guarded, step=does)
    asked.add_argument("out", type=Path, metavar="FILE", help="where the request goes; it holds the claim's secret")
    taken.add_argument("certificate", type=Path, metavar="FILE", help="the certificate, in PEM")


def _guarded(arguments: argparse.Namespace) -> int:
    try:
        print(arguments.step(arguments))
    except (SiteError, IdentityError) as fault:
        print(fault, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{error.filename}: {error.strerror} — mend that, and start again", file=sys.stderr)
        return 1
    return 0


def _unpack(arguments: argparse.Namespace) -> str:
    names = parcel.take(arguments.area, arguments.folder)
    _hand_over(load(arguments.folder / parcel.SITE, files=Files.NONE), arguments.owner)
    return f"laid into {arguments.folder}: {', '.join(names)}" if names else "taken before; nothing to do"


def _papers(arguments: argparse.Namespace) -> Papers:
    return papers_of(load(arguments.site, files=Files.NONE))


def _keep(arguments: argparse.Namespace) -> str:
    site = load(arguments.site, files=Files.NONE)
    said = keep(papers_of(site), time.time())
    _hand_over(site, arguments.owner)
    return said


def _hand_over(site: Site, owner: str | None) -> None:
    """Give the publisher's user what only it may read. Cut short before, it is done at the next start."""
    if owner is None or site.broker is None:
        return
    for path in (site.broker.key, site.broker.password_file):
        if path is not None and path.exists():
            try:
                shutil.chown(path, owner)
            except LookupError:
                raise IdentityError(f"--owner: there is no user {owner!a} — write the publisher's") from None


def _request(arguments: argparse.Namespace) -> str:
    write_whole(arguments.out, request(_papers(arguments)), mode=PRIVATE)
    return (
        f"{arguments.out}: carry it to the authority, and keep it from others: passant ca sign CA {arguments.out.name}"
    )


def _accept(arguments: argparse.Namespace) -> str:
    with arguments.certificate.open("rb") as file:
        accept(_papers(arguments), file.read(_MOST_BYTES))
    return "the device has its certificate; the claim is used and gone"
