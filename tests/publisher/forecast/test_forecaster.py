"""From reports to forecasts: slots that are whole, figures that were released, a file that outlives a restart."""

import json
import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.config.site import CameraSite, Site, SourceKind
from edge.contract.report import DirectionCounts, LineReport, Verdict, WindowReport, ZoneReport
from edge.publisher.clock import Clock
from edge.publisher.complaint import Complaints
from edge.publisher.delivery import parcels_of
from edge.publisher.events import forecast
from edge.publisher.events.envelope import source_of
from edge.publisher.events.provenance import Provenance
from edge.publisher.events.schema import check
from edge.publisher.forecast.archive import ASIDE_FILE, FILE, KEY_FILE
from edge.publisher.forecast.forecaster import Forecast, Forecaster, open_forecaster
from edge.publisher.forecast.slots import Slots, people_over, vehicles_over
from edge.publisher.inbox import Inbox
from edge.publisher.keeper import Keeper
from edge.publisher.reception import Reception
from edge.publisher.topics import Topics
from edge.publisher.vitals import Vitals
from tests.publisher.street import HELLO, SITE, report

WINDOW_S = 900
STREET = replace(SITE, window_s=WINDOW_S)
# 2026-03-02, a Monday.
START_S = 1_772_409_600
DAY = 96


class At(Clock):
    """A clock that stands where the test sets it, a moment after the newest window."""

    def __init__(self) -> None:
        super().__init__()
        self.at_s = float(START_S)
        self.steady_s = 0.0

    def now(self) -> float:
        return self.at_s

    def steady(self) -> float:
        return self.steady_s

    @property
    def is_set(self) -> bool:
        return True


