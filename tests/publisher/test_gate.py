"""What may be said of alarms: by the mandate of the site file, at its places, now, and not too often."""

from dataclasses import replace

import pytest

from edge.config.site import Legal, LegalMode, Site, SourceKind
from edge.contract import bounds
from edge.contract.report import Advice, AlarmKind, AlarmPhase, AlarmReport, Verdict
from edge.publisher.inbox import Inbox
from tests.publisher.street import ALARMS, HASH, SITE, alarm, alert_site
from tests.publisher.test_inbox import NOW_S, FixedClock

STORED, SITE_, SHAPE = Verdict.STORED, Verdict.REFUSED_SITE, Verdict.REFUSED_SHAPE
WINDOW, LEGAL = Verdict.REFUSED_WINDOW, Verdict.REFUSED_LEGAL


def mandated(mode: LegalMode = LegalMode.ALERT, start_s: int = NOW_S - 60, end_s: int = NOW_S + 3600) -> Site:
    site = alert_site(mode=mode)
    return replace(site, legal=replace(site.legal, start_s=start_s, end_s=end_s))


def good(**changes: object) -> AlarmReport:
    return alarm(at_s=NOW_S - 0.5, **changes)  # type: ignore[arg-type]


def judged(report: AlarmReport, site: Site | None = None, clock: FixedClock | None = None) -> Verdict:
    return Inbox(site or mandated(), loopback=True, clock=clock or FixedClock()).judge_alarm(report)


def test_a_good_message_is_let_in() -> None:
    assert judged(good()) is STORED
    assert judged(good(kind=AlarmKind.DENSITY, level=3)) is STORED
    advice = (Advice(bollard=0, inhibit=True, valid_tenths=10), Advice(bollard=1, inhibit=False, valid_tenths=10))
    assert judged(good(advice=advice)) is STORED


@pytest.mark.parametrize("phase", AlarmPhase)
@pytest.mark.parametrize("kind", AlarmKind)
@pytest.mark.parametrize("drill", [False, True])
def test_where_only_statistics_are_made_nothing_about_an_alarm_is_let_in(
    phase: AlarmPhase, kind: AlarmKind, *, drill: bool
) -> None:
    """Whatever else the file says: a mandate's words without its mode are none."""
    words = replace(mandated().legal, mode=LegalMode.STATISTICS)
    for legal in (Legal(), words):
        site = replace(
            mandated(), legal=legal, zones=tuple(replace(z, alarms=frozenset(AlarmKind)) for z in SITE.zones)
        )
        assert judged(good(phase=phase, kind=kind, drill=drill), site) is LEGAL


@pytest.mark.parametrize(
    ("start_s", "end_s", "verdict"),
    [
        (NOW_S, NOW_S + 1, STORED),
        (NOW_S - 60, NOW_S, LEGAL),
        (NOW_S + 1, NOW_S + 60, LEGAL),
        (NOW_S - 60, NOW_S - 59, LEGAL),
    ],
)
def test_a_mandate_begins_and_ends_by_itself(start_s: int, end_s: int, verdict: Verdict) -> None:
    assert judged(good(), mandated(start_s=start_s, end_s=end_s)) is verdict
    assert judged(good(phase=AlarmPhase.CLEARED, revision=2), mandated(start_s=start_s, end_s=end_s)) is verdict


def test_a_mandate_holds_in_its_perimeter_only() -> None:
    assert judged(good(at_line=True, kind=AlarmKind.WRONG_WAY)) is LEGAL
    wider = mandated()
    wider = replace(wider, legal=replace(wider.legal, perimeter=frozenset({"promenade", "quai"})))
    assert judged(good(at_line=True, kind=AlarmKind.WRONG_WAY), wider) is STORED


def test_with_a_clock_that_is_not_set_nobody_can_tell_whether_there_is_a_mandate() -> None:
    assert judged(good(), clock=FixedClock(known=False)) is LEGAL


