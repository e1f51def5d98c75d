"""Directions in words, against the README's: arrow to the right, forward downwards; arrow downwards, forward left."""

import pytest

from edge.cli.compass import arrow, backward, forward


@pytest.mark.parametrize(
    ("end", "words"),
    [
        ((1, 0), ("right", "bottom", "top")),
        ((0, 1), ("bottom", "left", "right")),
        ((-1, 0), ("left", "top", "bottom")),
        ((0, -1), ("top", "right", "left")),
        ((1, 1), ("lower right", "lower left", "upper right")),
        ((-9, -8), ("upper left", "upper right", "lower left")),
    ],
)
def test_forward_is_to_the_right_hand(end: tuple[int, int], words: tuple[str, str, str]) -> None:
    assert tuple(tell((0, 0), end) for tell in (arrow, forward, backward)) == words
