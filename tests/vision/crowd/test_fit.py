"""A zone's weights from a few counted moments."""

import numpy as np
import pytest

from edge.config.site import CROWD_FEATURES
from edge.vision.crowd.features import NAMES
from edge.vision.crowd.fit import FitError, fit

RNG = np.random.default_rng(4)


def moments(number: int, noise: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Make moments with 0 to 30 people, three features that follow them, and the counts."""
    people = RNG.integers(0, 31, number).astype(float)
    people[:2] = 0, 30
    features = np.stack([np.ones(number), people * 0.8 + 1, people * 3.0, np.minimum(people, 12)], axis=1)
    features[:, 1:] += RNG.normal(0, noise, (number, 3))
    return features, people


def test_check_knows_how_many_weights_there_are() -> None:
    assert len(NAMES) == CROWD_FEATURES


def test_ten_moments_find_what_features_say_of_a_crowd() -> None:
    found = fit(*moments(10, noise=0.5))
    features, people = moments(200, noise=0.5)
    error = np.abs(features @ np.array(found.weights) - people).mean() / people.mean()
    assert error < 0.15
    assert found.moments == 10


def test_its_error_is_what_it_does_to_moments_it_has_not_seen() -> None:
    errors, trues = [], []
    for _ in range(20):
        features, people = moments(10, noise=2.5)
        found = fit(features, people)
        others, truths = moments(100, noise=2.5)
        errors.append(found.error)
        trues.append(np.abs(np.maximum(others @ np.array(found.weights), 0) - truths).mean() / truths.mean())
    assert np.mean(errors) == pytest.approx(np.mean(trues), rel=0.35)


def test_a_feature_that_never_changes_has_no_weight() -> None:
    features, people = moments(8)
    features[:, 2] = 7.0
    assert fit(features, people).weights[2] == 0


@pytest.mark.parametrize(
    ("number", "counts", "says"),
    [
        (4, None, "4 counted moments are too few"),
        (6, 9.0, "all counts are 9"),
    ],
)
def test_what_makes_no_fit_is_refused_with_a_mend(number: int, counts: float | None, says: str) -> None:
    features, people = moments(number)
    with pytest.raises(FitError, match=f"{says}.* — count "):
        fit(features, people if counts is None else np.full(number, counts))


def test_a_zone_that_never_changes_is_refused() -> None:
    with pytest.raises(FitError, match="looked the same each time"):
        fit(np.ones((6, 4)), np.arange(6.0))


def test_where_the_people_followed_tell_all_they_alone_count() -> None:
    people = RNG.integers(2, 9, 10).astype(float)
    noise = RNG.normal(0, 4, (10, 2))
    found = fit(np.stack([np.ones(10), people + noise[:, 0], 3 * people + noise[:, 1], people], axis=1), people)
    assert found.weights == pytest.approx((0, 0, 0, 1), abs=1e-6)


def test_no_feature_counts_people_away() -> None:
    features, people = moments(10, noise=1.0)
    features[:, 2] = 100 - 3 * people
    assert min(fit(features, people).weights[1:]) >= 0
