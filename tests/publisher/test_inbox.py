"""What the inbox lets in, and what it refuses for good."""

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.config.site import Ground, SourceKind
from edge.contract import bounds
from edge.contract.report import (
    CameraState,
    DirectionCounts,
    DirectionFlow,
    LineReport,
    Metres,
    TurnReport,
    Verdict,
    ZoneReport,
)
from edge.publisher.clock import Clock
from edge.publisher.events.traffic_flow import VEHICLE_TYPES
from edge.publisher.inbox import MOST_BACKLOG, Inbox, digest
from edge.publisher.outbox import FUTURE_TOLERANCE_S, REMEMBERED_S
from tests.publisher.street import HASH, HELLO, SITE, WINDOW_S, report

NOW_S = 1_800_000_000


class FixedClock(Clock):
    """A clock that stands where it is put."""

    def __init__(self, now_s: float = NOW_S, *, known: bool = True) -> None:
        super().__init__()
        self.now_s, self.steady_s, self._known = now_s, 0.0, known

    def now(self) -> float:
        return self.now_s

    def steady(self) -> float:
        return self.steady_s

    @property
    def is_set(self) -> bool:
        return self._known


def inbox(clock: Clock | None = None, *, loopback: bool = False) -> Inbox:
    return Inbox(SITE, loopback=loopback, clock=clock or FixedClock())


def replaying(clock: Clock | None = None, *, loopback: bool = True, pace: float = 1.0) -> Inbox:
    site = replace(SITE, camera=replace(SITE.camera, kind=SourceKind.CLIP, target="street.mp4", pace=pace))
    return Inbox(site, loopback=loopback, clock=clock or FixedClock())


GOOD = replace(report(1), window_start_s=NOW_S - WINDOW_S)


def with_forward(counts: DirectionCounts) -> Verdict:
    lines = (LineReport(forward=counts, backward=DirectionCounts(people=0, vehicles=0)),)
    return inbox().judge(replace(GOOD, lines=lines))


def test_a_good_report_is_let_in() -> None:
    assert inbox().judge(GOOD) is Verdict.STORED
    assert inbox().judge_hello(HELLO) is Verdict.STORED


@given(st.integers(bounds.HASH64.least, bounds.HASH64.most).filter(lambda value: value != HASH))
def test_another_sites_report_is_refused(other: int) -> None:
    assert inbox().judge(replace(GOOD, site=other)) is Verdict.REFUSED_SITE
    assert inbox().judge_hello(replace(HELLO, site=other)) is Verdict.REFUSED_SITE


@pytest.mark.parametrize(("loopback", "verdict"), [(True, Verdict.STORED), (False, Verdict.REFUSED_SITE)])
def test_a_recording_stays_on_this_machine(*, loopback: bool, verdict: Verdict) -> None:
    here = replaying(loopback=loopback)
    assert here.judge(replace(GOOD, replay=True)) is verdict
    assert here.judge_hello(replace(HELLO, replay=True)) is verdict


def test_what_is_a_recording_is_told_by_the_site_alone() -> None:
    for here, lie in ((inbox(loopback=True), True), (replaying(), False)):
        assert here.judge(replace(GOOD, replay=lie)) is Verdict.REFUSED_SITE
        assert here.judge_hello(replace(HELLO, replay=lie)) is Verdict.REFUSED_SITE


@given(st.integers(0, bounds.MOST_LINES), st.integers(0, bounds.MOST_ZONES))
def test_there_are_as_many_lines_and_zones_as_in_the_site(lines: int, zones: int) -> None:
    found = inbox().judge(replace(GOOD, lines=GOOD.lines * lines, zones=GOOD.zones * zones))
    assert (found is Verdict.STORED) == (lines == len(SITE.lines) and zones == len(SITE.zones))


listed = st.none() | st.integers(bounds.LEAST_OBJECTS, 60)


@given(st.integers(0, 300), st.fixed_dictionaries(dict.fromkeys(VEHICLE_TYPES, listed)))
def test_totals_hold_what_is_listed_and_no_subtraction_tells_a_class(vehicles: int, classes: dict[str, int]) -> None:
    known = [count for count in classes.values() if count is not None]
    rest = vehicles - sum(known)
    # What is left over is somebody's: of one withheld class it would be the count, of none it cannot be.
    missing = len(VEHICLE_TYPES) - len(known)
    possible = rest == 0 or (rest > 0 and missing > 1)
    found = with_forward(DirectionCounts(people=0, vehicles=vehicles, **classes))
    assert (found is Verdict.STORED) == possible


