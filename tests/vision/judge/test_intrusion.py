"""Vehicles where none may be: what is raised, how soon, and what is not."""

from dataclasses import replace

import pytest

from edge.config.site import Permit
from edge.contract.report import AlarmKind, AlarmPhase, RoadUser, Severity
from edge.vision.track.identity import Ballot, Proof
from tests.vision.judge.made import PLAN, START_S, Mover, Watch, a_lorry, a_site, a_zone, legal

HEAVY, VEHICLE = AlarmKind.HEAVY_VEHICLE, AlarmKind.VEHICLE
BOTH = a_zone(HEAVY, VEHICLE)
ONE_LIFE = [AlarmPhase.RAISED, AlarmPhase.CLEARED]
RATES = pytest.mark.parametrize("fps", [5.0, 25.0])
CAR = Mover(start=(-50.0, 250.0), velocity=(100.0, 0.0))


@RATES
def test_a_lorry_raises_one_alarm_within_two_seconds_and_only_its_own(fps: float) -> None:
    watch = Watch(site=a_site(BOTH), fps=fps).run(30.0, [a_lorry()])
    assert watch.phases(HEAVY) == ONE_LIFE
    assert watch.phases(VEHICLE) == []
    # The first fifth of its bottom edge is inside after a second.
    assert 1.0 <= watch.when(AlarmPhase.RAISED) <= 3.0
    assert {(alarm.number, alarm.place, alarm.at_line) for alarm in watch.said} == {(1, 0, False)}
    assert [alarm.revision for alarm in watch.said] == list(range(len(watch.said)))
    assert watch.said[0].severity is Severity.HIGH


def test_a_car_raises_vehicle_only() -> None:
    watch = Watch(site=a_site(BOTH)).run(30.0, [CAR])
    assert watch.phases(VEHICLE) == ONE_LIFE
    assert watch.phases(HEAVY) == []


@pytest.mark.parametrize("kind", [RoadUser.PERSON, RoadUser.BICYCLE])
def test_people_and_bicycles_raise_nothing(kind: RoadUser) -> None:
    assert Watch(site=a_site(BOTH)).run(30.0, [replace(CAR, kind=kind, size=(20.0, 50.0))]).said == []


def test_a_lorry_half_on_the_pavement_is_on_the_pavement() -> None:
    beside = a_lorry(start=(90.0, -20.0), velocity=(0.0, 60.0), size=(120.0, 100.0))
    assert Watch(site=a_site(BOTH)).run(8.0, [beside]).phases(HEAVY) == [AlarmPhase.RAISED]
    farther = replace(beside, start=(40.0, -20.0))
    assert Watch(site=a_site(BOTH)).run(8.0, [farther]).said == []


def test_a_lorry_that_stands_cut_off_by_the_picture_is_told_all_the_same() -> None:
    site = a_site(replace(BOTH, polygon=((1.0, 100.0), (540.0, 100.0), (540.0, 350.0), (1.0, 350.0))), ground=PLAN)
    parked = a_lorry(start=(101.0, 260.0), velocity=(0.0, 0.0), size=(200.0, 100.0))
    assert Watch(site=site).run(10.0, [parked]).phases(HEAVY)[:1] == [AlarmPhase.RAISED]


def test_two_lorries_are_one_alarm() -> None:
    second = a_lorry(number=2, from_s=2.0)
    assert Watch(site=a_site(BOTH)).run(30.0, [a_lorry(), second]).phases(HEAVY) == ONE_LIFE


def test_a_van_called_a_lorry_now_and_then_is_none() -> None:
    called = Ballot(light=4.0, heavy=2.0)
    assert Watch(site=a_site(BOTH)).run(30.0, [replace(CAR, ballot=called)]).phases(HEAVY) == []


def test_a_car_of_a_cars_size_is_no_lorry_whatever_it_is_called() -> None:
    called = Ballot(light=0.2, heavy=9.0, in_cars=1.0)
    inside = a_lorry(start=(200.0, 250.0), velocity=(20.0, 0.0))
    assert Watch(site=a_site(BOTH)).run(9.0, [replace(inside, ballot=called)]).phases(HEAVY) == []
    large = replace(called, in_cars=1.6)
    assert Watch(site=a_site(BOTH)).run(9.0, [replace(inside, ballot=large)]).phases(HEAVY) == [AlarmPhase.RAISED]


def test_a_large_lorry_often_called_a_car_is_one() -> None:
    called = Ballot(light=3.0, heavy=1.5)
    assert Watch(site=a_site(BOTH, ground=PLAN)).run(30.0, [a_lorry(ballot=called)]).phases(HEAVY) == ONE_LIFE


