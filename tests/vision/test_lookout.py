"""The loop of vision over drawn streets: windows follow the clock, with the coverage that they had."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Self

import numpy as np
import pytest

from edge.clock import LiveClock, ReplayClock
from edge.config import SiteError
from edge.config.site import CameraSite, Detector, Device, Legal, Line, Site, SourceKind, Zone, ZoneUse
from edge.contract.report import CameraState
from edge.units import NS_PER_S
from edge.vision.aggregate.tally import Tally
from edge.vision.camera import steady
from edge.vision.camera.source import CameraError, CameraGoneError
from edge.vision.detect.region import Region
from edge.vision.frame import Detections, Frame, Pixels
from edge.vision.judge.alarm import Alarm
from edge.vision.lens import Lens
from edge.vision.lookout import Lookout
from edge.vision.pipeline import Crew
from edge.vision.pulse import Pulse

START_NS = 1_800_000_000 * NS_PER_S


class Blind:
    """A detector that names nothing, so that the test is quick."""

    def detect(self, pixels: Pixels, regions: tuple[Region, ...]) -> Detections:  # noqa: ARG002  the protocol's
        return Detections.none()


class Windows:
    """What the loop hands over."""

    def __init__(self) -> None:
        self.all: list[tuple[str, Tally]] = []

    def over(self, tally: Tally) -> None:
        self.all.append(("over", tally))

    def cut(self, tally: Tally) -> None:
        self.all.append(("cut", tally))

    def alarm(self, alarm: Alarm) -> None:
        raise AssertionError(alarm)

    def coverages(self) -> list[tuple[str, int, float]]:
        return [(how, (tally.start_ns - START_NS) // NS_PER_S, round(tally.coverage, 2)) for how, tally in self.all]


def site_of(kind: SourceKind, target: str, **camera: object) -> Site:
    return Site(
        path=Path("/nowhere/site.toml"),
        hash64=1,
        device=Device(org="nice", id="promenade-042"),
        camera=CameraSite(kind=kind, target=target, **{"size": (160, 90), "fps": 5.0, **camera}),  # type: ignore[arg-type]
        lines=(Line(id="quai", start=(80, 10), end=(80, 85)),),
        zones=(),
        window_s=60,
        legal=Legal(),
        detector=Detector(),
        broker=None,
    )


def pulse() -> Pulse:
    return Pulse(isolated=True, replay=True, invoked=lambda: (0, 0.0))


def looked(site: Site, stop: Callable[[], bool] = lambda: False, pace: float = 1e6) -> Windows:
    windows = Windows()
    Lookout(Lens(site), Crew(eye=Blind()), ReplayClock(START_NS, pace), windows, pulse()).run(stop)
    return windows


def test_a_recording_gives_whole_windows_and_the_last_one_with_what_was_seen() -> None:
    windows = looked(site_of(SourceKind.SYNTHETIC, "still"))
    *whole, last = windows.coverages()
    assert [(how, start) for how, start, _ in whole] == [("over", 60 * n) for n in range(4)]
    assert all(coverage >= 0.99 for _, _, coverage in whole)
    assert last[:2] == ("cut", 240)
    assert last[2] >= 0.99


def test_asked_to_end_it_hands_over_the_window_in_progress_with_its_true_coverage() -> None:
    seen = 0

    def stop() -> bool:
        nonlocal seen
        seen += 1
        return seen > 90 * 5

    windows = looked(site_of(SourceKind.SYNTHETIC, "still"), stop)
    first, second = windows.coverages()
    assert first[:2] == ("over", 0)
    assert second[:2] == ("cut", 60)
    assert second[2] == pytest.approx(0.5, abs=0.02)


def test_black_and_frozen_pictures_are_not_observed() -> None:
    calls = 0

    def stop() -> bool:
        nonlocal calls
        calls += 1
        return calls > 95 * 5

    windows = looked(site_of(SourceKind.SYNTHETIC, "faulty"), stop)
    (_, _, first), (_, _, second) = windows.coverages()
    # Black from 20 s to 40 s, known after 2 s; frozen from 60 s to 80 s, known after 5 s; stopped at 95 s.
    assert first == pytest.approx(42 / 60, abs=0.04)
    assert second == pytest.approx(20 / 60, abs=0.04)


def test_a_missing_scene_is_told_at_once() -> None:
    with pytest.raises(CameraError, match="no such scene"):
        looked(site_of(SourceKind.SYNTHETIC, "no-such-scene"))


class FlakyCamera:
    """A live camera in the test's hand: each opening gives some frames and then fails."""

    def __init__(self, script: list[object], now_ns: Callable[[], int]) -> None:
        self._script = script
        self._now_ns = now_ns
        self._index = 0

    def __enter__(self) -> Self:
        if self._script and self._script[0] == "absent":
            self._script.pop(0)
            raise CameraError("no such device; plug it in")
        return self

    def __exit__(self, *exc: object) -> None:
        pass

    def read(self, timeout_s: float) -> Frame | None:  # noqa: ARG002  the protocol's
        if not self._script:
            return None
        step = self._script.pop(0)
        if step == "gone":
            raise CameraGoneError("the device was pulled")
        if step is None:
            return None
        width, height = step if isinstance(step, tuple) else (160, 90)
        noise = np.random.default_rng(len(self._script)).integers(60, 200, (height, width, 3), np.uint8)
        self._index += 1
        return Frame(pixels=noise, taken_ns=self._now_ns(), index=self._index)


