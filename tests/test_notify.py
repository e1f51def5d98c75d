"""What systemd is told: over a real datagram socket, and by whom it is no longer told."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from edge.notify import Notifier


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.bind(str(tmp_path / "notify"))
        line.settimeout(0.0)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        monkeypatch.setenv("WATCHDOG_USEC", "30000000")
        yield line


def heard(line: socket.socket) -> list[str]:
    found = []
    while True:
        try:
            found.append(line.recv(4096).decode())
        except BlockingIOError:
            return found


def test_it_says_what_is_the_matter(manager: socket.socket) -> None:
    with closing(Notifier.of_service()) as notifier:
        notifier.ready()
        notifier.alive(lambda: "camera streaming")
        notifier.stopping()
    notifier.ready()
    assert heard(manager) == ["READY=1", "WATCHDOG=1\nSTATUS=camera streaming", "STOPPING=1"]


def test_it_is_not_told_of_every_frame(manager: socket.socket) -> None:
    now_s = [100.0]
    with closing(Notifier.of_service()) as notifier:
        notifier._clock = lambda: now_s[0]
        for _ in range(30):
            now_s[0] += 0.1
            notifier.alive(lambda: "")
    assert 2 <= len(heard(manager)) <= 4


@pytest.mark.usefixtures("manager")
def test_programs_that_are_started_cannot_speak_for_it() -> None:
    Notifier.of_service().close()
    assert not {"NOTIFY_SOCKET", "WATCHDOG_USEC"} & set(os.environ)


def test_a_name_in_the_abstract_space_is_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    name = f"passant-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.bind(f"\0{name}")
        line.settimeout(0.0)
        monkeypatch.setenv("NOTIFY_SOCKET", f"@{name}")
        with closing(Notifier.of_service()) as notifier:
            notifier.ready()
        assert heard(line) == ["READY=1"]


def test_without_systemd_it_says_nothing_and_nothing_breaks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    Notifier.of_service().ready()
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "nobody"))
    Notifier.of_service().ready()


def test_it_speaks_from_within_the_confinement_that_forbids_such_sockets(
    manager: socket.socket, tmp_path: Path
) -> None:
    (tmp_path / "state").mkdir()
    program = f"""
import socket
from pathlib import Path
from edge.config.site import SourceKind
from edge.notify import Notifier
from edge.vision.isolation import confine
notifier = Notifier.of_service()
confine(state=Path({str(tmp_path / "state")!r}), camera_kind=SourceKind.SYNTHETIC, allow_unproven=False)
try:
    socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
except PermissionError:
    notifier.ready()
"""
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=Path(__file__).parents[1], capture_output=True, text=True, check=False)
    assert heard(manager) == ["READY=1"], done.stderr
