"""Whether the broker takes this device: a real connection by TLS and MQTT, on which nothing is published.

With a client id of its own, a session that ends with it and no last will. Beside a publisher that works, TLS only:
where a broker makes the certificate's name the client id, a second connection would throw the first one out.
"""

import socket
import ssl
import time
from typing import Final

from edge.cli.doctor.finding import Finding, absent, failed, passed
from edge.cli.doctor.patient import Patient
from edge.config.site import Broker
from edge.publisher import faults
from edge.publisher.credentials import CredentialError, Credentials, read_credentials
from edge.publisher.mqtt import Note, Session, Up
from edge.publisher.terms import Pace, Terms

LIMIT_S: Final = 25.0
_CONNECT_S: Final = 10.0
# A broker that refuses our certificate says so within this; one that waits for CONNECT is silent.
_REFUSAL_S: Final = 1.0
_TAIL: Final = "-doctor"


def broker(patient: Patient) -> Finding:
    """Connect, and hang up."""
    if patient.site is None:
        return absent("broker", "no site file that can be used", "passant doctor site.toml")
    ours = patient.site.broker
    if ours is None:
        return absent("broker", "the site file names none", "write [broker] url")
    try:
        terms = _terms(patient.site.device.id, ours, read_credentials(ours))
    except CredentialError as error:
        return _refused(str(error), terms_where=f"{ours.host}:{ours.port}")
    return _shaken(terms) if patient.publisher else _greeted(terms)


def _terms(device: str, ours: Broker, credentials: Credentials) -> Terms:
    return Terms(
        host=ours.host,
        port=ours.port,
        client_id=f"{device}{_TAIL}",
        credentials=credentials,
        pace=Pace(session_expiry_s=0),
        ca=str(ours.ca) if ours.ca else "any CA of this system",
    )


def _greeted(terms: Terms) -> Finding:
    """Say CONNECT, by MQTT 5 and, where it has none, by 3.1.1."""
    for mqtt5 in (True, False):
        up: list[float] = []
        began_s = time.monotonic()

        def note(note: Note, up: list[float] = up, began_s: float = began_s) -> None:
            if isinstance(note, Up):
                up.append(time.monotonic() - began_s)
                note.session.disconnect()

        fault = Session(terms, mqtt5=mqtt5, put=note).run()
        if up:
            version = "5.0" if mqtt5 else "3.1.1"
            tls = terms.credentials.tls is not None
            said = f"{terms.where} takes this device, MQTT {version}{', TLS' if tls else ', not encrypted'}"
            return passed("broker", said, protocol=version, tls=tls, ms=round(up[0] * 1000))
        if not (fault.version_refused or fault.silent):
            break
    return _refused(fault.text, terms_where=terms.where)


def _shaken(terms: Terms) -> Finding:
    """Shake hands by TLS only, or open the port where there is no TLS."""
    beside = "the publisher that works here has the rest"
    try:
        with socket.create_connection((terms.host, terms.port), timeout=_CONNECT_S) as line:
            if terms.credentials.tls is None:
                return passed("broker", f"{terms.where} listens; {beside}", tls=False)
            with terms.credentials.tls.wrap_socket(line, server_hostname=terms.host) as safe:
                _hear(safe)
                version = safe.version()
    except OSError as error:
        return _refused(faults.of_error(terms.where, error, ca=terms.ca).text, terms_where=terms.where)
    return passed("broker", f"{terms.where} takes our certificate, {version}; {beside}", tls=True)


def _hear(safe: ssl.SSLSocket) -> None:
    """Let the broker refuse our certificate, which in TLS 1.3 comes after the handshake."""
    safe.settimeout(_REFUSAL_S)
    try:
        if not safe.recv(1):
            raise ConnectionResetError
    except TimeoutError:
        return


def _refused(text: str, *, terms_where: str) -> Finding:
    said, _, mend = text.partition("; ")
    return failed("broker", said, mend or f"look at the network, and whether {terms_where} is meant")
