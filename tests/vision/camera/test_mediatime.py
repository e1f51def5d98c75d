"""Media time: a container's stamps where they make sense, and strictly increasing always."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from edge.vision.camera.mediatime import MediaTime

S = 1_000_000_000


def test_sound_stamps_are_taken_as_they_are() -> None:
    time = MediaTime(fps=10.0, length_ns=0)
    assert [time.at(stamp) for stamp in (0.0, 100.0, 433.25, 60_000.0)] == [0, 100_000_000, 433_250_000, 60 * S]
    assert time.over_ns == 60 * S + 100_000_000


def test_without_stamps_frames_are_a_period_apart() -> None:
    time = MediaTime(fps=20.0, length_ns=0)
    assert [time.at(0.0) for _ in range(4)] == [0, 50_000_000, 100_000_000, 150_000_000]


def test_without_a_rate_either_it_is_25_a_second() -> None:
    time = MediaTime(fps=0.0, length_ns=0)
    assert [time.at(0.0) for _ in range(3)] == [0, 40_000_000, 80_000_000]


def test_a_leap_beyond_the_declared_end_is_not_believed() -> None:
    time = MediaTime(fps=10.0, length_ns=30 * S)
    assert time.at(1000.0) == S
    assert time.at(9e12) == S + 100_000_000
    # A pause within the recording is.
    assert time.at(29_000.0) == 29 * S


@given(st.lists(st.floats(-1e15, 1e15), min_size=2), st.integers(0, 10**12))
def test_time_never_stands_or_goes_back(stamps: list[float], length_ns: int) -> None:
    time = MediaTime(fps=25.0, length_ns=length_ns)
    instants = [time.at(stamp) for stamp in stamps]
    assert instants[0] >= 0
    assert all(earlier < later for earlier, later in pairwise(instants))
