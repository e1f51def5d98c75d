"""What the testers' suite stands on: the relay, the wiring, the lock, the record and its page."""

import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest

from hwtests import film
from hwtests.device import Answer, DeviceError
from hwtests.fake_relay import FakeRelay
from hwtests.installed import Installed
from hwtests.lock import locked
from hwtests.page import page, plot
from hwtests.record import Record, Result, Series
from hwtests.relay import Relay, RelayError
from hwtests.wiring import relay

ROOT = Path(__file__).parents[2]


@pytest.fixture
def fake() -> Iterator[FakeRelay]:
    with FakeRelay(plugs=2) as running:
        yield running


def test_a_plug_is_switched_and_asked(fake: FakeRelay) -> None:
    second = relay("PASSANT_RELAY", {"PASSANT_RELAY": f"127.0.0.1:{fake.port}/2"})
    assert second is not None
    assert second.is_on
    second.off()
    assert not second.is_on
    assert fake.states == {1: True, 2: False}
    second.on()
    assert fake.switched == ["off 2", "on 2"]


def test_a_relay_that_fails_is_told(fake: FakeRelay, tmp_path: Path) -> None:
    with pytest.raises(RelayError, match="there is no plug 3 — look"):
        Relay(host="127.0.0.1", port=fake.port, number=3).off()
    with FakeRelay(command=["false"]) as broken, pytest.raises(RelayError, match="the command failed"):
        Relay(host="127.0.0.1", port=broken.port, number=1).off()
    assert broken.states == {1: True}
    with pytest.raises(RelayError, match="look whether it runs"):
        Relay(host="127.0.0.1", port=broken.port, number=1).off()


@pytest.mark.parametrize("text", ["here", "host:7000", "host/1", ":7000/1", "host:seven/1"])
def test_a_wire_to_nowhere_is_a_mistake_and_none_is_none(text: str) -> None:
    assert relay("PASSANT_RELAY", {}) is None
    with pytest.raises(RelayError, match="write it as in"):
        relay("PASSANT_RELAY", {"PASSANT_RELAY": text})


class Shell:
    """Enough of a device to be locked: commands on this machine."""

    name = "desk"

    def run(self, *command: str, timeout_s: float = 60.0, given: str = "") -> Answer:
        ended = subprocess.run(command, input=given, capture_output=True, text=True, check=False, timeout=timeout_s)
        return Answer(code=ended.returncode, out=ended.stdout, err=ended.stderr)


def test_two_testers_do_not_share_a_device(tmp_path: Path) -> None:
    place = str(tmp_path / "lock")
    with (
        locked(Shell(), place),  # type: ignore[arg-type]
        pytest.raises(DeviceError, match=r"desk is in use: .* on .* since"),
        locked(Shell(), place),  # type: ignore[arg-type]
    ):
        raise AssertionError
    assert not Path(place).exists()


def test_a_device_without_passant_is_refused_with_the_mend() -> None:
    if Path("/opt/passant/bin/passant").exists():
        pytest.skip("Passant is installed on this machine")
    with pytest.raises(DeviceError, match=r"^local: .* — "):
        Installed()


def test_skips_are_no_passes() -> None:
    record = Record()
    assert record.verdict == "nothing was tested"
    record.results.append(Result(test="power", outcome="skipped", seconds=0.0, why="no plug"))
    assert record.verdict == "nothing was tested"
    record.results.append(Result(test="camera", outcome="passed", seconds=1.0))
    assert record.verdict == "fit, as far as it was tested"
    record.results.append(Result(test="model", outcome="failed", seconds=1.0, why="<hash>"))
    assert record.verdict == "not fit"
    assert [one.test for one in record.in_order()] == ["model", "power", "camera"]
    record.note("latency", "ms", 0.0, 24.2)
    record.note("memory", "MB", 0.0, 200.0)
    record.note("memory", "MB", 9.0, 201.0)
    html = page(record)
    assert "latency: 24.2 ms" in html
    assert html.count("<svg") == 1
    assert "1 failed, 1 skipped, 1 passed" in html
    assert "&lt;hash&gt;" in html
    assert "signature" in html
    assert "<script" not in html


@pytest.mark.parametrize("points", [[(0.0, 5.0)], [(0.0, 0.0), (9.0, 0.0)], [(0.0, 41.5), (5.0, 62.0), (9.0, 58.0)]])
def test_a_plot_is_whole_and_stays_in_its_frame(points: list[tuple[float, float]]) -> None:
    drawn = ET.fromstring(plot(Series(name="a < b", unit="°C", points=points)))  # noqa: S314  our own
    assert drawn.attrib["aria-label"].startswith("a < b")
    (line,) = (one for one in drawn if one.tag == "polyline")
    places = [tuple(map(float, place.split(","))) for place in line.attrib["points"].split()]
    assert len(places) == len(points)
    assert all(0 <= x <= 720 and 0 <= y <= 200 for x, y in places)


def test_the_film_has_as_many_passes_as_it_says() -> None:
    assert film.passes(24) == 4
    assert film.passes(60) * film.EVERY_S == 60


@pytest.mark.parametrize(
    ("options", "why"), [((), "which device"), (("--device", "moon"), "moon is no device — --device here")]
)
def test_without_a_device_nothing_is_tested(options: tuple[str, ...], why: str) -> None:
    command = [sys.executable, "-m", "pytest", "hwtests/test_disk.py", "-p", "no:cacheprovider", *options]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 4
    assert why in run.stdout + run.stderr
    assert "nothing was tested" in run.stdout


def test_the_products_own_tests_do_not_collect_it() -> None:
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", "tests/hwtests"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert "tests/hwtests/test_bench.py::" in run.stdout
    assert not any(line.startswith("hwtests/") for line in run.stdout.splitlines())
    assert 'testpaths = ["tests"]' in (ROOT / "pyproject.toml").read_text()
