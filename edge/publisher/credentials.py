"""What the publisher shows the broker, and how it knows the broker: TLS and the files behind it.

Read once, before the process gives up its rights. No error quotes what stands in a file.
"""

import shlex
import ssl
from dataclasses import dataclass
from pathlib import Path

from edge.config.disk import others_can_read, regular_file_cause
from edge.config.site import Broker

_MOST_PASSWORD_BYTES = 65_535
_MOST_FILE_BYTES = 16 * 1024 * 1024


class CredentialError(ValueError):
    """A file that cannot be used as it is; the text says what to mend."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Credentials:
    """Checked credentials; `repr` shows none of them."""

    tls: ssl.SSLContext | None
    username: str | None
    password: str | None

    def __repr__(self) -> str:
        return "Credentials(…)"


def read_credentials(broker: Broker) -> Credentials:
    """Read and check the files that the site names; raises CredentialError."""
    return Credentials(
        tls=_context(broker) if broker.tls else None,
        username=broker.username,
        password=_password(broker.password_file),
    )


def _context(broker: Broker) -> ssl.SSLContext:
    if broker.ca is not None:
        _require_file(broker.ca)
    try:
        context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=broker.ca)
    except (OSError, ValueError) as fault:
        raise CredentialError(f"{broker.ca}: holds no certificate in PEM; name the broker's CA file") from fault
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname = True
    context.verify_mode = ssl.CERT_REQUIRED
    if broker.certificate is not None:
        _load_certificate(context, broker.certificate, broker.key)
    return context


def _load_certificate(context: ssl.SSLContext, certificate: Path, key: Path | None) -> None:
    _require_file(certificate)
    if key is not None:
        _require_file(key)
    _require_private(key or certificate)
    try:
        context.load_cert_chain(certificate, key, password=_no_passphrase)
    except (OSError, ValueError) as fault:
        if isinstance(fault, CredentialError):
            raise
        mend = "write both in PEM, the key to the certificate's own"
        raise CredentialError(f"{certificate} and {key}: are no certificate and its key; {mend}") from None


def _no_passphrase() -> str:
    # Without this, OpenSSL would ask on the terminal, where nobody sits.
    raise CredentialError("the key is encrypted; take its passphrase off: openssl pkey -in KEY -out KEY")


def _password(path: Path | None) -> str | None:
    if path is None:
        return None
    _require_file(path)
    _require_private(path)
    with path.open("rb") as file:
        # Two bytes may end the line.
        data = file.read(_MOST_PASSWORD_BYTES + 3).rstrip(b"\r\n")
    if not 0 < len(data) <= _MOST_PASSWORD_BYTES:
        raise CredentialError(f"{path}: is empty or longer than a password can be; write the password in it")
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise CredentialError(f"{path}: is not UTF-8; write the password in it as text") from None


def _require_file(path: Path) -> None:
    cause = regular_file_cause(path)
    if cause is not None:
        raise CredentialError(f"{path}: {cause}; name a file that the publisher can read")
    if path.stat().st_size > _MOST_FILE_BYTES:
        raise CredentialError(f"{path}: is larger than {_MOST_FILE_BYTES // 1024**2} MB; name the file that was meant")


def _require_private(path: Path) -> None:
    if others_can_read(path):
        raise CredentialError(f"{path}: others than its owner can read it; chmod 600 {shlex.quote(str(path))}")
