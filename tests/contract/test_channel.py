"""The channel between the processes: good messages pass, bad ones are counted, nothing is smuggled."""

import array
import os
import socket
import stat
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterator
from itertools import repeat
from pathlib import Path

import pytest

from edge.contract import bounds, channel, wire
from edge.contract.channel import (
    MOST_REFUSED,
    ChannelAbsentError,
    ChannelClosedError,
    ChannelError,
    ChannelPathError,
    Connection,
    Listener,
    Refusal,
)
from edge.contract.report import FROM_PUBLISHER, FROM_VISION, Answer, Hello, Verdict

HELLO = Hello(site=7, model=8, replay=True, isolated=True)
ANSWER = Answer(sequence=3, verdict=Verdict.STORED)


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[Listener]:
    with Listener(tmp_path / "channel", FROM_VISION) as one:
        yield one


@pytest.fixture
def path(tmp_path: Path, listener: Listener) -> Path:
    return tmp_path / "channel"


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, Connection]]:
    """A raw sender that keeps no rule, and the publisher's end."""
    raw, end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with raw, Connection(end, FROM_VISION) as publisher:
        yield raw, publisher


def _descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def _accepted(listener: Listener) -> bool:
    connection = listener.accept(5.0)
    if connection is not None:
        connection.close()
    return connection is not None


def _refused(connection: Connection) -> dict[Refusal, int]:
    return {why: count for why, count in connection.refused.items() if count}


def test_messages_pass_both_ways(listener: Listener, path: Path) -> None:
    with channel.connect(path, FROM_PUBLISHER) as vision:
        publisher = listener.accept(5.0)
        assert publisher is not None
        with publisher:
            vision.send(HELLO)
            assert publisher.receive(5.0) == HELLO
            publisher.send(ANSWER)
            assert vision.receive(5.0) == ANSWER
            assert publisher.receive(0.0) is None


def test_a_descriptor_is_refused_counted_and_never_installed(pair: tuple[socket.socket, Connection]) -> None:
    raw, publisher = pair
    with Path(os.devnull).open("rb") as smuggled:
        rights = array.array("i", [smuggled.fileno()] * 4)
        raw.sendmsg([wire.encode(HELLO)], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)])
        before = _descriptors()
        assert publisher.receive(0.0) is None
        assert _descriptors() == before
    assert _refused(publisher) == {Refusal.DESCRIPTOR: 1}
    raw.send(wire.encode(HELLO))
    assert publisher.receive(0.0) == HELLO


def test_an_oversized_message_is_refused_and_counted(pair: tuple[socket.socket, Connection]) -> None:
    raw, publisher = pair
    # Its head is a whole good message: cutting it off must not mend it.
    raw.send(wire.encode(HELLO) + bytes(wire.most_bytes(FROM_VISION)))
    raw.send(bytes(100_000))
    assert publisher.receive(0.0) is None
    assert _refused(publisher) == {Refusal.OVERSIZED: 2}


@pytest.mark.parametrize(
    "data",
    [b"", b"\x00", b"picture", wire.encode(HELLO) + b"\x00", wire.encode(HELLO)[:-1], wire.encode(ANSWER)],
    ids=["empty", "zero", "text", "one byte more", "one byte less", "the other side's word"],
)
def test_a_bad_message_is_counted_and_the_next_one_read(pair: tuple[socket.socket, Connection], data: bytes) -> None:
    raw, publisher = pair
    raw.send(data)
    raw.send(wire.encode(HELLO))
    assert publisher.receive(0.0) == HELLO
    assert _refused(publisher) == {Refusal.MALFORMED: 1}


def test_a_flood_of_bad_messages_ends_the_connection(pair: tuple[socket.socket, Connection]) -> None:
    raw, publisher = pair
    for _ in range(MOST_REFUSED):
        raw.send(b"flood")
    with pytest.raises(ChannelClosedError, match="broke the contract") as caught:
        publisher.receive(0.0)
    assert "flood" not in str(caught.value)
    assert publisher.closed
    with pytest.raises(ChannelClosedError):
        publisher.receive(0.0)


def test_the_end_is_told_after_what_was_sent_before_it(pair: tuple[socket.socket, Connection]) -> None:
    raw, publisher = pair
    raw.send(wire.encode(HELLO))
    raw.close()
    assert publisher.receive(0.0) == HELLO
    with pytest.raises(ChannelClosedError):
        publisher.receive(0.0)


def test_sending_to_one_that_left_is_told(pair: tuple[socket.socket, Connection]) -> None:
    raw, publisher = pair
    raw.close()
    with pytest.raises(ChannelClosedError):
        publisher.send(ANSWER)


def test_sending_what_breaks_the_contract_sends_nothing(pair: tuple[socket.socket, Connection]) -> None:
    raw, publisher = pair
    with pytest.raises(wire.ContractError):
        publisher.send(Answer(sequence=0, verdict=Verdict.STORED))
    raw.settimeout(0.0)
    with pytest.raises(BlockingIOError):
        raw.recv(10)


def test_the_socket_file_is_for_user_and_group_only_and_goes_with_the_listener(tmp_path: Path) -> None:
    path = tmp_path / "channel"
    before = os.umask(0)
    try:
        with Listener(path, FROM_VISION):
            assert stat.S_IMODE(path.lstat().st_mode) == 0o660
    finally:
        os.umask(before)
    assert not path.exists()