def window(number: int, **changes: object) -> WindowReport:
    """The report of a street of rush hours; window `number` since Monday."""
    at = number % DAY
    many = 5 + (number * 7919) % 11 + (40 if 30 <= at < 70 else 0)
    whole = report(
        1 + number,
        window_s=WINDOW_S,
        window_start_s=START_S + number * WINDOW_S,
        lines=(
            LineReport(
                forward=DirectionCounts(people=many, vehicles=many // 2),
                backward=DirectionCounts(people=many // 3, vehicles=0),
            ),
        ),
        zones=(ZoneReport(people_mean_hundredths=many * 11, people_max=many),),
    )
    return replace(whole, **changes)  # type: ignore[arg-type]


def heard(forecaster: Forecaster, clock: At, reports: Iterable[WindowReport]) -> list[Forecast | None]:
    found = []
    for one in reports:
        clock.at_s = one.window_start_s + one.window_s + 3.0
        found.append(forecaster.take(one))
    return found


def opened(folder: Path, clock: At, site: Site = STREET) -> Forecaster:
    forecaster = open_forecaster(site, folder, clock)
    assert forecaster is not None
    return forecaster


@pytest.fixture(scope="module")
def learnt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what three weeks taught."""
    folder, clock = tmp_path_factory.mktemp("learnt"), At()
    forecaster = opened(folder, clock)
    heard(forecaster, clock, map(window, range(21 * DAY)))
    forecaster.close()
    return folder


@pytest.fixture
def state(learnt: Path, tmp_path: Path) -> Path:
    for name in (FILE, KEY_FILE):
        (tmp_path / name).write_bytes((learnt / name).read_bytes())
        (tmp_path / name).chmod(0o600)
    return tmp_path


def test_nothing_for_two_weeks_then_at_each_window(tmp_path: Path) -> None:
    clock = At()
    found = heard(opened(tmp_path, clock), clock, map(window, range(15 * DAY)))
    assert not any(found[: 14 * DAY - 1])
    assert all(found[14 * DAY - 1 :])


def test_the_events_of_a_forecast_word_for_word(state: Path) -> None:
    clock = At()
    (found,) = heard(opened(state, clock), clock, [window(21 * DAY + 48)])
    assert found is not None
    provenance = Provenance(report=found.slot, publisher_isolated=True)
    (line,), (zone,) = found.lines, found.zones
    assert line is not None
    assert zone is not None
    drafts = (
        forecast.of_line(source_of(SITE.device), SITE.lines[0], line, provenance),
        forecast.of_zone(source_of(SITE.device), SITE.zones[0], zone, provenance),
    )
    for draft in drafts:
        check(draft)
    event = json.loads(drafts[0].render(1, None))
    assert (event["type"], event["subject"], drafts[0].place) == ("passant.forecast.v1", "line/quai", "quai")
    data = event["data"]
    assert data["window"]["to"] == "2026-03-23T12:15:00Z" == event["time"]
    assert [(one["minutes"], one["from"], one["to"]) for one in data["horizons"]] == [
        (15, "2026-03-23T12:15:00Z", "2026-03-23T12:30:00Z"),
        (30, "2026-03-23T12:30:00Z", "2026-03-23T12:45:00Z"),
        (60, "2026-03-23T13:00:00Z", "2026-03-23T13:15:00Z"),
    ]
    assert (data["measure"], data["interval"], data["basis"]["days"], data["suppressed"]) == ("count", 0.8, 21, [])
    # 45 to 55 and a third of it: what comes at this time of day, and no night.
    assert all(
        55 < one["people"]["low"] <= one["people"]["value"] <= one["people"]["high"] < 80 for one in data["horizons"]
    )
    assert all(0.6 < one["people"]["measured"]["coverage"] < 0.95 for one in data["horizons"])
    assert drafts[1].data["measure"] == "meanPresent"
    assert drafts[1].data["suppressed"] == ["vehicles"]


@given(st.data())
def test_what_was_withheld_changes_no_forecast(data: st.DataObject) -> None:
    """Totals are all that is learnt of a line: however they are made up, the forecast is the same."""
    slots = Slots(WINDOW_S)
    changed = replace(
        window(3).lines[0].forward,
        car=data.draw(st.none() | st.integers(5, 9)),
        bus=data.draw(st.none() | st.integers(5, 9)),
    )
    plain, other = slots.take(window(3)), slots.take(window(3, lines=(replace(window(3).lines[0], forward=changed),)))
    assert plain is not None
    assert other is not None
    for total in (people_over, vehicles_over):
        assert total((plain[0].lines[0],)) == total((other[0].lines[0],))


def test_a_restart_goes_on_as_if_nothing_had_been(state: Path) -> None:
    clock, after = At(), [window(number) for number in range(21 * DAY, 21 * DAY + 8)]
    whole = opened(state, clock)
    going = heard(whole, clock, after[:4])
    whole.close()
    going += heard(whole, clock, after[4:])
    again = heard(opened(state, clock), clock, after[4:])
    assert [told(one) for one in again] == [pytest.approx(told(one), rel=1e-3) for one in going[4:]]


def told(found: Forecast | None) -> list[float]:
    assert found is not None
    outlooks = [one for one in (*found.lines, *found.zones) if one is not None]
    return [ahead.value for one in outlooks for ahead in (*one.people, *one.vehicles)]


def test_a_backlog_is_learnt_from_and_not_told(state: Path) -> None:
    clock = At()
    forecaster = opened(state, clock)
    clock.at_s = START_S + (21 * DAY + 8) * WINDOW_S
    found = [forecaster.take(window(number)) for number in range(21 * DAY, 21 * DAY + 8)]
    assert found[:7] == [None] * 7
    assert found[7] is not None


def test_a_report_that_comes_again_gets_the_same_answer(state: Path) -> None:
    clock = At()
    forecaster = opened(state, clock)
    first, again = heard(forecaster, clock, [window(21 * DAY), replace(window(21 * DAY), sequence=77)])
    assert first is not None
    assert again is first


@pytest.mark.parametrize(
    "change",
    [
        lambda _: b"",
        lambda content: content[:-1],
        lambda content: content[:1000] + bytes([content[1000] ^ 1]) + content[1001:],
        lambda content: content + b"\0",
        lambda _: bytes(5 << 20),
    ],
)
def test_a_damaged_file_is_set_aside_and_begun_anew(
    state: Path, change: Callable[[bytes], bytes], caplog: pytest.LogCaptureFixture
) -> None:
    clock, damaged = At(), change((state / FILE).read_bytes())
    (state / FILE).write_bytes(damaged)
    forecaster = opened(state, clock)
    assert heard(forecaster, clock, [window(21 * DAY)]) == [None]
    assert (state / ASIDE_FILE).read_bytes() == damaged
    assert "set aside" in caplog.text
    forecaster.close()
    assert heard(opened(state, clock), clock, [window(21 * DAY + 1)]) == [None]


def test_another_key_is_a_damaged_file(state: Path) -> None:
    (state / KEY_FILE).unlink()
    clock = At()
    assert heard(opened(state, clock), clock, [window(21 * DAY)]) == [None]
    assert (state / ASIDE_FILE).exists()


def test_a_line_that_is_drawn_elsewhere_begins_anew_and_the_zone_goes_on(state: Path) -> None:
    clock = At()
    moved = replace(STREET, lines=(replace(STREET.lines[0], end=(981.0, 420.0)),))
    (found,) = heard(opened(state, clock, moved), clock, [window(21 * DAY)])
    assert found is not None
    assert found.lines == (None,)
    assert found.zones != (None,)


def test_the_file_is_ours_only_written_whole_and_of_bounded_size(state: Path) -> None:
    clock = At()
    forecaster = opened(state, clock)
    before = (state / FILE).read_bytes()
    heard(forecaster, clock, [window(21 * DAY)])
    assert (state / FILE).read_bytes() == before
    clock.steady_s += 3601
    heard(forecaster, clock, [window(21 * DAY + 1)])
    after = (state / FILE).read_bytes()
    assert after != before
    assert len(after) == len(before)
    # 32 places of two series are allowed; here are two.
    assert 16 * len(after) < 4 << 20
    assert (state / FILE).stat().st_mode & 0o777 == 0o600
    assert {path.name for path in state.iterdir()} == {FILE, KEY_FILE}


def test_a_disk_that_takes_nothing_is_said_and_survived(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    clock = At()
    forecaster = opened(tmp_path / "gone", clock)
    forecaster.close()
    assert "not kept" in caplog.text


def test_a_slot_is_whole_when_all_its_windows_were_seen() -> None:
    minutes = [report(n, window_s=60, window_start_s=START_S + n * 60) for n in range(15)]
    slots = Slots(900)
    assert [slots.take(one) for one in minutes[:14]] == [None] * 14
    whole = slots.take(minutes[14])
    assert whole is not None
    assert list(whole) == minutes
    slots = Slots(900)
    hardly = [replace(one, observed_permille=899) if n == 3 else one for n, one in enumerate(minutes)]
    assert [slots.take(one) for one in hardly] == [None] * 15
    # Vision was started again inside that window, and knows more of it now.
    assert slots.take(replace(minutes[3], revision=1)) is not None


def test_one_withheld_window_withholds_the_slots_mean(state: Path) -> None:
    clock = At()
    withheld = window(21 * DAY + 48, zones=(ZoneReport(),))
    (found,) = heard(opened(state, clock), clock, [withheld])
    assert found is not None
    assert found.zones == (None,)


def test_no_forecasts_of_recordings_nor_with_windows_that_fit_no_hour(tmp_path: Path) -> None:
    clip = replace(STREET, camera=CameraSite(kind=SourceKind.CLIP, target="/street.mp4"))
    assert open_forecaster(clip, tmp_path, At()) is None
    assert open_forecaster(replace(STREET, window_s=480), tmp_path, At()) is None
    assert open_forecaster(replace(STREET, window_s=1200), tmp_path, At()) is not None
    assert list(tmp_path.iterdir()) == []


def test_forecasts_are_stored_with_the_windows_they_follow_from(state: Path) -> None:
    clock = At()
    clock.at_s = START_S + (21 * DAY + 1) * WINDOW_S + 2.0
    vitals = Vitals(clock=clock, started_s=0.0, software="test", isolated=True, legal=STREET.legal)
    keeper = Keeper(state, clock, vitals.broker, Complaints(logging.getLogger()))
    forecaster = opened(state, clock)
    inbox = Inbox(STREET, loopback=True, clock=clock)
    reception = Reception(STREET, inbox, keeper.store, vitals, forecaster)
    reception._greet(HELLO)
    for _ in range(2):
        # Vision did not hear the answer, and hands it in again.
        assert reception._judge(window(21 * DAY)) is Verdict.STORED
    rows = keeper.after(0, 100)
    keeper.close()
    expected = [row for row in rows if row.place.startswith("forecast/")]
    assert [row.place for row in expected] == ["forecast/quai", "forecast/promenade"]
    assert vitals.vision.events_invalid == 0
    topics = Topics(org="nice", device="promenade-042")
    event, last = parcels_of(expected[0], topics, clock)
    assert (event.message.topic, event.message.expiry_s) == ("passant/v1/nice/promenade-042/ev/forecast/quai", 3600)
    assert last.message.topic.endswith("/last/forecast/quai")
    assert last.message.expiry_s == 2 * WINDOW_S
