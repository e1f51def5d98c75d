"""Serves an authority to the devices of a pilot: HTTPS, TLS 1.3, on loopback or a local network only."""

import ipaddress
import logging
import socket
import ssl
import sys
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import TCPServer
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from edge.cli.ca.desk import Desk
from edge.cli.ca.issue import server_certificate
from edge.identity import document, enrol
from edge.identity.durable import PRIVATE, write_whole
from edge.identity.fault import IdentityError
from edge.identity.key import key_bytes, new_key

_log = logging.getLogger(__name__)
_TIMEOUT_S: Final = 10.0
_MOST_PORT: Final = 65_535


def local_address(text: str) -> tuple[str, int]:
    """Read ADDRESS:PORT; raises IdentityError where the internet, or just anybody, would reach it."""
    host, _, port = text.rpartition(":")
    try:
        address = ipaddress.ip_address(host.strip("[]"))
        number = int(port)
    except ValueError:
        raise IdentityError(
            f"{text!a} is no address and port — write one of this machine's, 192.168.1.2:8443"
        ) from None
    if address.is_unspecified or not (address.is_private or address.is_loopback) or not 0 <= number <= _MOST_PORT:
        raise IdentityError(f"{text!a} is no loopback or local address — write one of this machine's, 192.168.1.2:8443")
    return str(address), number


def write_server(desk: Desk, names: tuple[str, ...], certificate: Path, key: Path) -> None:
    """Make a server's key and its certificate for these names, and write both."""
    own = new_key()
    made = server_certificate(desk.folder.issuer, own.public_key(), names, time.time())
    write_whole(key, key_bytes(own), mode=PRIVATE)
    write_whole(certificate, made.public_bytes(Encoding.PEM))


class Server(ThreadingHTTPServer):
    """Answers `POST /v1/enrol` and `POST /v1/renew`, each connection in a thread; ten seconds of silence end it."""

    daemon_threads = True

    def __init__(self, desk: Desk, host: str, port: int) -> None:
        """Bind to an address, with a certificate for it that is made anew; raises OSError."""
        self.desk = desk
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        super().__init__((host, port), _Handler)
        pair = (desk.folder.path / "server.pem", desk.folder.path / "server.key")
        write_server(desk, (host,), *pair)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.load_cert_chain(*pair)
        # A new device has no certificate yet; one that shows one must have it from here.
        context.verify_mode = ssl.CERT_OPTIONAL
        context.load_verify_locations(cadata=desk.folder.ca)
        # The handshake is done in the connection's own thread: one that says nothing must not keep others waiting.
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def server_bind(self) -> None:
        """Bind, and ask no name server for a name that nobody needs."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.server_address[1])

    def handle_error(self, _request: object, client_address: object) -> None:
        """Say that a connection ended badly, without what was in it."""
        _log.info("a connection from %s ended: %s", client_address, type(sys.exception()).__name__)


class _Handler(BaseHTTPRequestHandler):
    timeout = _TIMEOUT_S
    server: Server

    def setup(self) -> None:
        super().setup()
        if isinstance(self.connection, ssl.SSLSocket):
            self.connection.do_handshake()

    def do_POST(self) -> None:
        try:
            certificate = self._certificate(self._body())
        except IdentityError as fault:
            _log.warning("%s refused: %s", self.client_address[0], fault)
            self._answer(HTTPStatus.FORBIDDEN, {"refused": str(fault)})
        else:
            self._answer(HTTPStatus.OK, {"certificate": certificate.decode()})

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > document.MOST_BYTES:
            raise IdentityError(f"a request has a length of at most {document.MOST_BYTES} bytes")
        return self.rfile.read(int(length))

    def _certificate(self, body: bytes) -> bytes:
        if self.path == enrol.ENROL:
            return self.server.desk.enrol(body, time.time())
        if self.path != enrol.RENEW:
            raise IdentityError(f"there are {enrol.ENROL} and {enrol.RENEW} here")
        shown = self.connection.getpeercert(binary_form=True) if isinstance(self.connection, ssl.SSLSocket) else None
        if not shown:
            raise IdentityError("a renewal shows the certificate it follows")
        return self.server.desk.renew(x509.load_der_x509_certificate(shown), body, time.time())

    def _answer(self, status: HTTPStatus, fields: dict[str, str]) -> None:
        content = document.written(enrol.VERSION, fields)
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, form: str, *words: object) -> None:
        """Log the request's line, which holds no secret."""
        _log.info("%s %s", self.client_address[0], ascii(form % words))
