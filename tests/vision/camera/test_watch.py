"""What a picture is worth: black and frozen are noticed, a dark street and a still scene are not."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from edge.config.site import SourceKind
from edge.contract.report import CameraState
from edge.vision.camera.clip import ClipCamera
from edge.vision.camera.source import CameraError, FootageEndedError
from edge.vision.camera.synthetic import SyntheticCamera
from edge.vision.camera.watch import PictureWatch
from edge.vision.frame import Frame, Pixels

S = 1_000_000_000


def frame(pixels: Pixels, at_s: float) -> Frame:
    return Frame(pixels=pixels.copy(), taken_ns=round(at_s * S), index=0)


def noisy(mean: float, spread: float, seed: int) -> Pixels:
    return structured(mean, spread, seed, contrast=0.0 if mean < 20 else 20.0)


def structured(mean: float, spread: float, seed: int, contrast: float) -> Pixels:
    """Draw noise on a picture whose left and right halves lie so many grey levels either side of the mean."""
    noise = np.random.default_rng(seed).normal(mean, spread, (360, 640, 3))
    noise[:, :320] -= contrast
    noise[:, 320:] += contrast
    return noise.clip(0, 255).astype(np.uint8)


def test_it_starts_and_then_streams() -> None:
    watch = PictureWatch(SourceKind.PI)
    assert watch.state is CameraState.STARTING
    assert watch.see(frame(noisy(100, 30, 0), 0)) is CameraState.STREAMING


def test_the_same_bits_for_five_seconds_are_a_frozen_picture() -> None:
    watch = PictureWatch(SourceKind.V4L2)
    still = noisy(100, 30, 0)
    states = [watch.see(frame(still, n / 2)) for n in range(14)]
    assert states == [CameraState.STREAMING] * 10 + [CameraState.FROZEN] * 4
    assert watch.see(frame(noisy(100, 30, 1), 7)) is CameraState.STREAMING


def test_one_noisy_pixel_in_a_row_is_a_living_picture() -> None:
    watch = PictureWatch(SourceKind.PI)
    for n in range(30):
        pixels = noisy(100, 30, 0)
        pixels[:, 17] = n
        assert watch.see(frame(pixels, n)) is CameraState.STREAMING


@pytest.mark.parametrize("kind", [SourceKind.PI, SourceKind.V4L2])
def test_a_live_source_that_says_nothing_is_frozen(kind: SourceKind) -> None:
    watch = PictureWatch(kind)
    watch.miss(100 * S)
    assert watch.state is CameraState.STARTING
    watch.see(frame(noisy(100, 30, 0), 10))
    assert watch.miss(14 * S) is CameraState.STREAMING
    assert watch.miss(15 * S) is CameraState.FROZEN
    assert watch.see(frame(noisy(100, 30, 1), 16)) is CameraState.STREAMING


def test_a_recording_may_hold_still() -> None:
    watch = PictureWatch(SourceKind.CLIP)
    assert {watch.see(frame(noisy(100, 30, 0), n)) for n in range(60)} == {CameraState.STREAMING}
    assert watch.miss(1000 * S) is CameraState.STREAMING


def test_a_covered_lens_is_black_after_two_seconds_and_back_at_once() -> None:
    watch = PictureWatch(SourceKind.PI)
    states = [watch.see(frame(noisy(4, 2, n), n / 2)) for n in range(8)]
    assert states == [CameraState.STREAMING] * 4 + [CameraState.BLACK] * 4
    assert watch.see(frame(noisy(100, 30, 9), 4)) is CameraState.STREAMING


@pytest.mark.parametrize(("mean", "spread"), [(127, 2), (250, 1), (7, 6), (100, 8)])
def test_what_covers_the_lens_may_be_of_any_brightness(mean: float, spread: float) -> None:
    watch = PictureWatch(SourceKind.PI)
    assert [watch.see(frame(structured(mean, spread, n, 0.0), n)) for n in range(5)][-1] is CameraState.BLACK


def test_a_short_dark_moment_is_not_black() -> None:
    watch = PictureWatch(SourceKind.PI)
    for n in range(40):
        dark = n % 4 != 0
        assert watch.see(frame(noisy(4 if dark else 80, 2, n), n / 2)) is CameraState.STREAMING


def test_dusk_does_not_flicker() -> None:
    watch = PictureWatch(SourceKind.PI)
    around_the_limit = [watch.see(frame(structured(100, 2, n, 2.5 if n % 2 else 3.8), n)) for n in range(4, 24)]
    assert set(around_the_limit) == {CameraState.STREAMING}
    for n in range(24, 30):
        watch.see(frame(noisy(6, 2, n), n))
    around_the_limit = [watch.see(frame(structured(100, 2, n, 2.5 if n % 2 else 3.8), n)) for n in range(30, 50)]
    assert set(around_the_limit) == {CameraState.BLACK}


def test_a_black_picture_is_said_to_be_black_even_when_it_is_frozen() -> None:
    watch = PictureWatch(SourceKind.PI)
    black = np.zeros((360, 640, 3), np.uint8)
    assert [watch.see(frame(black, n)) for n in range(10)][-1] is CameraState.BLACK


def test_a_source_that_is_gone_or_over_starts_anew() -> None:
    watch = PictureWatch(SourceKind.PI)
    still = noisy(100, 30, 0)
    watch.see(frame(still, 0))
    assert watch.lose() is CameraState.ABSENT
    # The time of its absence is not the time of a frozen picture.
    assert watch.see(frame(still, 60)) is CameraState.STREAMING
    assert watch.end() is CameraState.ENDED


def states_of(name: str, fps: float) -> Iterator[tuple[float, CameraState]]:
    watch = PictureWatch(SourceKind.SYNTHETIC)
    with SyntheticCamera(name, size=(320, 180), fps=fps) as camera:
        try:
            while (shown := camera.read(1.0)) is not None:
                yield shown.taken_ns / S, watch.see(shown)
        except CameraError:
            return


@pytest.mark.parametrize("name", ["still", "promenade", "still-night", "busy-night"])
def test_a_drawn_street_streams_by_day_and_night(name: str) -> None:
    assert {state for _, state in states_of(name, 1.0)} == {CameraState.STREAMING}


def test_the_failing_camera_is_seen_to_fail() -> None:
    states = dict(states_of("faulty", 2.0))
    assert all(states[at_s] is CameraState.BLACK for at_s in np.arange(22.0, 40.0, 0.5))
    assert all(states[at_s] is CameraState.STREAMING for at_s in np.arange(40.0, 64.0, 0.5))
    # Frozen at 60 s, on the last picture before.
    assert all(states[at_s] is CameraState.FROZEN for at_s in np.arange(64.5, 80.0, 0.5))
    assert states[80.0] is CameraState.STREAMING


def shown_by(camera: ClipCamera) -> Iterator[Frame]:
    try:
        while (shown := camera.read(10.0)) is not None:
            yield shown
    except FootageEndedError:
        return


def test_real_streets_by_night_are_not_black(real_videos: Path) -> None:
    for name in ("tfl/625_201709042131.mp4", "dlib_MOT20-05_short.mp4", "vtest.avi"):
        watch = PictureWatch(SourceKind.CLIP)
        with ClipCamera(real_videos / name, fps=2.0) as camera:
            states = [watch.see(shown) for shown in shown_by(camera)]
        assert set(states) == {CameraState.STREAMING}