@pytest.mark.parametrize(
    ("missing", "verdict"), [(0, Verdict.REFUSED_SHAPE), (1, Verdict.REFUSED_SHAPE), (2, Verdict.STORED)]
)
def test_a_rest_needs_two_withheld_classes(missing: int, verdict: Verdict) -> None:
    classes = dict.fromkeys(VEHICLE_TYPES[missing:], 5)
    assert with_forward(DirectionCounts(people=0, vehicles=5 * len(classes) + 3, **classes)) is verdict


@given(st.integers(0, bounds.PRESENT_HUNDREDTHS.most), st.integers(0, bounds.PRESENT.most))
def test_no_mean_is_above_its_maximum(mean: int, most: int) -> None:
    for zone in (
        ZoneReport(people_mean_hundredths=mean, people_max=most),
        ZoneReport(vehicles_mean_hundredths=mean, vehicles_max=most),
    ):
        found = inbox().judge(replace(GOOD, zones=(zone,)))
        assert (found is Verdict.STORED) == (mean <= 100 * most)


MEASURED = (
    {"lines": (replace(GOOD.lines[0], forward_flow=DirectionFlow(speed_time_mean_cm_s=1400)),)},
    {"lines": (replace(GOOD.lines[0], forward_flow=DirectionFlow(walking_cm_s=130)),)},
    {"lines": (replace(GOOD.lines[0], forward_flow=DirectionFlow(congestion=0)),)},
    *({"zones": (ZoneReport(**{name: 1}),)} for name in ("density_mean_thousandths", "queue_most_dm", "area_m2")),
)


@pytest.mark.parametrize("changes", MEASURED)
@pytest.mark.parametrize("metres", Metres)
def test_nothing_is_in_metres_where_there_are_none(changes: dict[str, Any], metres: Metres) -> None:
    good = metres in {Metres.UNVERIFIED, Metres.VERIFIED}
    measured = Inbox(replace(SITE, ground=Ground()), loopback=False, clock=FixedClock())
    found = measured.judge(replace(GOOD, metres=metres, **changes))
    assert found is (Verdict.STORED if good else Verdict.REFUSED_SHAPE)
    assert measured.judge(replace(GOOD, metres=metres)) is Verdict.STORED
    # A site without measured ground has no metres, whatever vision says of them.
    assert inbox().judge(replace(GOOD, metres=metres, **changes)) is Verdict.REFUSED_SHAPE
    assert (inbox().judge(replace(GOOD, metres=metres)) is Verdict.STORED) == (metres is Metres.NONE)


def test_times_and_shares_need_no_metres() -> None:
    flow = DirectionFlow(headway_tenths=50, occupancy_permille=100)
    lines = (replace(GOOD.lines[0], forward_flow=flow),)
    assert inbox().judge(replace(GOOD, lines=lines, zones=(ZoneReport(stopped_most=3),))) is Verdict.STORED


@pytest.mark.parametrize("name", [field.name for field in fields(DirectionFlow)])
@pytest.mark.parametrize("count", [4, 5])
@pytest.mark.parametrize("forward", [False, True])
def test_no_average_is_of_fewer_than_five(name: str, count: int, *, forward: bool) -> None:
    enough = DirectionCounts(people=50, vehicles=50)
    of = "people" if name.startswith("walking") else "vehicles"
    way = "forward" if forward else "backward"
    line = LineReport(
        **{"forward": enough, "backward": enough, way: replace(enough, **{of: count})},
        **{f"{way}_flow": DirectionFlow(**{name: 3})},
    )
    here = Inbox(replace(SITE, ground=Ground()), loopback=False, clock=FixedClock())
    found = here.judge(replace(GOOD, metres=Metres.VERIFIED, lines=(line,)))
    assert found is (Verdict.STORED if count >= bounds.LEAST_OBJECTS else Verdict.REFUSED_SHAPE)


def test_nothing_is_counted_in_a_time_that_nobody_saw() -> None:
    nobody = DirectionCounts(people=0, vehicles=0)
    nothing = LineReport(forward=nobody, backward=nobody)
    assert inbox().judge(replace(GOOD, observed_permille=1)) is Verdict.STORED
    assert inbox().judge(replace(GOOD, observed_permille=0)) is Verdict.REFUSED_SHAPE
    assert inbox().judge(replace(GOOD, observed_permille=0, lines=(nothing,), zones=(ZoneReport(),))) is Verdict.STORED


