"""The device's own key, on the curve P-256, which every broker's TLS takes; made where it is used, and never copied."""

import hashlib
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from edge.config.disk import others_can_read
from edge.identity.durable import PRIVATE, write_whole
from edge.identity.fault import IdentityError


def key_at(path: Path) -> EllipticCurvePrivateKey:
    """Read the key at a path, or make it there where there is none; raises IdentityError.

    No passphrase: it would have to lie beside the key, on a device that starts alone.
    """
    if not path.exists():
        write_whole(path, key_bytes(new_key()), mode=PRIVATE)
    return load_key(path)


def load_key(path: Path) -> EllipticCurvePrivateKey:
    """Read a key, which must be its owner's alone; raises IdentityError."""
    try:
        content = path.read_bytes()
        open_to_others = others_can_read(path)
    except OSError as error:
        raise IdentityError(f"{path}: {error.strerror} — run this as the key's owner") from None
    if open_to_others:
        raise IdentityError(f"{path}: others than its owner can read it — make the device's key and certificate anew")
    try:
        key = load_pem_private_key(content, password=None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, EllipticCurvePrivateKey) or not isinstance(key.curve, SECP256R1):
        raise IdentityError(f"{path}: is no P-256 key in PEM — take it away, and a new one is made")
    return key


def new_key() -> EllipticCurvePrivateKey:
    """Make a key."""
    return generate_private_key(SECP256R1())


def key_bytes(key: EllipticCurvePrivateKey) -> bytes:
    """Write a key as PEM, for its owner's file."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def key_hash(key: PublicKeyTypes) -> str:
    """Give the SHA-256 of a public key, in hexadecimal: what a used claim is bound to."""
    return hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def name_of(org: str, device: str) -> x509.Name:
    """Write a device's name as it stands in its certificate: a broker takes the common name for the user's."""
    parts = ((NameOID.ORGANIZATION_NAME, org), (NameOID.COMMON_NAME, device))
    return x509.Name([x509.NameAttribute(kind, text) for kind, text in parts])


def signing_request(key: EllipticCurvePrivateKey, org: str, device: str) -> str:
    """Write a certificate signing request (PKCS 10) in PEM: proves that whoever asks has the key."""
    builder = x509.CertificateSigningRequestBuilder().subject_name(name_of(org, device))
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM).decode()
