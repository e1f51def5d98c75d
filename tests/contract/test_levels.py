"""Fruin's levels begin where he put them."""

import pytest

from edge.contract.levels import LevelOfService, fruin


@pytest.mark.parametrize(
    ("density", "level"),
    [
        *((0.0, "A"), (0.309, "A"), (0.31, "B"), (0.429, "B"), (0.43, "C"), (0.719, "C"), (0.72, "D"), (1.079, "D")),
        *((1.08, "E"), (2.149, "E"), (2.15, "F"), (9.0, "F")),
    ],
)
def test_levels(density: float, level: str) -> None:
    assert fruin(density) is LevelOfService[level]
