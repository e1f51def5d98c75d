"""A recording in a loop: media time goes on, and a lap without a frame is an end."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Self

import pytest

from edge.vision.camera.clip import ClipCamera
from edge.vision.camera.loop import LoopedCamera
from edge.vision.camera.source import CameraError, FootageEndedError
from edge.vision.frame import Frame, Pixels


def frames_of(camera: LoopedCamera, count: int) -> list[Frame]:
    frames: list[Frame] = []
    while len(frames) < count:
        frame = camera.read(10.0)
        if frame is not None:
            frames.append(frame)
    return frames


def test_time_and_numbers_go_on_from_lap_to_lap(
    make_film: Callable[..., Path], number_of: Callable[[Pixels], int]
) -> None:
    path = make_film("a.avi", frames=7)
    numbers, instants, indices = [], [], []
    with LoopedCamera(lambda: ClipCamera(path)) as camera:
        for _ in range(20):
            (frame,) = frames_of(camera, 1)
            numbers.append(number_of(frame.pixels))
            instants.append(frame.taken_ns)
            indices.append(frame.index)
    assert numbers == [n % 7 for n in range(20)]
    assert indices == list(range(20))
    assert all(earlier < later for earlier, later in pairwise(instants))
    # 0.6 s to the last picture, then a cut of a second.
    assert instants[7] == 1_600_000_000


def test_a_recording_that_does_not_open_is_an_error_at_once(tmp_path: Path) -> None:
    with pytest.raises(CameraError, match="no such file"), LoopedCamera(lambda: ClipCamera(tmp_path / "none.avi")):
        pass


def test_a_recording_that_vanishes_between_two_laps_is_an_error(make_film: Callable[..., Path]) -> None:
    path = make_film("a.avi", frames=3)
    with LoopedCamera(lambda: ClipCamera(path)) as camera:
        frames_of(camera, 3)
        path.unlink()
        with pytest.raises(CameraError, match="no such file"):
            camera.read(10.0)


def test_a_lap_without_a_frame_ends_the_loop() -> None:
    class Over(ClipCamera):
        def __enter__(self) -> Self:
            return self

        def read(self, timeout_s: float) -> Frame | None:
            raise FootageEndedError(f"over at once, not after {timeout_s}")

    with LoopedCamera(lambda: Over(Path("x"))) as camera, pytest.raises(FootageEndedError, match="over at once"):
        camera.read(1.0)
