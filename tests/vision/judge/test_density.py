"""Levels of density: reached once held, left with a step back, never without verified metres."""

from dataclasses import replace

import numpy as np
import pytest

from edge.config.alarm import LEAST_DENSITY
from edge.contract.report import AlarmKind, AlarmPhase, Severity
from edge.vision.judge.density import SEVERITIES
from edge.vision.measure.crowd import Crowd
from tests.vision.judge.made import Watch, a_site, a_zone

DENSE = a_zone(AlarmKind.DENSITY)
CROWD = Crowd(people=200.0, movers=50, verified=True, area_m2=80.0, density_mean=1.5, density_most=0.0)


def at(density: float) -> Crowd:
    return replace(CROWD, density_most=density)


def test_a_level_is_told_once_it_has_held_for_half_a_minute() -> None:
    watch = Watch(site=a_site(DENSE)).run(20.0, crowd=at(2.4))
    assert watch.said == []
    watch.run(40.0, crowd=at(2.4))
    assert 24.0 <= watch.when(AlarmPhase.RAISED) <= 33.0
    assert (watch.said[0].level, watch.said[0].severity) == (2, Severity.LOW)


def test_a_higher_level_is_told_at_once_after_its_own_hold() -> None:
    watch = Watch(site=a_site(DENSE)).run(40.0, crowd=at(2.4)).run(57.0, crowd=at(5.2))
    assert [alarm.level for alarm in watch.said if alarm.level != 2] == []
    watch.run(80.0, crowd=at(5.2))
    worst = [alarm for alarm in watch.said if alarm.level == 5]
    assert watch.phases() == [AlarmPhase.RAISED]
    assert worst[0].phase is AlarmPhase.UPDATED
    assert worst[0].severity is Severity.CRITICAL


def test_a_density_that_trembles_about_a_level_tells_it_once() -> None:
    rng = np.random.default_rng()
    watch = Watch(site=a_site(DENSE))
    for second in range(300):
        watch.run(second + 1.0, crowd=at(3.15 + rng.normal(0.0, 0.12)))
    for second in range(300, 600):
        watch.run(second + 1.0, crowd=at(2.9 + rng.normal(0.0, 0.12)))
    assert watch.phases() == [AlarmPhase.RAISED]
    assert {alarm.level for alarm in watch.said} <= {2, 3}
    assert watch.said[-1].level == 3
    watch.run(700.0, crowd=at(1.0))
    assert watch.phases() == [AlarmPhase.RAISED, AlarmPhase.CLEARED]


def test_a_level_is_left_downwards_too() -> None:
    watch = Watch(site=a_site(DENSE)).run(60.0, crowd=at(4.3)).run(120.0, crowd=at(2.3))
    levels = [alarm.level for alarm in watch.said]
    assert levels[0] == 4
    assert levels[-1] == 2
    assert watch.phases() == [AlarmPhase.RAISED]


@pytest.mark.parametrize("crowd", [replace(CROWD, density_most=4.0, verified=False), CROWD, None])
def test_metres_that_nobody_verified_tell_nothing(crowd: Crowd | None) -> None:
    assert Watch(site=a_site(DENSE)).run(120.0, crowd=crowd).said == []


def test_check_tells_the_level_from_which_on_it_is_raised() -> None:
    assert min(SEVERITIES) == LEAST_DENSITY
