"""Places that raise false alarms again and again are muted; what is named and drives is heard all the same."""

from dataclasses import replace

from edge.config.site import ZoneUse
from edge.contract.report import AlarmKind, AlarmPhase, RoadUser
from edge.vision.track.identity import Ballot
from edge.vision.track.tracker import Track
from tests.vision.judge.made import Mover, Watch, a_lorry, a_site, a_zone

HEAVY = AlarmKind.HEAVY_VEHICLE
ZONE = a_zone(HEAVY, AlarmKind.VEHICLE)
# A bush that is called a lorry for three seconds of every fifteen, and never leaves its place.
BUSH = Mover(start=(300.0, 250.0), size=(90.0, 80.0), kind=RoadUser.LORRY, ballot=Ballot(heavy=9.0))


def bush(seconds: float) -> list[Track | None]:
    stirs = seconds % 15.0 < 3.0
    return [replace(BUSH, number=1 + int(seconds // 15.0)).at(seconds)] if stirs else []


def test_a_place_that_cries_wolf_is_muted_with_a_notice_and_says_nothing_more() -> None:
    watch = Watch(site=a_site(ZONE), fps=2.0).run(600.0, bush)
    assert watch.phases(HEAVY) == [*[AlarmPhase.RAISED, AlarmPhase.CLEARED] * 3, AlarmPhase.RAISED, AlarmPhase.MUTED]


def test_a_lorry_that_drives_through_a_muted_place_is_told() -> None:
    watch = Watch(site=a_site(ZONE)).run(90.0, bush)
    assert watch.phases(HEAVY)[-1] is AlarmPhase.MUTED
    lorry = a_lorry(number=99, from_s=90.0)
    watch.run(95.0, [lorry])
    assert watch.phases(HEAVY)[-1] is AlarmPhase.RAISED


def test_another_spot_of_the_zone_is_heard() -> None:
    watch = Watch(site=a_site(ZONE)).run(90.0, bush)
    watch.run(95.0, [replace(BUSH, start=(160.0, 340.0), number=99)])
    assert watch.phases(HEAVY)[-1] is AlarmPhase.RAISED


def test_a_mute_ends_and_the_next_is_twice_as_long() -> None:
    watch = Watch(site=a_site(ZONE), fps=2.0).run(6000.0, bush)
    muted = [alarm.at_ns / 1e9 for alarm in watch.said if alarm.phase is AlarmPhase.MUTED and alarm.kind is HEAVY]
    first, second, third = muted
    assert 1800.0 <= second - first <= 2100.0
    assert 3600.0 <= third - second <= 4000.0


def test_lorries_that_come_and_go_are_never_muted() -> None:
    lorries = [a_lorry(number=n + 1, from_s=20.0 * n) for n in range(12)]
    watch = Watch(site=a_site(ZONE)).run(240.0, lorries)
    assert watch.phases(HEAVY).count(AlarmPhase.RAISED) == 12
    assert AlarmPhase.MUTED not in watch.phases()


def test_a_parked_car_lost_and_found_is_muted_in_the_carriageway_too() -> None:
    road = a_zone(AlarmKind.STOPPED_VEHICLE, use=ZoneUse.CARRIAGEWAY)
    parked = replace(BUSH, kind=RoadUser.CAR, ballot=Ballot(light=9.0))

    def flickers(seconds: float) -> list[Track | None]:
        there = seconds % 60.0 < 26.0
        return [replace(parked, number=1 + int(seconds // 60.0)).at(seconds)] if there else []

    assert Watch(site=a_site(road)).run(900.0, flickers).phases().count(AlarmPhase.RAISED) == 4
