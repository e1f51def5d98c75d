"""The stills' channel: what is sent arrives, and whatever is no still is refused."""

import array
import socket
import threading
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.contract.stills import (
    MOST_BYTES,
    MOST_SIDE_PX,
    PIECE_BYTES,
    StillError,
    StillHeader,
    StillRefusedError,
    StillState,
    receive,
    send,
)

PATIENCE_S = 20.0
Pair = tuple[socket.socket, socket.socket]

headers = st.builds(
    StillHeader,
    state=st.sampled_from(StillState),
    width=st.integers(1, MOST_SIDE_PX),
    height=st.integers(1, MOST_SIDE_PX),
    length=st.integers(1, MOST_BYTES),
)


def header(length: int) -> StillHeader:
    return StillHeader(state=StillState.SHOWN, width=64, height=48, length=length)


@pytest.fixture
def pair() -> Iterator[Pair]:
    one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with one, other:
        yield one, other


@given(headers)
def test_a_header_reads_as_it_was_written(one: StillHeader) -> None:
    assert StillHeader.decode(one.encode()) == one


@given(
    st.binary(max_size=40) | headers.map(lambda one: one.encode()[:-1]) | headers.map(lambda one: one.encode() + b"\0")
)
def test_what_is_no_header_is_refused(data: bytes) -> None:
    with pytest.raises(StillError):
        StillHeader.decode(data)


@pytest.mark.parametrize(
    ("width", "height", "length"), [(0, 1, 1), (1, 0, 1), (1, 1, 0), (MOST_SIDE_PX + 1, 1, 1), (1, 1, MOST_BYTES + 1)]
)
def test_a_header_keeps_its_bounds(width: int, height: int, length: int) -> None:
    good = header(1).encode()
    with pytest.raises(StillError):
        StillHeader(state=StillState.SHOWN, width=width, height=height, length=length)
    at = good[:6] + width.to_bytes(2, "big") + height.to_bytes(2, "big") + length.to_bytes(4, "big")
    with pytest.raises(StillError):
        StillHeader.decode(at)


@settings(max_examples=20, deadline=None)
@given(st.sampled_from([1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, MOST_BYTES]), st.sampled_from(StillState))
def test_what_is_sent_arrives(length: int, state: StillState) -> None:
    one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with one, other:
        picture = bytes(i % 251 for i in range(length))
        first = StillHeader(state=state, width=7, height=5, length=length)
        sending = threading.Thread(target=send, args=(one, first, picture, PATIENCE_S))
        sending.start()
        assert receive(other, PATIENCE_S) == (first, picture)
        sending.join()


def test_a_picture_of_another_length_is_not_sent(pair: Pair) -> None:
    with pytest.raises(StillError, match="another length"):
        send(pair[0], header(3), b"four", PATIENCE_S)
    pair[0].close()
    with pytest.raises(StillRefusedError):
        receive(pair[1], PATIENCE_S)


def test_nobody_who_never_reads_holds_the_sender_up(pair: Pair) -> None:
    with pytest.raises(StillError, match="not taken"):
        send(pair[0], header(MOST_BYTES), bytes(MOST_BYTES), 0.2)


def test_nor_one_who_reads_a_piece_now_and_then(pair: Pair) -> None:
    def sip() -> None:
        while pair[1].recv(PIECE_BYTES):
            threading.Event().wait(0.1)

    sipping = threading.Thread(target=sip)
    sipping.start()
    with pytest.raises(StillError, match="not taken"):
        send(pair[0], header(MOST_BYTES), bytes(MOST_BYTES), 0.5)
    pair[0].close()
    sipping.join()


def _too_long(sock: socket.socket) -> None:
    sock.send(header(10).encode() + b"x")


def _much_too_long(sock: socket.socket) -> None:
    sock.send(header(10).encode() + bytes(100_000))


def _longer_than_said(sock: socket.socket) -> None:
    sock.send(header(10).encode())
    sock.send(bytes(11))


def _shorter_than_said(sock: socket.socket) -> None:
    sock.send(header(10).encode())
    sock.send(bytes(9))


def _in_other_pieces(sock: socket.socket) -> None:
    sock.send(header(10).encode())
    sock.send(bytes(4))
    sock.send(bytes(6))


def _broken_off(sock: socket.socket) -> None:
    sock.send(header(2 * PIECE_BYTES).encode())
    sock.send(bytes(PIECE_BYTES))
    sock.close()


def _with_a_descriptor(sock: socket.socket) -> None:
    rights = array.array("i", [sock.fileno()])
    sock.sendmsg([header(10).encode()], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)])
    sock.send(bytes(10))


def _noise(sock: socket.socket) -> None:
    sock.send(bytes(range(14)))


@pytest.mark.parametrize(
    "wrong",
    [
        _too_long,
        _much_too_long,
        _longer_than_said,
        _shorter_than_said,
        _in_other_pieces,
        _broken_off,
        _with_a_descriptor,
        _noise,
    ],
)
def test_whatever_is_no_still_is_refused(pair: Pair, wrong: Callable[[socket.socket], None]) -> None:
    wrong(pair[0])
    with pytest.raises(StillError) as refused:
        receive(pair[1], PATIENCE_S)
    assert refused.type is StillError


def test_one_who_hangs_up_without_a_word_has_refused(pair: Pair) -> None:
    pair[0].close()
    with pytest.raises(StillRefusedError):
        receive(pair[1], PATIENCE_S)


def test_one_who_says_nothing_is_not_waited_for_for_ever(pair: Pair) -> None:
    with pytest.raises(StillError, match="in time"):
        receive(pair[1], 0.05)
    pair[0].send(header(10).encode())
    with pytest.raises(StillError, match="in time"):
        receive(pair[1], 0.05)
