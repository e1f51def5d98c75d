"""Crowds that suddenly run, stop, turn, push or flee; and crowds that only walk."""

from dataclasses import replace

import pytest

from edge.contract.report import AlarmKind, AlarmPhase
from edge.vision.measure.crowd import Crowd
from tests.vision.judge.made import Watch, a_site, a_zone

MOVES = a_zone(AlarmKind.CROWD_MOVEMENT)
WALKS = Crowd(
    people=40.0,
    movers=20,
    verified=True,
    area_m2=80.0,
    density_mean=0.5,
    density_most=1.2,
    pressure=0.002,
    velocity=(1.1, 0.0),
    speed=1.2,
    opposed=0.1,
)
RUNS = replace(WALKS, speed=3.2, velocity=(2.8, 0.5))
TURNS = replace(WALKS, velocity=(-1.1, 0.1))
JAMS = replace(WALKS, speed=0.1, velocity=(0.1, 0.0), movers=2, density_most=3.5)
PUSHES = replace(WALKS, opposed=0.45, density_most=2.6, velocity=(0.1, 0.0))
SURGES = replace(WALKS, pressure=0.03, density_most=4.2, speed=0.7, velocity=(0.7, 0.0))


@pytest.mark.parametrize(
    "sudden", [RUNS, TURNS, JAMS, PUSHES, SURGES], ids=["runs", "turns", "jams", "pushes", "surges"]
)
def test_a_sudden_change_of_many_is_told(sudden: Crowd) -> None:
    watch = Watch(site=a_site(MOVES)).run(40.0, crowd=WALKS)
    assert watch.said == []
    watch.run(48.0, crowd=sudden)
    assert watch.phases() == [AlarmPhase.RAISED]


def test_a_crowd_that_runs_off_is_told() -> None:
    watch = Watch(site=a_site(MOVES)).run(40.0, crowd=WALKS)
    for second in range(40, 52):
        left = max(5.0, 40.0 - 6.0 * (second - 39))
        watch.run(second + 1.0, crowd=replace(RUNS, people=left, movers=max(2, round(left / 2))))
    assert watch.phases() == [AlarmPhase.RAISED]


def test_a_few_who_run_or_turn_are_no_crowd() -> None:
    few = replace(WALKS, movers=3, people=4.0)
    assert (
        Watch(site=a_site(MOVES)).run(40.0, crowd=few).run(60.0, crowd=replace(RUNS, movers=3, people=4.0)).said == []
    )


def test_nothing_is_told_without_metres_or_while_the_light_changes() -> None:
    blind = replace(WALKS, speed=None, velocity=None, pressure=None, density_most=None)
    assert Watch(site=a_site(MOVES)).run(60.0, crowd=blind).run(70.0, crowd=blind).said == []
    watch = Watch(site=a_site(MOVES)).run(40.0, crowd=WALKS)
    assert watch.run(50.0, crowd=RUNS, steady=False).said == []


def test_counter_flow_on_an_empty_square_is_ordinary() -> None:
    assert Watch(site=a_site(MOVES)).run(60.0, crowd=replace(PUSHES, density_most=0.8)).said == []
