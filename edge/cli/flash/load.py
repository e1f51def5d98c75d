"""What goes onto a card beside the image: the site file, what it names, and the device's claim."""

import time
from dataclasses import dataclass
from pathlib import Path

from edge.cli.flash.fault import FlashError
from edge.config.disk import Files, others_can_read, regular_file_cause
from edge.config.load import load
from edge.config.site import Broker, Site
from edge.identity import parcel
from edge.identity.claim import Claim, load_claim
from edge.identity.fault import IdentityError


@dataclass(frozen=True, kw_only=True, slots=True)
class Load:
    """A site, its claim if it has one, and the parcel that holds both."""

    site: Site
    claim: Claim | None
    parcel: bytes


def load_of(path: Path, claim_file: Path | None) -> Load:
    """Gather what a checked site file needs on the device; raises SiteError, FlashError."""
    content = path.read_bytes()
    site = load(path, files=Files.NONE)
    files = {parcel.SITE: content}
    for key, named in _named(site.broker):
        files[_plain(path, key, named)] = _content(path, key, named)
    claim = None if claim_file is None else _claim(site, claim_file)
    _check_identity(site, claim)
    if claim_file is not None:
        files[parcel.CLAIM] = claim_file.read_bytes()
    return Load(site=site, claim=claim, parcel=parcel.pack(files))


def _named(broker: Broker | None) -> list[tuple[str, Path]]:
    """List what must lie on the card; keys and certificates are made on the device."""
    named = {"ca": broker.ca, "password_file": broker.password_file} if broker else {}
    return [(key, path) for key, path in named.items() if path is not None]


def _plain(site: Path, key: str, named: Path) -> str:
    own = {parcel.SITE, parcel.CLAIM}
    if named.parent != site.absolute().parent or not parcel.is_name(named.name) or named.name in own:
        mend = "put it beside the site file and write its name alone, of letters, digits, hyphens and dots"
        raise FlashError(f"{site}: broker.{key}: lies elsewhere, and the device has one folder — {mend}")
    return named.name


def _content(site: Path, key: str, named: Path) -> bytes:
    cause = regular_file_cause(named)
    if cause:
        raise FlashError(f"{site}: broker.{key}: the file that is named {cause} — name a file beside this one")
    if key == "password_file" and others_can_read(named):
        raise FlashError(f"{site}: broker.{key}: the file is open to others than its owner — chmod 600 {named}")
    if named.stat().st_size > parcel.MOST_BYTES:
        raise FlashError(f"{site}: broker.{key}: the file is larger than 1 MB — name the file that was meant")
    return named.read_bytes()


def _claim(site: Site, path: Path) -> Claim:
    try:
        claim = load_claim(path)
    except IdentityError as fault:
        raise FlashError(str(fault)) from None
    device = site.device
    if (claim.org, claim.id) != (device.org, device.id):
        cause = f"is for {claim.org}/{claim.id}, and the site file for {device.org}/{device.id}"
        raise FlashError(f"{path}: {cause} — passant ca claim CA {device.org} {device.id}")
    if claim.expires_s <= time.time():
        raise FlashError(f"{path}: is over — passant ca claim CA {device.org} {device.id}")
    return claim


def _check_identity(site: Site, claim: Claim | None) -> None:
    """Hold that a device that needs a certificate is given a claim to get it with, and no other is."""
    wants = site.broker is not None and site.broker.certificate is not None
    if wants and claim is None:
        raise FlashError(
            f"{site.path}: broker.certificate: the device gets it by a claim, and there is none — add --claim FILE,"
            f" made with passant ca claim CA {site.device.org} {site.device.id}"
        )
    if claim is not None and not wants:
        mend = 'write certificate = "device.pem" and key = "device.key", or leave --claim out'
        raise FlashError(f"{site.path}: broker: has no certificate that a claim could get — {mend}")
