"""Connections to real brokers: trust, refusals, old brokers, silent ones."""

import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from edge.cli.arrivals import Collection
from edge.config.site import Broker
from edge.publisher.credentials import CredentialError, Credentials, read_credentials
from edge.publisher.link import Link
from edge.publisher.message import Outgoing
from edge.publisher.mqtt import Acked, Down, Note, Up
from edge.publisher.terms import Pace, Terms
from tests.publisher.appliance import eventually
from tests.publisher.certificates import Authority, Pair
from tests.publisher.mosquitto import Mosquitto, free_port

PACE = replace(Pace.towards("localhost"), retry_most_s=0.2)
SLOW = replace(PACE, retry_least_s=60.0, retry_most_s=60.0)
NOBODY = Credentials(tls=None, username=None, password=None)
MESSAGE = Outgoing(
    topic="passant/v1/nice/camera/ev/x", qos=1, retained=False, payload=b"{}", content_type="application/json"
)


class Notes(list[Note]):
    """Everything that a link told."""

    @property
    def up(self) -> Up | None:
        return next((note for note in self if isinstance(note, Up)), None)

    @property
    def faults(self) -> str:
        return "\n".join(note.fault.text for note in self if isinstance(note, Down))

    @property
    def answers(self) -> list[int]:
        return [note.reason for note in self if isinstance(note, Acked)]


@contextmanager
def linked(terms: Terms) -> Iterator[Notes]:
    notes = Notes()
    link = Link(terms, notes.append)
    link.start()
    try:
        yield notes
    finally:
        link.close(10)
    assert not link.alive


def terms_of(broker: Broker, **changes: object) -> Terms:
    plain = Terms(
        host=broker.host,
        port=broker.port,
        client_id="camera",
        credentials=read_credentials(broker),
        pace=PACE,
        ca=str(broker.ca),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def plain(port: int, **changes: object) -> Terms:
    return terms_of(Broker(host="127.0.0.1", port=port, tls=False), **changes)


class Trust:
    """A CA, the broker's certificate for `localhost`, the device's own and a stranger's CA."""

    def __init__(self, folder: Path) -> None:
        ours, theirs = folder / "ours", folder / "theirs"
        ours.mkdir()
        theirs.mkdir()
        authority, stranger = Authority(ours, "city"), Authority(theirs, "stranger")
        self.ca, self.other_ca = authority.certificate, stranger.certificate
        self.server = authority.issue("broker", "DNS:localhost")
        self.device: Pair = authority.issue("camera", "DNS:camera")
        self.imposter: Pair = stranger.issue("camera", "DNS:camera")

    def settings(self, *more: str) -> tuple[str, ...]:
        server = (f"certfile {self.server.certificate}", f"keyfile {self.server.key}", f"cafile {self.ca}")
        return (*server, *more)

    def broker(self, port: int, **changes: object) -> Broker:
        values: dict[str, object] = {"host": "localhost", "port": port, "tls": True, "ca": self.ca, **changes}
        return Broker(**values)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def trust(tmp_path_factory: pytest.TempPathFactory) -> Trust:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed: apt-get install openssl")
    return Trust(tmp_path_factory.mktemp("trust"))


@pytest.fixture
def tls_broker(tmp_path: Path, trust: Trust, mosquitto_needed: None) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path / "tls", trust.settings("allow_anonymous true")) as running:
        yield running


@pytest.fixture
def mutual_broker(tmp_path: Path, trust: Trust, mosquitto_needed: None) -> Iterator[Mosquitto]:
    rules = tmp_path / "acl"
    rules.write_text("pattern write passant/v1/+/%u/#\n")
    settings = trust.settings("require_certificate true", "use_identity_as_username true", f"acl_file {rules}")
    with Mosquitto(tmp_path / "mutual", settings) as running:
        yield running


def test_a_trusted_broker_is_spoken_to_over_tls(trust: Trust, tls_broker: Mosquitto) -> None:
    with linked(terms_of(trust.broker(tls_broker.port))) as notes:
        assert eventually(lambda: notes.up)
        assert notes.up is not None
        notes.up.session.publish(MESSAGE)
        assert eventually(lambda: notes.answers)


def test_a_broker_of_another_ca_is_refused(trust: Trust, tls_broker: Mosquitto) -> None:
    with linked(terms_of(trust.broker(tls_broker.port, ca=trust.other_ca))) as notes:
        assert eventually(lambda: "correct [broker] ca" in notes.faults)
    assert notes.up is None


def test_a_broker_of_another_name_is_refused(trust: Trust, tls_broker: Mosquitto) -> None:
    with linked(terms_of(trust.broker(tls_broker.port, host="127.0.0.1"))) as notes:
        assert eventually(lambda: "for another host name" in notes.faults)
    assert notes.up is None


