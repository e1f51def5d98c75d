"""`passant run`: both processes against a real broker, and what happens when one of them goes."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

import pytest

from edge.cli.run import state_folder
from edge.config import load
from tests.publisher.mosquitto import Mosquitto, free_port, installed
from tests.sites import write_site

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60.0


class Run:
    """`passant run` in a folder, its log in a file."""

    def __init__(self, folder: Path, site: Path) -> None:
        self._log = folder / "run.log"
        self._command = [sys.executable, "-m", "edge", "run", str(site), "--state", str(folder / "state")]
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(self._command, cwd=ROOT, stdout=log, stderr=log)
        return self

    def __exit__(self, *exc: object) -> None:
        assert self.process is not None
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    @property
    def log(self) -> str:
        return self._log.read_text()

    def says(self, text: str, times: int = 1) -> bool:
        """Wait until the log holds a text so many times."""
        return eventually(lambda: self.log.count(text) >= times)

    def pid(self, name: str) -> int:
        """The process id of the latest start of one of the two."""
        return int(re.findall(rf"{name} is started, process (\d+)", self.log)[-1])

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.wait()

    def wait(self) -> int:
        assert self.process is not None
        return self.process.wait(PATIENCE_S)


def eventually(holds: Callable[[], bool]) -> bool:
    end_s = time.monotonic() + PATIENCE_S
    while not holds() and time.monotonic() < end_s:
        time.sleep(0.05)
    return holds()


def alive(pid: int) -> bool:
    try:
        return (
            f"{pid} (" in Path(f"/proc/{pid}/stat").read_text() and " Z " not in Path(f"/proc/{pid}/stat").read_text()
        )
    except OSError:
        return False


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    if not installed():
        pytest.skip("mosquitto is not installed: apt-get install mosquitto")
    with Mosquitto(tmp_path / "broker") as running:
        yield running


def test_a_recording_runs_to_its_end_and_both_end_with_it(tmp_path: Path, broker: Mosquitto) -> None:
    site = write_site(tmp_path, port=broker.port, camera="pace = 1000\nfps = 2")
    with Run(tmp_path, site) as run:
        publisher = run.pid("publisher") if run.says("publisher is started") else 0
        assert run.wait() == 0
    assert "vision has finished" in run.log
    assert not alive(publisher)
    assert sorted(path.name for path in (tmp_path / "state").iterdir()) == ["publisher", "setup", "vision"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_asked_to_end_vision_goes_first_and_its_last_window_gets_over(
    tmp_path: Path, broker: Mosquitto, number: signal.Signals
) -> None:
    site = write_site(tmp_path, port=broker.port, camera="pace = 10\nfps = 5")
    with Run(tmp_path, site) as run:
        assert run.says("vision is connected")
        time.sleep(1.0)
        assert run.end(number) == 0
    ends = ["asked to end: vision first", "vision is gone", "asked to end: sending what is left"]
    assert [run.log.find(end) for end in ends] == sorted(run.log.find(end) for end in ends)
    assert all(end in run.log for end in ends)
    assert list((tmp_path / "state" / "vision" / "reports").iterdir()) == []


@pytest.mark.parametrize("name", ["vision", "publisher"])
def test_a_killed_process_is_started_again_while_the_other_goes_on(
    tmp_path: Path, broker: Mosquitto, name: str
) -> None:
    site = write_site(tmp_path, port=broker.port, camera="pace = 10\nfps = 5")
    other = {"vision": "publisher", "publisher": "vision"}[name]
    with Run(tmp_path, site) as run:
        assert run.says("vision is connected")
        survivor = run.pid(other)
        os.kill(run.pid(name), signal.SIGKILL)
        assert run.says(f"{name} ended by SIGKILL and is started again")
        assert run.says("vision is connected", times=2)
        assert alive(survivor)
        assert run.pid(other) == survivor
        assert run.end() == 0
    said = {"vision": "vision is gone", "publisher": "the publisher is away"}[name]
    assert said in run.log


@pytest.mark.parametrize("name", ["vision", "publisher"])
def test_a_process_that_someone_else_asks_to_end_is_started_again(tmp_path: Path, broker: Mosquitto, name: str) -> None:
    site = write_site(tmp_path, port=broker.port, camera="pace = 10\nfps = 5")
    with Run(tmp_path, site) as run:
        assert run.says("vision is connected")
        other = run.pid({"vision": "publisher", "publisher": "vision"}[name])
        os.kill(run.pid(name), signal.SIGTERM)
        assert run.says(f"{name} ended by a signal that did not come from here and is started again")
        assert run.says("vision is connected", times=2)
        assert alive(other)
        assert run.end() == 0
    assert "vision has finished" not in run.log


def test_killed_itself_it_leaves_nobody_behind(tmp_path: Path) -> None:
    site = write_site(tmp_path, port=free_port(), camera="pace = 1\nfps = 2")
    with Run(tmp_path, site) as run:
        assert run.says("vision is connected")
        children = [run.pid(name) for name in ("vision", "publisher")]
        assert run.process is not None
        run.process.kill()
        assert eventually(lambda: not any(alive(child) for child in children))


def test_a_site_file_that_changes_ends_both_when_one_would_start_under_it(tmp_path: Path, broker: Mosquitto) -> None:
    site = write_site(tmp_path, port=broker.port, camera="pace = 1\nfps = 2")
    with Run(tmp_path, site) as run:
        assert run.says("vision is connected")
        site.write_text(site.read_text() + "# changed\n")
        os.kill(run.pid("vision"), signal.SIGKILL)
        assert run.wait() == 1
    assert "the site file has changed" in run.log


def test_what_cannot_run_is_not_tried_for_ever(tmp_path: Path) -> None:
    site = write_site(tmp_path, port=free_port())
    site.write_text(site.read_text() + '[detector]\nmodel = "no-such-model"\n')
    with Run(tmp_path, site) as run:
        assert run.wait() == 2
    assert "no model is called no-such-model" in run.log
    assert "vision cannot run before that is mended" in run.log


def test_a_state_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("in the way")
    with Run(tmp_path, write_site(tmp_path, port=1)) as run:
        assert run.wait() == 2
    assert "choose another state folder (--state)" in run.log
    assert "Traceback" not in run.log


def test_a_site_without_a_broker_is_told(tmp_path: Path) -> None:
    site = write_site(tmp_path, port=1)
    site.write_text(site.read_text().partition("[broker]")[0])
    with Run(tmp_path, site) as run:
        assert run.wait() == 2
    assert "write [broker] url" in run.log


def test_a_broken_site_file_is_told_with_its_line(tmp_path: Path) -> None:
    site = write_site(tmp_path, port=1)
    site.write_text(site.read_text().replace("seconds = 60", "seconds = 61"))
    with Run(tmp_path, site) as run:
        assert run.wait() == 2
    assert re.search(r"site\.toml:\d+: windows\.seconds", run.log)


def test_the_state_folder_is_the_one_asked_for_then_the_services_then_the_users(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = load(write_site(tmp_path, port=1))
    monkeypatch.setenv("HOME", "/home/someone")
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    assert state_folder(site, None) == Path("/home/someone/.local/state/passant/promenade-042")
    monkeypatch.setenv("XDG_STATE_HOME", "/var/tmp/state")  # noqa: S108  never written to
    assert state_folder(site, None) == Path("/var/tmp/state/passant/promenade-042")  # noqa: S108  never written to
    monkeypatch.setenv("STATE_DIRECTORY", "/var/lib/passant:/var/lib/other")
    assert state_folder(site, None) == Path("/var/lib/passant")
    assert state_folder(site, tmp_path) == tmp_path
