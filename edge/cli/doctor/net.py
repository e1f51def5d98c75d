"""Whether the device has a network: an interface that is up, a way out, and a name server that knows the broker."""

import socket
from contextlib import suppress
from pathlib import Path
from typing import Final

from edge.cli.doctor.finding import Finding, absent, failed, passed
from edge.config.broker import is_loopback
from edge.config.site import Site

_UP: Final = 0x1
_DEFAULT_V4: Final = "00000000"
_DEFAULT_V6: Final = "0" * 32


def network(site: Site | None, proc: Path = Path("/proc"), sysfs: Path = Path("/sys")) -> Finding:
    """Look for interfaces and routes, and resolve the broker's name; nothing is sent to the broker."""
    broker = site.broker if site else None
    up, way = _interfaces(sysfs), _ways(proc)
    figures = {"interfaces": ", ".join(up), "defaultRoute": ", ".join(way)}
    if broker and is_loopback(broker.host):
        return absent("network", f"not needed: the broker is {broker.host}, on this device", **figures)
    if not up:
        return failed("network", "no interface has a carrier", "look at the cable, the modem or the Wi-Fi", **figures)
    if not way:
        mend = "look at the router, DHCP or the modem: ip route shows no default"
        return failed("network", f"{', '.join(up)} up, but no way out", mend, **figures)
    if broker is None:
        return passed("network", f"{', '.join(up)} up, out by {way[0]}", **figures)
    try:
        found = socket.getaddrinfo(broker.host, broker.port, type=socket.SOCK_STREAM)
    except OSError:
        mend = "correct [broker] url, or the device's DNS: resolvectl status"
        return failed("network", f"the name {broker.host} is not known", mend, **figures)
    said = f"out by {way[0]}, {broker.host} is {found[0][4][0]}"
    return passed("network", said, **figures, addresses=len({one[4][0] for one in found}))


def _interfaces(sysfs: Path) -> list[str]:
    found = []
    for interface in sorted(sysfs.glob("class/net/*")):
        with suppress(OSError, ValueError):
            # Reading the carrier of an interface that is down is an error.
            if interface.name != "lo" and int((interface / "carrier").read_text(encoding="ascii")):
                found.append(interface.name)
    return found


def _ways(proc: Path) -> list[str]:
    """List the interfaces of default routes, without repeats."""
    found: list[str] = []
    with suppress(OSError):
        for line in (proc / "net/route").read_text(encoding="ascii").splitlines()[1:]:
            words = line.split()
            if words[1] == words[7] == _DEFAULT_V4 and int(words[3], 16) & _UP:
                found.append(words[0])
    with suppress(OSError):
        for line in (proc / "net/ipv6_route").read_text(encoding="ascii").splitlines():
            words = line.split()
            if words[0] == _DEFAULT_V6 and words[1] == "00" and words[9] != "lo" and int(words[8], 16) & _UP:
                found.append(words[9])
    return list(dict.fromkeys(found))
