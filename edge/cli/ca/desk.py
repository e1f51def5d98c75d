"""What an authority does when it is asked: claims, first certificates, renewals, revocations."""

import datetime as dt
import hashlib
import hmac
from dataclasses import dataclass, replace
from typing import cast

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import Encoding

from edge.cli.ca.folder import Folder, Record
from edge.cli.ca.issue import DEVICE_LIFE, device_certificate
from edge.identity import document, enrol
from edge.identity.certificate import load_certificate
from edge.identity.claim import Claim, is_address, is_name, new_secret
from edge.identity.fault import IdentityError
from edge.identity.key import key_hash, name_of

# One sentence for all of them: whoever has no claim learns nothing of those there are.
_NO_CLAIM = "the claim is not good for this device: wrong, over, or replaced — passant ca claim"
_DAY_S = 86_400


@dataclass(frozen=True, kw_only=True, slots=True)
class Desk:
    """An authority at work."""

    folder: Folder
    life: dt.timedelta = DEVICE_LIFE

    def claim(self, org: str, device: str, url: str, *, days: int, now_s: float) -> Claim:
        """Make a claim for a device; an earlier one of it is good for nothing from now on. Raises IdentityError."""
        if not (is_name(org) and is_name(device)):
            raise IdentityError("organisation and device are ids of a site file — use 1 to 48 of a-z, 0-9 and -")
        # Before an earlier claim is void: a device could not use this one, and that is better told here than on a pole.
        if not is_address(url):
            raise IdentityError(
                "the authority's address is none — write https://ADDRESS:PORT, as passant ca serve says it"
            )
        secret, expires_s = new_secret(), int(now_s) + days * _DAY_S
        with self.folder.alone():
            self.folder.keep_record(Record(org=org, id=device, secret_sha256=_hash(secret), expires_s=expires_s))
        return Claim(org=org, id=device, url=url, secret=secret, expires_s=expires_s, ca=self.folder.ca)

    def enrol(self, content: bytes, now_s: float) -> bytes:
        """Answer a request that shows a claim with a certificate in PEM; raises IdentityError.

        The key that used a claim gets the same certificate again: its device may have lost power before it had it.
        """
        values = document.read("the request", content, version=enrol.VERSION, fields=enrol.REQUEST_FIELDS)
        org, device, secret, csr = (cast("str", values[name]) for name in enrol.REQUEST_FIELDS)
        if not (is_name(org) and is_name(device)):
            raise IdentityError(_NO_CLAIM)
        with self.folder.alone():
            record = self.folder.record(org, device)
            if record is None or not hmac.compare_digest(record.secret_sha256, _hash(secret)):
                raise IdentityError(_NO_CLAIM)
            key = _key_of(csr, org, device)
            if record.key_sha256:
                return self._again(record, key)
            if record.expires_s <= now_s:
                raise IdentityError(_NO_CLAIM)
            return self._first(record, key, now_s)

    def renew(self, shown: x509.Certificate, content: bytes, now_s: float) -> bytes:
        """Answer a device that shows its certificate, by TLS, with its next one in PEM; raises IdentityError."""
        values = document.read("the request", content, version=enrol.VERSION, fields=enrol.RENEWAL_FIELDS)
        with self.folder.alone():
            owner = _owner(shown)
            if not self.folder.holds(shown) or owner is None:
                raise IdentityError("this certificate is revoked, or not of this authority — passant ca claim")
            key = _key_of(cast("str", values["csr"]), *owner)
            if key_hash(key) != key_hash(shown.public_key()):
                raise IdentityError("a renewal is for the same key — passant ca claim, for another")
            return self._issue(key, owner, now_s)[1]

    def revoke(self, org: str, device: str, now_s: float) -> int:
        """Revoke all that a device has, its claim too; gives how many certificates that were. Raises IdentityError."""
        if not (is_name(org) and is_name(device)):
            raise IdentityError("organisation and device are ids of a site file — use 1 to 48 of a-z, 0-9 and -")
        with self.folder.alone():
            its = [each for each in self.folder.issued() if each.subject == name_of(org, device)]
            record = self.folder.record(org, device)
            if record is None and not its:
                raise IdentityError(f"{org}/{device} is not known here — passant ca list")
            if record is not None:
                self.folder.keep_record(replace(record, secret_sha256=""))
            self.folder.keep_revoked(its, now_s)
        return len(its)

    def _first(self, record: Record, key: EllipticCurvePublicKey, now_s: float) -> bytes:
        serial, certificate = self._issue(key, (record.org, record.id), now_s)
        # Used up before anybody is told: a crash here leaves a certificate that nobody was given.
        self.folder.keep_record(replace(record, key_sha256=key_hash(key), serial=serial))
        return certificate

    def _again(self, record: Record, key: EllipticCurvePublicKey) -> bytes:
        certificate = load_certificate(self.folder.path / "issued" / f"{record.serial}.pem")
        if record.key_sha256 != key_hash(key) or self.folder.is_revoked(certificate):
            raise IdentityError("this claim was used before — passant ca claim, and revoke what you do not know")
        return certificate.public_bytes(Encoding.PEM)

    def _issue(self, key: EllipticCurvePublicKey, owner: tuple[str, str], now_s: float) -> tuple[str, bytes]:
        certificate = device_certificate(self.folder.issuer, key, owner, now_s, self.life)
        return f"{certificate.serial_number:x}", self.folder.keep_issued(certificate)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _key_of(csr: str, org: str, device: str) -> EllipticCurvePublicKey:
    """Give the key of a signing request that its owner made for this device; raises IdentityError."""
    try:
        request = x509.load_pem_x509_csr(csr.encode())
        key, is_signed = request.public_key(), request.is_signature_valid
    except (ValueError, TypeError):
        raise IdentityError("the signing request cannot be read — make it again on the device") from None
    if not is_signed or not isinstance(key, EllipticCurvePublicKey) or not isinstance(key.curve, SECP256R1):
        raise IdentityError("the signing request is not signed by a P-256 key — make it again on the device")
    if request.subject != name_of(org, device):
        raise IdentityError(f"the signing request is not for {org}/{device} — make it again on the device")
    return key


def _owner(certificate: x509.Certificate) -> tuple[str, str] | None:
    texts = [str(attribute.value) for attribute in certificate.subject]
    return (texts[0], texts[1]) if len(texts) == len(name_of("o", "d")) and all(map(is_name, texts)) else None
