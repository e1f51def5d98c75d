"""`passant ca`: a small certificate authority for pilots; README.md beside this file says what it isn't."""

import argparse
import logging
import sys
import time
from pathlib import Path

from edge.cli.ca.desk import Desk
from edge.cli.ca.folder import Folder, create
from edge.cli.ca.issue import DEVICE_LIFE
from edge.cli.ca.serve import Server, local_address, write_server
from edge.cli.ca.sheet import lines
from edge.identity import document
from edge.identity.claim import save_claim
from edge.identity.durable import write_whole
from edge.identity.fault import IdentityError

_CLAIM_DAYS = 30


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `ca init | claim | serve | sign | server | revoke | list`."""
    parser = subparsers.add_parser("ca", description=__doc__.partition(";")[0])
    steps = parser.add_subparsers(metavar="STEP", required=True)
    init = _step(steps, "init", _init, "make an authority: its key and its certificate")
    init.add_argument("--name", default="Passant pilot", help="what its certificate calls it")
    claim = _step(steps, "claim", _claim, "make a claim for one device; an earlier one of it is void")
    _add_owner(claim)
    claim.add_argument("--out", type=Path, required=True, help="where the claim goes; give it to passant flash")
    claim.add_argument("--url", default="", help="where passant ca serve answers, https://ADDRESS:PORT; or by hand")
    claim.add_argument("--days", type=int, default=_CLAIM_DAYS, help=f"how long it is good; default {_CLAIM_DAYS}")
    serve = _step(steps, "serve", _serve, "answer the devices of a local network")
    serve.add_argument("address", metavar="ADDRESS:PORT", help="where to listen: loopback or a local address")
    sign = _step(steps, "sign", _sign, "sign a request that was carried here by hand")
    sign.add_argument("request", type=Path, metavar="REQUEST", help="as passant identity request has written it")
    sign.add_argument("--out", type=Path, required=True, help="where the certificate goes")
    server = _step(steps, "server", _server, "make a key and certificate for a broker")
    server.add_argument("names", nargs="+", metavar="NAME", help="each host name and address the broker goes by")
    server.add_argument("--out", type=Path, required=True, help="the folder for server.pem and server.key")
    _add_owner(_step(steps, "revoke", _revoke, "revoke a device's certificates and its claim"))
    _step(steps, "list", _list, "list claims and certificates")


def _step(
    steps: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, does: object, purpose: str
) -> argparse.ArgumentParser:
    step = steps.add_parser(name, help=purpose, description=purpose)
    step.add_argument("folder", type=Path, metavar="CA", help="the authority's folder")
    step.set_defaults(run=_guarded, step=does)
    return step


def _add_owner(step: argparse.ArgumentParser) -> None:
    step.add_argument("org", metavar="ORG", help="[device] org of the site file")
    step.add_argument("id", metavar="ID", help="[device] id of the site file")


def _guarded(arguments: argparse.Namespace) -> int:
    try:
        print(arguments.step(arguments))
    except IdentityError as fault:
        print(fault, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{error.filename or arguments.folder}: {error.strerror} — mend that, and start again", file=sys.stderr)
        return 1
    return 0


def _init(arguments: argparse.Namespace) -> str:
    made = create(arguments.folder, arguments.name, time.time())
    return f"{made}: what brokers check devices by; {arguments.folder / 'ca.key'}: keep it from everybody, and a copy"


def _claim(arguments: argparse.Namespace) -> str:
    desk = Desk(folder=Folder(arguments.folder))
    made = desk.claim(arguments.org, arguments.id, arguments.url, days=arguments.days, now_s=time.time())
    save_claim(arguments.out, made)
    return f"{arguments.out}: for {made.org}/{made.id}, once, for {arguments.days} days; fingerprint {made.fingerprint}"


def _serve(arguments: argparse.Namespace) -> str:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    host, port = local_address(arguments.address)
    with Server(Desk(folder=Folder(arguments.folder)), host, port) as server:
        print(f"answering at https://{arguments.address.rpartition(':')[0]}:{server.port}", flush=True)
        server.serve_forever()
    return "ended"


def _sign(arguments: argparse.Namespace) -> str:
    with arguments.request.open("rb") as file:
        content = file.read(document.MOST_BYTES + 1)
    write_whole(arguments.out, Desk(folder=Folder(arguments.folder)).enrol(content, time.time()))
    return f"{arguments.out}: carry it to the device: passant identity accept SITE {arguments.out.name}"


def _server(arguments: argparse.Namespace) -> str:
    arguments.out.mkdir(parents=True, exist_ok=True)
    certificate, key = arguments.out / "server.pem", arguments.out / "server.key"
    write_server(Desk(folder=Folder(arguments.folder)), tuple(arguments.names), certificate, key)
    return f"{certificate} and {key}: for {', '.join(arguments.names)}, for a year"


def _revoke(arguments: argparse.Namespace) -> str:
    count = Desk(folder=Folder(arguments.folder)).revoke(arguments.org, arguments.id, time.time())
    return f"revoked: {count}; give brokers {arguments.folder / 'crl.pem'}, and have them read it"


def _list(arguments: argparse.Namespace) -> str:
    return (
        "\n".join(lines(Folder(arguments.folder), time.time())) or f"nothing yet; devices get {DEVICE_LIFE.days} days"
    )
