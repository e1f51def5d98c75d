"""What can be wrong between us and a broker, and the mend for each, in words for an installer.

Reason codes: MQTT 5.0, section 2.4. X.509 codes: <openssl/x509_vfy.h>.
"""

import socket
import ssl
from dataclasses import dataclass

UNSUPPORTED_VERSION = 0x84
_HOST_MISMATCH = {62, 64}
_NOT_YET_VALID = 9
_EXPIRED = 10

_CONNECT_MENDS = {
    0x81: "malformed packet; report it with the broker's name and version",
    0x82: "protocol error; report it with the broker's name and version",
    0x84: "it has no MQTT 5",
    0x85: "it does not accept this client id; register the device under [device] id",
    0x86: "wrong user name or password; correct [broker] username or password_file",
    0x87: "not authorised; allow this device on the broker, or give it the right certificate or user name",
    0x88: "it is not available now",
    0x89: "it is busy",
    0x8A: "it has banned this client; ask who runs it",
    0x8C: "it wants another way to authenticate; give certificate and key, or username and password_file",
    0x95: "the last will is too large for it; raise its packet size",
    0x97: "quota exceeded; ask who runs it",
    0x9A: "it keeps no retained messages; allow them",
    0x9B: "it has no quality of service 1; allow it",
    0x9C: "it tells us to use another broker; correct [broker] url",
    0x9D: "it has moved; correct [broker] url",
    0x9F: "too many connections at once",
}
# MQTT 3.1.1, table 3.1, as the codes of MQTT 5 that mean the same.
_ALIKE_V311 = {1: 0x84, 2: 0x85, 3: 0x88, 4: 0x86, 5: 0x87}
_SESSION_TAKEN_OVER = 0x8E


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """Why a connection is not there: what happened and what mends it; never a credential."""

    text: str
    # The broker says that it does not know this version of MQTT.
    version_refused: bool = False
    # The broker hung up before it said anything, as some do that do not know this version.
    silent: bool = False


def of_refusal(where: str, code: int) -> Fault:
    """Say why a broker answered CONNECT with a reason code."""
    code = _ALIKE_V311.get(code, code)
    why = _CONNECT_MENDS.get(code, "it gives no known reason")
    return Fault(
        text=f"the broker at {where} refused the connection: {why} (reason {code})",
        version_refused=code == UNSUPPORTED_VERSION,
    )


def of_end(where: str, reason: int | None, *, was_up: bool, detail: str) -> Fault:
    """Say why an open connection ended, by the broker's own reason code where it gave one."""
    if reason == _SESSION_TAKEN_OVER:
        return Fault(text=f"another client with this device's id connected to {where}; give each device its own id")
    if reason is not None and reason in _CONNECT_MENDS:
        return Fault(text=f"the broker at {where} ended the connection: {_CONNECT_MENDS[reason]} (reason {reason})")
    alert = _of_alert(where, detail)
    if alert is not None:
        return alert
    if was_up:
        return Fault(text=f"the connection to {where} is lost; trying again")
    return Fault(text=f"{where} closed the connection without a word; is it an MQTT broker?", silent=True)


def of_error(where: str, error: Exception, *, ca: str) -> Fault:
    """Say why no connection came about."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return Fault(text=_of_certificate(where, error, ca))
    if isinstance(error, ssl.SSLError):
        return _of_alert(where, error.reason or "") or Fault(
            text=f"no TLS with {where}: {_words(error.reason)}; TLS 1.2 or newer is needed on that port"
        )
    return Fault(text=_of_network(where, error))


def _of_network(where: str, error: Exception) -> str:
    if isinstance(error, socket.gaierror):
        return f"{where}: the name is not known; correct [broker] url or the device's DNS"
    if isinstance(error, ConnectionRefusedError):
        return f"nothing listens at {where}; start the broker or correct [broker] url"
    if isinstance(error, ConnectionResetError):
        return f"{where} hung up at once; correct the port or the scheme in [broker] url"
    if isinstance(error, TimeoutError):
        return f"no answer from {where}; look at the network, firewalls and [broker] url"
    if isinstance(error, OSError):
        return f"no connection to {where}: {error.strerror or type(error).__name__}; trying again"
    return f"the connection to {where} broke off within: {type(error).__name__}; trying again"


def _of_certificate(where: str, error: ssl.SSLCertVerificationError, ca: str) -> str:
    if error.verify_code in _HOST_MISMATCH:
        return f"the certificate of {where} is for another host name; correct [broker] url, or the broker's certificate"
    if error.verify_code == _EXPIRED:
        return f"the certificate of {where} has expired; renew it, or set this device's clock"
    if error.verify_code == _NOT_YET_VALID:
        return f"the certificate of {where} is not valid yet; set this device's clock"
    return f"the certificate of {where} is not signed by {ca} ({error.verify_message}); correct [broker] ca"


def _of_alert(where: str, detail: str) -> Fault | None:
    """Recognise the broker's TLS alerts in OpenSSL's words."""
    words = detail.upper()
    if "WRONG_VERSION_NUMBER" in words or "RECORD_LAYER_FAILURE" in words:
        return Fault(text=f"{where} speaks no TLS on that port; correct the port or the scheme in [broker] url")
    if "CERTIFICATE_REQUIRED" in words or "HANDSHAKE_FAILURE" in words:
        return Fault(text=f"{where} wants a client certificate; give [broker] certificate and key")
    if "ALERT" in words and ("CERTIFICATE" in words or "UNKNOWN_CA" in words or "ACCESS_DENIED" in words):
        return Fault(text=f"{where} does not accept our certificate; give one that its CA signed, and not expired")
    return None


def _words(reason: str | None) -> str:
    return (reason or "no reason given").replace("_", " ").lower()
