"""SIGKILL of either process at random moments: no closed window is lost, and none is doubled after dedupe.

What vision closed is taken from the kernel, which tells of each report file that gets its name, and not from vision.
"""

import ctypes
import os
import random
import select
import struct
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Self

import pytest

from edge.cli.arrivals import Collection
from edge.cli.watch import Watcher, broker_at, watching
from tests.publisher.mosquitto import Mosquitto, installed
from tests.sites import write_site

ROOT = Path(__file__).parents[1]
PATIENCE_S = 60.0
SEED = 20
_IN_MOVED_TO = 0x80
_IN_NONBLOCK = 0o4000
_EVENT = struct.Struct("iIII")


class Closed:
    """The sequence numbers of the report files that got their name in a folder: inotify(7)."""

    def __init__(self, folder: Path) -> None:
        self.sequences: list[int] = []
        libc = ctypes.CDLL(None, use_errno=True)
        self._number = libc.inotify_init1(_IN_NONBLOCK)
        if self._number < 0 or libc.inotify_add_watch(self._number, os.fsencode(folder), _IN_MOVED_TO) < 0:
            raise OSError(ctypes.get_errno(), "inotify")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        os.close(self._number)

    def await_next(self) -> None:
        """Wait until the next report is closed."""
        self.read()
        poll = select.poll()
        poll.register(self._number, select.POLLIN)
        assert poll.poll(PATIENCE_S * 1000), "vision closes no window"

    def read(self) -> None:
        """Take in what the kernel has told since the last time."""
        try:
            data = os.read(self._number, 1 << 20)
        except BlockingIOError:
            return
        start = 0
        while start < len(data):
            *_, length = _EVENT.unpack_from(data, start)
            name = data[start + _EVENT.size : start + _EVENT.size + length].rstrip(b"\0").decode()
            if name.endswith(".report"):
                self.sequences.append(int(name.removesuffix(".report")))
            start += _EVENT.size + length


class Appliance:
    """Both processes of one site, without a supervisor: the test starts them again itself."""

    def __init__(self, folder: Path, site: Path) -> None:
        self.reports = folder / "state" / "vision" / "reports"
        self.reports.mkdir(parents=True)
        self._folder = folder
        self._site = site
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        for name in ("publisher", "vision"):
            self.start(name)
        return self

    def __exit__(self, *exc: object) -> None:
        for name in tuple(self._running):
            self.kill(name)

    @property
    def log(self) -> str:
        return (self._folder / "log").read_text()

    def start(self, name: str) -> None:
        command = [sys.executable, "-m", "edge", name, str(self._site), "--state", str(self._folder / "state")]
        with (self._folder / "log").open("ab") as log:
            self._running[name] = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)

    def kill(self, name: str) -> None:
        process = self._running.pop(name)
        process.kill()
        process.wait()

    def end(self, name: str) -> int:
        process = self._running.pop(name)
        process.terminate()
        return process.wait(PATIENCE_S)


def _arrived(collection: Collection, subject: str) -> Counter[tuple[str, int]]:
    """How many different events came of each window and revision of a subject."""
    events = (arrival.document or {} for arrival in collection.events.values())
    return Counter((event["time"], event.get("revision", 0)) for event in events if event["subject"] == subject)


@pytest.mark.parametrize("kills", [4, pytest.param(20, marks=pytest.mark.full)])
def test_no_closed_window_is_lost_and_none_is_doubled(tmp_path: Path, kills: int) -> None:
    if not installed():
        pytest.skip("mosquitto is not installed: apt-get install mosquitto")
    moments = random.Random(SEED)  # noqa: S311  the same moments every time
    collection = Collection()
    with Mosquitto(tmp_path / "broker") as broker:
        site = write_site(tmp_path, port=broker.port, camera="pace = 1000\nfps = 1\nloop = true")
        watch = Watcher(watching(broker_at(f"mqtt://127.0.0.1:{broker.port}")), collection.add, say=lambda _: None)
        with watch as watcher, Appliance(tmp_path, site) as appliance, Closed(appliance.reports) as closed:
            assert watcher.ready(PATIENCE_S)
            _wait_for(closed, 1)
            for kill in range(kills):
                # Any moment; and every other time one at which a report is on its way, which takes some milliseconds.
                if kill % 2:
                    time.sleep(moments.uniform(0.0, 3.0))
                else:
                    closed.await_next()
                    time.sleep(moments.uniform(0.0, 0.03))
                victim = moments.choice(["vision", "publisher"])
                appliance.kill(victim)
                appliance.start(victim)
            # What is closed from now on is closed after the last kill: both work again.
            closed.read()
            _wait_for(closed, len(closed.sequences) + 3)
            assert appliance.end("vision") == 0, appliance.log
            closed.read()
            assert appliance.end("publisher") == 0, appliance.log
            _settle(collection)
    assert list(appliance.reports.iterdir()) == []
    assert len(closed.sequences) == len(set(closed.sequences)), "a number was given twice"
    for subject in ("line/line-0/forward", "line/line-0/backward", "line/line-0", "zone/promenade"):
        arrived = _arrived(collection, subject)
        assert len(arrived) == len(closed.sequences), f"{subject}: a closed window was lost\n{appliance.log}"
        assert set(arrived.values()) == {1}, f"{subject}: a window was told twice under two ids"


def _wait_for(closed: Closed, many: int) -> None:
    end_s = time.monotonic() + PATIENCE_S
    while len(closed.sequences) < many and time.monotonic() < end_s:
        time.sleep(0.05)
        closed.read()
    assert len(closed.sequences) >= many


def _settle(collection: Collection) -> None:
    """Wait until nothing more comes."""
    many = -1
    while len(collection.events) != many:
        many = len(collection.events)
        time.sleep(1.0)
