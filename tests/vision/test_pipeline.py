"""The pipeline over drawn streets whose truth is known, and its windows over any stream of frames."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.config.site import CameraSite, Device, Legal, Line, Site, SourceKind, Zone, ZoneUse
from edge.config.site import Detector as DetectorSite
from edge.contract.report import VEHICLE_KINDS, RoadUser
from edge.units import NS_PER_S, ns_from_seconds, seconds_from_ns
from edge.vision.aggregate.tally import Counts, Tally
from edge.vision.camera import scenes
from edge.vision.camera.synthetic import SyntheticCamera, truth
from edge.vision.camera.world import TruePath, View
from edge.vision.detect.region import Region
from edge.vision.frame import Detections, Frame, Pixels
from edge.vision.measure.zones import contains
from edge.vision.pipeline import Crew, Pipeline

RATES = pytest.mark.parametrize("fps", [5.0, 25.0])
SIZE = (480, 270)
MINUTE_NS = 60 * NS_PER_S
START_NS = 1_800_000_000 * NS_PER_S
ONE_WINDOW_NS = 10**9 * NS_PER_S


def across(x: float, nearest_m: float, farthest_m: float) -> Line:
    """Draw a line over the ground from near to far: an arrow upwards, forward is to the right."""
    view = View(width=SIZE[0], height=SIZE[1])
    near, far = (view.project((0.0, z, 0.0))[1] for z in (nearest_m, farthest_m))
    return Line(id="l", start=(x, near), end=(x, far))


def a_site(*, lines: tuple[Line, ...] = (), zones: tuple[Zone, ...] = ()) -> Site:
    return Site(
        path=Path("/nowhere/site.toml"),
        hash64=1,
        device=Device(org="nice", id="promenade-042"),
        camera=CameraSite(kind=SourceKind.SYNTHETIC, target="still"),
        lines=lines,
        zones=zones,
        window_s=60,
        legal=Legal(),
        detector=DetectorSite(),
        broker=None,
    )


@dataclass(kw_only=True)
class Sighted:
    """A detector that sees what is drawn: of these paths, whatever lies in the regions it is shown."""

    paths: tuple[TruePath, ...] = ()
    at_s: float = 0.0
    looks: list[float] = field(default_factory=list)

    def detect(self, pixels: Pixels, regions: tuple[Region, ...]) -> Detections:
        self.looks.append(self.at_s)
        height, width = pixels.shape[:2]
        boxes, kinds = [], []
        for path in self.paths:
            box = path.box_at(self.at_s)
            if box is None:
                continue
            shown = np.clip(box, 0, (width, height, width, height))
            area = (box[2] - box[0]) * (box[3] - box[1])
            seen = (shown[2] - shown[0]) * (shown[3] - shown[1]) >= 0.3 * area
            x, y = (shown[0] + shown[2]) / 2, (shown[1] + shown[3]) / 2
            if seen and any(r.x0 <= x < r.x1 and r.y0 <= y < r.y1 for r in regions):
                boxes.append(shown)
                kinds.append(path.kind)
        return Detections(
            boxes=np.array(boxes, np.float32).reshape(-1, 4),
            scores=np.full(len(boxes), 0.8, np.float32),
            kinds=np.array(kinds, np.int8),
        )


def frames(scene: str, fps: float, until_s: float) -> Iterator[Frame]:
    with SyntheticCamera(scene, size=SIZE, fps=fps) as camera:
        while (frame := camera.read(1.0)) is not None and frame.taken_ns < ns_from_seconds(until_s):
            yield frame


def tallies(  # noqa: PLR0913 - what is seen, by whom, for how long
    scene: str,
    site: Site,
    *,
    fps: float,
    until_s: float,
    eye: Sighted,
    window_ns: int = ONE_WINDOW_NS,
    keeps: Callable[[], bool] = lambda: True,
) -> list[Tally]:
    pipeline = Pipeline(site, Crew(eye=eye), SIZE, window_ns=window_ns)
    closed: list[Tally] = []
    for frame in frames(scene, fps, until_s):
        if keeps():
            eye.at_s = seconds_from_ns(frame.taken_ns)
            closed += pipeline.see(frame, frame.taken_ns).closed
    return [*closed, *pipeline.close_now()]


def true_passes(paths: tuple[TruePath, ...], line: Line, until_s: float) -> dict[str, list[int]]:
    """Count who passes an upright line, from truth alone: per direction, a count per kind."""
    passed = {"forward": [0] * len(RoadUser), "backward": [0] * len(RoadUser)}
    for path in paths:
        feet = [path.foot_at(at_s) for at_s in np.arange(0, until_s, 0.02)]
        for old, new in pairwise(foot for foot in feet if foot is not None):
            between = line.end[1] <= new[1] <= line.start[1]
            if (old[0] < line.start[0]) != (new[0] < line.start[0]) and between:
                passed["forward" if new[0] > old[0] else "backward"][path.kind] += 1
    return passed


def vehicles(counts: Counts | list[int]) -> int:
    return sum(counts[kind] for kind in VEHICLE_KINDS)


# -- counts against the truth -----------------------------------------------------------------------------------------


@RATES
def test_what_the_detector_names_is_counted_by_name_and_direction(fps: float) -> None:
    line, until_s = across(240.0, 10.0, 30.0), 45.0
    paths = truth("crossing", size=SIZE)
    (tally,) = tallies("crossing", a_site(lines=(line,)), fps=fps, until_s=until_s, eye=Sighted(paths=paths))
    expected = true_passes(paths, line, until_s)
    assert sum(map(vehicles, expected.values())) >= 10
    for way, counted in (("forward", tally.lines[0].forward), ("backward", tally.lines[0].backward)):
        # Two lanes that hide each other: at most one pass a direction may be lost or called by another name.
        for kind in RoadUser:
            assert abs(counted[kind] - expected[way][kind]) <= 1
        assert abs(vehicles(counted) - vehicles(expected[way])) <= 1


@pytest.fixture
def lane(monkeypatch: pytest.MonkeyPatch) -> str:
    """A road with one lane to the right and one to the left farther off, and nobody on foot."""
    streams = (
        scenes._across(RoadUser.CAR, 15.0, 5.0),
        scenes._across(RoadUser.LORRY, 24.0, 12.0, left=True),
    )
    scene = scenes.Scene(streams=streams, patches=scenes.scene_named("promenade").patches)
    monkeypatch.setitem(scenes._SCENES, "lane", scene)
    return "lane"


@RATES
def test_vehicles_that_nobody_names_are_counted_by_their_movement(lane: str, fps: float) -> None:
    until_s = 60.0
    line = across(240.0, 11.0, 17.0)
    (tally,) = tallies(lane, a_site(lines=(line,)), fps=fps, until_s=until_s, eye=Sighted())
    expected = vehicles(true_passes(truth(lane, size=SIZE), line, until_s)["forward"])
    assert expected >= 10
    counted = tally.lines[0]
    # Within a fifth, all of them the right way, none of them with a name.
    assert abs(counted.forward[RoadUser.VEHICLE] - expected) <= 0.2 * expected
    assert sum(counted.forward) == counted.forward[RoadUser.VEHICLE]
    assert sum(counted.backward) == 0


@RATES
def test_dropped_frames_change_no_count(lane: str, fps: float) -> None:
    rng = np.random.default_rng(2)
    line, until_s = across(240.0, 11.0, 17.0), 40.0
    paths = truth(lane, size=SIZE)
    (tally,) = tallies(
        lane,
        a_site(lines=(line,)),
        fps=fps,
        until_s=until_s,
        eye=Sighted(paths=paths),
        keeps=lambda: rng.random() > 0.3,
    )
    expected = true_passes(paths, line, until_s)
    assert sum(tally.lines[0].forward) == sum(expected["forward"])
    assert sum(tally.lines[0].backward) == sum(expected["backward"])


@RATES
def test_presence_in_a_zone_is_the_true_one(fps: float) -> None:
    until_s = 30.0
    zone = Zone(id="z", polygon=((120.0, 0.0), (360.0, 0.0), (360.0, 270.0), (120.0, 270.0)), use=ZoneUse.PEDESTRIAN)
    paths = truth("square", size=SIZE)
    (tally,) = tallies("square", a_site(zones=(zone,)), fps=fps, until_s=until_s, eye=Sighted(paths=paths))
    present = []
    for at_s in np.arange(0.5, until_s, 0.1):
        feet = [foot for path in paths if (foot := path.foot_at(at_s)) is not None]
        present.append(sum(contains(zone.polygon, foot) for foot in feet))
    people = tally.zones[0].people
    assert people.mean(tally.observed_ns) == pytest.approx(np.mean(present), rel=0.2)
    assert abs(people.most - max(present)) <= 1
    # Who walk beside each other may move as one large thing before they are named.
    assert tally.zones[0].vehicles.mean(tally.observed_ns) < 0.05


def test_an_empty_street_has_nobody_and_costs_few_looks() -> None:
    line, eye = across(240.0, 4.0, 40.0), Sighted()
    (tally,) = tallies("still", a_site(lines=(line,)), fps=10.0, until_s=30.0, eye=eye)
    assert sum(tally.lines[0].forward) + sum(tally.lines[0].backward) == 0
    busy = Sighted()
    tallies("busy", a_site(lines=(line,)), fps=10.0, until_s=30.0, eye=busy)
    assert 1 <= len(eye.looks) <= 0.25 * len(busy.looks)


# -- windows ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("fps", "window_s"), [(5.0, 2), (5.0, 7), (25.0, 2)])
def test_windows_add_up_to_the_whole(lane: str, fps: float, window_s: int) -> None:
    """Windows so short that many a car is on the line at their edge."""
    line = across(240.0, 11.0, 17.0)
    paths = truth(lane, size=SIZE)
    parts, (whole,) = (
        tallies(lane, a_site(lines=(line,)), fps=fps, until_s=32.0, eye=Sighted(paths=paths), window_ns=window_ns)
        for window_ns in (window_s * NS_PER_S, ONE_WINDOW_NS)
    )
    assert [part.start_ns for part in parts] == [n * window_s * NS_PER_S for n in range(len(parts))]
    assert sum(part.observed_ns for part in parts) == whole.observed_ns
    for way in ("forward", "backward"):
        # Not by kind: a window goes by what is known at its end.
        assert sum(sum(getattr(part.lines[0], way)) for part in parts) == sum(getattr(whole.lines[0], way))
    assert sum(whole.lines[0].forward) >= 4


class Ticker:
    """A pipeline that is shown one and the same picture at chosen instants of the calendar."""

    def __init__(self, window_ns: int = MINUTE_NS, zones: tuple[Zone, ...] = ()) -> None:
        self.pipeline = Pipeline(a_site(zones=zones), Crew(eye=Sighted()), (64, 36), window_ns=window_ns)
        self._picture = np.full((36, 64, 3), 90, np.uint8)
        self._index = 0

    def see(self, at_s: float) -> tuple[Tally, ...]:
        self._index += 1
        frame = Frame(pixels=self._picture.copy(), taken_ns=ns_from_seconds(at_s), index=self._index)
        return self.pipeline.see(frame, START_NS + ns_from_seconds(at_s)).closed

    def run(self, times: list[float]) -> list[Tally]:
        return [tally for at_s in times for tally in self.see(at_s)] + [*self.pipeline.close_now()]


def starts(windows: list[Tally]) -> list[float]:
    return [(window.start_ns - START_NS) / NS_PER_S for window in windows]


@settings(max_examples=25, deadline=None)
@given(
    gaps=st.lists(st.floats(0.05, 0.9) | st.floats(1.3, 200), min_size=1, max_size=30),
    first=st.floats(0, 3000),
    window_s=st.sampled_from([60, 120, 900]),
)
def test_windows_are_aligned_without_holes_and_cover_what_was_seen(
    gaps: list[float], first: float, window_s: int
) -> None:
    # To the microsecond: a sum of floats may lie a hair before the second that the clock rounds it to.
    times = np.round(np.cumsum([first, *gaps]), 6).tolist()
    first = times[0]
    windows = Ticker(window_s * NS_PER_S).run(times)
    assert all(window.start_ns % (window_s * NS_PER_S) == 0 for window in windows)
    assert all(window.length_ns == window_s * NS_PER_S for window in windows)
    assert starts(windows) == [starts(windows)[0] + window_s * n for n in range(len(windows))]
    assert starts(windows)[0] <= first < starts(windows)[0] + window_s
    assert starts(windows)[-1] <= times[-1] < starts(windows)[-1] + window_s
    # A gap of more than a second was not observed: neither its first nor its last second.
    for window, start in zip(windows, starts(windows), strict=True):
        inside = [(gap, at_s) for gap, at_s in zip(gaps, times[1:], strict=True) if start <= at_s < start + window_s]
        seen = [gap for gap, _ in inside if gap <= 1.25]
        assert seconds_from_ns(window.observed_ns) == pytest.approx(sum(seen), abs=1e-4)
        assert 0 <= window.coverage <= 1


@RATES
def test_a_whole_window_is_observed_whole(fps: float) -> None:
    first, second, _ = Ticker().run([n / fps for n in range(round(125 * fps))])
    assert first.coverage == pytest.approx(1 - 1 / fps / 60)
    assert second.coverage == 1


def test_windows_over_without_a_frame_are_closed_as_not_observed() -> None:
    ticker = Ticker()
    ticker.pipeline.start(START_NS + ns_from_seconds(10))
    assert ticker.pipeline.close_due(START_NS + ns_from_seconds(59.9)) == ()
    closed = list(ticker.pipeline.close_due(START_NS + ns_from_seconds(190)))
    assert starts(closed) == [0, 60, 120]
    assert [window.coverage for window in closed] == [0, 0, 0]
    assert ticker.pipeline.close_due(START_NS + ns_from_seconds(190)) == ()
    (last,) = ticker.pipeline.close_now()
    assert starts([last]) == [180]
    assert ticker.pipeline.close_now() == ()


def test_no_window_is_over_before_its_end_or_closed_twice() -> None:
    ticker = Ticker()
    assert ticker.see(0.0) == ()
    assert ticker.see(59.999) == ()
    (first,) = ticker.see(60.0)
    assert starts([first]) == [0]
    assert ticker.see(60.2) == ()


def test_who_is_shown_the_place_beforehand_counts_nothing_of_it(lane: str) -> None:
    line = across(240.0, 11.0, 17.0)
    pipeline = Pipeline(a_site(lines=(line,)), Crew(eye=Sighted()), SIZE, window_ns=ONE_WINDOW_NS)
    for frame in frames(lane, 5.0, 20.0):
        pipeline.learn(frame)
    assert pipeline.close_now() == ()
    for frame in frames("still", 5.0, 1.0):
        pipeline.see(frame, frame.taken_ns)
    (tally,) = pipeline.close_now()
    assert sum(tally.lines[0].forward) + sum(tally.lines[0].backward) == 0
