"""What lasts of a place, and what is told from it."""

import cv2
import numpy as np

from edge.vision.camera.edges import Field, edges, small
from edge.vision.camera.view import KNOWN_AFTER, Sight, View


def crowd(seed: int) -> Field:
    """People everywhere, none where they were a second ago."""
    rng = np.random.default_rng(seed)
    picture = np.full((360, 640, 3), 110, np.uint8)
    for _ in range(500):
        at = (int(rng.integers(0, 640)), int(rng.integers(0, 360)))
        cv2.ellipse(picture, at, (7, 20), 0, 0, 360, tuple(int(c) for c in rng.integers(0, 255, 3)), -1)
    return edges(small(picture).coarse)


def pattern(seed: int, shift: int = 0) -> Field:
    rng = np.random.default_rng(seed)
    picture = np.full((360, 640, 3), 110, np.uint8)
    for _ in range(120):
        corners = rng.integers(0, (640, 360), (3, 2)).astype(np.int32)
        cv2.fillPoly(picture, [corners], tuple(int(c) for c in rng.integers(0, 255, 3)))
    return edges(small(np.roll(picture, shift, axis=1)).coarse)


def test_what_is_never_the_same_is_no_place_that_could_be_lost() -> None:
    view = View()
    for second in range(2 * KNOWN_AFTER):
        view.learn(pattern(second))
    assert {view.look(pattern(seed)).sight for seed in range(1000, 1020)} <= {Sight.KEPT, Sight.UNSURE}


def test_a_crowd_that_fills_the_picture_may_be_another_the_next_second() -> None:
    view = View()
    for second in range(2 * KNOWN_AFTER):
        view.learn(crowd(second))
    assert {view.look(crowd(seed)).sight for seed in range(1000, 1010)} <= {Sight.KEPT, Sight.UNSURE}


def test_a_view_is_learnt_before_it_is_held_to() -> None:
    view = View()
    for _ in range(KNOWN_AFTER - 1):
        view.learn(pattern(1))
    assert view.look(pattern(2)).sight is Sight.LEARNING
    view.learn(pattern(1))
    assert view.look(pattern(1)).sight is Sight.KEPT
    assert view.look(pattern(2)).sight is Sight.LOST


def test_a_shift_is_told_in_pixels_of_the_small_picture() -> None:
    view = View()
    for _ in range(KNOWN_AFTER):
        view.learn(pattern(1))
    looked = view.look(pattern(1, shift=40))
    assert (looked.sight, looked.shift) == (Sight.MOVED, (10, 0))
    # A mast sways by a pixel or two of 160.
    assert view.look(pattern(1, shift=4)).sight is not Sight.MOVED


def test_an_edge_is_the_same_from_dark_to_bright_and_back() -> None:
    picture = np.random.default_rng(5).integers(40, 210, (18, 32, 3)).astype(np.uint8).repeat(20, 0).repeat(20, 1)
    day, negative = edges(small(picture).coarse), edges(small(255 - picture).coarse)
    assert np.abs(day).max() > 0.3
    assert np.abs(day - negative).max() < 0.05
