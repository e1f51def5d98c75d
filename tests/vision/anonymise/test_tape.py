"""What is kept of a frame's movement comes back as it was."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from edge.vision.anonymise.tape import PackedMotion
from edge.vision.detect.motion import FOREGROUND, Motion


@given(st.integers(1, 70), st.integers(1, 70), st.integers(0, 2**32), st.booleans())
def test_a_motion_comes_back_as_it_was(width: int, height: int, seed: int, trusted: bool) -> None:  # noqa: FBT001
    mask = (np.random.default_rng(seed).random((height, width)) < 0.3).astype(np.uint8) * np.uint8(FOREGROUND)
    back = PackedMotion.of(Motion(mask=mask, scale=1.7, trusted=trusted)).unpacked()
    assert (back.mask == mask).all()
    assert (back.scale, back.trusted) == (1.7, trusted)
