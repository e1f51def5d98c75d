"""A publisher that turns against a vision that runs, of the same user: it gets at no pixel, whoever it runs as."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from edge.confine import landlock
from tests import intruder
from tests.films import write_film
from tests.sites import write_site
from tests.somebody import NOBODY, as_user, give, interpreter

ROOT = Path(__file__).parents[1]
PATIENCE_S = 60.0
NODE = Path("/dev/video98")
ATTEMPTS = tuple(intruder.attempts(Path(), os.getpid(), os.getpid()))
# What a kernel or a machine does not have is no way in; nor is a descriptor that is not open.
REFUSALS = {"denied", "ENOENT", "ENOSYS", "ENXIO"}
VISION = """
import sys
from tests.escapes import without
for what in sys.argv[1].split():
    without(what)
from edge.__main__ import main
sys.exit(main(sys.argv[2:]))
"""


def child_of(process: int) -> int | None:
    """The process id of the decoder, which vision starts."""
    told = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return int(told[0]) if told else None


@contextmanager
def seeing(folder: Path, python: str, user: int, missing: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    """Run vision on a film without end; gives its process id and its decoder's."""
    film = write_film(folder / "street.avi", seconds=20.0, starts_s=(2.0, 6.0, 10.0))
    site = write_site(folder, port=1, source=f"clip:{film}", camera="loop = true")
    command = [python, "-c", VISION, " ".join(missing), "vision", str(site), "--state", str(folder / "state")]
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen([*as_user(user), *command], cwd=ROOT, stdout=log, stderr=log) as process,
    ):
        try:
            end_s = time.monotonic() + PATIENCE_S
            while not ((folder / "state" / "vision" / "register").exists() and child_of(process.pid)):
                assert process.poll() is None, (folder / "log").read_text()
                assert time.monotonic() < end_s, (folder / "log").read_text()
                time.sleep(0.05)
            decoder = child_of(process.pid)
            assert decoder is not None
            yield process.pid, decoder
            assert process.poll() is None
        finally:
            process.send_signal(signal.SIGKILL)


@pytest.fixture(scope="module")
def node() -> Iterator[None]:
    """A thing that opens like a camera, in a camera's place, where we may make one."""
    if os.geteuid() != 0 or NODE.exists():
        yield
        return
    os.mknod(NODE, 0o666 | stat.S_IFCHR, os.makedev(1, 3))
    NODE.chmod(0o666)
    yield
    NODE.unlink()


USERS = [
    pytest.param(user, id=name) for user, name in ((os.geteuid(), "as it is run"), (NOBODY, "as an ordinary user"))
]
KERNELS = [pytest.param((), id="with Landlock"), pytest.param(("landlock",), id="without Landlock")]


@pytest.fixture(scope="module", params=KERNELS)
def missing(request: pytest.FixtureRequest) -> tuple[str, ...]:
    chosen: tuple[str, ...] = request.param
    if not chosen and not landlock.version():
        pytest.skip("this kernel has no Landlock")
    return chosen


@pytest.fixture(scope="module", params=USERS)
def user(request: pytest.FixtureRequest) -> int:
    chosen: int = request.param
    return chosen


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory, node: None, user: int, missing: tuple[str, ...]) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("intruder")
    for path in (folder, folder / "state", folder / "state" / "setup", folder / "state" / "publisher"):
        path.mkdir(exist_ok=True)
        give(path, user)
    python = interpreter(folder, user)
    # A listener of the publisher's own kind, to be misused; the test's vision finds nobody there.
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as channel:
        channel.bind(str(folder / "state" / "publisher" / "channel"))
    os.chown(folder / "state" / "publisher" / "channel", user, -1)
    with (
        seeing(folder, python, user, missing) as (vision, decoder),
        socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as stills,
    ):
        stills.bind(str(folder / "state" / "setup" / "stills"))
        stills.listen()
        (folder / "state" / "setup" / "stills").chmod(0o666)
        command = [python, "-m", "tests.intruder", str(folder / "state"), str(vision), str(decoder), *missing]
        done = subprocess.run(
            [*as_user(user), *command], cwd=ROOT, capture_output=True, text=True, check=False, timeout=PATIENCE_S
        )
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_no_way_leads_to_a_pixel(tried: dict[str, Any], missing: tuple[str, ...], attempt: str) -> None:
    assert tried["proven"] is True
    if attempt in intruder.SIGNALS and "landlock" in missing:
        pytest.skip("without Landlock a signal to a process of the same user arrives; it leaves no core, see below")
    assert tried["tried"][attempt] in REFUSALS


@pytest.mark.parametrize("number", [signal.SIGQUIT, signal.SIGSEGV, signal.SIGABRT])
def test_a_signal_that_ends_vision_leaves_no_core(tmp_path: Path, number: signal.Signals) -> None:
    (tmp_path / "state" / "publisher").mkdir(parents=True)
    program = (
        "import os, resource, signal, sys; from pathlib import Path; from edge.config.site import SourceKind; "
        "resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY,) * 2); "
        "from edge.vision.isolation import confine; "
        "confine(state=Path(sys.argv[1]), camera_kind=SourceKind.CLIP, allow_unproven=False); "
        "os.chdir(sys.argv[1]); os.kill(os.getpid(), int(sys.argv[2]))"
    )
    state = tmp_path / "state"
    child = subprocess.Popen([sys.executable, "-c", program, str(state), str(int(number))], cwd=ROOT)
    _, status = os.waitpid(child.pid, 0)
    child.returncode = -number
    assert os.WTERMSIG(status) == number
    assert not os.WCOREDUMP(status)
    assert [path.name for path in state.iterdir()] == ["publisher"]