def test_a_broker_without_tls_is_refused(trust: Trust, broker: Mosquitto) -> None:
    with linked(terms_of(trust.broker(broker.port))) as notes:
        assert eventually(lambda: "correct the port or the scheme" in notes.faults)
    assert notes.up is None


def test_old_tls_is_refused(trust: Trust) -> None:
    port = free_port()
    command = ["openssl", "s_server", "-accept", str(port), "-tls1_1", "-cipher", "ALL:@SECLEVEL=0", "-quiet"]
    files = ["-cert", str(trust.server.certificate), "-key", str(trust.server.key)]
    with subprocess.Popen([*command, *files], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) as server:
        try:
            with linked(terms_of(trust.broker(port))) as notes:
                assert eventually(lambda: "TLS 1.2 or newer" in notes.faults), notes.faults
        finally:
            server.kill()
    assert notes.up is None


def test_the_device_shows_its_certificate(trust: Trust, mutual_broker: Mosquitto) -> None:
    broker = trust.broker(mutual_broker.port, certificate=trust.device.certificate, key=trust.device.key)
    with linked(terms_of(broker)) as notes:
        assert eventually(lambda: notes.up)
        assert notes.up is not None
        notes.up.session.publish(MESSAGE)
        notes.up.session.publish(replace(MESSAGE, topic="passant/v1/nice/other-camera/ev/x"))
        assert eventually(lambda: notes.answers == [16, 135])


@pytest.mark.parametrize(
    ("imposter", "mend"), [(False, "give [broker] certificate and key"), (True, "does not accept our certificate")]
)
def test_without_a_good_certificate_the_mend_is_told(
    trust: Trust, mutual_broker: Mosquitto, *, imposter: bool, mend: str
) -> None:
    shown = {"certificate": trust.imposter.certificate, "key": trust.imposter.key} if imposter else {}
    with linked(terms_of(trust.broker(mutual_broker.port, **shown))) as notes:
        assert eventually(lambda: mend in notes.faults), notes.faults
    assert notes.up is None


def test_a_wrong_password_is_told_without_quoting_it(tmp_path: Path, trust: Trust, mosquitto_needed: None) -> None:
    users = tmp_path / "users"
    # The account of nobody: no password fits.
    users.write_text("camera:$7$101$AAAAAAAAAAAAAAAA$AAAA\n")
    password = tmp_path / "password"
    password.write_text("open sesame\n")
    password.chmod(0o600)
    settings = trust.settings("allow_anonymous false", f"password_file {users}")
    with Mosquitto(tmp_path / "closed", settings) as closed:
        broker = trust.broker(closed.port, username="camera", password_file=password)
        with linked(terms_of(broker)) as notes:
            assert eventually(lambda: notes.faults)
    assert "refused the connection" in notes.faults
    assert "reason 13" in notes.faults
    assert "sesame" not in notes.faults
    assert "sesame" not in repr(read_credentials(broker))


def test_the_window_is_the_brokers_receive_maximum(tmp_path: Path, mosquitto_needed: None) -> None:
    with (
        Mosquitto(tmp_path / "narrow", ("allow_anonymous true", "max_inflight_messages 5")) as narrow,
        linked(plain(narrow.port)) as notes,
    ):
        assert eventually(lambda: notes.up)
        assert notes.up is not None
        assert notes.up.window == 5


