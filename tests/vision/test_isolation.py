"""Vision's confinement, tried from inside a real process: nothing leads out, and what is missing is found out."""

import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from edge.confine import landlock
from tests import escapes
from tests.somebody import NOBODY, give, interpreter

ESCAPES = tuple(escapes.vision_escapes(Path(), Path(), ""))
BY_LANDLOCK = {*escapes.file_escapes(Path(), Path()), "a signal to the starter", "write to /dev/full"} - {
    "make a camera's node"
}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("vision")
    done = escapes.escaped(folder / "state", folder / "outside", side="vision")
    assert done.returncode == 0, done.stderr
    if landlock.version():
        assert (folder / "outside" / "file").read_text() == "mine"
        assert [path.name for path in (folder / "outside").iterdir()] == ["file"]
    return {**json.loads(done.stdout), "log": done.stderr}


@pytest.mark.parametrize("escape", ESCAPES)
def test_nothing_leads_out(told: dict[str, Any], escape: str) -> None:
    if escape in BY_LANDLOCK and not landlock.version():
        pytest.skip("this kernel has no Landlock")
    # An abstract socket is out of reach by Landlock, or because it belongs to another network namespace.
    assert told["tried"][escape] in ({"denied", "ECONNREFUSED"} if escape == "an abstract socket" else {"denied"})


@pytest.mark.parametrize("missing", [(), ("landlock",)], ids=["with Landlock", "without Landlock"])
def test_nothing_leads_out_for_an_ordinary_user_either(tmp_path: Path, missing: tuple[str, ...]) -> None:
    give(tmp_path, NOBODY)
    who = (NOBODY, interpreter(tmp_path, NOBODY))
    done = escapes.escaped(tmp_path / "state", tmp_path / "outside", side="vision", missing=missing, who=who)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    by_landlock = BY_LANDLOCK if missing or not landlock.version() else set()
    done_anyway = {name for name, became in told["tried"].items() if became == "done"}
    assert done_anyway <= by_landlock - set(escapes.file_escapes(Path(), Path()))
    # DAC_OVERRIDE and FSETID, in a user namespace of its own.
    assert told["standing"]["capabilities"] & ~0b10010 == 0


def test_it_says_that_isolation_is_proven(told: dict[str, Any]) -> None:
    assert told["proven"] is True
    assert "isolation proven" in told["log"]


def test_nothing_of_its_memory_can_be_dumped_and_no_privilege_gained(told: dict[str, Any]) -> None:
    standing = told["standing"]
    assert (standing["dumpable"], standing["core"]) == (0, [0, 0])
    assert (standing["no_new_privs"], standing["seccomp"]) == ("1", "2")
    # DAC_OVERRIDE and FSETID.
    assert standing["capabilities"] & ~0b10010 == 0


def test_its_network_has_no_interface_but_its_own_loopback(told: dict[str, Any]) -> None:
    if "namespace of its own: yes" not in told["log"]:
        pytest.skip("network namespaces are not allowed here")
    assert told["standing"]["interfaces"] == ["lo"]


def test_a_raspberry_pi_camera_may_hear_of_devices_and_nothing_else(tmp_path: Path) -> None:
    done = escapes.escaped(tmp_path / "state", tmp_path / "outside", side="vision", kind="pi")
    told = json.loads(done.stdout)
    assert told["proven"] is True
    assert told["tried"]["AF_NETLINK of devices"] == "done"
    assert told["tried"]["AF_NETLINK"] == "denied"
    assert told["tried"]["AF_INET"] == "denied"


@pytest.mark.parametrize("missing", ["landlock", "namespaces"])
def test_an_old_kernel_is_enough_for_the_proof_and_it_says_what_is_lacking(tmp_path: Path, missing: str) -> None:
    done = escapes.escaped(tmp_path / "state", tmp_path / "outside", side="vision", missing=(missing,))
    told = json.loads(done.stdout)
    assert told["proven"] is True
    assert {"landlock": "has no Landlock", "namespaces": "not allowed here"}[missing] in done.stderr
    assert told["tried"]["AF_INET in a program"] == "denied"
    # Without Landlock there is no /dev/shm.
    assert {told["tried"][escape] for escape in escapes.file_escapes(Path(), Path())} <= {"denied", "ENOENT"}


