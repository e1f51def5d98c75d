"""The device's certificate: whether it is what was asked for, and when it is due to be renewed."""

import datetime as dt
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

from edge.identity.fault import IdentityError
from edge.identity.key import key_hash, name_of

CLOCK_LEEWAY_S = 300


def load_certificate(path: Path) -> x509.Certificate:
    """Read a certificate in PEM; raises IdentityError."""
    try:
        return parsed(str(path), path.read_bytes())
    except OSError as error:
        raise IdentityError(f"{path}: {error.strerror} — name the certificate's file") from None


def parsed(name: str, content: bytes) -> x509.Certificate:
    """Read a certificate in PEM that came from somewhere; raises IdentityError."""
    try:
        return x509.load_pem_x509_certificate(content)
    except ValueError:
        raise IdentityError(f"{name}: is no certificate in PEM — have it made again") from None


def due_s(certificate: x509.Certificate) -> float:
    """Say when two thirds of a certificate's life are over, Unix seconds: time enough is left to try again."""
    begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    return (begin + (end - begin) * 2 / 3).timestamp()


def over_s(certificate: x509.Certificate) -> float:
    """Say when a certificate is over, Unix seconds."""
    return certificate.not_valid_after_utc.timestamp()


def check(certificate: x509.Certificate, key: EllipticCurvePrivateKey, ca: str, owner: tuple[str, str]) -> None:
    """Hold that a certificate is of this key, this authority (PEM) and this (organisation, device).

    Raises IdentityError.
    """
    if key_hash(certificate.public_key()) != key_hash(key.public_key()):
        raise IdentityError("the certificate is another key's — have it made again, from this device's request")
    if certificate.subject != name_of(*owner):
        raise IdentityError(f"the certificate is another device's than {'/'.join(owner)} — have it made again")
    try:
        certificate.verify_directly_issued_by(parsed("the authority's certificate", ca.encode()))
    except (ValueError, TypeError, InvalidSignature):
        raise IdentityError(
            "the certificate is of another authority than the claim's — ask where the claim is from"
        ) from None


def utc(now_s: float) -> dt.datetime:
    """Turn Unix seconds into what certificates are written in."""
    return dt.datetime.fromtimestamp(now_s, dt.UTC)
