"""What is usual: of its own weeks where there are many, of like days where there are few, of no withheld ones."""

import pytest

from edge.publisher.forecast.profile import Profile

MONDAY_NOON, TUESDAY_NOON, SUNDAY_NOON = 12, 36, 6 * 24 + 12


def test_a_first_monday_tells_of_tuesday_and_not_of_sunday() -> None:
    profile = Profile(24)
    profile.learn(MONDAY_NOON, 8.0)
    assert profile.usual(TUESDAY_NOON) == 8.0
    assert profile.usual(SUNDAY_NOON) is None


def test_many_mondays_outweigh_the_other_workdays() -> None:
    profile = Profile(24)
    for _ in range(20):
        profile.learn(MONDAY_NOON, 8.0)
        profile.learn(TUESDAY_NOON, 2.0)
    assert profile.usual(MONDAY_NOON) == pytest.approx(8.0, abs=0.4)
    assert profile.usual(TUESDAY_NOON) == pytest.approx(2.0, abs=0.4)


def test_old_weeks_fade() -> None:
    profile = Profile(24)
    for week in range(40):
        profile.learn(SUNDAY_NOON, 10.0 if week < 20 else 4.0)
    assert profile.usual(SUNDAY_NOON) == pytest.approx(4.0, abs=0.6)


@pytest.mark.parametrize(("given", "is_known"), [(3, True), (1, False)])
def test_what_is_withheld_more_often_than_not_is_not_known(given: int, *, is_known: bool) -> None:
    """The few weeks with a figure are the busy ones: they must not pass for the usual."""
    profile = Profile(24)
    for week in range(40):
        if week % 4 < given:
            profile.learn(SUNDAY_NOON, 3.0)
        else:
            profile.withhold(SUNDAY_NOON)
    assert (profile.usual(SUNDAY_NOON) is not None) == is_known
