"""The asker's end of the stills' channel: whom it takes a picture from, and what it says where none comes."""

import multiprocessing
import os
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edge.cli.setup_folder import made_setup_folder, setup_group
from edge.cli.still_line import Line, StillLineError
from edge.contract.stills import SOCKET_NAME, StillError, StillHeader, StillState, send

HEADER = StillHeader(state=StillState.SHOWN, width=4, height=3, length=5)
STRANGER = 41_998


@pytest.fixture
def caller(tmp_path: Path) -> Iterator[Callable[[Callable[[socket.socket], None]], None]]:
    """Let somebody call as soon as the line listens."""
    threads = []

    def call(talk: Callable[[socket.socket], None]) -> None:
        def run() -> None:
            while True:
                with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as sock:
                    if sock.connect_ex(os.fspath(tmp_path / SOCKET_NAME)) == 0:
                        talk(sock)
                        return
                threading.Event().wait(0.01)

        threads.append(threading.Thread(target=run))
        threads[-1].start()

    yield call
    for thread in threads:
        thread.join()


def test_a_still_is_taken_and_nothing_stays(
    tmp_path: Path, caller: Callable[[Callable[[socket.socket], None]], None]
) -> None:
    caller(lambda sock: send(sock, HEADER, b"12345", 5.0))
    with Line(tmp_path) as line:
        assert (tmp_path / SOCKET_NAME).stat().st_mode & 0o777 == 0o666
        assert line.receive() == (HEADER, b"12345")
    assert list(tmp_path.iterdir()) == []


def test_noise_is_no_still(tmp_path: Path, caller: Callable[[Callable[[socket.socket], None]], None]) -> None:
    caller(lambda sock: sock.send(b"noise") and None)
    with Line(tmp_path) as line, pytest.raises(StillError):
        line.receive()
    assert list(tmp_path.iterdir()) == []


def test_where_nobody_comes_it_says_what_to_do(tmp_path: Path) -> None:
    with Line(tmp_path, patience_s=0.05) as line, pytest.raises(StillLineError, match="is passant run running"):
        line.receive()
    assert list(tmp_path.iterdir()) == []


def test_only_one_asks_at_a_time(tmp_path: Path) -> None:
    with Line(tmp_path), pytest.raises(StillLineError, match="somebody else is taking stills"), Line(tmp_path, 0.05):
        pass
    with Line(tmp_path):
        pass


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_a_picture_of_somebody_else_is_not_taken_for_visions(tmp_path: Path) -> None:
    for parent in tmp_path.parents:
        if "pytest-" in os.fspath(parent):
            parent.chmod(0o711)
    tmp_path.chmod(0o711)
    with Line(tmp_path, patience_s=3.0) as line:
        process = multiprocessing.get_context("spawn").Process(target=_as_stranger, args=(tmp_path / SOCKET_NAME,))
        process.start()
        with pytest.raises(StillLineError, match="no vision came"):
            line.receive()
        process.join()
    assert process.exitcode == 0


def _as_stranger(place: Path) -> None:
    os.setresuid(STRANGER, STRANGER, STRANGER)
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as sock:
        sock.connect(os.fspath(place))
        sys.exit(0 if sock.recv(100) == b"" else 1)


@pytest.mark.parametrize("what", ["missing", "a file", "a link"])
def test_a_folder_that_is_none_is_told(tmp_path: Path, what: str) -> None:
    place = tmp_path / "setup"
    if what == "a file":
        place.write_text("")
    elif what == "a link":
        place.symlink_to(tmp_path)
    with pytest.raises(StillLineError, match=r"--state\)"), Line(place):
        pass


def test_a_path_too_long_for_a_socket_is_told(tmp_path: Path) -> None:
    place = tmp_path / ("x" * 100)
    place.mkdir()
    with pytest.raises(StillLineError, match="shorter state folder"), Line(place):
        pass


def test_the_setup_folder_is_its_owners_alone_without_the_group(tmp_path: Path) -> None:
    if setup_group() is not None:
        pytest.skip("this machine has the setup group")
    (tmp_path / "setup").mkdir(mode=0o777)
    (tmp_path / "setup").chmod(0o777)
    before = tmp_path.stat().st_mode
    assert made_setup_folder(tmp_path).stat().st_mode & 0o7777 == 0o700
    assert tmp_path.stat().st_mode == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_setup_folder_of_another_owner_is_left_as_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "setup"
    folder.mkdir()
    folder.chmod(0o2750)
    os.chown(folder, STRANGER, STRANGER)
    made_setup_folder(tmp_path)
    found = folder.stat()
    assert (found.st_mode & 0o7777, found.st_uid, found.st_gid) == (0o2750, STRANGER, STRANGER)