class OldBroker:
    """Accepts MQTT 3.1.1 only: refuses MQTT 5 with what `refusal` holds, or hangs up where it is empty."""

    def __init__(self, refusal: bytes) -> None:
        self._refusal = refusal
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.versions: list[int] = []
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(10)

    def _run(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            with client:
                self._serve(client)

    def _serve(self, client: socket.socket) -> None:
        # Fixed header of two bytes, the name's length and the name, then the version.
        version = client.recv(4096)[8]
        self.versions.append(version)
        if version != 4:
            client.sendall(self._refusal)
            return
        client.sendall(b"\x20\x02\x00\x00")
        while data := client.recv(4096):
            if data[0] >> 4 == 3:
                length = int.from_bytes(data[2:4], "big")
                client.sendall(b"\x40\x02" + data[4 + length : 6 + length])


@pytest.mark.parametrize("refusal", [b"\x20\x02\x00\x01", b"\x20\x03\x00\x84\x00", b""])
def test_an_old_broker_is_spoken_to_in_its_own_version(refusal: bytes) -> None:
    old = OldBroker(refusal)
    try:
        with linked(plain(old.port)) as notes:
            assert eventually(lambda: notes.up)
            assert notes.up is not None
            assert not notes.up.session.mqtt5
            notes.up.session.publish(MESSAGE)
            assert eventually(lambda: notes.answers == [0])
    finally:
        old.close()
    assert old.versions[0] == 5
    assert old.versions[-1] == 4


def test_a_silent_broker_is_noticed_by_keepalive(broker: Mosquitto) -> None:
    with linked(plain(broker.port, pace=replace(PACE, keepalive_s=1))) as notes:
        assert eventually(lambda: notes.up)
        broker.freeze()
        try:
            assert eventually(lambda: "is lost" in notes.faults)
        finally:
            broker.thaw()
        assert eventually(lambda: sum(isinstance(note, Up) for note in notes) == 2)


def test_the_last_will_is_kept_back_for_its_delay(broker: Mosquitto, watched: Callable[[int], Collection]) -> None:
    found = watched(broker.port)
    will = replace(MESSAGE, topic="passant/v1/nice/camera/status", payload=b'{"state":"lost"}', retained=True)
    with linked(plain(broker.port, will=will, pace=replace(SLOW, will_delay_s=1))) as notes:
        assert eventually(lambda: notes.up)
        assert notes.up is not None
        notes.up.session.drop()
        assert eventually(lambda: found.states == ["lost"])


def test_a_goodbye_takes_the_last_will_back(broker: Mosquitto, watched: Callable[[int], Collection]) -> None:
    found = watched(broker.port)
    will = replace(MESSAGE, topic="passant/v1/nice/camera/status", payload=b'{"state":"lost"}')
    with linked(plain(broker.port, will=will, pace=replace(PACE, will_delay_s=0))) as notes:
        assert eventually(lambda: notes.up)
    with linked(plain(broker.port)) as notes:
        assert eventually(lambda: notes.up)
        assert notes.up is not None
        notes.up.session.publish(replace(MESSAGE, topic="passant/v1/nice/camera/about"))
        assert eventually(lambda: found.newest)
    assert found.states == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (b"\x20\x03\x00\x00\x00\xe0\x02\x8e\x00", "give each device its own id"),
        (b"\x20\x03\x00\x00\x00\xe0\x02\x97\x00", "quota exceeded"),
        (b"\x20\x03\x00\x86\x00", "correct [broker] username or password_file"),
        (b"\x20\x03\x00\x87\x00", "not authorised; allow this device"),
        (b"\x20\x03\x00\x8a\x00", "banned"),
    ],
)
def test_the_brokers_own_words_are_told(words: bytes, told: str) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        linked(plain(int(listener.getsockname()[1]), pace=SLOW)) as notes,
    ):
        client, _ = listener.accept()
        with client:
            client.recv(4096)
            client.sendall(words)
            assert eventually(lambda: notes.faults)
    assert told in notes.faults


def test_an_unknown_host_is_told() -> None:
    with linked(terms_of(Broker(host="nowhere.invalid", port=1883, tls=False))) as notes:
        assert eventually(lambda: "nowhere.invalid" in notes.faults)


def test_an_absent_broker_is_told() -> None:
    with linked(plain(free_port())) as notes:
        assert eventually(lambda: "nothing listens at" in notes.faults)


def test_a_city_of_cameras_does_not_stampede() -> None:
    far, here = Pace.towards("broker.example"), Pace.towards("127.0.0.1")
    assert far.start_delay_s >= 10
    assert far.retry_most_s >= 60
    assert 30 <= far.will_delay_s <= 60
    assert far.session_expiry_s >= far.will_delay_s
    assert here.start_delay_s == 0
    link = Link(Terms(host="broker.example", port=1, client_id="c", credentials=NOBODY, pace=far), lambda _: None)
    pauses = {link._pause_s(9) for _ in range(50)}
    assert len(pauses) > 40
    assert all(30 <= pause <= 60 for pause in pauses)
    assert link._pause_s(1000) <= 60


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_that_others_can_read_is_refused(trust: Trust, tmp_path: Path, mode: int) -> None:
    key = tmp_path / "device.key"
    key.write_bytes(trust.device.key.read_bytes())
    key.chmod(mode)
    with pytest.raises(CredentialError, match=f"chmod 600 {key}"):
        read_credentials(trust.broker(1, certificate=trust.device.certificate, key=key))


def test_files_that_are_not_what_they_ought_to_be_are_refused(trust: Trust, tmp_path: Path) -> None:
    with pytest.raises(CredentialError, match="does not exist"):
        read_credentials(trust.broker(1, ca=tmp_path / "none"))
    with pytest.raises(CredentialError, match="no certificate in PEM"):
        read_credentials(trust.broker(1, ca=trust.device.key))
    with pytest.raises(CredentialError, match="no certificate and its key"):
        read_credentials(trust.broker(1, certificate=trust.device.certificate, key=trust.server.key))
    empty = tmp_path / "empty"
    empty.touch(mode=0o600)
    with pytest.raises(CredentialError, match="empty"):
        read_credentials(trust.broker(1, username="camera", password_file=empty))
    os.truncate(empty, 200 * 10**9)
    with pytest.raises(CredentialError, match="larger than 16 MB"):
        read_credentials(trust.broker(1, username="camera", password_file=empty))
    os.truncate(empty, 65_538)
    with pytest.raises(CredentialError, match="longer than a password can be"):
        read_credentials(trust.broker(1, username="camera", password_file=empty))
