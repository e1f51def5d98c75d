"""A real broker that lets devices in by our authority's certificates alone, and the publisher's own way to it."""

import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.reasoncodes import ReasonCode

from edge.__main__ import main
from edge.config.disk import Files
from edge.config.load import load
from edge.publisher.credentials import read_credentials
from tests.cli.ca.served import DEVICE, Pilot, keep, served
from tests.publisher.mosquitto import Mosquitto, free_port, installed


@pytest.fixture
def pilot(tmp_path: Path) -> Iterator[Pilot]:
    if not installed():
        pytest.skip("mosquitto is not installed: apt-get install mosquitto")
    with served(tmp_path) as pilot:
        yield pilot


def broker_of(pilot: Pilot, folder: Path, port: int) -> Mosquitto:
    assert main(["ca", "server", str(pilot.folder), "127.0.0.1", "--out", str(folder)]) == 0
    (folder / "acl").write_text("pattern readwrite passant/v1/nice/%u/#\n")
    settings = (
        *("allow_anonymous false", "require_certificate true", "use_identity_as_username true"),
        *(f"cafile {pilot.folder / 'ca.pem'}", f"crlfile {pilot.folder / 'crl.pem'}", f"acl_file {folder / 'acl'}"),
        *(f"certfile {folder / 'server.pem'}", f"keyfile {folder / 'server.key'}", "use_username_as_clientid true"),
    )
    return Mosquitto(folder, settings, port=port)


def is_let_in(site: Path, topic: str) -> bool:
    """Whether a device gets a message of its own back from its broker, with the credentials its site file names."""
    broker = load(site, files=Files.BROKER).broker
    assert broker is not None
    done, heard = threading.Event(), threading.Event()
    client = Client(CallbackAPIVersion.VERSION2, client_id=DEVICE, protocol=MQTTProtocolVersion.MQTTv5)
    context = read_credentials(broker).tls
    assert context is not None
    client.tls_set_context(context)

    def on_connect(*_: object) -> None:
        client.subscribe(topic, 1)

    def on_message(*_: object) -> None:
        heard.set()
        done.set()

    def on_subscribe(_client: object, _data: object, _number: int, reasons: list[ReasonCode], _more: object) -> None:
        if reasons[0].is_failure:
            done.set()
        else:
            client.publish(topic, b"here", qos=1)

    def on_publish(_client: object, _data: object, _number: int, reason: ReasonCode, _more: object) -> None:
        if reason.is_failure:
            done.set()

    client.on_publish = on_publish
    client.on_connect, client.on_message, client.on_subscribe = on_connect, on_message, on_subscribe
    client.on_disconnect = lambda *_: done.set()
    try:
        client.connect(broker.host, broker.port)
    except (OSError, ssl.SSLError):
        return False
    client.loop_start()
    done.wait(20)
    client.disconnect()
    client.loop_stop()
    return heard.is_set()


def test_a_broker_lets_in_whom_the_authority_knows(pilot: Pilot, tmp_path: Path) -> None:
    own = f"passant/v1/nice/{DEVICE}/hello"
    port = free_port()
    site = pilot.device("first", port=port)
    pilot.claim(site.parent / "claim.json")
    assert keep(site) == 0
    (tmp_path / "elsewhere").mkdir()
    with served(tmp_path / "elsewhere") as other:
        stranger = other.device("first", port=port)
        other.claim(stranger.parent / "claim.json")
        assert keep(stranger) == 0
        # It trusts the broker; the broker must not trust it.
        (stranger.parent / "ca.pem").write_bytes((pilot.folder / "ca.pem").read_bytes())
    with broker_of(pilot, tmp_path / "broker", port):
        assert is_let_in(site, own)
        assert not is_let_in(stranger, own)
        # The certificate's name is the user's: nobody speaks for another device.
        assert not is_let_in(site, "passant/v1/nice/promenade-043/hello")
    assert main(["ca", "revoke", str(pilot.folder), "nice", DEVICE]) == 0
    with broker_of(pilot, tmp_path / "broker", port):
        assert not is_let_in(site, own)
