"""People on foot where vehicles drive."""

from dataclasses import replace

import pytest

from edge.config.site import ZoneUse
from edge.contract.report import AlarmKind, AlarmPhase, RoadUser
from tests.vision.judge.made import Mover, Watch, a_site, a_zone

ROAD = a_zone(AlarmKind.PERSON_ON_CARRIAGEWAY, use=ZoneUse.CARRIAGEWAY)
WALKER = Mover(start=(50.0, 200.0), velocity=(25.0, 0.0), size=(20.0, 60.0), kind=RoadUser.PERSON)
ONE_LIFE = [AlarmPhase.RAISED, AlarmPhase.CLEARED]


@pytest.mark.parametrize("fps", [5.0, 25.0])
def test_somebody_on_foot_is_told_after_two_seconds(fps: float) -> None:
    watch = Watch(site=a_site(ROAD), fps=fps).run(40.0, [replace(WALKER, to_s=15.0)])
    assert watch.phases() == ONE_LIFE
    assert 4.0 <= watch.when(AlarmPhase.RAISED) <= 5.5


def test_who_only_steps_down_is_not_told() -> None:
    brief = replace(WALKER, start=(300.0, 80.0), velocity=(0.0, 20.0), to_s=2.5)
    assert Watch(site=a_site(ROAD)).run(20.0, [brief]).said == []


def test_who_walks_along_the_kerb_is_not_told() -> None:
    beside = replace(WALKER, start=(120.0, 101.0))
    assert Watch(site=a_site(ROAD)).run(20.0, [beside]).said == []


@pytest.mark.parametrize(
    ("vehicle", "size"),
    [(RoadUser.BICYCLE, (50.0, 40.0)), (RoadUser.MOTORCYCLE, (60.0, 50.0)), (RoadUser.CAR, (90.0, 70.0))],
)
def test_who_rides_or_drives_is_not_on_foot(vehicle: RoadUser, size: tuple[float, float]) -> None:
    driven = replace(WALKER, kind=vehicle, number=2, size=size)
    assert Watch(site=a_site(ROAD)).run(20.0, [WALKER, driven]).said == []
