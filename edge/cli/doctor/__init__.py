"""`passant doctor [SITE]`: looks the device over, and says what is wrong and how to mend it.

0: all is well, as far as it is here; 1: it works, and something should be mended; 2: something does not work.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from edge.cli.doctor import eyes, fence, post
from edge.cli.doctor.disk import disk
from edge.cli.doctor.finding import Finding, Verdict, absent, failed, passed, worst
from edge.cli.doctor.heat import temperature
from edge.cli.doctor.hours import clock
from edge.cli.doctor.memory import memory
from edge.cli.doctor.net import network
from edge.cli.doctor.page import page
from edge.cli.doctor.papers import certificate
from edge.cli.doctor.patient import Patient, patient
from edge.cli.doctor.rounds import Job, findings_of
from edge.cli.doctor.sheet import document, text

SERVICE_SITE: Final = Path("/etc/passant/site.toml")
_CODES: Final = {Verdict.PASS: 0, Verdict.ABSENT: 0, Verdict.WARN: 1, Verdict.FAIL: 2}
_CANNOT_WRITE: Final = 2


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `doctor`."""
    parser = subparsers.add_parser("doctor", description=__doc__.partition("\n")[0], epilog=__doc__.splitlines()[2])
    where = f"the site file; default: {SERVICE_SITE}, where it is there"
    parser.add_argument("site", type=Path, nargs="?", metavar="SITE", help=where)
    parser.add_argument("--state", type=Path, metavar="DIR", help="the state folder, if `passant run` was given one")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of text")
    parser.add_argument("--html", type=Path, metavar="FILE", help="also write one page to hand over")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Look, say what was found, and give the exit code."""
    named = arguments.site or (SERVICE_SITE if SERVICE_SITE.exists() else None)
    who = patient(named, arguments.state)
    findings = [_site(who), *findings_of(_jobs(who))]
    if arguments.json:
        print(json.dumps(document(findings, who.site), indent=1))
    else:
        print("\n".join(text(findings, colour=sys.stdout.isatty())))
    if arguments.html is not None and not _written(arguments.html, page(findings, who.site)):
        return _CANNOT_WRITE
    return _CODES[worst(findings)]


def _site(who: Patient) -> Finding:
    if who.faults:
        fault, _, mend = who.faults[0].partition(" — ")
        more = f" and {len(who.faults) - 1} more" if len(who.faults) > 1 else ""
        return failed("site", f"{fault}{more}", mend or "passant check tells them all", faults=len(who.faults))
    if who.site is None:
        return absent("site", "no site file was named", "passant doctor site.toml")
    return passed("site", f"{who.site.path}: no fault")


def _jobs(who: Patient) -> Sequence[Job]:
    site, state = who.site, who.state
    return (
        Job(names=eyes.NAMES, check=lambda: eyes.look(who), limit_s=eyes.LIMIT_S),
        Job(names=("publisher isolated",), check=lambda: [fence.publisher_isolated()], limit_s=30.0),
        Job(names=("vision at work",), check=lambda: [fence.vision_at_work(who)]),
        Job(names=("temperature",), check=lambda: [temperature()]),
        Job(names=("memory",), check=lambda: [memory()]),
        Job(names=("disk",), check=lambda: [disk(state)]),
        Job(names=("clock",), check=lambda: [clock()]),
        Job(names=("network",), check=lambda: [network(site)]),
        Job(names=("broker",), check=lambda: [post.broker(who)], limit_s=post.LIMIT_S),
        Job(names=("certificate",), check=lambda: [certificate(who)]),
    )


def _written(path: Path, html: str) -> bool:
    try:
        path.write_text(html, encoding="utf-8")
    except OSError as error:
        print(f"{path}: cannot be written ({error.strerror}) — name another file", file=sys.stderr)
        return False
    return True
