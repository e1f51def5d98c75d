"""Advice to bollards: inhibit whenever anybody may stand there, and when the vehicle comes."""

from dataclasses import replace
from itertools import pairwise

import pytest

from edge.config.site import Bollard, Privacy
from edge.contract.report import AlarmKind, AlarmPhase, RoadUser
from edge.vision.track.identity import Proof
from tests.vision.judge.made import PLAN, START_S, Mover, Watch, a_lorry, a_site, a_zone

HEAVY = AlarmKind.HEAVY_VEHICLE
BOLLARD = Bollard(
    id="bollard",
    footprint=((500.0, 240.0), (520.0, 240.0), (520.0, 260.0), (500.0, 260.0)),
    line=((510.0, 150.0), (510.0, 340.0)),
    rise_s=3.0,
)
ZONE = a_zone(HEAVY, AlarmKind.VEHICLE)
# Half a metre a second: it takes the best part of a minute to the line.
SLOW = a_lorry(start=(200.0, 250.0), velocity=(10.0, 0.0), size=(160.0, 60.0))
SOMEBODY = Mover(start=(510.0, 250.0), size=(15.0, 40.0), kind=RoadUser.PERSON, number=7)


def watching(*, ground: object = PLAN) -> Watch:
    return Watch(site=a_site(ZONE, bollards=(BOLLARD,), ground=ground))


def advised(watch: Watch) -> list[tuple[float, bool]]:
    """Give when what was said of the bollard, in seconds."""
    return [(alarm.at_ns / 1e9 - START_S, alarm.advice[0].inhibit) for alarm in watch.said if alarm.advice]


@pytest.mark.parametrize("proof", list(Proof))
@pytest.mark.parametrize("kind", [RoadUser.PERSON, RoadUser.VEHICLE])
def test_whoever_steps_into_the_footprint_inhibits_at_once_and_a_moment_longer(proof: Proof, kind: RoadUser) -> None:
    somebody = replace(SOMEBODY, kind=kind, proof=proof, from_s=8.0, to_s=10.0)
    watch = watching().run(14.0, [SLOW, somebody])
    told = advised(watch)
    assert all(not inhibit for at_s, inhibit in told if at_s < 7.9)
    assert min(at_s for at_s, inhibit in told if inhibit) <= 8.5
    assert all(inhibit for at_s, inhibit in told if 8.5 <= at_s <= 10.5)
    assert not told[-1][1]
    released = min(at_s for at_s, inhibit in told if at_s > 8.5 and not inhibit)
    assert 10.5 <= released <= 12.0


def test_advice_never_lapses_while_a_vehicle_comes_near() -> None:
    told = [alarm for alarm in watching().run(14.0, [SLOW]).said if alarm.advice]
    gaps = [(b.at_ns - a.at_ns) / 1e9 for a, b in pairwise(told)]
    assert len(told) > 10
    assert max(gaps) < told[0].advice[0].valid_s


def arrivals(watch: Watch) -> list[tuple[float, float | None]]:
    return [(a.at_ns / 1e9 - START_S, a.advice[0].arrival_s) for a in watch.said if a.advice]


def test_the_arrival_is_the_way_over_the_speed() -> None:
    for at_s, arrival_s in arrivals(watching().run(14.0, [SLOW])):
        assert arrival_s == pytest.approx(31.0 - at_s, rel=0.1)


def test_what_drives_away_or_stands_or_is_not_in_metres_does_not_arrive() -> None:
    away = replace(SLOW, start=(480.0, 250.0), velocity=(-10.0, 0.0))
    still = replace(SLOW, velocity=(0.0, 0.0))
    for told in (
        arrivals(watching().run(10.0, [away])),
        arrivals(watching().run(10.0, [still])),
        arrivals(watching(ground=None).run(10.0, [SLOW])),
    ):
        assert told
        assert {arrival_s for _, arrival_s in told} == {None}


def test_unsteady_light_and_a_camera_that_shows_nothing_inhibit() -> None:
    watch = watching().run(8.0, [SLOW]).run(9.0, [SLOW], steady=False)
    assert advised(watch)[-1][1]
    watch = watching().run(8.0, [SLOW]).rest(9.0)
    assert not [inhibit for at_s, inhibit in advised(watch) if at_s < 7.9][-1]
    at_s, inhibit = advised(watch)[-1]
    assert inhibit
    assert at_s == pytest.approx(8.0, abs=0.3)


def test_an_alarm_that_nobody_sees_any_more_expires_by_its_time() -> None:
    watch = watching().run(8.0, [SLOW]).rest(60.0)
    last, end = watch.said[-2], watch.said[-1]
    assert end.phase is AlarmPhase.EXPIRED
    assert (end.at_ns - last.at_ns) / 1e9 == pytest.approx(last.valid_s, abs=0.3)
    assert watch.phases() == [AlarmPhase.RAISED, AlarmPhase.EXPIRED]
    watch.run(70.0, [replace(SLOW, from_s=60.0)])
    assert watch.phases()[-1] is AlarmPhase.RAISED
    assert watch.said[-1].number == 2


def test_an_end_carries_no_advice() -> None:
    watch = watching().run(30.0, [replace(SLOW, to_s=12.0)])
    assert watch.said[-1].phase is AlarmPhase.CLEARED
    assert watch.said[-1].advice == ()


def test_only_vehicles_in_closed_places_bring_advice() -> None:
    road = a_zone(AlarmKind.PERSON_ON_CARRIAGEWAY)
    watch = Watch(site=a_site(road, bollards=(BOLLARD,))).run(10.0, [replace(SOMEBODY, start=(300.0, 250.0))])
    assert watch.phases() == [AlarmPhase.RAISED]
    assert all(alarm.advice == () for alarm in watch.said)


def test_a_footprint_that_nobody_looked_at_inhibits() -> None:
    blind = Watch(site=a_site(ZONE, bollards=(BOLLARD,), ground=PLAN), looks=False).run(10.0, [SLOW])
    assert advised(blind)
    assert all(inhibit for _, inhibit in advised(blind))
    watch = watching().run(8.0, [SLOW])
    watch.looks = False
    watch.run(14.0, [SLOW])
    assert all(inhibit for at_s, inhibit in advised(watch) if at_s > 11.0)


def test_a_footprint_beneath_a_privacy_polygon_inhibits_for_ever() -> None:
    site = a_site(ZONE, bollards=(BOLLARD,), ground=PLAN)
    hidden = ((510.0, 200.0), (600.0, 200.0), (600.0, 300.0), (510.0, 300.0))
    told = advised(Watch(site=replace(site, privacy=Privacy(polygons=(hidden,)))).run(14.0, [SLOW]))
    assert told
    assert all(inhibit for _, inhibit in told)