@pytest.mark.parametrize("drill", [False, True])
def test_a_drill_is_one_in_both_processes_or_in_none(*, drill: bool) -> None:
    assert judged(good(drill=drill), mandated(LegalMode.DRILL)) is (STORED if drill else LEGAL)
    assert judged(good(drill=drill), mandated(LegalMode.ALERT)) is (LEGAL if drill else STORED)


def test_another_site_and_another_kind_of_camera_are_refused() -> None:
    assert judged(good(site=HASH ^ 1)) is SITE_
    assert judged(good(replay=True)) is SITE_


def advised(valid_tenths: int = 10, **changes: object) -> AlarmReport:
    return good(advice=(Advice(bollard=1, inhibit=False, valid_tenths=valid_tenths),), **changes)


two = Advice(bollard=2, inhibit=True, valid_tenths=10)
one = Advice(bollard=1, inhibit=True, valid_tenths=10)


@pytest.mark.parametrize(
    "bad",
    [
        good(place=1),
        good(kind=AlarmKind.WRONG_WAY),
        good(level=3),
        good(since_tenths=NOW_S * 10 + 1),
        good(advice=(two,)),
        good(advice=(one, one)),
        good(kind=AlarmKind.DENSITY, level=2, advice=(one,)),
        good(kind=AlarmKind.DENSITY),
        good(since_tenths=(NOW_S - 27 * 3600) * 10),
        good(since_tenths=bounds.INSTANT_TENTHS.least),
        replace(advised(11), valid_tenths=10),
        advised(phase=AlarmPhase.CLEARED),
        advised(phase=AlarmPhase.EXPIRED),
        advised(phase=AlarmPhase.MUTED),
    ],
)
def test_what_the_site_does_not_have_is_refused(bad: AlarmReport) -> None:
    assert judged(bad) is SHAPE


def test_advice_goes_with_an_open_alarm_as_long_as_that_holds() -> None:
    assert judged(advised(20, phase=AlarmPhase.UPDATED)) is STORED
    assert judged(replace(advised(10), valid_tenths=10)) is STORED
    assert 21 not in bounds.ADVICE_TENTHS


def test_each_kind_is_let_in_where_its_place_raises_it() -> None:
    for kind in AlarmKind:
        level = 2 if kind is AlarmKind.DENSITY else None
        assert judged(good(kind=kind, level=level)) is (STORED if kind in ALARMS else SHAPE)


@pytest.mark.parametrize(
    ("age_s", "valid_s", "verdict"),
    [(0, 1, STORED), (9, 10, STORED), (10, 10, WINDOW), (3600, 30, WINDOW), (-4, 30, STORED), (-60, 30, WINDOW)],
)
def test_what_holds_no_more_or_not_yet_is_refused(age_s: int, valid_s: int, verdict: Verdict) -> None:
    assert judged(alarm(at_s=NOW_S - age_s, valid_tenths=valid_s * 10)) is verdict


def test_a_recording_has_a_time_of_its_own_and_no_other_mandate() -> None:
    site = mandated()
    site = replace(site, camera=replace(site.camera, kind=SourceKind.CLIP, target="street.mp4"))
    assert judged(alarm(at_s=NOW_S + 50_000, replay=True), site) is STORED
    assert judged(alarm(at_s=NOW_S, replay=True), replace(site, legal=Legal())) is LEGAL


def test_too_many_messages_are_put_off_and_no_hour_holds_more_than_published() -> None:
    clock = FixedClock()
    inbox = Inbox(mandated(), loopback=True, clock=clock)
    stored = []
    for second in range(2 * 3600):
        clock.steady_s = float(second)
        while (verdict := inbox.judge_alarm(good())) is STORED and len(stored) < 10_000:
            inbox.gate.count_new()
            stored.append(second)
        assert verdict is Verdict.LATER
    for hour in range(0, 3600, 60):
        assert sum(hour <= second < hour + 3600 for second in stored) <= bounds.MOST_ALARM_MESSAGES_AN_HOUR
    assert len(stored) > bounds.MOST_ALARM_MESSAGES_AN_HOUR
