"""The broker of a site file: where, how it is trusted, and with which credentials.

Nothing that is written in `[broker]` is ever quoted in a fault, for people put passwords in the wrong place, but the
names of the two files that are no secret.
"""

import ipaddress
import re
import shlex
from pathlib import Path
from typing import NamedTuple

from edge.config.disk import Files, others_can_read, regular_file_cause
from edge.config.fault import quoted
from edge.config.site import Broker, CameraSite, LegalMode
from edge.config.table import Table

PLAINTEXT_CONSENT = "I accept that events travel unencrypted"

_KEYS = ("url", "ca", "certificate", "key", "username", "password_file", "plaintext", "drill")
_URL = re.compile(r"(mqtts?)://(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_.-]{1,253})(?::([0-9]{1,5}))?/?")
_PORTS = {"mqtt": 1883, "mqtts": 8883}
_MOST_PORT = 65_535
_GRAMMAR = "write mqtts://host:port, or mqtt://host:port on this device"
_WELL_SAID = "write each credential in its own key: certificate and key, or username and password_file"


class Address(NamedTuple):
    """Where a broker listens."""

    host: str
    port: int
    tls: bool


def is_loopback(host: str) -> bool:
    """Tell whether a host is this very machine, by its name or its address."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def broker(root: Table, folder: Path, files: Files, camera: CameraSite | None, mode: LegalMode) -> Broker | None:
    """Read `[broker]`; None when there is none.

    The camera tells whether events are a replay, `mode` whether they
    are of a drill: neither goes where real ones do.
    """
    table = root.table("broker", _KEYS)
    if "broker" not in root:
        return None
    table.require("url", 'url = "mqtts://broker.example:8883"')
    address = _address(table)
    username = table.text("username")
    found = {key: _file(table, key, folder, files) for key in ("ca", "certificate", "key", "password_file")}
    _check_pairs(table)
    consent = _consents(table)
    if address is None:
        return None
    _check_channel(table, address, consent=consent)
    if camera and camera.replay and not is_loopback(address.host):
        mend = "use a broker on this device, such as mqtt://127.0.0.1:1883, or a live camera"
        table.fault("url", "is not on this device, and the camera's source is a recording", mend)
    host, port, tls = address
    drill = _is_for_drills(table, mode, host)
    return Broker(host=host, port=port, tls=tls, username=username, drill=drill, **found)


def _is_for_drills(table: Table, mode: LegalMode, host: str) -> bool:
    """Hold drills and alerts apart: neither goes to a broker that is said to be, or not to be, the other's."""
    drill = table.flag("drill") or False
    if mode is LegalMode.DRILL and not drill and not is_loopback(host):
        mend = "use a broker on this device, or one for drills only, and say so with drill = true"
        table.fault("url", "is not on this device, and legal.mode is drill", mend)
    elif mode is LegalMode.ALERT and drill:
        table.fault("drill", "says that only drills end here, and legal.mode is alert", "name the broker of alerts")
    return drill


def _address(table: Table) -> Address | None:
    """Take the URL apart, without ever quoting it."""
    text = table.text("url")
    if text is None:
        return None
    match = _URL.fullmatch(text)
    if match:
        scheme, host, port = match.groups()
        number = int(port or _PORTS[scheme])
        if 0 < number <= _MOST_PORT and _is_host(host):
            return Address(host.strip("[]"), number, scheme == "mqtts")
        table.fault("url", "has no valid host or port", _GRAMMAR)
    elif "@" in text:
        table.fault("url", "holds a user name or password", f"take it out of the URL; {_WELL_SAID}")
    elif "?" in text or "#" in text:
        table.fault("url", "holds a query", f"take it out of the URL; {_WELL_SAID}")
    elif not re.match(r"mqtts?://", text):
        table.fault("url", "is neither mqtt:// nor mqtts://", _GRAMMAR)
    elif "/" in text.partition("://")[2].rstrip("/"):
        table.fault("url", "holds a path", "take it out of the URL; topics follow from [device]")
    else:
        table.fault("url", "has no valid host or port", _GRAMMAR)
    return None


def _is_host(host: str) -> bool:
    if host.startswith("["):
        try:
            ipaddress.IPv6Address(host.strip("[]"))
        except ValueError:
            return False
        return True
    return all(re.fullmatch(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?", part) for part in host.split("."))


def _file(table: Table, key: str, folder: Path, files: Files) -> Path | None:
    """Read the name of a file; a secret one must be its owner's alone."""
    name = table.text(key)
    if name is None:
        return None
    path = folder / name
    if Files.BROKER not in files:
        return path
    cause = regular_file_cause(path)
    if cause:
        named = f"the file {quoted(name)}" if key in {"ca", "certificate"} else "the file that is named"
        table.fault(key, f"{named} {cause}", "name a file that the publisher can read, relative to this file")
    elif key in {"key", "password_file"} and others_can_read(path):
        table.fault(key, "the file is open to others than its owner", f"chmod 600 {shlex.quote(str(path))}")
    return path


def _check_pairs(table: Table) -> None:
    for key, other in (
        ("certificate", "key"),
        ("key", "certificate"),
        ("username", "password_file"),
        ("password_file", "username"),
    ):
        if key in table and other not in table:
            table.fault(key, f"stands without {other}", f"write {other} = … too, or take {key} out")


def _consents(table: Table) -> bool:
    text = table.text("plaintext")
    if text is not None and text != PLAINTEXT_CONSENT:
        table.fault("plaintext", "is not the sentence", f'write "{PLAINTEXT_CONSENT}", or use mqtts://')
    return text == PLAINTEXT_CONSENT


def _check_channel(table: Table, address: Address, *, consent: bool) -> None:
    """Hold what may travel unencrypted: nothing secret, and events only on this device or by consent."""
    if address.tls:
        if consent:
            table.fault("plaintext", "stands beside mqtts://", "take it out: these events travel encrypted")
        return
    for key in ("ca", "certificate", "key", "username", "password_file"):
        if key in table:
            table.fault(key, "would travel or be trusted unencrypted", "use mqtts://, or take it out")
    if not consent and "plaintext" not in table and not is_loopback(address.host):
        mend = f'use mqtts://, or write plaintext = "{PLAINTEXT_CONSENT}"'
        table.fault("url", "is mqtt://, unencrypted, and not on this device", mend)
