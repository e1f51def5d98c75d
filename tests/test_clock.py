"""The clocks: durations from the steady one, the calendar from the wall, and a recording's own."""

import time
from pathlib import Path

import pytest

import edge
from edge.clock import LiveClock, ReplayClock, replay_start_ns
from edge.units import NS_PER_S

NOW_NS = 1_800_000_000 * NS_PER_S


class Machine:
    """A machine whose clocks the test sets."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.wall_ns = NOW_NS
        self.steady_ns = 50 * NS_PER_S
        monkeypatch.setattr(time, "time_ns", lambda: self.wall_ns)
        monkeypatch.setattr(time, "monotonic_ns", lambda: self.steady_ns)

    def pass_by(self, seconds: float) -> None:
        self.wall_ns += round(seconds * NS_PER_S)
        self.steady_ns += round(seconds * NS_PER_S)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(monkeypatch)


def test_an_instant_of_the_steady_clock_gets_its_place_on_the_calendar(machine: Machine) -> None:
    clock = LiveClock()
    assert clock.at_ns(machine.steady_ns - 7) == NOW_NS - 7
    machine.pass_by(90.5)
    assert clock.now_ns() == NOW_NS + round(90.5 * NS_PER_S)
    assert not clock.stepped()


@pytest.mark.parametrize("unset_s", [0, 1_577_836_799, Path(edge.__file__).stat().st_mtime - 60, 4_200_000_000])
def test_there_is_no_time_until_the_clock_is_set(machine: Machine, unset_s: float) -> None:
    machine.wall_ns = round(unset_s * NS_PER_S)
    clock = LiveClock()
    assert clock.now_ns() is None
    machine.pass_by(10)
    assert clock.now_ns() is None
    assert not clock.stepped()
    machine.wall_ns = NOW_NS
    assert clock.now_ns() == NOW_NS


@pytest.mark.parametrize("step_s", [-86_400, -3, 3, 86_400])
def test_a_clock_that_is_set_is_noticed_once_and_followed(machine: Machine, step_s: int) -> None:
    clock = LiveClock()
    clock.now_ns()
    machine.wall_ns += step_s * NS_PER_S
    assert clock.stepped()
    assert clock.now_ns() == machine.wall_ns
    assert not clock.stepped()


def test_a_clock_that_is_only_disciplined_does_not_disturb_durations(machine: Machine) -> None:
    clock = LiveClock()
    began_ns = clock.now_ns()
    assert began_ns is not None
    machine.pass_by(100)
    machine.wall_ns += NS_PER_S
    assert not clock.stepped()
    assert clock.now_ns() == began_ns + 100 * NS_PER_S


def test_a_recordings_clock_follows_its_frames_from_the_first_on(machine: Machine) -> None:
    clock = ReplayClock(NOW_NS, pace=10.0)
    assert clock.now_ns() == NOW_NS
    assert clock.at_ns(5 * NS_PER_S) == NOW_NS
    machine.pass_by(3600)
    assert clock.at_ns(8 * NS_PER_S) == NOW_NS + 3 * NS_PER_S
    assert clock.now_ns() == NOW_NS + 3 * NS_PER_S


def test_frames_are_due_as_many_times_as_fast(machine: Machine) -> None:
    clock = ReplayClock(NOW_NS, pace=10.0)
    assert clock.early_s(0) == 0.0
    clock.at_ns(0)
    assert clock.early_s(20 * NS_PER_S) == pytest.approx(2.0)
    machine.pass_by(5)
    assert clock.early_s(20 * NS_PER_S) == pytest.approx(-3.0)


def test_a_replay_begins_with_a_whole_window(machine: Machine) -> None:
    machine.wall_ns = NOW_NS + 59 * NS_PER_S
    assert replay_start_ns(60, 0) == NOW_NS


def test_a_replay_that_may_raise_alarms_begins_now(machine: Machine) -> None:
    machine.wall_ns = NOW_NS + 59 * NS_PER_S
    assert replay_start_ns(60, 0, now=True) == NOW_NS + 59 * NS_PER_S
    assert replay_start_ns(60, NOW_NS + 120 * NS_PER_S, now=True) == NOW_NS + 120 * NS_PER_S


def test_a_replay_begins_after_the_windows_that_were_reported(machine: Machine) -> None:
    assert replay_start_ns(900, NOW_NS + 1) == NOW_NS + 900 * NS_PER_S
    assert replay_start_ns(900, NOW_NS + 900 * NS_PER_S) == NOW_NS + 900 * NS_PER_S
