"""A site file that is whole, to break in one place at a time."""

from collections.abc import Callable
from pathlib import Path

import pytest

from edge.config import SiteError, load

WHOLE = """\
version = 1
[device]
org = "nice"
id = "promenade-042"
[camera]
source = "pi"
size = [1280, 720]
fps = 10
[[lines]]
id = "quai"
from = [120, 400]
to = [980, 420]
[[zones]]
id = "promenade"
polygon = [[0, 300], [640, 280], [640, 720], [0, 720]]
use = "pedestrian"
[windows]
seconds = 900
[legal]
mode = "statistics"
[detector]
model = "ssdlite-mobilenet-v2-coco"
tiles = [3, 2]
threads = 2
[broker]
url = "mqtts://broker.example:8884"
ca = "ca.pem"
certificate = "device.pem"
key = "device.key"
"""


@pytest.fixture
def whole() -> str:
    return WHOLE


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the files that the whole site names."""
    for name in ("ca.pem", "device.pem", "device.key", "password", "street.mp4"):
        file = tmp_path / name
        file.write_text("x")
        file.chmod(0o600)
    return tmp_path


@pytest.fixture
def faults(folder: Path) -> Callable[[str], list[str]]:
    """Load a text as site.toml and give its faults, each from the file's name on."""

    def _faults(text: str) -> list[str]:
        site = folder / "site.toml"
        site.write_text(text, encoding="utf-8")
        try:
            load(site)
        except SiteError as error:
            return [str(fault).removeprefix(f"{folder}/") for fault in error.faults]
        return []

    return _faults