class Live:
    """A live site whose camera and clocks the test moves by a tenth of a second for each step of a script."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, script: list[object], wall_ns: int = START_NS) -> None:
        self.steady_ns = 1000 * NS_PER_S
        self.wall_offset_ns = wall_ns - self.steady_ns
        self.events: dict[int, Callable[[], None]] = {}
        self.script = script
        self.whole = len(script)
        self.ticks = 0
        self.windows = Windows()
        self.pulse = pulse()
        self.site = site_of(SourceKind.V4L2, "/dev/video0", size=None)
        monkeypatch.setattr(time, "monotonic_ns", lambda: self.steady_ns)
        monkeypatch.setattr(time, "monotonic", lambda: self.steady_ns / NS_PER_S)
        monkeypatch.setattr(time, "time_ns", lambda: self.steady_ns + self.wall_offset_ns)
        monkeypatch.setattr(time, "sleep", self._sleep)
        monkeypatch.setattr(steady, "open_camera", lambda _: FlakyCamera(script, lambda: self.steady_ns))

    def _sleep(self, seconds: float) -> None:
        self.steady_ns += round(seconds * NS_PER_S)

    def _stop(self) -> bool:
        self.ticks += 1
        self.steady_ns += NS_PER_S // 10
        self.events.get(self.ticks, lambda: None)()
        return not self.script

    def run(self) -> Windows:
        Lookout(Lens(self.site), Crew(eye=Blind()), LiveClock(), self.windows, self.pulse).run(self._stop)
        return self.windows


def test_a_camera_that_goes_and_comes_back_leaves_a_hole_of_its_length(monkeypatch: pytest.MonkeyPatch) -> None:
    live = Live(monkeypatch, [*["frame"] * 300, "gone", *["absent"] * 3, *["frame"] * 320])
    first, *rest = live.run().coverages()
    assert first[:2] == ("over", 0)
    # Back-off: three openings failed, after pauses that double.
    assert 0.5 <= first[2] < 0.95
    assert [how for how, _, _ in rest] == ["cut"]
    assert live.pulse.camera is CameraState.STREAMING


def test_a_camera_that_never_comes_is_reported_as_not_observed(monkeypatch: pytest.MonkeyPatch) -> None:
    live = Live(monkeypatch, ["absent"] * 20)
    windows = live.run().coverages()
    assert {(how, coverage) for how, _, coverage in windows} == {("over", 0.0)}
    assert len(windows) >= 3
    assert live.pulse.camera is CameraState.ABSENT


def test_windows_end_without_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    live = Live(monkeypatch, [*["frame"] * 10, *[None] * 1300])
    assert [(how, start) for how, start, _ in live.run().coverages()] == [("over", 0), ("over", 60)]


def test_no_window_starts_until_the_clock_is_set(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    live = Live(monkeypatch, ["frame"] * 1000, wall_ns=0)
    live.events[300] = lambda: setattr(live, "wall_offset_ns", START_NS - live.steady_ns)
    (how, start, coverage), _ = live.run().coverages()
    assert (how, start) == ("over", 0)
    assert coverage >= 0.99
    assert "the clock is not set" in caplog.text


@pytest.mark.parametrize("step_s", [-7200, 7200])
def test_a_clock_that_is_set_ends_the_window_and_the_next_follows_it(
    monkeypatch: pytest.MonkeyPatch, step_s: int, caplog: pytest.LogCaptureFixture
) -> None:
    live = Live(monkeypatch, ["frame"] * 500)
    live.events[300] = lambda: setattr(live, "wall_offset_ns", live.wall_offset_ns + step_s * NS_PER_S)
    (how, start, coverage), (_, after, _) = live.run().coverages()
    assert (how, start) == ("cut", 0)
    assert coverage == pytest.approx(0.5, abs=0.02)
    assert after == step_s
    assert "the clock was set" in caplog.text


def test_a_picture_of_another_size_cuts_the_window_and_goes_on_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    live = Live(monkeypatch, [*["frame"] * 200, *[(320, 180)] * 200])
    windows = live.run().coverages()
    assert [(how, start) for how, start, _ in windows] == [("cut", 0)] * 2
    assert sum(coverage for _, _, coverage in windows) == pytest.approx(40 / 60, abs=0.02)


def outside(site: Site) -> Site:
    """Draw a line of which one end lies in no picture of 160 x 90, and a zone that ends at its very border."""
    line = Line(id="l", start=(80, 10), end=(930, 900))
    border = Zone(id="z", polygon=((0, 0), (160, 0), (160, 90)), use=ZoneUse.PEDESTRIAN)
    return replace(site, lines=(line,), zones=(border,))


def test_a_line_outside_the_pictures_is_refused_at_the_first_one() -> None:
    site = outside(site_of(SourceKind.SYNTHETIC, "still", size=None))
    with pytest.raises(SiteError, match=r"lines\.l\.to: \[930, 900\] lies outside the pictures of 640 x 360") as caught:
        looked(site)
    assert len(caught.value.faults) == 1


def test_a_camera_that_comes_back_with_smaller_pictures_is_held_to_them(monkeypatch: pytest.MonkeyPatch) -> None:
    live = Live(monkeypatch, [*[(1000, 900)] * 100, *["frame"] * 100])
    live.site = outside(live.site)
    with pytest.raises(SiteError, match=r"lines\.l\.to: .* outside the pictures of 160 x 90"):
        live.run()
    # What was seen before is not lost.
    assert [how for how, _, _ in live.windows.coverages()] == ["cut"]