def test_it_closes_what_it_inherits(tmp_path: Path) -> None:
    program = (
        "import os, sys; from pathlib import Path; from edge.config.site import SourceKind; "
        "from edge.vision.isolation import confine; "
        "confine(state=Path(sys.argv[1]), camera_kind=SourceKind.CLIP, allow_unproven=False); "
        "os.write(int(sys.argv[2]), b'a picture')"
    )
    with (tmp_path / "foreign").open("wb") as handed:
        (tmp_path / "state").mkdir()
        done = subprocess.run(
            [sys.executable, "-c", program, str(tmp_path / "state"), str(handed.fileno())],
            cwd=escapes.ROOT,
            pass_fds=[handed.fileno()],
            capture_output=True,
            text=True,
            check=False,
        )
    assert "Bad file descriptor" in done.stderr
    assert (tmp_path / "foreign").read_bytes() == b""


@pytest.mark.parametrize("kind", ["pi", "v4l2"])
def test_with_a_camera_it_writes_to_no_device_but_the_cameras(tmp_path: Path, kind: str) -> None:
    if not landlock.version():
        pytest.skip("this kernel has no Landlock")
    done = escapes.escaped(tmp_path / "state", tmp_path / "outside", side="vision", kind=kind)
    told = json.loads(done.stdout)
    assert told["tried"]["write to /dev/full"] == "denied"
    assert "and the camera's nodes" in done.stderr


@pytest.mark.parametrize(
    ("missing", "complaint"),
    [
        (("seccomp",), "vision can make sockets: AF_"),
        (("dumps",), "dumped"),
        (("threads",), "2 threads run already"),
        (("landlock", "mounts"), "vision can write outside its state folder"),
    ],
)
def test_it_refuses_to_run_where_the_proof_fails(tmp_path: Path, missing: tuple[str, ...], complaint: str) -> None:
    done = escapes.escaped(tmp_path / "state", tmp_path / "outside", side="vision", missing=missing)
    assert done.returncode != 0
    assert done.stdout == ""
    assert "IsolationError" in done.stderr
    assert complaint in done.stderr


def test_it_refuses_a_network_socket_that_it_is_handed(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from edge.config.site import SourceKind; "
        "from edge.vision.isolation import confine; "
        "confine(state=Path(sys.argv[1]), camera_kind=SourceKind.CLIP, allow_unproven=False)"
    )
    with socket.socket() as handed:
        done = subprocess.run(
            [sys.executable, "-c", program, str(tmp_path)],
            cwd=escapes.ROOT,
            pass_fds=[handed.fileno()],
            capture_output=True,
            text=True,
            check=False,
        )
    assert "was handed a network socket" in done.stderr


def test_without_isolation_it_says_so_and_still_forbids_dumps(tmp_path: Path) -> None:
    program = (
        "import logging, socket, sys; from pathlib import Path; from edge.config.site import SourceKind; "
        "from edge.confine.process import dumpable; from edge.vision.isolation import confine; "
        "logging.basicConfig(); "
        "print(confine(state=Path(sys.argv[1]), camera_kind=SourceKind.CLIP, allow_unproven=True), dumpable()); "
        "socket.socket().close()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        cwd=escapes.ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "False False\n"
    assert "NOT ISOLATED" in done.stderr


def test_numpy_opencv_and_the_interpreter_work_inside(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from edge.config.site import Detector, SourceKind; "
        "from edge.vision.isolation import confine; "
        "confine(state=Path(sys.argv[1]), camera_kind=SourceKind.CLIP, allow_unproven=False); "
        "import cv2, numpy; from edge.vision.detect.detector import load_detector; "
        "from edge.vision.detect.region import Region; "
        "picture = numpy.zeros((288, 384, 3), numpy.uint8); cv2.GaussianBlur(picture, (5, 5), 0); "
        "detector = load_detector(Detector(threads=2)); "
        "detector.detect(picture, (Region(x0=0, y0=0, x1=384, y1=288),)); print(detector.invocations)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        cwd=escapes.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "1\n", done.stderr
