"""What an authority has given out, for people: a line for each claim and each certificate."""

from collections.abc import Iterator

from cryptography import x509

from edge.cli.ca.folder import Folder, Record
from edge.identity.certificate import over_s


def lines(folder: Folder, now_s: float) -> Iterator[str]:
    """List claims, then certificates, the oldest first, as they stand at a Unix time."""
    for record in folder.records():
        yield f"claim        {record.org}/{record.id}  {_state_of(record, now_s)}"
    for certificate in folder.issued():
        owner = "/".join(str(attribute.value) for attribute in certificate.subject)
        state = _state(folder, certificate, now_s)
        yield f"certificate  {owner}  until {certificate.not_valid_after_utc:%Y-%m-%d %H:%M}  {state}"


def _state_of(record: Record, now_s: float) -> str:
    if not record.secret_sha256:
        return "revoked"
    if record.key_sha256:
        return "used"
    return "over" if record.expires_s <= now_s else "open"


def _state(folder: Folder, certificate: x509.Certificate, now_s: float) -> str:
    if folder.is_revoked(certificate):
        return "revoked"
    return "over" if over_s(certificate) <= now_s else "good"
