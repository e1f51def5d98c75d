"""What persists is found again, and what is not there is not made up."""

import numpy as np
import pytest

from edge.publisher.forecast.persistence import SIGNS, Persistence, solved


def learnt(weights: tuple[float, ...], noise: float, many: int) -> Persistence:
    rng, persistence = np.random.default_rng(1), Persistence(3600)
    for _ in range(many):
        signs = tuple(rng.normal(0, 1) for _ in range(SIGNS))
        deviation = sum(a * b for a, b in zip(weights, signs, strict=True)) + rng.normal(0, noise)
        persistence.learn(signs, deviation)
    return persistence


def test_the_weights_behind_the_deviations_are_found() -> None:
    weights = (0.6, 0.0, -0.2, 0.3, 0.0, 0.1)
    persistence = learnt(weights, 0.5, 3000)
    for place, weight in enumerate(weights):
        unit = tuple(float(place == other) for other in range(SIGNS))
        assert persistence.expect(unit) == pytest.approx(weight, abs=0.08)


def test_little_is_believed_of_few_moments() -> None:
    few = learnt((0.9, 0, 0, 0, 0, 0), 0.1, 24)
    assert 0.1 < few.expect((1, 0, 0, 0, 0, 0)) < 0.75


def test_nothing_is_expected_before_anything_was_learnt() -> None:
    assert Persistence(900).expect((1.0,) * SIGNS) == 0.0


def test_signs_that_are_always_the_same_break_nothing() -> None:
    persistence = Persistence(3600)
    for _ in range(500):
        persistence.learn((0.0,) * SIGNS, 0.0)
        persistence.learn((1.0,) * SIGNS, 3.0)
    assert persistence.expect((1.0,) * SIGNS) < 3.0


def test_equations_are_solved() -> None:
    rng = np.random.default_rng(4)
    half = [[rng.normal(0, 1) for _ in range(5)] for _ in range(5)]
    rows = [[sum(a * b for a, b in zip(x, y, strict=True)) for y in half] for x in half]
    right = [rng.normal(0, 1) for _ in range(5)]
    found = solved([list(row) for row in rows], list(right))
    for row, wanted in zip(rows, right, strict=True):
        assert sum(a * b for a, b in zip(row, found, strict=True)) == pytest.approx(wanted)
