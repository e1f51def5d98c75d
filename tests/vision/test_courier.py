"""The courier: what is closed is on disk before it is sent, and is sent until it is answered."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from edge.contract import bounds
from edge.contract.channel import ChannelClosedError, Listener
from edge.contract.report import (
    FROM_VISION,
    AlarmAnswer,
    AlarmPhase,
    AlarmReport,
    Answer,
    CameraState,
    Verdict,
    VisionHealth,
    WindowReport,
)
from edge.units import NS_PER_S
from edge.vision import courier as courier_module
from edge.vision.aggregate.tally import Tally
from edge.vision.courier import MOST_UNDER_WAY, Courier
from edge.vision.durable import read_durable
from edge.vision.register import Register, Under
from edge.vision.reports import ReportStore
from tests.vision.counterpart import HELLO, PATIENCE_S, Publisher
from tests.vision.test_waiting_alarms import alarm


def tally(window: int) -> Tally:
    return Tally(
        start_ns=(1_800_000_000 + 60 * window) * NS_PER_S,
        length_ns=60 * NS_PER_S,
        observed_ns=60 * NS_PER_S,
        lines=(),
        zones=(),
    )


def health(waiting: int, lost: int) -> VisionHealth:
    return VisionHealth(
        camera=CameraState.STREAMING,
        isolated=True,
        replay=False,
        fps_tenths=100,
        frames_dropped=0,
        detector_ms=40,
        reports_waiting=waiting,
        reports_lost=lost,
    )


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "LEAST_RECONNECT_S", 0.01)


@pytest.fixture
def publisher(tmp_path: Path) -> Iterator[Publisher]:
    one = Publisher(tmp_path / "channel")
    yield one
    one.close()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[], Courier]]:
    """Start a courier on the test's state folder; the last one is ended with the test."""
    started: list[Courier] = []

    def start() -> Courier:
        store = ReportStore(tmp_path / "reports")
        under = Under(site=HELLO.site, model=HELLO.model, replay=False, isolated=True)
        one = Courier(
            path=tmp_path / "channel",
            hello=HELLO,
            store=store,
            register=Register(tmp_path / "register", under, [one for one in map(store.read, store.sequences()) if one]),
            health=health,
        )
        one.start()
        started.append(one)
        return one

    yield start
    for one in started:
        one.finish(0.0)


def on_disk(folder: Path) -> list[int]:
    return sorted(int(path.stem) for path in (folder / "reports").glob("*.report"))


@contextmanager
def eventually(what: Callable[[], bool]) -> Iterator[None]:
    yield
    end_s = time.monotonic() + PATIENCE_S
    while not what() and time.monotonic() < end_s:
        time.sleep(0.01)
    assert what()


def test_a_report_is_on_disk_before_it_is_sent_and_gone_after_the_answer(
    tmp_path: Path, publisher: Publisher, start: Callable[[], Courier]
) -> None:
    courier = start()
    publisher.welcome()
    courier.over(tally(0))
    report = publisher.hear_report()
    assert on_disk(tmp_path) == [report.sequence]
    assert str(report.sequence).encode() in read_durable(tmp_path / "register")
    with eventually(lambda: on_disk(tmp_path) == []):
        publisher.answer(report)
    assert courier.finish(PATIENCE_S)


def test_without_a_publisher_reports_are_kept_in_order_and_sent_when_it_comes(
    tmp_path: Path, start: Callable[[], Courier], caplog: pytest.LogCaptureFixture
) -> None:
    courier = start()
    for window in range(40):
        courier.over(tally(window))
    with eventually(lambda: len(on_disk(tmp_path)) == 40 and "the publisher is away" in caplog.text):
        pass
    publisher = Publisher(tmp_path / "channel")
    try:
        publisher.welcome()
        starts = []
        for _ in range(40):
            report = publisher.hear_report()
            starts.append(report.window_start_s)
            publisher.answer(report)
        assert starts == [1_800_000_000 + 60 * window for window in range(40)]
        assert courier.finish(PATIENCE_S)
    finally:
        publisher.close()
    assert on_disk(tmp_path) == []
    assert caplog.text.count("the publisher is away") == 1


def test_no_more_than_a_handful_is_under_way_without_an_answer(
    publisher: Publisher, start: Callable[[], Courier]
) -> None:
    courier = start()
    publisher.welcome()
    for window in range(2 * MOST_UNDER_WAY):
        courier.over(tally(window))
    heard = [publisher.hear_report() for _ in range(MOST_UNDER_WAY)]
    assert publisher.hear(0.5) is None
    publisher.answer(heard[0])
    assert publisher.hear_report().sequence == heard[-1].sequence + 1


