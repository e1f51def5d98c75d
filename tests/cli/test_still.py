"""`passant still` against a device that runs: one masked picture, for those who may, and nothing left behind."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.contract.jpeg import jpeg_size
from edge.contract.stills import SETUP_FOLDER, SETUP_GROUP, SOCKET_NAME
from edge.vision.anonymise.fill import SOLID
from tests.somebody import as_user, interpreter

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60.0
SIZE = (640, 360)
GROUP, MEMBER, STRANGER, SERVICE = 41_234, 41_999, 41_998, 41_997
# The left third is never shown: a raw picture has nothing so even there.
SITE = """\
version = 1
[device]
org = "nice"
id = "promenade-042"
[camera]
source = "synthetic:promenade"
size = [640, 360]
fps = 5
loop = true
[[lines]]
id = "quai"
from = [320, 10]
to = [320, 350]
[privacy]
polygons = [[[0, 0], [213, 0], [213, 360], [0, 360]]]
[broker]
url = "mqtt://127.0.0.1:1"
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder whose path other users may follow."""
    with tempfile.TemporaryDirectory(prefix="passant-still-") as path:
        Path(path).chmod(0o711)
        (Path(path) / "site.toml").write_text(SITE)
        yield Path(path)


class Device:
    """`passant run` in a folder."""

    def __init__(self, folder: Path, process: "subprocess.Popen[bytes]") -> None:
        self.folder = folder
        self.process = process

    @property
    def log(self) -> str:
        return (self.folder / "run.log").read_text()

    def says(self, text: str) -> bool:
        end_s = time.monotonic() + PATIENCE_S
        while text not in self.log and time.monotonic() < end_s and self.process.poll() is None:
            time.sleep(0.05)
        return text in self.log


@contextmanager
def running(folder: Path, *before: str, options: tuple[str, ...] = ()) -> Iterator[Device]:
    command = [*before, sys.executable, "-m", "edge", "run", "site.toml", "--state", "state", *options]
    with (folder / "run.log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=folder, stdout=log, stderr=log, env={**os.environ, "PYTHONPATH": str(ROOT)}
        )
    device = Device(folder, process)
    try:
        assert device.says("replay: its clock starts"), device.log
        yield device
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE_S)


Who = tuple[int, str]
"""A user, and how setpriv says its groups."""


def asking(folder: Path, *before: str, out: str = "aim.jpg", who: Who | None = None) -> list[str]:
    python = [sys.executable]
    if who is not None:
        python = [*as_user(who[0])[:-1], who[1], interpreter(folder / f"python-{who[0]}", who[0])]
    return [*before, *python, "-m", "edge", "still", "--out", str(folder / out), "--state", str(folder / "state")]


def ask(folder: Path, *before: str, out: str = "aim.jpg", who: Who | None = None) -> tuple[int, str]:
    command = asking(folder, *before, out=out, who=who)
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=PATIENCE_S)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout + done.stderr


def left_behind(folder: Path) -> list[str]:
    """What lies there beside what belongs there: sockets, and files half written."""
    setup = folder / "state" / SETUP_FOLDER
    found = [path.name for path in folder.iterdir() if "partial" in path.name]
    return found + ([path.name for path in setup.iterdir()] if setup.is_dir() else [])


def is_even(pixels: np.ndarray) -> bool:
    return bool(np.abs(pixels.astype(int) - SOLID).max() <= 8)


requires_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may take stills without being in the group")


@requires_root
def test_a_still_of_the_running_device_is_masked(folder: Path) -> None:
    with running(folder) as device:
        time.sleep(3)  # for the first picture to be proven; a still would wait, but not for ever
        code, told = ask(folder)
        assert (code, told) == (0, f"{folder}/aim.jpg: 640 x 360, masked\n")
        assert re.search(r"vision .* a still of 640 x 360, masked, was given to user 0, process \d+", device.log)
    data = (folder / "aim.jpg").read_bytes()
    assert jpeg_size(data) == SIZE
    assert (folder / "aim.jpg").stat().st_mode & 0o777 == 0o600
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert is_even(pixels[:, :205])
    assert pixels[:, 220:].std() > 10
    # Who walks there is filled as well: nothing of the drawn street is so even.
    even = (np.abs(pixels[:, 220:].astype(int) - SOLID).max(axis=2) <= 8).astype(np.uint8)
    assert cv2.erode(even, np.ones((24, 24), np.uint8)).any()
    assert left_behind(folder) == []


@requires_root
def test_two_who_ask_at_once_both_get_one(folder: Path) -> None:
    with running(folder) as device:
        both = [subprocess.Popen(asking(folder, out=f"{n}.jpg"), cwd=ROOT) for n in range(2)]
        assert [one.wait(PATIENCE_S) for one in both] == [0, 0]
        assert device.log.count("was given to user 0") == 2
    for n in range(2):
        assert jpeg_size((folder / f"{n}.jpg").read_bytes()) == SIZE
    assert left_behind(folder) == []


@requires_root
def test_a_stranger_is_refused_by_the_files_and_before(folder: Path) -> None:
    folder.chmod(0o777)
    with running(folder) as device:
        code, told = ask(folder, who=(STRANGER, "--clear-groups"))
        assert code == 1
        assert told.startswith(f"only root and members of the group {SETUP_GROUP} may take a still — use sudo")
        # And where one does without our command: the folder is closed.
        program = f"import os; os.setresuid({STRANGER}, {STRANGER}, {STRANGER}); os.listdir('{folder}/state/setup')"
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
        assert "PermissionError" in done.stderr
        # And where even that is open, by mistake: the kernel says who it is.
        (folder / "state").chmod(0o777)
        (folder / "state" / SETUP_FOLDER).chmod(0o777)
        program = (
            f"import os, socket; os.setgroups([]); os.setresgid(*[{STRANGER}] * 3); os.setresuid(*[{STRANGER}] * 3)\n"
            f"os.umask(0); s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)\n"
            f"s.bind('{folder}/state/setup/{SOCKET_NAME}'); s.listen(1); print(s.accept()[0].recv(100))"
        )
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
        assert done.stdout == "b''\n"
        assert device.says(f"a still was refused: user {STRANGER}, process ")
        assert "was given" not in device.log
    assert not (folder / "aim.jpg").exists()


@pytest.fixture
def with_group(folder: Path) -> tuple[str, ...]:
    """The words before a command that give it a device on which the setup group is."""
    groups = folder / "group"
    groups.write_text(f"{Path('/etc/group').read_text().rstrip()}\n{SETUP_GROUP}:x:{GROUP}:\n")
    before = ("unshare", "--mount", "sh", "-c", f'mount --bind {groups} /etc/group && exec "$@"', "sh")
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        pytest.skip("only root can give a program another /etc/group")
    if subprocess.run([*before, "true"], check=False, capture_output=True).returncode:
        pytest.skip("no mount namespace can be made here")
    return before


def test_a_member_of_the_group_is_let_in_and_only_to_that(folder: Path, with_group: tuple[str, ...]) -> None:
    folder.chmod(0o777)
    with running(folder, *with_group) as device:
        code, told = ask(folder, *with_group, who=(MEMBER, f"--groups={GROUP}"))
        assert code == 0, told
        assert device.says(f"was given to user {MEMBER}, process ")
        refused, told = ask(folder, *with_group, out="other.jpg", who=(STRANGER, f"--groups={GROUP + 1}"))
        assert refused == 1, told
    state = folder / "state"
    assert ((state / SETUP_FOLDER).stat().st_mode & 0o7777, (state / SETUP_FOLDER).stat().st_gid) == (0o2770, GROUP)
    assert (state.stat().st_mode & 0o7777, state.stat().st_gid) == (0o710, GROUP)
    assert {path.name: path.stat().st_mode & 0o077 for path in state.iterdir() if path.name != SETUP_FOLDER} == {
        "publisher": 0,
        "vision": 0,
    }
    assert (folder / "aim.jpg").stat().st_uid == MEMBER
    assert left_behind(folder) == []


@requires_root
def test_of_a_service_that_is_no_root_a_still_is_had_too(folder: Path) -> None:
    """Its vision has a user namespace of its own, where the kernel does not tell who asks."""
    python = interpreter(folder, SERVICE)
    (folder / "state").mkdir(mode=0o700)
    os.chown(folder / "state", SERVICE, SERVICE)
    command = [*as_user(SERVICE), python, "-m", "edge", "vision", str(folder / "site.toml")]
    with (folder / "run.log").open("wb") as log:
        process = subprocess.Popen([*command, "--state", str(folder / "state")], cwd=ROOT, stdout=log, stderr=log)
    device = Device(folder, process)
    try:
        assert device.says("replay: its clock starts"), device.log
        code, told = ask(folder)
        assert code == 0, told
        hides = "a network namespace of its own: yes" in device.log
        assert device.says("was given to process" if hides else "was given to user 0")
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


@requires_root
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_it_leaves_nothing(folder: Path, number: signal.Signals) -> None:
    setup = folder / "state" / SETUP_FOLDER
    setup.mkdir(parents=True)
    with subprocess.Popen(asking(folder), cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        while not (setup / SOCKET_NAME).exists():
            time.sleep(0.02)
        assert len(left_behind(folder)) == 2
        process.send_signal(number)
        _, told = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130
    assert told == ""
    assert left_behind(folder) == []
    assert not (folder / "aim.jpg").exists()


@requires_root
def test_a_socket_of_one_who_was_killed_is_no_hindrance(folder: Path) -> None:
    setup = folder / "state" / SETUP_FOLDER
    setup.mkdir(parents=True, mode=0o700)
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as sock:
        sock.bind(str(setup / SOCKET_NAME))
    with running(folder):
        assert ask(folder)[0] == 0
    assert left_behind(folder) == []


def _link(folder: Path) -> None:
    (folder / "aim.jpg").symlink_to(folder / "elsewhere")


def _directory(folder: Path) -> None:
    (folder / "aim.jpg").mkdir()


@requires_root
@pytest.mark.parametrize("there", [_link, _directory])
def test_what_is_no_file_is_not_written_over(folder: Path, there: object) -> None:
    assert callable(there)
    there(folder)
    code, told = ask(folder)
    assert code == 1
    assert "aim.jpg: something that is no file lies here — name a file that may be written anew" in told
    assert not (folder / "elsewhere").exists()


@requires_root
def test_a_place_that_cannot_be_written_to_is_told_before_anything_is_asked_for(folder: Path) -> None:
    code, told = ask(folder, out="missing/aim.jpg")
    assert code == 1
    assert "missing/aim.jpg: cannot be written (No such file or directory) — name another file" in told


@requires_root
def test_a_state_folder_that_is_none_is_told(folder: Path) -> None:
    code, told = ask(folder)
    assert code == 1
    assert f"{folder}/state/setup: there is no such folder — start passant run, or name its state folder" in told
    assert left_behind(folder) == []
