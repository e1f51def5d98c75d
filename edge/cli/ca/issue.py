"""The certificates of a small authority: its own, devices', servers', and the list of revoked ones (RFC 5280)."""

import datetime as dt
import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from edge.identity.certificate import CLOCK_LEEWAY_S, utc
from edge.identity.key import name_of

AUTHORITY_LIFE: Final = dt.timedelta(days=3650)
SERVER_LIFE: Final = dt.timedelta(days=365)
DEVICE_LIFE: Final = dt.timedelta(days=90)
LIST_LIFE: Final = dt.timedelta(days=365)


@dataclass(frozen=True, kw_only=True, slots=True)
class Issuer:
    """An authority's key and certificate."""

    key: EllipticCurvePrivateKey
    certificate: x509.Certificate


def new_issuer(key: EllipticCurvePrivateKey, name: str, now_s: float) -> Issuer:
    """Make an authority's own certificate; it may sign certificates that sign no others."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = _dated(x509.CertificateBuilder(), now_s, AUTHORITY_LIFE).subject_name(subject).issuer_name(subject)
    builder = builder.public_key(key.public_key())
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_usage(signs_others=True), critical=True)
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    return Issuer(key=key, certificate=builder.sign(key, hashes.SHA256()))


def device_certificate(
    issuer: Issuer, key: CertificatePublicKeyTypes, owner: tuple[str, str], now_s: float, life: dt.timedelta
) -> x509.Certificate:
    """Make a device's certificate, for (organisation, device); nothing but the key is taken from its request."""
    builder = _dated(x509.CertificateBuilder(), now_s, life).subject_name(name_of(*owner))
    return _leaf(builder, issuer, key, ExtendedKeyUsageOID.CLIENT_AUTH)


def server_certificate(
    issuer: Issuer, key: CertificatePublicKeyTypes, names: tuple[str, ...], now_s: float
) -> x509.Certificate:
    """Make the certificate of a server that goes by these host names and addresses."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    builder = _dated(x509.CertificateBuilder(), now_s, SERVER_LIFE).subject_name(subject)
    builder = builder.add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), critical=False)
    return _leaf(builder, issuer, key, ExtendedKeyUsageOID.SERVER_AUTH)


def revocation_list(issuer: Issuer, serials: Iterable[int], now_s: float) -> x509.CertificateRevocationList:
    """Make the list of revoked certificates, which a broker reads."""
    builder = x509.CertificateRevocationListBuilder().issuer_name(issuer.certificate.subject)
    builder = builder.last_update(utc(now_s - CLOCK_LEEWAY_S)).next_update(utc(now_s) + LIST_LIFE)
    for serial in serials:
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(utc(now_s))
        builder = builder.add_revoked_certificate(entry.build())
    builder = builder.add_extension(x509.CRLNumber(int(now_s * 1000)), critical=False)
    builder = builder.add_extension(_of_issuer(issuer), critical=False)
    return builder.sign(issuer.key, hashes.SHA256())


def _leaf(
    builder: x509.CertificateBuilder, issuer: Issuer, key: CertificatePublicKeyTypes, purpose: x509.ObjectIdentifier
) -> x509.Certificate:
    builder = builder.issuer_name(issuer.certificate.subject).public_key(key)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(_usage(signs_others=False), critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    builder = builder.add_extension(_of_issuer(issuer), critical=False)
    return builder.sign(issuer.key, hashes.SHA256())


def _dated(builder: x509.CertificateBuilder, now_s: float, life: dt.timedelta) -> x509.CertificateBuilder:
    # From a little earlier: a device's clock may be behind.
    builder = builder.serial_number(x509.random_serial_number())
    return builder.not_valid_before(utc(now_s - CLOCK_LEEWAY_S)).not_valid_after(utc(now_s) + life)


def _usage(*, signs_others: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_others,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_others,
        crl_sign=signs_others,
        encipher_only=False,
        decipher_only=False,
    )


def _of_issuer(issuer: Issuer) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key())


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
