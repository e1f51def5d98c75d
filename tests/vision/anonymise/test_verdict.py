"""Verdicts: covered, or black for a reason, never neither."""

import numpy as np
import pytest

from edge.vision.anonymise.verdict import Blackout, Verdict


def test_a_verdict_covers_or_is_black_for_a_reason() -> None:
    cover = np.zeros((2, 3), np.uint8)
    assert Verdict(cover=cover, why=None, regions=0).why is None
    assert Verdict.black(Blackout.FAILED).cover is None
    with pytest.raises(ValueError, match="either"):
        Verdict(cover=None, why=None, regions=0)
    with pytest.raises(ValueError, match="either"):
        Verdict(cover=cover, why=Blackout.MOVED, regions=0)


def test_a_verdict_prints_nothing_of_whom_it_covers() -> None:
    cover = np.full((2, 3), 255, np.uint8)
    assert "255" not in repr(Verdict(cover=cover, why=None, regions=0))