def test_a_stale_socket_file_is_removed(tmp_path: Path) -> None:
    path = tmp_path / "channel"
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as dead:
        dead.bind(str(path))
    with Listener(path, FROM_VISION) as listener, channel.connect(path, FROM_PUBLISHER):
        assert _accepted(listener)


def test_a_living_listener_is_not_pushed_aside(listener: Listener, path: Path) -> None:
    with pytest.raises(ChannelError, match="another publisher"):
        Listener(path, FROM_VISION)
    assert path.exists()


def test_a_file_that_is_no_socket_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "channel"
    path.write_text("mine")
    with pytest.raises(ChannelPathError, match="no socket"):
        Listener(path, FROM_VISION)
    assert path.read_text() == "mine"


def test_a_path_that_is_too_long_says_so(tmp_path: Path) -> None:
    path = tmp_path / ("x" * channel.MOST_PATH_BYTES)
    with pytest.raises(ChannelPathError, match="at most 107 bytes"):
        Listener(path, FROM_VISION)
    with pytest.raises(ChannelPathError, match="--state"):
        channel.connect(path, FROM_PUBLISHER)


def test_nobody_listening_is_told(tmp_path: Path) -> None:
    with pytest.raises(ChannelAbsentError, match="start the publisher"):
        channel.connect(tmp_path / "channel", FROM_PUBLISHER)


def test_one_vision_at_a_time(listener: Listener, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "LEAST_RECONNECT_S", 0)
    with channel.connect(path, FROM_PUBLISHER):
        first = listener.accept(5.0)
        assert first is not None
        with channel.connect(path, FROM_PUBLISHER) as second:
            assert listener.accept(5.0) is None
            assert listener.rejected == 1
            with pytest.raises(ChannelClosedError):
                second.receive(5.0)
        first.close()
    with channel.connect(path, FROM_PUBLISHER):
        assert _accepted(listener)


def test_connections_that_follow_too_soon_are_turned_away(
    listener: Listener, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "LEAST_RECONNECT_S", 3600)
    with channel.connect(path, FROM_PUBLISHER):
        first = listener.accept(5.0)
        assert first is not None
        first.close()
    with channel.connect(path, FROM_PUBLISHER):
        assert listener.accept(5.0) is None
        assert listener.rejected == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can connect as another user")
def test_another_user_is_turned_away_unless_allowed(tmp_path: Path) -> None:
    program = (
        "import os, socket, sys; s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET); "
        "os.setresuid(65534, 65534, 65534); s.connect(sys.argv[1]); sys.stdin.read()"
    )
    for allowed, welcome in (((), False), ((65534,), True)):
        path = tmp_path / f"channel{len(allowed)}"
        with Listener(path, FROM_VISION, allowed_uids=allowed) as listener:
            path.chmod(0o666)
            for folder in (tmp_path, *tmp_path.parents[:2]):
                folder.chmod(0o755)
            with subprocess.Popen(
                [sys.executable, "-c", program, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
            ) as other:
                accepted = listener.accept(10.0)
                other.communicate()
            assert (accepted is not None) is welcome
            if accepted is not None:
                accepted.close()
            assert listener.rejected == int(not welcome)


def test_a_receiver_that_sleeps_does_not_hold_the_sender_for_ever(
    pair: tuple[socket.socket, Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channel, "SEND_TIMEOUT_S", 0.05)
    left, right = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with right, Connection(left, FROM_VISION) as sender, pytest.raises(ChannelClosedError, match="takes no messages"):
        deque(map(sender.send, repeat(ANSWER, 100_000)), maxlen=0)


def test_one_thread_sends_while_another_receives(listener: Listener, path: Path) -> None:
    many = 500
    with channel.connect(path, FROM_PUBLISHER) as vision:
        publisher = listener.accept(5.0)
        assert publisher is not None
        asker = threading.Thread(target=lambda: deque(map(vision.send, repeat(HELLO, many)), maxlen=0))
        answers: list[object] = []
        reader = threading.Thread(target=lambda: answers.extend(vision.receive(5.0) for _ in range(many)))
        asker.start()
        reader.start()
        with publisher:
            for _ in range(many):
                assert publisher.receive(5.0) == HELLO
                publisher.send(ANSWER)
            asker.join()
            reader.join()
    assert answers == [ANSWER] * many


def test_a_socket_that_systemd_passes_is_used(tmp_path: Path) -> None:
    program = (
        "import os, socket, sys; from pathlib import Path; from edge.contract.channel import Listener; "
        "from edge.contract.report import FROM_VISION\n"
        "os.environ['LISTEN_PID'] = str(os.getpid()); os.environ['LISTEN_FDS'] = '1'\n"
        "with Listener(Path('/nowhere/channel'), FROM_VISION) as l:\n"
        "    print(type(l.accept(10.0)).__name__)\n"
    )
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as unit:
        unit.bind(str(tmp_path / "channel"))
        unit.listen(1)
        command = f'exec "$0" -c "$1" 3<&{unit.fileno()}'
        with (
            subprocess.Popen(
                ["bash", "-c", command, sys.executable, program],
                stdout=subprocess.PIPE,
                pass_fds=[unit.fileno()],
                text=True,
            ) as publisher,
            channel.connect(tmp_path / "channel", FROM_PUBLISHER),
        ):
            answer, _ = publisher.communicate()
    assert answer == "Connection\n"
