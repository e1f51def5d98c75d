"""Records between a decoder and its reader: what is written is read, and nothing else is."""

import select

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.vision.camera.tokens import RECORD, Ended, Opened, Pictured, Returned, Start, Token, pack, unpack

numbers = st.integers(-(1 << 63), (1 << 63) - 1)
tokens = st.one_of(
    st.builds(Opened, width=numbers, height=numbers, fps_milli=numbers, length_ns=numbers),
    st.builds(Start, width=numbers, height=numbers, period_ns=numbers),
    st.builds(Pictured, slot=numbers, taken_ns=numbers, complaints=numbers, is_key=numbers),
    st.builds(Returned, slot=numbers),
    st.builds(Ended, why=numbers, at_ns=numbers),
)


@given(tokens)
def test_a_token_comes_back_as_it_was(token: Token) -> None:
    assert unpack(pack(token)) == token


def test_a_record_goes_through_a_pipe_in_one_piece() -> None:
    assert RECORD.size <= select.PIPE_BUF


@pytest.mark.parametrize("length", [0, 1, RECORD.size - 1, RECORD.size + 1])
def test_a_record_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match=f"a record has {RECORD.size} bytes"):
        unpack(bytes(length))


def test_a_record_of_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="no record is of kind 5"):
        unpack(b"\5" + bytes(RECORD.size - 1))
