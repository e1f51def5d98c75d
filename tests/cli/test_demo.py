"""The demo as a user starts it: real processes, a real broker, a film that the test draws."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.cli.appliance import Appliance
from edge.cli.arrivals import Collection
from edge.cli.watch import Watcher, broker_at, watching
from tests.publisher.mosquitto import Mosquitto, free_port, installed

ROOT = Path(__file__).parents[2]
FPS = 10
WALL_S = 120


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """An empty street for six seconds, to be learnt; for seven, a box crosses the picture to the right."""
    path = tmp_path / 'a "clip" ü.avi'
    writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*"MJPG"), FPS, (320, 240))
    for n in range(-6 * FPS, 7 * FPS):
        picture = np.full((240, 320, 3), 120, np.uint8)
        # A street of one grey would pass for a covered lens.
        picture[:100] = 60
        cv2.rectangle(picture, (n * 12 - 60, 120), (n * 12 - 20, 150), (20, 20, 200), -1)
        writer.write(picture)
    writer.release()
    return path


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    """The folder in which the demo makes its temporary ones."""
    folder = tmp_path / "t"
    folder.mkdir()
    return folder


def _command(*options: str) -> list[str]:
    return [sys.executable, "-P", "-m", "edge", "demo", *options]


def _environment(scratch: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(scratch), "TERM": "dumb"}


def _demo(scratch: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        _command(*options), env=_environment(scratch), capture_output=True, text=True, check=False, timeout=WALL_S
    )


def _left_behind(scratch: Path) -> list[str]:
    """List folders, and processes that were started with one of them."""
    words = [entry.name for entry in scratch.iterdir()]
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = process.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(scratch) in command:
            words.append(command)
    return words


def test_events_arrive_at_a_broker_of_its_own_and_it_ends_by_itself(clip: Path, scratch: Path) -> None:
    result = _demo(scratch, "--clip", str(clip), "--pace", "20")
    assert result.returncode == 0, result.stderr + result.stdout
    words = result.stdout
    assert f"clip:{clip}" in words
    assert "up to 20 times as fast" in words
    assert "is online" in words
    assert "line/left/backward            vehicles 1" in words
    assert "line/left/forward             vehicles 0" in words
    assert "\nleft    backward, to the right  0       1         none reached 5\n" in words
    assert "breaks off" not in words
    assert "\nstatus     online → offline\n" in words
    assert "\nisolation  proven\n" in words
    assert "\nwindows    1 of 60 s; the film filled 22 % of them\n" in words
    assert "\nevents     10 received, the first after " in words
    assert _left_behind(scratch) == []


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    if not installed():
        pytest.skip("mosquitto is not installed: apt-get install mosquitto")
    with Mosquitto(tmp_path / "broker") as running:
        yield running


def test_what_the_table_shows_is_what_another_subscriber_hears(clip: Path, scratch: Path, mosquitto: Mosquitto) -> None:
    collection = Collection()
    url = f"mqtt://127.0.0.1:{mosquitto.port}"
    with Watcher(watching(broker_at(url)), collection.add, lambda _: None) as watcher:
        assert watcher.ready(WALL_S)
        result = _demo(scratch, "--clip", str(clip), "--pace", "20", "--broker", url)
    assert result.returncode == 0, result.stderr + result.stdout
    assert collection.states == ["online", "offline"]
    assert f"\nevents     {len(collection.events)} received" in result.stdout
    assert collection.table() in result.stdout
    (device,) = {arrival.device for arrival in collection.events.values()}
    assert device.startswith("demo-")
    assert f"passant/v1/demo/{device}/#" in result.stdout


def _kept(port: int) -> list[str]:
    """Ask a broker for the topics under which it keeps something."""
    done = subprocess.run(
        ["mosquitto_sub", "-p", str(port), "-t", "passant/#", "-F", "%t", "--retained-only", "-W", "2"],
        capture_output=True,
        text=True,
        check=False,
        timeout=WALL_S,
    )
    return done.stdout.splitlines()


@pytest.mark.parametrize("stopped", [False, True])
def test_nothing_of_it_stays_on_somebody_s_broker(
    clip: Path, scratch: Path, mosquitto: Mosquitto, *, stopped: bool
) -> None:
    command = _command(
        "--clip", str(clip), "--pace", "1" if stopped else "20", "--broker", f"mqtt://127.0.0.1:{mosquitto.port}"
    )
    with subprocess.Popen(command, env=_environment(scratch), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert any("about: 3 lines, 1 zone" in line for line in process.stdout)
        assert len(_kept(mosquitto.port)) >= 2
        if stopped:
            process.send_signal(signal.SIGINT)
        words = process.stdout.read()
    assert ("status     online" in words) != stopped
    assert _kept(mosquitto.port) == []


def test_a_recording_that_breaks_off_says_where(clip: Path, scratch: Path) -> None:
    with clip.open("r+b") as file:
        file.truncate(clip.stat().st_size * 3 // 4)
    result = _demo(scratch, "--clip", str(clip), "--pace", "20")
    assert result.returncode == 0, result.stderr
    assert re.search(r"\nbreaks off it ends at \d+\.\d s of 13\.0 s; copy it again", result.stdout)


def test_a_reader_that_goes_ends_it_quietly(clip: Path, scratch: Path) -> None:
    with subprocess.Popen(
        _command("--clip", str(clip), "--pace", "0.1"),
        env=_environment(scratch),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert any("is online" in line for line in process.stdout)
        process.stdout.close()
        words = process.stderr.read()
    assert words == ""
    assert process.returncode != 0
    assert _left_behind(scratch) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_can_be_stopped_and_leaves_nothing(number: signal.Signals, clip: Path, scratch: Path) -> None:
    process = subprocess.Popen(
        _command("--clip", str(clip), "--pace", "0.1"),
        env=_environment(scratch),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert any("is online" in line for line in process.stdout)
    process.send_signal(number)
    _, words = process.communicate(timeout=WALL_S)
    assert process.returncode == 130
    assert words == "\ninterrupted: the appliance is stopped, nothing is left behind\n"
    assert _left_behind(scratch) == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--clip", "away.avi"], "passant demo: away.avi: there is no such file — name a recording"),
        (["--camera", "rtsp://me:hunter2@cam"], "passant demo: camera.source: is a network camera — vision has no net"),
        (["--camera", "synthetic:nowhere"], "passant demo: camera.source: 'nowhere' is no scene that there is"),
        (
            ["--clip", "{clip}", "--broker", "mqtt://me:hunter2@127.0.0.1"],
            "passant demo: broker.url: holds a user",
        ),
        (["--clip", "{clip}", "--broker", "mqtt://far.example"], "passant demo: broker.url: is not on this device"),
        (["--clip", "{clip}", "--broker", "mqtt://127.0.0.1:{port}"], " — start it, or leave --broker out"),
        (["--clip", "{clip}", "--pace", "0"], "passant demo: camera.pace: 0.0 is out of range"),
        (["--clip", "{noise}"], "passant demo: "),
    ],
)
def test_what_cannot_be_shown_says_why(
    options: list[str], words: str, clip: Path, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(clip.parent)
    noise = clip.with_name("noise.avi")
    noise.write_bytes(bytes(range(256)) * 40)
    place = {"clip": clip, "noise": noise, "port": free_port(), "here": clip.parent}
    result = _demo(scratch, *[option.format(**place) for option in options])
    assert result.returncode == 1
    assert words.format(**place)[:100] in result.stderr
    assert "Traceback" not in result.stderr
    assert "hunter2" not in result.stderr + result.stdout
    assert _left_behind(scratch) == []


def test_an_appliance_that_cannot_run_is_quoted(tmp_path: Path) -> None:
    with Appliance(tmp_path / "away.toml", tmp_path, isolation=True) as appliance:
        while appliance.ended() is None:
            time.sleep(0.05)
        assert appliance.ended() == 2
        (line,) = appliance.complaints()
    assert line.startswith(f"{tmp_path}/away.toml: does not exist — ")
