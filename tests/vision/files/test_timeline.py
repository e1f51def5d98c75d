"""Frames laid out at one rate: none lost, gaps of a steady film filled, an unsteady one told as such."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.vision.files.timeline import laid_out

MS = 1_000_000


def at(*instants_ms: float) -> list[int]:
    return [round(instant * MS) for instant in instants_ms]


def steady(number: int, fps: float) -> list[int]:
    return [round(k * 1e9 / fps) for k in range(number)]


@pytest.mark.parametrize("fps", [10.0, 12.5, 25.0, 30000 / 1001, 59.94])
def test_a_steady_film_keeps_its_rate_and_its_frames(fps: float) -> None:
    found = laid_out(steady(100, fps), fps, 100)
    assert (found.fps, found.frames, found.uneven) == (fps, 100, False)
    # A header without a rate: it is measured, through stamps rounded to milliseconds.
    rounded = [instant // MS * MS for instant in steady(100, fps)]
    assert laid_out(rounded, None, None).fps == pytest.approx(fps, rel=0.002)


def test_gaps_are_filled_where_the_file_counts_more_frames() -> None:
    taken = [instant for k, instant in enumerate(steady(50, 25)) if k not in {0, 10, 11, 30}]
    found = laid_out(taken, 25.0, 50)
    assert found.frames == 50
    assert found.missing[0] == 1
    assert found.missing[9] == 2
    assert sum(found.missing) == 4
    # It counts no more: a camera left them out, and nothing is missing.
    assert laid_out(taken, 25.0, 46).frames == 46
    assert laid_out(taken, 25.0, None).frames == 46
    # Inner gaps first, and never more than are missing.
    assert laid_out(taken, 25.0, 48).missing[9] == 2
    assert laid_out(taken, 25.0, 48).frames == 48


def test_an_uneven_film_keeps_its_frames_and_its_length() -> None:
    rng = np.random.default_rng(3)
    taken = np.cumsum(rng.uniform(10, 200, 100) * MS).astype(int).tolist()
    found = laid_out(taken, 1000.0, 9000)
    assert found.uneven
    assert found.frames == 100
    assert found.fps == pytest.approx(99 / ((taken[-1] - taken[0]) / 1e9))
    assert laid_out(taken, found.fps * 1.01, 100).fps == found.fps * 1.01


def test_one_frame_is_a_film() -> None:
    assert laid_out([0], None, None).fps == 25.0
    assert laid_out([0], 12.0, 1).fps == 12.0
    assert laid_out([0], 1e9, 1).fps == 25.0


@given(
    intervals=st.lists(st.integers(1, 10**12), min_size=1, max_size=60),
    header=st.none() | st.floats(0, 1e6),
    declared=st.none() | st.integers(0, 10**6),
)
def test_no_instants_break_it(intervals: list[int], header: float | None, declared: int | None) -> None:
    taken = np.cumsum([0, *intervals]).tolist()
    found = laid_out(taken, header, declared)
    assert len(found.missing) == len(taken)
    assert 0.1 <= found.fps <= 240
    assert len(taken) <= found.frames <= max(len(taken), declared or 0)
