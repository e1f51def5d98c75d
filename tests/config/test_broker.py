from collections.abc import Callable
from pathlib import Path

import pytest

Faults = Callable[[str], list[str]]

REPLAY = 'source = "clip:street.mp4"'
BROKER_FAULTS = [
    ('url = "http://broker"', "site.toml:26: broker.url: is neither mqtt:// nor mqtts://"),
    ('url = "mqtts://"', "site.toml:26: broker.url: has no valid host or port"),
    ('url = "mqtts://b:0"', "site.toml:26: broker.url: has no valid host or port"),
    ('url = "mqtts://b:65536"', "site.toml:26: broker.url: has no valid host or port"),
    ('url = "mqtts://b..c"', "site.toml:26: broker.url: has no valid host or port"),
    ('url = "mqtts://[::zz]"', "site.toml:26: broker.url: has no valid host or port"),
    ('url = "mqtts://[::1:2:3:4:5:6:7:8:9]"', "site.toml:26: broker.url: has no valid host or port"),
    (
        'url = "mqtts://me:hunter2@b"',
        "site.toml:26: broker.url: holds a user name or password — take it out of the URL",
    ),
    ('url = "mqtts://b?password=hunter2"', "site.toml:26: broker.url: holds a query"),
    ('url = "mqtts://b/hunter2"', "site.toml:26: broker.url: holds a path"),
    ('password = "hunter2"\nurl = "mqtts://b"', "site.toml:26: broker.password: is not a key of a site file"),
    ("username = 1", "site.toml:25: broker.url: is missing"),
    ('url = "mqtts://b"\nca = "away.pem"', "site.toml:27: broker.ca: the file 'away.pem' does not exist"),
    ('url = "mqtts://b"\nkey = "hunter2"', "site.toml:27: broker.key: the file that is named does not exist"),
    ('url = "mqtts://b"\npassword_file = "hunter2"', "password_file: the file that is named does not exist"),
    ('url = "mqtts://b"\nca = "."', "site.toml:27: broker.ca: the file '.' is a directory"),
    ('url = "mqtts://b"\ncertificate = "device.pem"', "site.toml:27: broker.certificate: stands without key"),
    ('url = "mqtts://b"\nkey = "device.key"', "site.toml:27: broker.key: stands without certificate"),
    ('url = "mqtts://b"\nusername = "hunter2"', "site.toml:27: broker.username: stands without password_file"),
    ('url = "mqtts://b"\npassword_file = "password"', "broker.password_file: stands without username"),
    (
        'url = "mqtt://b"',
        "site.toml:26: broker.url: is mqtt://, unencrypted, and not on this device — use mqtts://, or",
    ),
    ('url = "mqtt://b"\nplaintext = "yes"', 'site.toml:27: broker.plaintext: is not the sentence — write "I accept'),
    (
        'url = "mqtts://b"\nplaintext = "I accept that events travel unencrypted"',
        "broker.plaintext: stands beside mqtts",
    ),
    (
        'url = "mqtt://localhost"\nusername = "me"\npassword_file = "password"',
        "site.toml:28: broker.password_file: would travel or be trusted unencrypted",
    ),
]


@pytest.mark.parametrize(("text", "words"), BROKER_FAULTS)
def test_a_fault_of_the_broker_tells_no_credential(text: str, words: str, whole: str, faults: Faults) -> None:
    found = faults(whole.partition("[broker]")[0] + "[broker]\n" + text)
    assert any(words in fault for fault in found), found
    assert "hunter2" not in "".join(found)


@pytest.mark.parametrize(("name", "mode"), [("device.key", 0o640), ("device.key", 0o604), ("password", 0o660)])
def test_a_secret_that_others_can_read_is_refused(
    name: str, mode: int, folder: Path, whole: str, faults: Faults
) -> None:
    if name == "password":
        whole = whole.partition("ca =")[0] + 'username = "me"\npassword_file = "password"\n'
    assert faults(whole) == []
    (folder / name).chmod(mode)
    (fault,) = faults(whole)
    assert "the file is open to others than its owner" in fault
    assert fault.endswith(f"chmod 600 {folder / name}")


def test_a_recording_goes_to_a_broker_on_this_device_only(whole: str, faults: Faults) -> None:
    replay = whole.replace('source = "pi"', REPLAY)
    (fault,) = faults(replay)
    assert "site.toml:26: broker.url: is not on this device, and the camera's source is a recording" in fault
    for host in ("127.0.0.1:8884", "localhost:8884", "[::1]:8884", "127.3.2.1"):
        assert faults(replay.replace("broker.example:8884", host)) == []
