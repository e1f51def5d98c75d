"""An authority's folder: its key, its certificate, what it claims, issued and revoked; one change at a time.

`ca.key` and `ca.pem`; `claims/ORG.DEVICE.json`, the newest claim of each device, by its hash only; `issued/SERIAL.pem`;
`revoked/SERIAL`; `crl.pem`, made anew after each revocation. Serial numbers are written in hexadecimal.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from edge.cli.ca.issue import Issuer, new_issuer, revocation_list
from edge.identity import document
from edge.identity.certificate import load_certificate
from edge.identity.durable import PRIVATE, write_whole
from edge.identity.fault import IdentityError
from edge.identity.key import key_bytes, load_key, new_key

VERSION: Final = 1
_FIELDS: Final = {"org": str, "id": str, "secret_sha256": str, "expires_s": int, "key_sha256": str, "serial": str}


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """A claim as the authority keeps it; a used one names the key it was used by, and what that got."""

    org: str
    id: str
    secret_sha256: str
    # Unix seconds.
    expires_s: int
    # Empty until the claim is used.
    key_sha256: str = ""
    serial: str = ""


def create(folder: Path, name: str, now_s: float) -> Path:
    """Make an authority; gives its certificate's path. Raises IdentityError where there is one, OSError."""
    if folder.exists() and any(folder.iterdir()):
        raise IdentityError(f"{folder}: is not empty — name a folder that isn't there yet")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    for part in ("claims", "issued", "revoked"):
        (folder / part).mkdir(mode=0o700)
    issuer = new_issuer(new_key(), name, now_s)
    write_whole(folder / "ca.key", key_bytes(issuer.key), mode=PRIVATE)
    # The certificate is written last: where it stands, the folder is whole.
    write_whole(folder / "crl.pem", revocation_list(issuer, (), now_s).public_bytes(Encoding.PEM))
    write_whole(folder / "ca.pem", issuer.certificate.public_bytes(Encoding.PEM))
    return folder / "ca.pem"


class Folder:
    """An authority that was made."""

    def __init__(self, path: Path) -> None:
        """Read its key and certificate; raises IdentityError."""
        if not (path / "ca.pem").exists():
            raise IdentityError(f"{path}: is no authority's folder — make it: passant ca init {path}")
        self.path = path
        self.issuer = Issuer(key=load_key(path / "ca.key"), certificate=load_certificate(path / "ca.pem"))

    @property
    def ca(self) -> str:
        """The authority's certificate, in PEM."""
        return self.issuer.certificate.public_bytes(Encoding.PEM).decode()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep every other thread and process from changing anything meanwhile."""
        descriptor = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def record(self, org: str, device: str) -> Record | None:
        """Look up the newest claim of a device; both names must be ids."""
        path = self._record_path(org, device)
        if not path.exists():
            return None
        values = document.read(str(path), path.read_bytes(), version=VERSION, fields=_FIELDS)
        fields = {name: cast("str", values[name]) for name in _FIELDS if name != "expires_s"}
        return Record(expires_s=cast("int", values["expires_s"]), **fields)

    def keep_record(self, record: Record) -> None:
        """Write a claim down, in place of an earlier one of the same device."""
        content = document.written(VERSION, {name: getattr(record, name) for name in _FIELDS})
        write_whole(self._record_path(record.org, record.id), content, mode=PRIVATE)

    def records(self) -> list[Record]:
        """List the claims, by name."""
        names = sorted(path.name.split(".") for path in (self.path / "claims").glob("*.json"))
        return [found for org, device, _ in names if (found := self.record(org, device)) is not None]

    def keep_issued(self, certificate: x509.Certificate) -> bytes:
        """Write a certificate down before it is given away; gives it in PEM."""
        content = certificate.public_bytes(Encoding.PEM)
        write_whole(self.path / "issued" / f"{certificate.serial_number:x}.pem", content)
        return content

    def issued(self) -> list[x509.Certificate]:
        """List what was issued to devices, the oldest first."""
        found = [load_certificate(path) for path in sorted((self.path / "issued").glob("*.pem"))]
        return sorted(found, key=lambda certificate: certificate.not_valid_before_utc)

    def holds(self, certificate: x509.Certificate) -> bool:
        """Tell whether a certificate was issued here, and is not revoked."""
        path = self.path / "issued" / f"{certificate.serial_number:x}.pem"
        return path.exists() and load_certificate(path) == certificate and not self.is_revoked(certificate)

    def is_revoked(self, certificate: x509.Certificate) -> bool:
        """Tell whether a certificate was revoked."""
        return (self.path / "revoked" / f"{certificate.serial_number:x}").exists()

    def keep_revoked(self, certificates: list[x509.Certificate], now_s: float) -> None:
        """Write down what is revoked from now on, and the list that brokers read."""
        for certificate in certificates:
            write_whole(self.path / "revoked" / f"{certificate.serial_number:x}", b"")
        serials = [int(path.name, 16) for path in (self.path / "revoked").iterdir() if not path.name.startswith(".")]
        crl = revocation_list(self.issuer, sorted(serials), now_s)
        write_whole(self.path / "crl.pem", crl.public_bytes(Encoding.PEM))

    def _record_path(self, org: str, device: str) -> Path:
        return self.path / "claims" / f"{org}.{device}.json"