# From above at 20 px a metre: 11 m x 2.7 m is a lorry, 4.5 m x 1.8 m a car.
UNLIT = Mover(start=(-80.0, 250.0), velocity=(100.0, 0.0), kind=RoadUser.VEHICLE, proof=Proof.MOVING)
LONG = replace(UNLIT, size=(220.0, 54.0))


def test_a_lorry_without_lights_is_known_by_its_size_on_the_ground() -> None:
    watch = Watch(site=a_site(BOTH, ground=PLAN)).run(30.0, [LONG])
    assert watch.phases(HEAVY) == ONE_LIFE
    short = replace(UNLIT, size=(92.0, 38.0))
    assert Watch(site=a_site(BOTH, ground=PLAN)).run(30.0, [short]).phases(HEAVY) == []


def test_a_knot_of_people_at_walking_pace_is_no_lorry() -> None:
    knot = replace(LONG, velocity=(26.0, 0.0))
    assert Watch(site=a_site(BOTH, ground=PLAN)).run(40.0, [knot]).phases(HEAVY) == []


def test_what_does_not_keep_its_size_is_no_lorry() -> None:
    def cone(seconds: float) -> list:
        wide = replace(LONG, size=(60.0 + 150.0 * (round(seconds * 5) % 4), 50.0))
        return [wide.at(seconds)]

    assert Watch(site=a_site(BOTH, ground=PLAN)).run(20.0, cone).phases(HEAVY) == []


def test_movement_alone_raises_nothing_while_the_light_changes() -> None:
    assert Watch(site=a_site(BOTH, ground=PLAN)).run(30.0, [LONG], steady=False).said == []
    assert Watch(site=a_site(BOTH)).run(30.0, [a_lorry()], steady=False).phases(HEAVY) == ONE_LIFE


def permit(count: int, start_s: int = 0, end_s: int = 10_000, kind: RoadUser = RoadUser.LORRY) -> Permit:
    return Permit(kinds=frozenset({kind}), count=count, start_s=START_S + start_s, end_s=START_S + end_s)


def test_a_permit_lets_in_so_many_at_once() -> None:
    zone = replace(BOTH, permits=(permit(1),))
    second = a_lorry(number=2, start=(-100.0, 120.0), size=(160.0, 60.0))
    assert Watch(site=a_site(zone)).run(30.0, [a_lorry()]).phases(HEAVY) == []
    assert Watch(site=a_site(zone)).run(30.0, [a_lorry(), second]).phases(HEAVY) == ONE_LIFE
    assert Watch(site=a_site(zone)).run(30.0, [a_lorry(), replace(second, from_s=12.0)]).phases(HEAVY) == []


def test_a_lorry_tracked_twice_is_one() -> None:
    zone = replace(BOTH, permits=(permit(1),))
    cab = a_lorry(number=2, start=(-20.0, 250.0), size=(60.0, 80.0))
    assert Watch(site=a_site(zone)).run(30.0, [a_lorry(), cab]).phases(HEAVY) == []


def test_a_permit_for_another_kind_or_hour_lets_nobody_in() -> None:
    for other in (permit(1, kind=RoadUser.BUS), permit(1, start_s=100), permit(1, end_s=1)):
        assert Watch(site=a_site(replace(BOTH, permits=(other,)))).run(30.0, [a_lorry()]).phases(HEAVY) == ONE_LIFE


def test_a_permit_that_runs_out_lets_an_alarm_begin() -> None:
    standing = a_lorry(start=(300.0, 250.0), velocity=(0.0, 0.0))
    watch = Watch(site=a_site(replace(BOTH, permits=(permit(1, end_s=20),)))).run(30.0, [standing])
    assert 20.0 <= watch.when(AlarmPhase.RAISED, HEAVY) <= 21.0


def test_nothing_is_raised_outside_the_legal_ground_and_what_is_open_ends_with_it() -> None:
    standing = a_lorry(start=(300.0, 250.0), velocity=(0.0, 0.0))
    watch = Watch(site=a_site(BOTH, ground_for=legal(10.0, 20.0))).run(60.0, [standing])
    assert watch.phases() == [AlarmPhase.RAISED, AlarmPhase.EXPIRED]
    assert 10.0 <= watch.when(AlarmPhase.RAISED) <= 11.0
    assert watch.when(AlarmPhase.EXPIRED) == pytest.approx(20.0)
    for alarm in watch.said[:-1]:
        assert alarm.at_ns / 1e9 + alarm.valid_s <= START_S + 20.0 + 1e-6


def test_a_place_outside_the_perimeter_raises_nothing() -> None:
    outside = replace(legal(), perimeter=frozenset({"gate"}))
    assert Watch(site=a_site(BOTH, ground_for=outside)).run(30.0, [a_lorry()]).said == []
