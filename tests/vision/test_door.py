"""Who gets a still: root and the setup group, by what the kernel says of whoever listens."""

import json
import logging
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from edge.contract.peer import Peer, peer_of
from edge.contract.stills import SOCKET_NAME
from edge.vision.door import Admission, Door

GROUP = 41_234
SOMEBODY = 41_999
# It becomes somebody else only when it runs: another user may not be able to start our Python.
LISTENS = """
import json, os, socket, sys
path, who = sys.argv[1], json.loads(sys.argv[2])
if who:
    uid, gid, groups = who
    os.setgroups(groups)
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
os.umask(0o111)
sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
sock.bind(path)
sock.listen(1)
print("ready", flush=True)
sock.accept()[0].recv(100)
"""
Who = tuple[int, int, tuple[int, ...]]
"""A user, its first group and its others."""


def admission(folder: Path, *, group: int | None = GROUP, is_ours: bool = False, closed: bool = True) -> Admission:
    return Admission(folder=folder, group=group, is_ours=is_ours, closed=closed)


@contextmanager
def waiting(folder: Path, who: Who) -> Iterator[None]:
    """Somebody who listens."""
    if os.geteuid() != 0:
        pytest.skip("only root can become somebody else")
    command = [sys.executable, "-c", LISTENS, str(folder / SOCKET_NAME), json.dumps(who)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == b"ready\n"
            yield
        finally:
            process.kill()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder that anybody may enter: here the kernel's word is what counts, not the mode."""
    folder = tmp_path / "setup"
    folder.mkdir()
    folder.chmod(0o777)
    top = Path(tempfile.gettempdir())
    for parent in folder.parents:
        if parent.is_relative_to(top) and parent != top:
            parent.chmod(0o711)
    return folder


ADMITTED: dict[str, Who] = {
    "a member": (SOMEBODY, SOMEBODY, (GROUP, GROUP + 1)),
    "whose first group it is": (SOMEBODY, GROUP, ()),
    "root": (0, SOMEBODY, ()),
}
REFUSED: dict[str, Who] = {
    "nobody": (65_534, 65_534, ()),
    "somebody in other groups": (SOMEBODY, SOMEBODY, (GROUP + 1,)),
    "root's group alone": (SOMEBODY, 0, ()),
}


@pytest.mark.parametrize("who", ADMITTED)
def test_root_and_members_of_the_group_are_let_in(folder: Path, who: str) -> None:
    with waiting(folder, ADMITTED[who]):
        visitor = Door(admission(folder)).look()
        assert visitor is not None
        assert visitor.who.startswith(f"user {ADMITTED[who][0]}, process ")
        visitor.channel.close()


@pytest.mark.parametrize("who", REFUSED)
def test_all_others_are_refused_once_and_it_is_logged(folder: Path, who: str, caplog: pytest.LogCaptureFixture) -> None:
    door = Door(admission(folder))
    with caplog.at_level(logging.WARNING), waiting(folder, REFUSED[who]):
        assert [door.look() for _ in range(5)] == [None] * 5
    (line,) = caplog.messages
    assert line.startswith(f"a still was refused: user {REFUSED[who][0]}, process ")


def test_after_one_who_was_refused_another_is_let_in(folder: Path) -> None:
    door = Door(admission(folder))
    with waiting(folder, REFUSED["nobody"]):
        assert door.look() is None
    (folder / SOCKET_NAME).unlink()
    with waiting(folder, ADMITTED["a member"]):
        visitor = door.look()
        assert visitor is not None
        visitor.channel.close()


def test_without_the_group_only_root_is_let_in(folder: Path) -> None:
    with waiting(folder, ADMITTED["whose first group it is"]):
        assert Door(admission(folder, group=None)).look() is None


def test_nobody_is_there(folder: Path) -> None:
    assert Door(admission(folder)).look() is None
    assert Door(admission(folder / "gone")).look() is None


def test_what_lies_there_and_is_no_socket_or_was_left_behind_is_nobody(folder: Path) -> None:
    place = folder / SOCKET_NAME
    place.write_text("in the way")
    assert Door(admission(folder)).look() is None
    place.unlink()
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as sock:
        sock.bind(os.fspath(place))
    assert Door(admission(folder)).look() is None
    place.unlink()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
        sock.bind(os.fspath(place))
        sock.listen(1)
        assert Door(admission(folder)).look() is None
    place.unlink()
    target = folder / "elsewhere"
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as sock:
        sock.bind(os.fspath(target))
        sock.listen(1)
        place.symlink_to(target)
        assert Door(admission(folder)).look() is None


def a_peer(uid: int, *groups: int, hidden: bool = False) -> Peer:
    return Peer(pid=1, uid=uid, groups=frozenset(groups), hidden=hidden)


@pytest.mark.parametrize("closed", [True, False])
def test_of_whom_a_namespace_hides_the_folder_speaks(folder: Path, *, closed: bool) -> None:
    assert admission(folder, closed=closed).admits(a_peer(65_534, 65_534, hidden=True)) == closed


def test_our_own_user_needs_the_group_as_any_other(folder: Path) -> None:
    ours = a_peer(os.geteuid() or SOMEBODY, 65_534)
    if os.geteuid() != 0:
        assert not admission(folder).admits(ours)
        assert admission(folder, is_ours=True).admits(ours)
    assert not admission(folder, is_ours=True).admits(a_peer(SOMEBODY + 1))


@pytest.mark.parametrize(
    ("mode", "closed"), [(0o700, True), (0o2750, True), (0o701, False), (0o704, False), (0o777, False), (0o770, False)]
)
def test_a_folder_is_closed_when_nobody_else_may_enter(folder: Path, mode: int, *, closed: bool) -> None:
    # No such group is on a machine that tests, so group-writable is open to whom we don't know.
    folder.chmod(mode)
    found = Admission.at(folder)
    if found.group is not None:
        pytest.skip("this machine has the setup group")
    assert found.closed == closed
    assert not Admission.at(folder / "gone").closed


def test_who_is_at_the_other_end_is_told_by_the_kernel() -> None:
    one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with one, other:
        peer = peer_of(one)
    assert (peer.pid, peer.uid, peer.hidden) == (os.getpid(), os.geteuid(), False)
    assert peer.groups == {os.getegid(), *os.getgroups()}
