"""A source that goes away is opened again; its time never runs backwards, and a recording that breaks off is over."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

import numpy as np
import pytest

from edge.config.site import CameraSite, SourceKind
from edge.contract.report import CameraState
from edge.units import NS_PER_S
from edge.vision.camera import steady
from edge.vision.camera.source import CameraError, CameraGoneError, FootageEndedError
from edge.vision.camera.steady import SteadyCamera
from edge.vision.frame import Frame

LIVE = CameraSite(kind=SourceKind.V4L2, target="/dev/video0")


class Source:
    """A source that plays what the test gives it: an index for a frame, None for none, an error to raise."""

    def __init__(self, script: list[int | CameraError | None]) -> None:
        self._script = script
        self.closed = False

    def __enter__(self) -> Self:
        if self._script and type(self._script[0]) is CameraError:
            raise self._script.pop(0)  # type: ignore[misc]
        return self

    def __exit__(self, *exc: object) -> None:
        self.closed = True

    def read(self, timeout_s: float) -> Frame | None:  # noqa: ARG002  the protocol's
        step = self._script.pop(0)
        if isinstance(step, CameraError):
            raise step
        if step is None:
            return None
        noise = np.random.default_rng(step).integers(60, 200, (32, 32, 3), np.uint8)
        return Frame(pixels=noise, taken_ns=step * NS_PER_S // 10, index=step)


@pytest.fixture
def plays(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[Source]]:
    """Have the next openings play these scripts, without real pauses; the sources that were opened."""
    now_s = 1000.0

    def sleep(seconds: float) -> None:
        nonlocal now_s
        now_s += seconds

    def play(*script: int | CameraError | None) -> list[Source]:
        opened: list[Source] = []
        left = list(script)

        def open_camera(_: CameraSite) -> Source:
            opened.append(Source(left))
            return opened[-1]

        monkeypatch.setattr(steady, "open_camera", open_camera)
        monkeypatch.setattr(time, "sleep", sleep)
        monkeypatch.setattr(time, "monotonic", lambda: now_s)
        monkeypatch.setattr(time, "monotonic_ns", lambda: round(now_s * NS_PER_S))
        return opened

    return play


def frames(camera: SteadyCamera, many: int) -> list[Frame]:
    found: list[Frame] = []
    while len(found) < many:
        frame = camera.read(0.5)
        if frame is not None:
            found.append(frame)
    return found


def test_a_source_that_goes_is_closed_and_opened_again(
    plays: Callable[..., list[Source]], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    opened = plays(1, 2, CameraGoneError("pulled"), CameraError("absent"), CameraError("absent"), 1, 2)
    with SteadyCamera(LIVE) as camera:
        assert [frame.index for frame in frames(camera, 2)] == [1, 2]
        assert camera.read(0.5) is None
        assert camera.state is CameraState.ABSENT
        assert [frame.index for frame in frames(camera, 2)] == [1, 2]
        assert camera.state is CameraState.STREAMING
    assert [source.closed for source in opened] == [True, False, False, True]
    assert caplog.text.count("the camera is away: pulled") == 1
    assert caplog.text.count("the camera is away") == 1
    assert caplog.text.count("the camera is back") == 1


def test_it_waits_longer_each_time_and_never_over_half_a_minute(plays: Callable[..., list[Source]]) -> None:
    opened = plays(*[CameraError("absent")] * 12, 1)
    pauses = []
    with SteadyCamera(LIVE) as camera:
        last_s, known = time.monotonic(), 0
        while camera.read(0.5) is None:
            if len(opened) > known:
                pauses.append(time.monotonic() - last_s)
                last_s, known = time.monotonic(), len(opened)
    assert len(pauses) == 12
    assert pauses[1] < 2.0 < pauses[6]
    assert 14.0 < pauses[-1] <= 30.5


def test_frames_that_were_never_read_are_counted(plays: Callable[..., list[Source]]) -> None:
    plays(1, 2, 5, None, 6, CameraGoneError("pulled"), 40, 42)
    with SteadyCamera(LIVE) as camera:
        frames(camera, 6)
        # What a source made while it was away from us is not ours to count.
        assert camera.dropped == 2 + 1


def test_a_recording_that_cannot_be_opened_is_a_mistake_to_mend(tmp_path: Path) -> None:
    camera = SteadyCamera(CameraSite(kind=SourceKind.CLIP, target=str(tmp_path / "missing.mp4")))
    with camera, pytest.raises(CameraError, match="there is no such file"):
        camera.read(0.1)


def test_a_recording_that_breaks_off_is_over(plays: Callable[..., list[Source]]) -> None:
    plays(1, CameraGoneError("its decoder ended by SIGSEGV"))
    with SteadyCamera(CameraSite(kind=SourceKind.CLIP, target="/nowhere.mp4")) as camera:
        frames(camera, 1)
        with pytest.raises(FootageEndedError, match="SIGSEGV"):
            camera.read(0.1)
        assert camera.state is CameraState.ENDED


def test_a_drawn_street_that_goes_and_begins_anew_goes_on_in_time(plays: Callable[..., list[Source]]) -> None:
    plays(0, 1, 2, CameraGoneError("as the scene has it"), 0, 1, CameraGoneError("again"), 0)
    site = CameraSite(kind=SourceKind.SYNTHETIC, target="faulty", pace=10.0)
    with SteadyCamera(site) as camera:
        instants = [frame.taken_ns for frame in frames(camera, 6)]
    assert instants == sorted(set(instants))
    # It was away for half a second at least, in which the street's time went ten times as fast.
    assert instants[3] - instants[2] >= 5 * NS_PER_S
    assert instants[4] - instants[3] == NS_PER_S // 10
