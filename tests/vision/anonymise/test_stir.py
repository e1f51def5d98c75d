"""Stir: a walk between two frames is not far, a jump is, whatever the film says of its time."""

import numpy as np
import pytest

from edge.vision.anonymise.stir import Stir
from edge.vision.frame import Frame

SIZE = (384, 216)


def street(x: int) -> Frame:
    """A place with a sensor's noise, and somebody of 20 by 60 px in it."""
    pixels = np.random.default_rng(x).normal(120, 3, (SIZE[1], SIZE[0], 3)).clip(0, 255).astype(np.uint8)
    pixels[100:160, x : x + 20] = 30
    return Frame(pixels=pixels, taken_ns=0, index=0)


def test_before_the_first_look_everything_is_far() -> None:
    assert Stir().is_far(street(50))


@pytest.mark.parametrize(("way", "far"), [(0, False), (3, False), (16, True), (200, True)])
def test_a_step_is_not_far_and_a_jump_is(way: int, far: bool) -> None:  # noqa: FBT001
    stir = Stir()
    stir.is_far(street(50))
    stir.looked()
    assert stir.is_far(street(50 + way)) == far


def test_small_steps_add_up_until_the_next_look() -> None:
    stir = Stir()
    stir.is_far(street(50))
    stir.looked()
    far = [stir.is_far(street(50 + 2 * n)) for n in range(1, 10)]
    assert not far[0]
    assert far[-1]
    stir.looked()
    assert not stir.is_far(street(50 + 2 * 10))
