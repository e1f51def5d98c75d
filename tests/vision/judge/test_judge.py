"""The judge as a whole: who may judge, when, and in which time."""

from dataclasses import replace
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from edge.config.site import Legal, LegalMode, Span
from edge.contract.report import AlarmKind, AlarmPhase
from edge.units import NS_PER_S, ns_from_seconds
from edge.vision.judge.alarm import Moment
from edge.vision.judge.judge import Judge
from edge.vision.track.tracker import Scene
from tests.vision.judge.made import SIZE, START_S, Watch, a_lorry, a_site, a_zone, legal

HEAVY = AlarmKind.HEAVY_VEHICLE
ZONE = a_zone(HEAVY, AlarmKind.VEHICLE)
STANDS = a_lorry(start=(300.0, 250.0), velocity=(0.0, 0.0))


def test_for_statistics_there_is_no_judge() -> None:
    with pytest.raises(ValueError, match="statistics"):
        Judge(a_site(ZONE, ground_for=Legal()), SIZE, None)


def test_a_drill_judges_as_an_alert_does() -> None:
    drill = replace(legal(), mode=LegalMode.DRILL)
    assert Watch(site=a_site(ZONE, ground_for=drill)).run(5.0, [a_lorry()]).phases(HEAVY) == [AlarmPhase.RAISED]


def test_outside_its_hours_a_place_raises_nothing_and_what_is_open_ends() -> None:
    # Mondays from 00:01 to 00:02 by the site's clock; the start is a Monday's midnight.
    minute = Span(days=frozenset({0}), start_min=1, end_min=2)
    watch = Watch(site=a_site(replace(ZONE, when=(minute,)))).run(180.0, [STANDS])
    assert watch.phases() == [AlarmPhase.RAISED, AlarmPhase.EXPIRED]
    assert 60.0 <= watch.when(AlarmPhase.RAISED) <= 61.0
    assert watch.when(AlarmPhase.EXPIRED) == pytest.approx(120.0)


def test_hours_are_the_sites_own() -> None:
    minute = Span(days=frozenset({0}), start_min=61, end_min=62)
    paris = replace(a_site(replace(ZONE, when=(minute,))), time_zone=ZoneInfo("Europe/Paris"))
    assert Watch(site=paris).run(70.0, [STANDS]).phases() == [AlarmPhase.RAISED]
    assert Watch(site=a_site(replace(ZONE, when=(minute,)))).run(70.0, [STANDS]).said == []


def test_what_stays_is_told_again_at_a_modest_rate_and_expires() -> None:
    watch = Watch(site=a_site(ZONE)).run(700.0, [STANDS])
    times = [(alarm.at_ns - START_S * NS_PER_S) / NS_PER_S for alarm in watch.said]
    assert watch.phases() == [AlarmPhase.RAISED, AlarmPhase.EXPIRED]
    assert times[-1] == pytest.approx(600.0 + times[0], abs=0.3)
    gaps = [b - a for a, b in pairwise(times)]
    assert min(gaps[:-1]) >= 4.9
    assert all(gap < alarm.valid_s for gap, alarm in zip(gaps, watch.said, strict=False))


def test_a_clock_set_back_or_forward_ends_nothing_and_raises_nothing() -> None:
    watch = Watch(site=a_site(ZONE)).run(10.0, [STANDS])
    said = len(watch.said)
    for step in range(10):
        seconds = 10.0 + step / 5
        moment = Moment(
            scene=Scene(tracks=(STANDS.at(seconds),), ended=()),
            taken_ns=ns_from_seconds(seconds),
            at_ns=watch.at_ns - ns_from_seconds(3600.0) + ns_from_seconds(step / 5),
            steady=True,
            crowds=(None,),
        )
        watch.said += watch.judge.see(moment)
    # An hour back is before the legal ground began: it ends there, and only there.
    assert [alarm.phase for alarm in watch.said[said:]] == [AlarmPhase.EXPIRED]


def test_at_rest_nothing_is_raised_and_the_legal_end_still_ends_it() -> None:
    assert Watch(site=a_site(ZONE)).rest(60.0).said == []
    watch = Watch(site=a_site(ZONE, ground_for=legal(0.0, 15.0))).run(14.0, [STANDS]).rest(20.0)
    assert watch.phases() == [AlarmPhase.RAISED, AlarmPhase.EXPIRED]
    assert watch.when(AlarmPhase.EXPIRED) == pytest.approx(15.0, abs=0.3)


def test_an_alarm_survives_a_short_blindness() -> None:
    watch = Watch(site=a_site(ZONE)).run(10.0, [STANDS]).rest(14.0).run(20.0, [STANDS])
    assert watch.phases() == [AlarmPhase.RAISED]


def test_numbers_and_revisions_run_on() -> None:
    first, second = a_lorry(to_s=8.0), a_lorry(number=2, from_s=20.0, to_s=28.0)
    watch = Watch(site=a_site(ZONE)).run(40.0, [first, second])
    assert {alarm.number for alarm in watch.said} == {1, 2}
    for number in (1, 2):
        revisions = [alarm.revision for alarm in watch.said if alarm.number == number]
        assert revisions == list(range(len(revisions)))
    assert all(alarm.since_ns <= alarm.at_ns for alarm in watch.said)
