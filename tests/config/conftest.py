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

# All that a site file can say, each on a line of its own.
FULL = """\
version = 1
[device]
org = "nice"
id = "promenade-042"
[place]
time_zone = "Europe/Paris"
[camera]
source = "pi"
size = [1280, 720]
[ground]
size = [1280, 720]
points = [
  {px = [200, 700], m = [0, 0]},
  {px = [1080, 700], m = [8, 0]},
  {px = [800, 300], m = [8, 20]},
  {px = [480, 300], m = [0, 20]},
]
lengths = [
  {from = [340, 500], to = [940, 500], metres = 8},
]
[[lines]]
id = "quai"
from = [120, 400]
to = [980, 420]
one_way = "backward"
when = [{days = ["mon", "tue"], from = "22:00", to = "06:00"}]
[[zones]]
id = "promenade"
polygon = [[0, 300], [640, 280], [640, 720], [0, 720]]
use = "closed"
closed_to = ["heavy"]
obstacles = [[[100, 400], [200, 400], [200, 500]]]
alarms = ["density", "crowd-movement"]
when = [{days = ["sun"]}, {from = 09:30:00, to = 17:00:00}]
[[zones.permits]]
kind = "lorry"
count = 2
from = 2026-07-14T22:00:00
to = 2026-07-15T06:00:00+01:00
[zones.crowd]
weights = [0.5, 12, 3, 1]
error = 0.12
moments = 10
[[zones]]
id = "road"
polygon = [[700, 300], [900, 280], [900, 720]]
use = "carriageway"
direction = {from = [700, 300], to = [800, 500]}
[[bollards]]
id = "gate"
footprint = [[500, 400], [540, 400], [540, 440], [500, 440]]
line = {from = [400, 400], to = [700, 400]}
rise_s = 3.5
[alarms.heavy-vehicle]
hold_s = 0.6
clear_s = 5
expire_s = 60
[legal]
mode = "alert"
basis = "order 2026-117"
from = 2026-07-01T00:00:00+02:00
to = 2026-08-01T00:00:00
perimeter = ["promenade", "quai"]
[privacy]
max_px_per_m = 120
polygons = [[[0, 0], [200, 0], [200, 100]]]
[broker]
url = "mqtt://127.0.0.1"
"""


@pytest.fixture
def whole() -> str:
    return WHOLE


@pytest.fixture
def full() -> str:
    return FULL


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
