"""Vehicles against the allowed way: over a one-way line, and along a carriageway's arrow."""

from dataclasses import replace

import pytest

from edge.config.site import Line, ZoneUse
from edge.contract.report import AlarmKind, AlarmPhase, RoadUser
from tests.vision.judge.made import PLAN, Mover, Watch, a_site, a_zone

WRONG = AlarmKind.WRONG_WAY
# An arrow upwards: forward is to the right.
ONE_WAY = Line(id="gate", start=(320.0, 300.0), end=(320.0, 100.0), one_way=True, alarms=frozenset({WRONG}))
# The arrow points to the right.
ROAD = a_zone(WRONG, use=ZoneUse.CARRIAGEWAY, direction=((200.0, 250.0), (400.0, 250.0)))
RIGHT = Mover(start=(120.0, 250.0), velocity=(80.0, 0.0), size=(60.0, 40.0))
LEFT = replace(RIGHT, start=(520.0, 250.0), velocity=(-80.0, 0.0))
ONE_LIFE = [AlarmPhase.RAISED, AlarmPhase.CLEARED]
RATES = pytest.mark.parametrize("fps", [5.0, 25.0])
GROUNDS = pytest.mark.parametrize("ground", [None, PLAN])


@RATES
def test_a_line_passed_backwards_is_told_within_two_seconds(fps: float) -> None:
    watch = Watch(site=a_site(ONE_WAY), fps=fps).run(20.0, [replace(LEFT, to_s=6.0)])
    assert watch.phases() == ONE_LIFE
    assert 2.5 <= watch.when(AlarmPhase.RAISED) <= 4.5
    assert (watch.said[0].at_line, watch.said[0].place) == (True, 0)


def test_a_line_passed_forwards_says_nothing_and_one_of_the_other_way_says_so() -> None:
    assert Watch(site=a_site(ONE_WAY)).run(20.0, [RIGHT]).said == []
    turned = replace(ONE_WAY, one_way=False)
    assert Watch(site=a_site(turned)).run(20.0, [replace(RIGHT, to_s=5.0)]).phases() == ONE_LIFE
    assert Watch(site=a_site(turned)).run(20.0, [LEFT]).said == []


@pytest.mark.parametrize("kind", [RoadUser.PERSON, RoadUser.BICYCLE])
def test_people_and_bicycles_pass_a_line_as_they_like(kind: RoadUser) -> None:
    assert Watch(site=a_site(ONE_WAY, ROAD)).run(20.0, [replace(LEFT, kind=kind)]).said == []


@RATES
@GROUNDS
def test_against_the_arrow_is_told_once(fps: float, ground: object) -> None:
    watch = Watch(site=a_site(ROAD, ground=ground), fps=fps).run(20.0, [replace(LEFT, to_s=5.0)])
    assert watch.phases() == ONE_LIFE
    assert watch.when(AlarmPhase.RAISED) <= 2.5


@GROUNDS
def test_along_and_across_the_arrow_is_told_never(ground: object) -> None:
    across = replace(RIGHT, start=(300.0, 120.0), velocity=(-10.0, 60.0), to_s=4.0)
    assert Watch(site=a_site(ROAD, ground=ground)).run(20.0, [RIGHT]).said == []
    assert Watch(site=a_site(ROAD, ground=ground)).run(20.0, [across]).said == []


@GROUNDS
def test_reversing_into_a_parking_space_is_told_never(ground: object) -> None:
    # Five metres back at a metre a second, and then it stands.
    backing = replace(LEFT, start=(400.0, 250.0), velocity=(-20.0, 0.0), size=(90.0, 40.0), to_s=5.0)
    stands = replace(backing, start=(300.0, 250.0), velocity=(0.0, 0.0), from_s=5.0)
    assert Watch(site=a_site(ROAD, ground=ground)).run(30.0, [backing, stands]).said == []


def test_a_track_that_leaps_to_the_vehicle_behind_is_told_never() -> None:
    def swapped(seconds: float) -> list:
        ahead, behind = RIGHT.at(seconds), replace(RIGHT, start=(20.0, 250.0), number=2).at(seconds)
        # Halfway the ids are mixed up.
        return [ahead] if seconds < 2.0 else [replace(behind, id=1)]

    assert Watch(site=a_site(ROAD, ONE_WAY)).run(6.0, swapped).said == []


def test_a_zone_without_an_arrow_has_no_wrong_way() -> None:
    assert Watch(site=a_site(replace(ROAD, direction=None))).run(20.0, [LEFT]).said == []
