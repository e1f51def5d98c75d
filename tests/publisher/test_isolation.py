"""The publisher's confinement, tried from inside a real process: no camera, no picture code, no other program."""

import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edge.confine import landlock
from tests import escapes
from tests.somebody import NOBODY, give, interpreter

NODE = Path("/dev/video98")
ESCAPES = tuple(escapes.publisher_escapes(Path(), Path(), ""))
BY_LANDLOCK = {
    *(name for name in ESCAPES if name.startswith("open /dev/")),
    *escapes.file_escapes(Path(), Path()),
    *("a signal to the starter", "an abstract socket", "listen on a port"),
} - {"make a camera's node"}


@pytest.fixture(scope="module")
def node() -> Iterator[None]:
    """A thing that opens like a camera, in a camera's place: the null device under another name."""
    if os.geteuid() != 0 or NODE.exists():
        pytest.skip("only root can make a device node")
    os.mknod(NODE, 0o666 | stat.S_IFCHR, os.makedev(1, 3))
    try:
        with NODE.open("rb"):
            yield
    finally:
        NODE.unlink()


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, node: None) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("publisher")
    done = escapes.escaped(folder / "state", folder / "outside", side="publisher")
    assert done.returncode == 0, done.stderr
    return {**json.loads(done.stdout), "log": done.stderr}


@pytest.mark.parametrize("escape", ESCAPES)
def test_nothing_leads_to_a_camera_or_out_of_the_state_folder(told: dict[str, Any], escape: str) -> None:
    if escape in BY_LANDLOCK and not landlock.version():
        pytest.skip("this kernel has no Landlock")
    assert told["tried"][escape] == "denied"


@pytest.mark.parametrize("missing", [(), ("landlock",)], ids=["with Landlock", "without Landlock"])
def test_nothing_leads_out_for_an_ordinary_user_either(tmp_path: Path, missing: tuple[str, ...]) -> None:
    give(tmp_path, NOBODY)
    who = (NOBODY, interpreter(tmp_path, NOBODY))
    done = escapes.escaped(tmp_path / "state", tmp_path / "outside", side="publisher", missing=missing, who=who)
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
    assert (told["standing"]["dumpable"], told["standing"]["core"]) == (0, [0, 0])
    # DAC_OVERRIDE.
    assert told["standing"]["capabilities"] & ~0b10 == 0


def test_without_landlock_devices_are_hidden_by_a_namespace(tmp_path: Path, node: None) -> None:
    done = escapes.escaped(tmp_path / "state", tmp_path / "outside", side="publisher", missing=("landlock",))
    told = json.loads(done.stdout)
    assert told["proven"] is True
    assert told["tried"]["open a camera"] == "ENOENT"
    assert told["tried"]["ask a camera"] == "denied"


@pytest.mark.parametrize(
    ("missing", "complaint"),
    [
        (("landlock", "namespaces"), "the publisher can open /dev/video98"),
        (("landlock", "mounts"), "can write outside its state folder"),
        (("seccomp",), "can speak to cameras"),
        (("dumps", "landlock"), "dumped"),
        (("threads",), "2 threads run already"),
    ],
)
def test_it_refuses_to_run_where_the_proof_fails(
    tmp_path: Path, node: None, missing: tuple[str, ...], complaint: str
) -> None:
    done = escapes.escaped(tmp_path / "state", tmp_path / "outside", side="publisher", missing=missing)
    assert done.returncode != 0
    assert done.stdout == ""
    assert complaint in done.stderr


CONFINE = (
    "import logging, sys; from pathlib import Path; logging.basicConfig(); "
    "from edge.publisher.isolation import confine\n"
)


def _run(folder: Path, program: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", CONFINE + program, str(folder)],
        cwd=escapes.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("name", ["numpy", "cv2", "ai_edge_litert", "edge.vision", "edge.vision.frame", "numpy.linalg"])
@pytest.mark.parametrize("allow_unproven", [False, True])
def test_picture_code_cannot_be_imported(tmp_path: Path, name: str, allow_unproven: bool) -> None:  # noqa: FBT001  a parameter of pytest's
    done = _run(
        tmp_path,
        f"confine(state=Path(sys.argv[1]), allow_unproven={allow_unproven})\n"
        f"try: import {name}\n"
        "except ImportError as error: print('refused:', error)",
    )
    assert done.stdout.startswith("refused:"), done.stderr
    assert "never sees a pixel" in done.stdout


def test_picture_code_that_is_loaded_already_is_found_out(tmp_path: Path) -> None:
    done = _run(tmp_path, "import edge.vision\nconfine(state=Path(sys.argv[1]), allow_unproven=False)")
    assert "picture code is within the publisher's reach: edge.vision" in done.stderr


def test_its_work_goes_on_inside(tmp_path: Path) -> None:
    done = _run(
        tmp_path,
        "print(confine(state=Path(sys.argv[1]), allow_unproven=False))\n"
        "import sqlite3, socket, ssl, paho.mqtt.client, jsonschema\n"
        "outbox = sqlite3.connect(Path(sys.argv[1], 'outbox.db'))\n"
        "outbox.execute('PRAGMA journal_mode = WAL'); outbox.execute('CREATE TABLE t (a)'); outbox.commit()\n"
        "ssl.create_default_context(); socket.getaddrinfo('localhost', 1883); socket.socket().close()\n"
        "print(sorted(path.name for path in Path(sys.argv[1]).iterdir())[0])",
    )
    assert done.stdout == "True\noutbox.db\n", done.stderr


def test_without_isolation_it_says_so(tmp_path: Path) -> None:
    done = _run(tmp_path, "print(confine(state=Path(sys.argv[1]), allow_unproven=True))")
    assert done.stdout == "False\n"
    assert "NOT ISOLATED" in done.stderr
