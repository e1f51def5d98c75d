"""Certificates for tests, made with the openssl command; valid for a day."""

import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Pair:
    certificate: Path
    key: Path


class Authority:
    """A CA of one's own."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._pair = self._new_pair(name)
        _openssl(
            *("req", "-x509", "-key", str(self._pair.key), "-out", str(self._pair.certificate), "-days", "1"),
            *("-subj", f"/CN={name}", "-addext", "keyUsage=critical,keyCertSign,cRLSign"),
        )

    @property
    def certificate(self) -> Path:
        return self._pair.certificate

    def issue(self, name: str, alternative: str) -> Pair:
        """Sign a certificate for a common name and a subjectAltName."""
        pair = self._new_pair(name)
        request, extra = self._folder / f"{name}.csr", self._folder / f"{name}.ext"
        extra.write_text(f"subjectAltName={alternative}\nauthorityKeyIdentifier=keyid\n")
        _openssl("req", "-new", "-key", str(pair.key), "-out", str(request), "-subj", f"/CN={name}")
        _openssl(
            *("x509", "-req", "-in", str(request), "-out", str(pair.certificate), "-days", "1"),
            *("-CA", str(self._pair.certificate), "-CAkey", str(self._pair.key), "-CAcreateserial"),
            *("-extfile", str(extra)),
        )
        return pair

    def _new_pair(self, name: str) -> Pair:
        pair = Pair(self._folder / f"{name}.pem", self._folder / f"{name}.key")
        _openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", str(pair.key))
        pair.key.chmod(0o600)
        return pair


def _openssl(*words: str) -> None:
    subprocess.run(["openssl", *words], check=True, capture_output=True, timeout=30)
