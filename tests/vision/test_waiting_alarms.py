"""Alarms on their way to the publisher: the urgent first, nothing stale, no beginning lost, no more than is allowed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.contract import bounds
from edge.contract.bucket import TokenBucket
from edge.contract.report import AlarmKind, AlarmPhase, AlarmReport, Severity, Verdict
from edge.vision.waiting_alarms import WaitingAlarms

RAISED, UPDATED, CLEARED = AlarmPhase.RAISED, AlarmPhase.UPDATED, AlarmPhase.CLEARED


def alarm(serial: int, revision: int, phase: AlarmPhase, valid_s: float = 30.0) -> AlarmReport:
    return AlarmReport(
        serial=serial,
        revision=revision,
        site=1,
        model=2,
        kind=AlarmKind.HEAVY_VEHICLE,
        phase=phase,
        severity=Severity.HIGH,
        at_line=False,
        place=0,
        since_tenths=bounds.INSTANT_TENTHS.least,
        at_tenths=bounds.INSTANT_TENTHS.least,
        valid_tenths=round(valid_s * 10),
        level=None,
        drill=False,
        replay=False,
        isolated=True,
    )


class Steady:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


def taken(alarms: WaitingAlarms) -> list[tuple[int, int]]:
    found = []
    while (report := alarms.take()) is not None:
        found.append((report.serial, report.revision))
    return found


@pytest.fixture
def clock() -> Steady:
    return Steady()


@pytest.fixture
def alarms(clock: Steady) -> WaitingAlarms:
    return WaitingAlarms(clock)


def test_new_alarms_go_first_then_ends_then_the_rest(alarms: WaitingAlarms) -> None:
    for serial in (1, 2):
        assert say(alarms, alarm(serial, 0, RAISED))
    for report in (alarm(1, 4, UPDATED), alarm(2, 9, CLEARED), alarm(3, 0, RAISED)):
        alarms.add(report)
    assert taken(alarms) == [(3, 0), (2, 9), (1, 4)]


def test_the_newest_stands_for_the_older_ones_but_not_for_the_beginning(alarms: WaitingAlarms) -> None:
    for report in (alarm(1, 0, RAISED), alarm(1, 1, UPDATED), alarm(1, 2, UPDATED), alarm(1, 3, CLEARED)):
        alarms.add(report)
    assert taken(alarms) == [(1, 0), (1, 3)]


def test_what_holds_no_more_is_dropped_and_counted(alarms: WaitingAlarms, clock: Steady) -> None:
    alarms.add(alarm(1, 0, RAISED, valid_s=5))
    alarms.add(alarm(2, 0, RAISED, valid_s=50))
    clock.now_s += 5
    assert alarms.waiting == 1
    assert taken(alarms) == [(2, 0)]
    assert alarms.lost == 1
    # A message under way that is not answered in its time is lost as well.
    clock.now_s += 50
    assert alarms.waiting == 0
    assert alarms.lost == 2


def phases_taken(alarms: WaitingAlarms) -> list[tuple[int, AlarmPhase]]:
    found = []
    while (report := alarms.take()) is not None:
        found.append((report.revision, report.phase))
        assert alarms.answered(report.serial, report.revision, Verdict.STORED)
    return found


def test_an_alarm_whose_beginning_went_stale_untold_is_raised_by_the_next_word(
    alarms: WaitingAlarms, clock: Steady
) -> None:
    alarms.add(alarm(1, 0, RAISED, valid_s=12.5))
    clock.now_s += 13
    alarms.add(alarm(1, 1, UPDATED))
    alarms.add(alarm(1, 2, UPDATED))
    assert phases_taken(alarms) == [(1, RAISED), (2, UPDATED)]
    alarms.add(alarm(1, 3, CLEARED))
    assert phases_taken(alarms) == [(3, CLEARED)]


def test_what_waited_behind_a_beginning_raises_the_alarm_when_that_goes_stale(
    alarms: WaitingAlarms, clock: Steady
) -> None:
    alarms.add(alarm(1, 0, RAISED, valid_s=5))
    alarms.add(alarm(1, 1, UPDATED, valid_s=10))
    clock.now_s += 6
    assert phases_taken(alarms) == [(1, RAISED)]


@pytest.mark.parametrize("ended", [CLEARED, AlarmPhase.EXPIRED, AlarmPhase.MUTED])
@pytest.mark.parametrize("late", [False, True])
def test_of_an_alarm_that_was_never_told_no_end_is(
    alarms: WaitingAlarms, clock: Steady, ended: AlarmPhase, *, late: bool
) -> None:
    alarms.add(alarm(1, 0, RAISED, valid_s=5))
    if late:
        clock.now_s += 6
    alarms.add(alarm(1, 1, ended))
    clock.now_s += 6
    assert phases_taken(alarms) == []
    assert alarms.waiting == 0


def test_what_was_given_away_goes_again_in_the_same_words(alarms: WaitingAlarms, clock: Steady) -> None:
    """The publisher may have it: other words under the same number would be a conflict."""
    alarms.add(alarm(1, 0, RAISED, valid_s=5))
    alarms.add(alarm(1, 1, UPDATED))
    assert taken(alarms) == [(1, 0), (1, 1)]
    alarms.take_back()
    clock.now_s += 6
    assert phases_taken(alarms) == [(1, UPDATED)]


def test_after_a_broken_connection_what_is_still_worth_telling_goes_again(alarms: WaitingAlarms, clock: Steady) -> None:
    alarms.add(alarm(1, 0, RAISED))
    assert taken(alarms) == [(1, 0)]
    alarms.add(alarm(1, 1, UPDATED))
    assert taken(alarms) == [(1, 1)]
    alarms.add(alarm(1, 2, UPDATED))
    alarms.take_back()
    assert taken(alarms) == [(1, 0), (1, 2)]
    clock.now_s += 1
    assert alarms.answered(1, 2, Verdict.STORED)
    assert not alarms.answered(1, 2, Verdict.STORED)
    assert alarms.waiting == 1


def test_what_the_publisher_would_not_have_yet_is_offered_again(alarms: WaitingAlarms, clock: Steady) -> None:
    alarms.add(alarm(1, 0, RAISED))
    alarms.add(alarm(1, 1, CLEARED))
    assert taken(alarms) == [(1, 0), (1, 1)]
    for revision in (0, 1):
        assert alarms.answered(1, revision, Verdict.LATER)
    assert taken(alarms) == []
    clock.now_s += 2
    assert taken(alarms) == [(1, 0), (1, 1)]
    assert alarms.answered(1, 0, Verdict.REFUSED_LEGAL)
    assert alarms.waiting == 1


def test_no_more_than_a_handful_is_under_way(alarms: WaitingAlarms) -> None:
    for serial in range(1, 40):
        alarms.add(alarm(serial, 0, RAISED))
    assert len(taken(alarms)) == 16
    assert alarms.answered(1, 0, Verdict.STORED)
    assert taken(alarms) == [(17, 0)]


def say(alarms: WaitingAlarms, report: AlarmReport) -> bool:
    """Hand over a message and answer it if it is sent."""
    alarms.add(report)
    return any(alarms.answered(serial, revision, Verdict.STORED) for serial, revision in taken(alarms))


def test_updates_are_held_back_so_that_a_new_alarm_and_its_end_can_be_told(alarms: WaitingAlarms) -> None:
    said = [say(alarms, alarm(1, revision, UPDATED)) for revision in range(2 * bounds.ALARM_BURST)]
    assert bounds.ALARM_BURST // 2 < sum(said) < bounds.ALARM_BURST
    for serial in range(2, 16):
        assert say(alarms, alarm(serial, 0, RAISED))
        assert say(alarms, alarm(serial, 1, CLEARED))
    # What is left is for beginnings alone.
    assert all(say(alarms, alarm(serial, 0, RAISED)) for serial in range(100, 125))
    assert not say(alarms, alarm(1, 9_999, CLEARED))


phases = st.sampled_from(AlarmPhase)
steps = st.lists(st.tuples(st.floats(0, 30), st.integers(1, 4), phases), min_size=1, max_size=120)


@given(steps)
def test_an_honest_vision_never_says_more_than_the_publisher_takes(said: list[tuple[float, int, AlarmPhase]]) -> None:
    clock = Steady()
    alarms, publisher = WaitingAlarms(clock), TokenBucket(clock.now_s)
    revisions = dict.fromkeys(range(1, 5), 0)
    for pause, serial, phase in said:
        clock.now_s += pause
        revisions[serial] += 1
        for burst in range(8):
            alarms.add(alarm(serial + 10 * burst, revisions[serial], phase))
        for number, revision in taken(alarms):
            assert publisher.holds(clock.now_s) >= 1
            publisher.take(clock.now_s)
            alarms.answered(number, revision, Verdict.STORED)


@given(steps)
def test_whoever_hears_of_an_end_has_heard_of_the_beginning(said: list[tuple[float, int, AlarmPhase]]) -> None:
    """With a connection that comes and goes: a beginning that still holds is told before anything else of its alarm."""
    clock = Steady()
    alarms = WaitingAlarms(clock)
    begun: dict[int, float] = {}
    told: set[int] = set()
    for number, (pause, serial, _) in enumerate(said):
        clock.now_s += pause
        if serial not in begun:
            begun[serial] = clock.now_s
            alarms.add(alarm(serial, 0, RAISED, valid_s=60))
        else:
            alarms.add(alarm(serial, number + 1, UPDATED if number % 3 else CLEARED, valid_s=60))
        if number % 2:
            for key, revision in taken(alarms):
                assert revision == 0 or key in told or clock.now_s - begun[key] >= 60
                told.add(key)
            alarms.take_back()
