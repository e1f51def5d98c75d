"""Drawn streets: the same every time, with a truth that the picture agrees with."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

from edge.contract.report import RoadUser
from edge.vision.camera.scenes import LENGTH_S, NAMES
from edge.vision.camera.source import CameraError, CameraGoneError, FootageEndedError
from edge.vision.camera.synthetic import SyntheticCamera, truth
from edge.vision.frame import Pixels


def pictures(name: str, count: int, *, size: tuple[int, int] | None = None, fps: float | None = None) -> list[Pixels]:
    with SyntheticCamera(name, size=size, fps=fps) as camera:
        frames = []
        for _ in range(count):
            frame = camera.read(1.0)
            assert frame is not None
            frames.append(frame.pixels.copy())
    return frames


@pytest.mark.parametrize("name", [*NAMES, "busy-night"])
def test_a_scene_is_the_same_every_time(name: str) -> None:
    first, second = pictures(name, 12), pictures(name, 12)
    assert all(np.array_equal(one, other) for one, other in zip(first, second, strict=True))
    assert not np.array_equal(first[0], first[1])


def test_another_seed_is_another_street() -> None:
    assert truth("busy", seed=1) == truth("busy")
    assert truth("busy", seed=2) != truth("busy")


def test_frames_carry_media_time_at_the_sites_rate() -> None:
    with SyntheticCamera("still", fps=25.0) as camera:
        frames = [camera.read(1.0) for _ in range(4)]
    assert [frame.taken_ns for frame in frames if frame] == [0, 40_000_000, 80_000_000, 120_000_000]
    assert [frame.index for frame in frames if frame] == [0, 1, 2, 3]


def test_a_scene_ends_after_its_length_with_everybody_gone() -> None:
    with SyntheticCamera("promenade", size=(64, 36), fps=1.0) as camera:
        for _ in range(int(LENGTH_S)):
            camera.read(1.0)
        with pytest.raises(FootageEndedError, match="over after 300 s"):
            camera.read(1.0)
    for name in NAMES:
        assert all(0 <= path.starts_s < path.ends_s < LENGTH_S for path in truth(name))


@pytest.mark.parametrize("size", [(640, 360), (640, 480), (360, 640)])
def test_pictures_have_the_sites_size(size: tuple[int, int]) -> None:
    assert pictures("busy", 1, size=size)[0].shape == (size[1], size[0], 3)


def test_the_scenes_have_who_they_promise() -> None:
    kinds = {name: Counter(path.kind for path in truth(name)) for name in NAMES}
    assert not kinds["still"]
    assert kinds["promenade"][RoadUser.PERSON] >= 40
    assert kinds["promenade"][RoadUser.LORRY] >= 2
    assert kinds["promenade"][RoadUser.BICYCLE] >= 2
    assert kinds["crossing"][RoadUser.CAR] >= 40
    assert kinds["crossing"][RoadUser.BUS] >= 2
    assert set(kinds["square"]) == {RoadUser.PERSON}
    assert kinds["busy"].total() > 2 * kinds["promenade"].total()


def test_people_go_both_ways_and_some_turn_back() -> None:
    ways: Counter[str] = Counter()
    for path in truth("promenade"):
        start, end = path.foot_at(path.starts_s), path.foot_at(path.ends_s - 1e-6)
        assert start is not None
        assert end is not None
        if path.kind is RoadUser.PERSON and abs(start[0] - 320) > 320:
            ways["back" if abs(end[0] - start[0]) < 5 else "right" if end[0] > start[0] else "left"] += 1
    assert ways["right"] >= 10
    assert ways["left"] >= 10
    assert ways["back"] >= 1


@pytest.mark.parametrize("name", ["promenade", "crossing", "square", "busy"])
def test_paths_are_continuous_and_only_in_their_time(name: str) -> None:
    for path in truth(name):
        assert path.box_at(path.starts_s - 0.01) is None
        assert path.foot_at(path.ends_s) is None
        feet = [path.foot_at(at_s) for at_s in np.arange(path.starts_s, path.ends_s - 0.01, 0.1)]
        for (u0, v0), (u1, v1) in pairwise(foot for foot in feet if foot is not None):
            assert abs(u1 - u0) < 60
            assert abs(v1 - v0) < 60


def test_a_foot_is_the_bottom_centre_of_the_box() -> None:
    path = truth("busy")[5]
    at_s = (path.starts_s + path.ends_s) / 2
    box, foot = path.box_at(at_s), path.foot_at(at_s)
    assert box is not None
    assert foot == ((box[0] + box[2]) / 2, box[3])
    assert box[0] < box[2]
    assert box[1] < box[3]


@pytest.mark.parametrize("name", ["promenade", "crossing", "square", "busy"])
def test_whatever_differs_from_the_empty_street_lies_in_a_true_box(name: str) -> None:
    size, at_s = (640, 360), 33.0
    frames = pictures(name, int(at_s * 10) + 1, size=size)
    empty = np.median(np.stack(frames[:: len(frames) // 30]), axis=0)
    changed = np.abs(frames[-1].astype(np.int16) - empty).max(axis=2) > 60
    inside = np.zeros(changed.shape, bool)
    shown = 0
    for path in truth(name, size=size):
        box = path.box_at(at_s)
        if box is not None and box[2] > 0 and box[0] < size[0]:
            u0, v0, u1, v1 = (round(max(0, edge)) for edge in box)
            inside[max(0, v0 - 2) : v1 + 3, max(0, u0 - 2) : u1 + 3] = True
            shown += bool(changed[v0:v1, u0:u1].any())
    assert shown >= 2
    # Who stood still for half the time is in the median, and missing from it here.
    assert (changed & ~inside).sum() < 0.05 * changed.sum() + 20


def test_night_is_darker_and_noisier() -> None:
    day, night = pictures("still", 2), pictures("still-night", 2)
    assert night[0].mean() < 0.5 * day[0].mean()
    assert np.std(night[1].astype(float) - night[0]) > 1.5 * np.std(day[1].astype(float) - day[0])


def test_a_failing_camera_goes_black_freezes_and_is_gone() -> None:
    with SyntheticCamera("faulty", size=(160, 90), fps=1.0) as camera:
        frames = []
        for _ in range(100):
            frame = camera.read(1.0)
            assert frame is not None
            frames.append(frame.pixels.copy())
        with pytest.raises(CameraGoneError):
            camera.read(1.0)
    means = [frame.mean() for frame in frames]
    assert max(means[20:40]) < 15
    assert min(means[:20] + means[40:]) > 60
    assert all(np.array_equal(frames[60], frame) for frame in frames[61:80])
    assert not np.array_equal(frames[79], frames[80])


def test_an_unknown_scene_is_refused_with_those_there_are() -> None:
    with pytest.raises(CameraError, match="there is no such scene; there are promenade, crossing"):
        truth("beach")
    with pytest.raises(CameraError, match="no such scene"), SyntheticCamera("still-day"):
        pass