@pytest.mark.parametrize("trouble", CameraState)
def test_nothing_was_wrong_with_a_window_that_was_seen_whole(trouble: CameraState) -> None:
    assert inbox().judge(replace(GOOD, observed_permille=999, trouble=trouble)) is Verdict.STORED
    whole = inbox().judge(replace(GOOD, observed_permille=1000, trouble=trouble))
    assert (whole is Verdict.STORED) == (trouble is CameraState.STREAMING)


def test_turns_are_of_the_sites_lines() -> None:
    two = replace(SITE, lines=(*SITE.lines, replace(SITE.lines[0], id="pont")))
    here = Inbox(two, loopback=False, clock=FixedClock())
    turn = TurnReport(entry=0, entry_forward=True, exit=1, exit_forward=True, count=9)
    good = replace(GOOD, lines=GOOD.lines * 2, turns=(turn,))
    assert here.judge(good) is Verdict.STORED
    for bad in ((turn, turn), (replace(turn, exit=2),), (replace(turn, exit=0),)):
        assert here.judge(replace(good, turns=bad)) is Verdict.REFUSED_SHAPE


@given(st.integers(-2 * REMEMBERED_S // 60, 2 * REMEMBERED_S // 60))
def test_windows_that_a_wrong_clock_could_explain_wait_and_are_not_refused(minutes: int) -> None:
    age_s = minutes * 60
    one = replace(GOOD, window_start_s=NOW_S - age_s)
    assert inbox().judge(one) is Verdict.STORED
    assert (inbox().waits(one) is None) == (-FUTURE_TOLERANCE_S <= age_s <= REMEMBERED_S)
    assert (replaying().waits(replace(one, replay=True)) is None) == (age_s <= REMEMBERED_S)


def test_a_report_that_waits_is_due_once_the_clock_is_mended() -> None:
    clock = FixedClock(NOW_S + 40 * 86_400)
    here = inbox(clock)
    assert here.waits(GOOD) is not None
    clock.now_s = NOW_S
    assert here.waits(GOOD) is None


@pytest.mark.parametrize("pace", [1.0, 30.0])
def test_no_more_windows_are_new_than_have_passed(pace: float) -> None:
    clock = FixedClock()
    here = replaying(clock, pace=pace)
    one = replace(GOOD, replay=True)
    count = 0
    for second in range(600):
        clock.steady_s = float(second)
        while here.waits(one) is None:
            here.count_new()
            count += 1
    passed = 600 * pace / WINDOW_S * (bounds.MOST_REVISION + 1)
    assert MOST_BACKLOG + passed * 0.9 <= count <= MOST_BACKLOG + passed


@given(st.integers(bounds.WINDOW_START_S.least // 60, bounds.WINDOW_START_S.most // 60))
def test_while_the_clock_is_not_set_no_report_is_lost_to_it(minute: int) -> None:
    unset = inbox(FixedClock(0.0, known=False))
    assert unset.judge(replace(GOOD, window_start_s=minute * 60)) is Verdict.STORED
    assert unset.waits(replace(GOOD, window_start_s=minute * 60)) is None


def test_windows_are_the_sites_and_aligned() -> None:
    quarter = replace(SITE, window_s=900)
    here = Inbox(quarter, loopback=False, clock=FixedClock())
    aligned = replace(GOOD, window_s=900, window_start_s=NOW_S // 900 * 900 - 900)
    assert here.judge(aligned) is Verdict.STORED
    assert here.judge(replace(aligned, window_start_s=aligned.window_start_s + 60)) is Verdict.REFUSED_WINDOW
    assert here.judge(replace(aligned, window_s=60)) is Verdict.REFUSED_WINDOW


@given(st.lists(st.floats(0, 40), min_size=1, max_size=60))
def test_health_comes_no_more_often_than_its_period(pauses: list[float]) -> None:
    clock = FixedClock()
    here = inbox(clock)
    admitted = 0
    for pause in pauses:
        clock.steady_s += pause
        admitted += here.admits_health()
    assert admitted <= clock.steady_s / bounds.HEALTH_PERIOD_S + 1.1


def test_health_at_its_period_is_never_refused_for_a_jitter() -> None:
    clock = FixedClock()
    here = inbox(clock)
    for beat in range(100):
        clock.steady_s = beat * bounds.HEALTH_PERIOD_S + (0.2 if beat % 2 else -0.2)
        assert here.admits_health(), beat


def test_two_reports_that_say_the_same_have_one_digest() -> None:
    assert digest(GOOD) == digest(replace(GOOD, sequence=77))
    assert digest(GOOD) != digest(replace(GOOD, observed_permille=1))
