"""One alarm's life: raised once, kept up, cleared, or expired and spent."""

import pytest

from edge.config.site import AlarmSetting
from edge.contract.report import AlarmPhase
from edge.units import ns_from_seconds
from edge.vision.judge.life import Life, Stage
from edge.vision.judge.sign import NOTHING, Sign

ON = Sign(on=True, kept=True)
KEPT = Sign(kept=True)
SETTING = AlarmSetting(hold_s=1.0, clear_s=3.0, expire_s=20.0)
RATES = pytest.mark.parametrize("fps", [5.0, 25.0])


def told(life: Life, signs: list[tuple[float, Sign]], fps: float) -> list[tuple[float, AlarmPhase]]:
    """Give what is told, and when, for signs that each last up to a time."""
    found, step = [], 0
    for until_s, sign in signs:
        while step / fps < until_s:
            if (phase := life.step(sign, ns_from_seconds(step / fps))) is not None:
                found.append((step / fps, phase))
            step += 1
    return found


@RATES
def test_it_is_raised_once_it_has_held_and_cleared_once_it_has_been_gone(fps: float) -> None:
    (raised_s, raised), (cleared_s, cleared) = told(Life(SETTING), [(5.0, ON), (20.0, NOTHING)], fps)
    assert (raised, cleared) == (AlarmPhase.RAISED, AlarmPhase.CLEARED)
    assert raised_s == pytest.approx(1.0)
    assert cleared_s == pytest.approx(8.0, abs=0.21)


@RATES
def test_what_does_not_hold_is_not_raised(fps: float) -> None:
    flicker = [(2.0 * n + at, sign) for n in range(9) for at, sign in ((0.7, ON), (2.0, NOTHING))]
    assert told(Life(SETTING), flicker, fps) == []


def test_a_missed_detection_does_not_begin_it_anew() -> None:
    life = Life(SETTING)
    assert told(life, [(0.4, ON), (0.7, NOTHING), (2.0, ON)], 5.0) == [(1.0, AlarmPhase.RAISED)]


def test_one_frame_is_not_enough_however_short_the_hold() -> None:
    life = Life(AlarmSetting(hold_s=0.0, clear_s=1.0, expire_s=9.0))
    assert told(life, [(0.2, ON), (5.0, NOTHING)], 5.0) == []


def test_what_is_only_kept_keeps_it_up_but_raises_nothing() -> None:
    assert told(Life(SETTING), [(5.0, KEPT)], 5.0) == []
    life = Life(SETTING)
    assert [phase for _, phase in told(life, [(2.0, ON), (15.0, KEPT)], 5.0)] == [AlarmPhase.RAISED]
    assert life.stage is Stage.OPEN


def test_an_expired_one_is_spent_until_what_raised_it_is_gone() -> None:
    told_all = told(Life(SETTING), [(60.0, ON), (70.0, NOTHING), (75.0, ON)], 5.0)
    assert [phase for _, phase in told_all] == [AlarmPhase.RAISED, AlarmPhase.EXPIRED, AlarmPhase.RAISED]
    assert [at for at, _ in told_all] == pytest.approx([1.0, 21.0, 71.0], abs=0.21)


def test_a_trigger_that_has_waited_itself_need_not_wait_again() -> None:
    held = Sign(on=True, kept=True, held_s=5.0)
    ((at_s, _),) = told(Life(SETTING), [(1.0, held)], 5.0)
    assert at_s == pytest.approx(0.4)


def test_a_candidate_is_forgotten_while_nobody_looks_and_time_unseen_is_not_time_gone() -> None:
    life = Life(SETTING)
    told(life, [(0.6, ON)], 5.0)
    life.rest(ns_from_seconds(0.6))
    assert life.stage is Stage.IDLE
    told(life, [(3.0, ON)], 5.0)
    life.rest(ns_from_seconds(10.0))
    assert life.step(NOTHING, ns_from_seconds(11.0)) is None
    assert life.shut() is AlarmPhase.EXPIRED
    assert life.shut() is None
