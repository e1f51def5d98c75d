"""The decoder process: it ends with its reader, cannot hurt it, and has the reader's own rights and no more."""

import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from edge.vision.camera.child import DecoderProcess
from edge.vision.camera.clip import ClipCamera
from edge.vision.camera.source import CameraError
from edge.vision.camera.tokens import Opened

MakeFilm = Callable[..., Path]
Outcome = Callable[[ClipCamera], tuple[list[int], CameraError]]
_OPEN_AND_WAIT = """
import sys
from pathlib import Path
from edge.vision.camera.clip import ClipCamera
camera = ClipCamera(Path(sys.argv[1])).__enter__()
camera.read(10.0)
print(camera.decoder_pid, flush=True)
sys.stdin.read()
"""
_CONFINE_ALONE = """
import ctypes, os
from edge.vision.camera import decoder
libc, get_dumpable = ctypes.CDLL(None), 3
before = libc.prctl(get_dumpable)
decoder._confine(os.getppid())
print(before, libc.prctl(get_dumpable))
"""
_CONFINED = """
import sys
from pathlib import Path
from edge.config.site import SourceKind
from edge.vision.isolation import confine
assert confine(state=Path(sys.argv[2]), camera_kind=SourceKind.CLIP, allow_unproven=False)
from edge.vision.camera.clip import ClipCamera
with ClipCamera(Path(sys.argv[1])) as camera:
    frame = camera.read(10.0)
    status = Path(f"/proc/{camera.decoder_pid}/status").read_text()
    print(frame.size, "Seccomp:\\t2" in status, "NoNewPrivs:\\t1" in status)
"""


def python(code: str, *arguments: object) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[3])},
    )


@pytest.mark.parametrize("stuck", [False, True])
def test_a_decoder_ends_with_its_reader(make_film: MakeFilm, *, stuck: bool) -> None:
    reader = python(_OPEN_AND_WAIT, make_film("a.avi", frames=200))
    assert reader.stdout is not None
    pid = int(reader.stdout.readline())
    decoder = os.pidfd_open(pid)
    try:
        if stuck:
            # Stopped, it sees no pipe close; only the kernel can end it.
            os.kill(pid, signal.SIGSTOP)
        reader.kill()
        ended, _, _ = select.select([decoder], [], [], 30.0)
        assert ended
    finally:
        os.close(decoder)
        reader.communicate()


@pytest.mark.parametrize("politely", [signal.SIGINT, signal.SIGTERM])
def test_a_decoder_outlives_what_is_meant_for_its_reader(
    make_film: MakeFilm, outcome: Outcome, politely: signal.Signals
) -> None:
    with ClipCamera(make_film("a.avi", frames=60)) as camera:
        camera.read(10.0)
        assert camera.decoder_pid is not None
        os.kill(camera.decoder_pid, politely)
        instants, _ = outcome(camera)
    assert len(instants) == 59


def test_the_shared_memory_cannot_be_shrunk_under_the_reader(make_film: MakeFilm) -> None:
    decoder = DecoderProcess(make_film("a.avi"))
    try:
        assert isinstance(decoder.listen(30.0), Opened)
        slots = decoder.start((160, 120), 0)
        with pytest.raises(PermissionError):
            os.ftruncate(decoder._memory, 0)
        with pytest.raises(ValueError, match="read-only"):
            slots[0][:] = 0
    finally:
        decoder.end()


def test_a_decoder_leaves_no_dump_and_has_bounded_memory(make_film: MakeFilm) -> None:
    with ClipCamera(make_film("a.avi")) as camera:
        limits = Path(f"/proc/{camera.decoder_pid}/limits").read_text()
        assert "Max core file size        0                    0" in limits
        assert "Max data size             1073741824           1073741824" in limits


def test_a_decoder_is_not_dumpable() -> None:
    # Root may look at any process, so it is the process itself that is asked.
    alone = python(_CONFINE_ALONE)
    out, _ = alone.communicate(timeout=60)
    assert out == "1 0\n"


def test_a_confined_reader_has_a_confined_decoder(make_film: MakeFilm, tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    reader = python(_CONFINED, make_film("a.avi"), tmp_path / "state")
    out, _ = reader.communicate(timeout=60)
    assert out == "(160, 120) True True\n"
    assert reader.returncode == 0
