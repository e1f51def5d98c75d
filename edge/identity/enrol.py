"""What a device says to its certificate authority, over TLS 1.3 only, and what it takes for an answer."""

import http.client
import ssl
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast
from urllib.parse import urlsplit

from edge.identity import document
from edge.identity.fault import IdentityError

VERSION: Final = 1
ENROL: Final = "/v1/enrol"
RENEW: Final = "/v1/renew"
REQUEST_FIELDS: Final = {"org": str, "id": str, "secret": str, "csr": str}
RENEWAL_FIELDS: Final = {"csr": str}
ANSWER_FIELDS: Final = {"certificate": str}
REFUSAL_FIELDS: Final = {"refused": str}
_TIMEOUT_S = 20.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Authority:
    """Where a certificate authority answers, and its own certificate in PEM."""

    url: str
    ca: str


def ask(authority: Authority, path: str, body: bytes, pair: tuple[Path, Path] | None = None) -> bytes:
    """Send a request and give the certificate in PEM; `pair` is the certificate and key of a device that has them.

    Raises IdentityError, for what the authority refuses and for all that keeps us from it.
    """
    where = urlsplit(authority.url).netloc
    try:
        status, answer = _exchange(authority, path, body, pair)
    except ssl.SSLCertVerificationError as error:
        mend = "set this device's clock, or ask where the claim is from"
        raise IdentityError(f"{where} does not show the claim's authority: {error.verify_message} — {mend}") from None
    except ssl.SSLError as error:
        raise IdentityError(f"{where} ends TLS ({error.reason}) — have a new claim made: passant ca claim") from None
    except (OSError, http.client.HTTPException) as error:
        raise IdentityError(
            f"{where} cannot be reached ({error}) — start passant ca serve, look at the network"
        ) from None
    if status == http.HTTPStatus.OK:
        values = document.read(where, answer, version=VERSION, fields=ANSWER_FIELDS)
        return cast("str", values["certificate"]).encode()
    values = document.read(where, answer, version=VERSION, fields=REFUSAL_FIELDS)
    raise IdentityError(f"{where} refuses: {cast('str', values['refused'])[:200]!a}")


def _exchange(authority: Authority, path: str, body: bytes, pair: tuple[Path, Path] | None) -> tuple[int, bytes]:
    parts = urlsplit(authority.url)
    context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cadata=authority.ca)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    if pair is not None:
        context.load_cert_chain(*pair)
    link = http.client.HTTPSConnection(parts.hostname or "", parts.port, timeout=_TIMEOUT_S, context=context)
    with closing(link):
        link.request("POST", path, body, {"Content-Type": "application/json"})
        response = link.getresponse()
        return response.status, response.read(document.MOST_BYTES + 1)
