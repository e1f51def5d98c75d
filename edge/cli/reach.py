"""`passant reach SITE`: the drop-in by which the publisher's unit lets it reach the broker, and whoever knows its name.

systemd takes addresses, no names: a broker's name is looked up now, and again whenever the command is run.
"""

import argparse
import ipaddress
import socket
import sys
from pathlib import Path
from typing import Final

from edge.config import Files, SiteError, load
from edge.config.broker import is_loopback

_RESOLVERS: Final = Path("/etc/resolv.conf")
_HEADER: Final = """# Whom passant-publisher may reach, besides this device; written by `passant reach`.
[Service]
"""


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `reach SITE`."""
    parser = subparsers.add_parser("reach", description=__doc__)
    parser.add_argument("site", type=Path, metavar="SITE", help="the site file, usually site.toml")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the drop-in; 1 where the site file cannot be read or the broker's name is not known."""
    try:
        site = load(arguments.site, files=Files.NONE)
    except SiteError as error:
        print(error, file=sys.stderr)
        return 1
    if site.broker is None:
        print(f"{site.path}: names no broker; write [broker] url", file=sys.stderr)
        return 1
    try:
        addresses = reached(site.broker.host, _RESOLVERS)
    except OSError as error:
        mend = "correct [broker] url, or run this where the name is known"
        print(f"{site.path}: broker.url: {site.broker.host} has no address ({error}) — {mend}", file=sys.stderr)
        return 1
    print(_HEADER + "".join(f"IPAddressAllow={address}\n" for address in addresses), end="")
    return 0


def reached(host: str, resolvers: Path) -> tuple[str, ...]:
    """List a broker's addresses, then those of the name servers that a name takes; nothing of this device's own.

    Raises OSError where the name is not known.
    """
    if is_loopback(host):
        return ()
    addresses = sorted({str(found[4][0]) for found in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)})
    servers = () if _is_address(host) else _servers(resolvers)
    return tuple(dict.fromkeys(address for address in (*addresses, *servers) if not is_loopback(address)))


def _servers(resolvers: Path) -> tuple[str, ...]:
    try:
        lines = resolvers.read_text(encoding="utf-8").splitlines()
    except OSError:
        return ()
    words = [line.split() for line in lines]
    return tuple(word[1] for word in words if len(word) > 1 and word[0] == "nameserver" and _is_address(word[1]))


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
