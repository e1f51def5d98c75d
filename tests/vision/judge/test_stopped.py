"""Vehicles that stand where others drive; queues are none."""

from dataclasses import replace

from edge.config.site import AlarmSetting, ZoneUse
from edge.contract.report import AlarmKind, AlarmPhase, RoadUser
from tests.vision.judge.made import Mover, Watch, a_site, a_zone

STOPPED = AlarmKind.STOPPED_VEHICLE
ROAD = a_zone(STOPPED, use=ZoneUse.CARRIAGEWAY)
STANDS = Mover(start=(300.0, 250.0), size=(60.0, 40.0))
ONE_LIFE = [AlarmPhase.RAISED, AlarmPhase.CLEARED]


def test_one_that_stands_alone_is_told_once_it_has_held() -> None:
    watch = Watch(site=a_site(ROAD)).run(60.0, [replace(STANDS, to_s=40.0)])
    assert watch.phases() == ONE_LIFE
    assert 20.0 <= watch.when(AlarmPhase.RAISED) <= 21.0


def test_one_that_stands_for_less_or_is_a_bicycle_is_not_told() -> None:
    assert Watch(site=a_site(ROAD)).run(60.0, [replace(STANDS, to_s=9.0)]).said == []
    assert Watch(site=a_site(ROAD)).run(60.0, [replace(STANDS, kind=RoadUser.BICYCLE)]).said == []


def test_the_hold_is_the_sites() -> None:
    settings = {STOPPED: AlarmSetting(hold_s=40.0, clear_s=5.0, expire_s=900.0)}
    watch = Watch(site=a_site(ROAD, settings=settings)).run(60.0, [STANDS])
    assert 40.0 <= watch.when(AlarmPhase.RAISED) <= 41.0


def test_a_queue_is_no_alarm_until_it_has_stood_for_two_minutes() -> None:
    queue = [replace(STANDS, start=(150.0 + 100.0 * n, 250.0), number=n + 1) for n in range(4)]
    assert Watch(site=a_site(ROAD)).run(100.0, queue).said == []
    assert Watch(site=a_site(ROAD)).run(140.0, queue).phases() == [AlarmPhase.RAISED]


def test_those_that_others_pass_are_told() -> None:
    two = [STANDS, replace(STANDS, start=(420.0, 250.0), number=2)]
    passing = [
        replace(STANDS, start=(-50.0, 330.0), velocity=(120.0, 0.0), number=10 + n, from_s=5.0 * n) for n in range(5)
    ]
    assert Watch(site=a_site(ROAD)).run(30.0, two).said == []
    assert Watch(site=a_site(ROAD)).run(30.0, [*two, *passing]).phases() == [AlarmPhase.RAISED]


def test_one_lost_and_found_again_has_stood_all_the_time() -> None:
    pieces = [replace(STANDS, number=n + 1, from_s=8.0 * n, to_s=8.0 * n + 7.0) for n in range(4)]
    watch = Watch(site=a_site(ROAD)).run(30.0, pieces)
    assert watch.phases() == [AlarmPhase.RAISED]
    assert watch.when(AlarmPhase.RAISED) <= 25.0


def test_one_that_was_seen_to_drive_off_is_not_told() -> None:
    waits = replace(STANDS, to_s=12.0)
    # It has lost its number, but it begins where the other stood.
    leaves = replace(STANDS, velocity=(60.0, 0.0), number=2, from_s=12.2, to_s=18.0)
    assert Watch(site=a_site(ROAD)).run(60.0, [waits, leaves]).said == []


def test_one_that_the_detector_misses_for_seconds_still_stands() -> None:
    blinks = [replace(STANDS, number=n + 1, from_s=9.0 * n, to_s=9.0 * n + 3.4) for n in range(4)]
    assert Watch(site=a_site(ROAD)).run(30.0, blinks).phases() == [AlarmPhase.RAISED]
