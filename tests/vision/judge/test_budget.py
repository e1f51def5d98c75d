"""How many messages about alarms an hour holds, whatever happens on the street."""

import pytest

from edge.contract.bounds import MOST_ALARM_MESSAGES_AN_HOUR
from edge.units import ns_from_seconds
from edge.vision.judge.budget import Budget


def spent(every_s: float, hours: float, *, news: bool) -> list[float]:
    """Send a message whenever there is one and it may be sent; give when."""
    budget, sent = Budget(), []
    for step in range(round(hours * 3600.0 / every_s)):
        budget.fill(ns_from_seconds(step * every_s))
        if budget.allows(news=news):
            budget.spend()
            sent.append(step * every_s)
    return sent


@pytest.mark.parametrize("news", [False, True])
def test_no_hour_has_more_messages_than_may_cross(*, news: bool) -> None:
    sent = spent(0.4, 3.0, news=news)
    busiest = max(sum(start <= at < start + 3600.0 for at in sent) for start in sent[::20])
    assert MOST_ALARM_MESSAGES_AN_HOUR / 2 < busiest <= MOST_ALARM_MESSAGES_AN_HOUR


def test_what_is_news_still_goes_when_refreshes_have_to_wait() -> None:
    budget = Budget()
    budget.fill(0)
    while budget.allows(news=False):
        budget.spend()
    assert budget.allows(news=True)


def test_a_vehicle_that_comes_near_may_be_told_of_for_some_minutes() -> None:
    assert sum(at < 180.0 for at in spent(0.4, 0.1, news=False)) >= 180.0 / 0.4 * 0.9
