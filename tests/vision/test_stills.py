"""The stills' thread: who waits is served one after the other, and nobody there holds the frame loop up."""

import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.cli.still_line import Line
from edge.config.site import PrivacyFill
from edge.contract.jpeg import jpeg_size
from edge.contract.stills import LEAST_GAP_S, SOCKET_NAME, StillState
from edge.vision.anonymise.verdict import Blackout, Verdict
from edge.vision.darkroom import Darkroom
from edge.vision.detect.motion import Motion
from edge.vision.door import Admission, Door
from edge.vision.frame import SHOWN, Frame
from edge.vision.stills import Pace, Stills
from edge.vision.track.tracker import Scene

SIZE = (640, 480)
# As a JPEG more than a socket's buffer holds, so that one who never reads is felt.
PIXELS = np.random.default_rng(1).integers(0, 256, (SIZE[1], SIZE[0], 3), np.uint8)


class Later:
    """A masker that shows everything, after so many black verdicts."""

    def __init__(self, black: int) -> None:
        self._black = black

    def see(self, frame: Frame, scene: Scene, motion: Motion | None) -> None:
        """Nothing to remember."""

    def judge(self, frame: Frame, scene: Scene, motion: Motion | None) -> Verdict:  # noqa: ARG002
        self._black -= 1
        if self._black >= 0:
            return Verdict.black(Blackout.MOVED)
        return Verdict(cover=np.full((SIZE[1], SIZE[0]), SHOWN, np.uint8), why=None, regions=0)


class Loop(threading.Thread):
    """Frames, as the lookout shows them; counted, so that a test sees them go on."""

    def __init__(self, darkroom: Darkroom) -> None:
        super().__init__(daemon=True)
        self.frames = 0
        self._darkroom = darkroom
        self._ending = threading.Event()

    def run(self) -> None:
        while not self._ending.wait(0.02):
            frame = Frame(pixels=PIXELS, taken_ns=self.frames * 10**7, index=self.frames)
            self._darkroom.see(frame, Scene(tracks=(), ended=()), None)
            self.frames += 1

    def finish(self) -> None:
        self._ending.set()
        self.join()


@contextmanager
def serving(folder: Path, *, black: int = 0, prepare: Callable[[], bool] = lambda: True) -> Iterator[Loop]:
    admission = Admission(folder=folder, group=os.getegid(), is_ours=True, closed=True)
    darkroom = Darkroom(PrivacyFill.SOLID, lambda _: Later(black))
    stills, loop = Stills(Door(admission), darkroom, prepare), Loop(darkroom)
    stills.start()
    loop.start()
    try:
        yield loop
    finally:
        stills.finish()
        loop.finish()
        assert not stills.is_alive()


def taken(folder: Path) -> StillState:
    with Line(folder) as line:
        header, picture = line.receive()
    assert jpeg_size(picture) == (header.width, header.height) == SIZE
    return header.state


def test_who_asks_gets_a_still_and_it_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO), serving(tmp_path):
        assert [taken(tmp_path) for _ in range(2)] == [StillState.SHOWN] * 2
    said = f"a still of 640 x 480, masked, was given to user {os.geteuid()}, process {os.getpid()}"
    assert caplog.messages == [said] * 2
    assert list(tmp_path.iterdir()) == []


def test_two_who_ask_at_once_both_get_one(tmp_path: Path) -> None:
    states: list[StillState] = []
    with serving(tmp_path):
        asking = [threading.Thread(target=lambda: states.append(taken(tmp_path))) for _ in range(3)]
        for one in asking:
            one.start()
        for one in asking:
            one.join()
    assert states == [StillState.SHOWN] * 3


def test_a_black_verdict_is_tried_again_before_it_is_given(tmp_path: Path) -> None:
    with serving(tmp_path, black=2):
        assert taken(tmp_path) is StillState.SHOWN
    with serving(tmp_path, black=10_000):
        assert taken(tmp_path) is StillState.MOVED


def test_without_models_it_is_black_and_no_frame_is_judged(tmp_path: Path) -> None:
    with serving(tmp_path, prepare=lambda: False):
        assert taken(tmp_path) is StillState.NO_MODEL


def test_a_thread_that_meets_an_error_serves_the_next(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    answers = iter([OSError("a secret"), True])

    def prepare() -> bool:
        answer = next(answers)
        if isinstance(answer, OSError):
            raise answer
        return answer

    with serving(tmp_path, prepare=prepare):
        with Line(tmp_path) as line, pytest.raises(Exception, match="vision gives you no still"):
            line.receive()
        assert taken(tmp_path) is StillState.SHOWN
    assert "a still failed: OSError at" in caplog.text
    assert "secret" not in caplog.text


def _deaf(accepted: socket.socket) -> None:
    """Take no notice of what is sent."""
    assert accepted.fileno() >= 0


def _gone(accepted: socket.socket) -> None:
    accepted.close()


def _talking(accepted: socket.socket) -> None:
    accepted.settimeout(0.2)
    try:
        for _ in range(10_000):
            accepted.send(os.urandom(1000))
    except OSError:
        pass


@pytest.mark.parametrize("behave", [_deaf, _gone, _talking, None])
def test_whoever_behaves_badly_holds_up_neither_the_frames_nor_the_next(
    tmp_path: Path, behave: Callable[[socket.socket], None] | None, caplog: pytest.LogCaptureFixture
) -> None:
    place = tmp_path / SOCKET_NAME
    with serving(tmp_path) as loop:
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as sock:
            sock.bind(os.fspath(place))
            sock.listen(0)
            # None listens and never accepts.
            with sock.accept()[0] if behave is not None else sock as accepted:
                if behave is not None:
                    behave(accepted)
                before = loop.frames
                while "was not given" not in caplog.text or loop.frames < before + 50:
                    time.sleep(0.01)
        place.unlink()
        assert taken(tmp_path) is StillState.SHOWN


@given(st.lists(st.floats(0, 2), max_size=30))
def test_no_two_turns_are_closer_than_the_gap(pauses: list[float]) -> None:
    pace, now_s, turns = Pace(LEAST_GAP_S), 100.0, []
    for pause_s in pauses:
        now_s += pause_s
        now_s += pace.wait_s(now_s)
        pace.take(now_s)
        turns.append(now_s)
    assert all(later - earlier >= LEAST_GAP_S - 1e-9 for earlier, later in pairwise(turns))
    assert Pace(LEAST_GAP_S).wait_s(now_s) == 0
