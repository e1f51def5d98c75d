"""Keeps a device's identity: the first certificate by a claim, each further one by the one before it.

All of it lies beside the site file: the key and the certificate under the names that `[broker]` gives, the claim until
it is used, and where to renew. A power cut at any step leaves a device that goes on where it was: the key is written
before anything is asked with it, and the authority answers the same key the same certificate again.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

from edge.config.site import Site
from edge.identity import document, enrol, parcel
from edge.identity.certificate import check, due_s, load_certificate, over_s, parsed
from edge.identity.claim import Claim, load_claim
from edge.identity.durable import PRIVATE, remove, write_whole
from edge.identity.enrol import Authority, ask
from edge.identity.fault import IdentityError
from edge.identity.key import key_at, signing_request

AUTHORITY: Final = "authority.json"
VERSION: Final = 1
_FIELDS: Final = {"url": str, "ca": str}


@dataclass(frozen=True, kw_only=True, slots=True)
class Papers:
    """Where a device's identity lies, and whose it is."""

    org: str
    id: str
    certificate: Path
    key: Path
    claim: Path
    authority: Path


def papers_of(site: Site) -> Papers:
    """Name the files of a site's identity; raises IdentityError where it wants none."""
    broker = site.broker
    if broker is None or broker.certificate is None or broker.key is None:
        mend = 'write certificate = "device.pem" and key = "device.key"'
        raise IdentityError(f"{site.path}: [broker] names no certificate and key — {mend}")
    folder = site.path.parent
    return Papers(
        org=site.device.org,
        id=site.device.id,
        certificate=broker.certificate,
        key=broker.key,
        claim=folder / parcel.CLAIM,
        authority=folder / AUTHORITY,
    )


def keep(papers: Papers, now_s: float) -> str:
    """Do what is due at a Unix time, and say what it was; raises IdentityError, OSError."""
    if papers.claim.exists():
        return _enrol(papers, load_claim(papers.claim), now_s)
    if not papers.certificate.exists():
        raise IdentityError(f"{papers.certificate}: is not there, nor a claim — flash the card with --claim")
    return _renew(papers, now_s)


def request(papers: Papers) -> bytes:
    """Write what a device asks with, to be carried to the authority by hand; it holds the claim's secret."""
    return _request(papers, load_claim(papers.claim))


def accept(papers: Papers, certificate: bytes) -> None:
    """Take a certificate that was carried here by hand; raises IdentityError where it is not this device's."""
    claim = load_claim(papers.claim) if papers.claim.exists() else None
    authority = Authority(url=claim.url, ca=claim.ca) if claim else _authority(papers)
    _take(papers, certificate, authority)


def _enrol(papers: Papers, claim: Claim, now_s: float) -> str:
    if not claim.url:
        mend = "passant identity request, passant ca sign, passant identity accept"
        raise IdentityError(f"{papers.claim}: names no authority to ask — {mend}")
    if claim.expires_s <= now_s:
        raise IdentityError(f"{papers.claim}: is over — have a new one made: passant ca claim")
    authority = Authority(url=claim.url, ca=claim.ca)
    _take(papers, ask(authority, enrol.ENROL, _request(papers, claim)), authority)
    return "the device has its certificate; the claim is used and gone"


def _request(papers: Papers, claim: Claim) -> bytes:
    if (claim.org, claim.id) != (papers.org, papers.id):
        raise IdentityError(f"{papers.claim}: is for {claim.org}/{claim.id}, and this is {papers.org}/{papers.id}")
    csr = signing_request(key_at(papers.key), papers.org, papers.id)
    fields = {"org": papers.org, "id": papers.id, "secret": claim.secret, "csr": csr}
    return document.written(enrol.VERSION, fields)


def _renew(papers: Papers, now_s: float) -> str:
    certificate = load_certificate(papers.certificate)
    if now_s < due_s(certificate):
        return f"the certificate is good; due for renewal in {(due_s(certificate) - now_s) / 86_400:.1f} days"
    if now_s > over_s(certificate):
        raise IdentityError(f"{papers.certificate}: is over — have a new claim made: passant ca claim")
    authority = _authority(papers)
    # The same key: two files cannot be replaced at once, and a power cut between them would end the device.
    csr = signing_request(key_at(papers.key), papers.org, papers.id)
    body = document.written(enrol.VERSION, {"csr": csr})
    _take(papers, ask(authority, enrol.RENEW, body, (papers.certificate, papers.key)), authority)
    return "the certificate was renewed"


def _take(papers: Papers, content: bytes, authority: Authority) -> None:
    """Put a certificate in its place, then where to renew it, then do away with the claim."""
    certificate = parsed("the authority's answer", content)
    check(certificate, key_at(papers.key), authority.ca, (papers.org, papers.id))
    write_whole(papers.certificate, content)
    write_whole(papers.authority, document.written(VERSION, {"url": authority.url, "ca": authority.ca}), mode=PRIVATE)
    remove(papers.claim)


def _authority(papers: Papers) -> Authority:
    try:
        content = papers.authority.read_bytes()
    except OSError as error:
        raise IdentityError(f"{papers.authority}: {error.strerror} — have a new claim made: passant ca claim") from None
    values = document.read(str(papers.authority), content, version=VERSION, fields=_FIELDS)
    if not values["url"]:
        raise IdentityError(f"{papers.authority}: names no authority to ask — have a new claim made: passant ca claim")
    return Authority(url=cast("str", values["url"]), ca=cast("str", values["ca"]))