def test_what_was_not_answered_is_sent_again_on_the_next_connection(
    publisher: Publisher, start: Callable[[], Courier], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    courier = start()
    publisher.welcome()
    for window in range(3):
        courier.over(tally(window))
    first, second, third = (publisher.hear_report() for _ in range(3))
    publisher.answer(second)
    time.sleep(0.3)
    publisher.leave()
    publisher.welcome()
    assert [publisher.hear_report() for _ in range(2)] == [first, third]
    assert "the publisher is away" in caplog.text
    assert "the publisher is back" in caplog.text


def test_a_refused_report_is_forgotten_counted_and_told(
    tmp_path: Path, publisher: Publisher, start: Callable[[], Courier], caplog: pytest.LogCaptureFixture
) -> None:
    courier = start()
    publisher.welcome()
    courier.over(tally(0))
    with eventually(lambda: courier.refused == 1):
        publisher.answer(publisher.hear_report(), Verdict.REFUSED_SITE)
    assert on_disk(tmp_path) == []
    assert "REFUSED_SITE" in caplog.text


def test_an_answer_to_what_was_never_sent_forgets_nothing(
    tmp_path: Path, publisher: Publisher, start: Callable[[], Courier]
) -> None:
    courier = start()
    publisher.welcome()
    courier.over(tally(0))
    report = publisher.hear_report()
    assert publisher.connection is not None
    publisher.connection.send(Answer(sequence=report.sequence + 1, verdict=Verdict.STORED))
    courier.over(tally(1))
    later = publisher.hear_report()
    assert later.sequence == report.sequence + 1
    assert on_disk(tmp_path) == [report.sequence, later.sequence]


def test_a_restarted_courier_sends_what_the_last_one_left(
    tmp_path: Path, publisher: Publisher, start: Callable[[], Courier]
) -> None:
    first = start()
    first.over(tally(0))
    first.cut(tally(1))
    assert not first.finish(0.5)
    assert len(on_disk(tmp_path)) == 2
    # The first courier had connected and left again.
    publisher.welcome()
    publisher.leave()
    start()
    publisher.welcome()
    assert [publisher.hear_report().window_start_s for _ in range(2)] == [1_800_000_000, 1_800_000_060]


def test_a_report_closed_just_before_a_crash_is_in_the_register_before_it_is_sent(
    tmp_path: Path, start: Callable[[], Courier]
) -> None:
    first = start()
    first.over(tally(0))
    first.finish(0.0)
    before = (tmp_path / "register").read_bytes()
    second = start()
    second.over(tally(1))
    second.finish(0.0)
    # The crash came after the file had its name and before the register was written.
    (tmp_path / "register").write_bytes(before)
    # Only now somebody listens: what the first two would have said is not heard.
    with Publisher(tmp_path / "channel") as publisher:
        start()
        publisher.welcome()
        reports = [publisher.hear_report() for _ in range(2)]
        assert str(reports[1].sequence).encode() in read_durable(tmp_path / "register")


def test_health_is_told_with_what_waits(
    publisher: Publisher, start: Callable[[], Courier], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(courier_module, "_HEALTH_PERIOD_S", 0.0)
    start()
    publisher.welcome()
    assert publisher.hear() == health(0, 0)


def test_health_is_not_told_before_its_period_is_over(publisher: Publisher, start: Callable[[], Courier]) -> None:
    start()
    publisher.welcome()
    assert publisher.hear(1.0) is None


def test_a_publisher_that_never_answers_is_tried_anew(
    publisher: Publisher, start: Callable[[], Courier], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(courier_module, "ANSWER_PATIENCE_S", 0.2)
    courier = start()
    publisher.welcome()
    courier.over(tally(0))
    report = publisher.hear_report()
    with pytest.raises(ChannelClosedError):
        publisher.hear()
    publisher.leave()
    publisher.welcome()
    assert publisher.hear_report() == report


def test_handing_over_never_waits(tmp_path: Path, start: Callable[[], Courier]) -> None:
    """A publisher that listens and does nothing holds up the courier, not the one who hands over."""
    stuck = Listener(tmp_path / "channel", FROM_VISION)
    try:
        courier = start()
        done = threading.Event()

        def hand_over() -> None:
            for window in range(200):
                courier.over(tally(window))
            done.set()

        threading.Thread(target=hand_over, daemon=True).start()
        assert done.wait(PATIENCE_S)
        with eventually(lambda: len(on_disk(tmp_path)) == 200):
            pass
    finally:
        stuck.close()


def test_a_report_that_is_not_due_holds_up_no_newer_one(
    tmp_path: Path, publisher: Publisher, start: Callable[[], Courier], monkeypatch: pytest.MonkeyPatch
) -> None:
    courier = start()
    publisher.welcome()
    for window in range(MOST_UNDER_WAY + 1):
        courier.over(tally(window))
    held = [publisher.hear_report() for _ in range(MOST_UNDER_WAY)]
    for report in held:
        publisher.answer(report, Verdict.LATER)
    newest = publisher.hear_report()
    assert newest.sequence == held[-1].sequence + 1
    with eventually(lambda: len(on_disk(tmp_path)) == MOST_UNDER_WAY):
        publisher.answer(newest)
    assert publisher.hear(0.5) is None
    monkeypatch.setattr(courier_module, "_AGAIN_S", 0.0)
    courier._later.clear()
    assert publisher.hear_report() == held[0]


def answer(publisher: Publisher, report: AlarmReport, verdict: Verdict = Verdict.STORED) -> None:
    assert publisher.connection is not None
    publisher.connection.send(AlarmAnswer(serial=report.serial, revision=report.revision, verdict=verdict))


def test_an_alarm_goes_ahead_of_every_report_that_waits(
    tmp_path: Path, publisher: Publisher, start: Callable[[], Courier]
) -> None:
    """With a hundred reports on the disk and as many under way as may be, only those under way are before it."""
    courier = start()
    publisher.welcome()
    for window in range(100):
        courier.over(tally(window))
    with eventually(lambda: len(on_disk(tmp_path)) == 100 and len(courier._under_way) == MOST_UNDER_WAY):
        pass
    courier.raise_alarm(alarm(1, 0, AlarmPhase.RAISED))
    with eventually(lambda: courier._alarms._held[0].under_way):
        pass
    for _ in range(MOST_UNDER_WAY):
        publisher.answer(publisher.hear_report())
    assert publisher.hear() == alarm(1, 0, AlarmPhase.RAISED)
    assert isinstance(publisher.hear(), WindowReport)


def test_an_alarm_waits_for_no_more_than_one_window_that_is_handed_over(
    publisher: Publisher, start: Callable[[], Courier], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody hands over a window whenever one is put on the disk: there is always another."""
    whole = Register.whole
    courier = start()
    publisher.welcome()

    def never_ending(self: Register, one: Tally) -> tuple[WindowReport, ...]:
        courier.over(tally(0))
        return whole(self, one)

    monkeypatch.setattr(Register, "whole", never_ending)
    courier.over(tally(0))
    courier.raise_alarm(alarm(1, 0, AlarmPhase.RAISED))
    while isinstance(said := publisher.hear(), WindowReport):
        publisher.answer(said)
    assert said == alarm(1, 0, AlarmPhase.RAISED)
    monkeypatch.setattr(Register, "whole", whole)


def test_an_alarm_is_never_on_the_disk_and_is_sent_until_it_is_answered(
    tmp_path: Path, publisher: Publisher, start: Callable[[], Courier]
) -> None:
    courier = start()
    publisher.welcome()
    before = sorted(tmp_path.rglob("*"))
    courier.raise_alarm(alarm(1, 0, AlarmPhase.RAISED))
    assert publisher.hear() == alarm(1, 0, AlarmPhase.RAISED)
    assert sorted(tmp_path.rglob("*")) == before
    publisher.leave()
    publisher.welcome()
    assert publisher.hear() == alarm(1, 0, AlarmPhase.RAISED)
    answer(publisher, alarm(1, 0, AlarmPhase.RAISED))
    with eventually(lambda: courier._alarms.waiting == 0):
        pass
    publisher.leave()
    publisher.welcome()
    assert publisher.hear(0.5) is None


def test_an_alarm_rings_the_courier_awake(
    publisher: Publisher, start: Callable[[], Courier], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a tick of an hour nothing but the bell can tell the courier in the test's time."""
    monkeypatch.setattr(courier_module, "_TICK_S", 3600.0)
    courier = start()
    publisher.welcome()
    for serial in range(1, 4):
        courier.raise_alarm(alarm(serial, 0, AlarmPhase.RAISED))
        assert publisher.hear() == alarm(serial, 0, AlarmPhase.RAISED)
    courier.over(tally(0))
    publisher.answer(publisher.hear_report())
    for serial in range(1, 4):
        answer(publisher, alarm(serial, 0, AlarmPhase.RAISED))
    assert courier.finish(PATIENCE_S)


def test_a_refused_alarm_is_forgotten_counted_and_told(
    publisher: Publisher, start: Callable[[], Courier], caplog: pytest.LogCaptureFixture
) -> None:
    courier = start()
    publisher.welcome()
    courier.raise_alarm(alarm(1, 0, AlarmPhase.RAISED))
    assert isinstance(publisher.hear(), AlarmReport)
    with eventually(lambda: courier.refused == 1):
        answer(publisher, alarm(1, 0, AlarmPhase.RAISED), Verdict.REFUSED_LEGAL)
    assert courier._alarms.waiting == 0
    assert "REFUSED_LEGAL" in caplog.text


def test_an_alarm_that_nobody_took_in_its_time_is_told_in_health(
    tmp_path: Path, start: Callable[[], Courier], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(courier_module, "_HEALTH_PERIOD_S", 0.0)
    courier = start()
    courier.raise_alarm(alarm(1, 0, AlarmPhase.RAISED, valid_s=0.1))
    with eventually(lambda: courier._alarms.lost == 1):
        pass
    with Publisher(tmp_path / "channel") as late:
        late.welcome()
        told = late.hear()
        assert isinstance(told, VisionHealth)
        assert told.alarms_lost == 1
