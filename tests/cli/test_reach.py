"""`passant reach`: whom the publisher's unit lets it reach, as systemd takes it."""

from pathlib import Path

import pytest

from edge.__main__ import main
from edge.cli.reach import reached
from tests.sites import write_site

SITE = """version = 1
[device]
org = "nice"
id = "promenade-042"
[camera]
source = "pi"
size = [1280, 720]
[[lines]]
id = "quai"
from = [120, 400]
to = [980, 420]
[broker]
url = "mqtts://192.0.2.10"
username = "camera-7"
password_file = "password"
"""


def test_a_broker_by_its_address_is_all_that_is_reached(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    site = tmp_path / "site.toml"
    # The password is not there yet when a device is provisioned.
    site.write_text(SITE)
    assert main(["reach", str(site)]) == 0
    printed = capsys.readouterr().out
    assert [line for line in printed.splitlines() if not line.startswith("#")] == [
        "[Service]",
        "IPAddressAllow=192.0.2.10",
    ]


def test_a_broker_on_this_device_needs_nobody_else(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["reach", str(write_site(tmp_path, port=1883))]) == 0
    assert "IPAddressAllow" not in capsys.readouterr().out


def test_a_name_takes_its_name_servers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    resolvers = tmp_path / "resolv.conf"
    resolvers.write_text("# by hand\nnameserver 192.0.2.53\nnameserver 127.0.0.53\nsearch example\nnameserver x\n")
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: [(2, 1, 6, "", ("192.0.2.10", 0))])
    assert reached("broker.example", resolvers) == ("192.0.2.10", "192.0.2.53")
    assert reached("broker.example", tmp_path / "nothing") == ("192.0.2.10",)


def test_a_name_that_nobody_knows_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise OSError("Name or service not known")

    monkeypatch.setattr("socket.getaddrinfo", unknown)
    site = tmp_path / "site.toml"
    site.write_text(SITE.replace("192.0.2.10", "broker.example"))
    assert main(["reach", str(site)]) == 1
    assert "broker.example has no address" in capsys.readouterr().err
