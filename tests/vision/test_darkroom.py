"""The darkroom: a still is made only when wanted, only of what was judged, and of nothing else when that fails."""

import logging
import threading
from collections.abc import Callable

import numpy as np
import pytest

from edge.config.site import PrivacyFill
from edge.contract.stills import StillState
from edge.vision.anonymise.fill import SOLID
from edge.vision.anonymise.still import Still
from edge.vision.anonymise.verdict import Blackout, Verdict
from edge.vision.darkroom import Darkroom
from edge.vision.detect.motion import Motion
from edge.vision.frame import MASKED, SHOWN, Frame
from edge.vision.track.tracker import Scene

SCENE = Scene(tracks=(), ended=())
PATIENCE_S = 20.0
WORDS = "what it saw"


class Left:
    """A masker that hides the left half; `judged` are the frames it was asked about."""

    def __init__(self, size: tuple[int, int]) -> None:
        self.size = size
        self.seen: list[int] = []
        self.judged: list[int] = []
        self.breaks: Callable[[], None] = lambda: None

    def see(self, frame: Frame, scene: Scene, motion: Motion | None) -> None:  # noqa: ARG002
        self.seen.append(frame.index)

    def judge(self, frame: Frame, scene: Scene, motion: Motion | None) -> Verdict:  # noqa: ARG002
        self.judged.append(frame.index)
        self.breaks()
        cover = np.full((self.size[1], self.size[0]), SHOWN, np.uint8)
        cover[:, : self.size[0] // 2] = MASKED
        return Verdict(cover=cover, why=None, regions=1)


class Room:
    """A darkroom whose maskers can be looked at."""

    def __init__(self, make: Callable[[tuple[int, int]], Left] = Left) -> None:
        self.made: list[Left] = []

        def masker(size: tuple[int, int]) -> Left:
            self.made.append(make(size))
            return self.made[-1]

        self.darkroom = Darkroom(PrivacyFill.SOLID, masker)

    def see(self, index: int, size: tuple[int, int] = (64, 48)) -> Frame:
        pixels = np.random.default_rng(index).integers(0, 256, (size[1], size[0], 3), np.uint8)
        frame = Frame(pixels=pixels, taken_ns=index * 10**8, index=index)
        self.darkroom.see(frame, SCENE, None)
        return frame

    def taken(self, *indices: int, size: tuple[int, int] = (64, 48)) -> tuple[Still, list[Frame]]:
        """Ask for a still in a thread, as the channel does, then show frames."""
        stills: list[Still] = []
        asking = threading.Thread(target=lambda: stills.append(self.darkroom.take(PATIENCE_S)))
        asking.start()
        while not self.darkroom._wanted:
            threading.Event().wait(0.001)
        frames = [self.see(index, size) for index in indices]
        asking.join(PATIENCE_S)
        (still,) = stills
        return still, frames


def test_a_still_is_the_frame_with_what_is_hidden_filled() -> None:
    room = Room()
    room.see(0)
    still, (frame,) = room.taken(1)
    assert still.state is StillState.SHOWN
    assert (still.pixels[:, :32] == SOLID).all()
    assert np.array_equal(still.pixels[:, 32:], frame.pixels[:, 32:])
    assert not np.shares_memory(still.pixels, frame.pixels)


def test_frames_are_seen_always_and_judged_only_when_a_still_is_wanted() -> None:
    room = Room()
    for index in range(5):
        room.see(index)
    still, _ = room.taken(5)
    room.see(6)
    (masker,) = room.made
    assert masker.seen == list(range(7))
    assert masker.judged == [5]
    assert still.state is StillState.SHOWN


def test_each_still_is_of_a_frame_that_came_after_it_was_asked_for() -> None:
    room = Room()
    first, _ = room.taken(0)
    second, (frame,) = room.taken(1)
    assert not np.array_equal(first.pixels, second.pixels)
    assert np.array_equal(second.pixels[:, 32:], frame.pixels[:, 32:])


def test_without_a_frame_in_time_it_is_black() -> None:
    room = Room()
    still = room.darkroom.take(0.01)
    assert (still.state, still.pixels.any()) == (StillState.NO_PICTURE, False)
    room.see(1, (32, 16))
    still = room.darkroom.take(0.01)
    assert (still.state, still.pixels.shape) == (StillState.NO_PICTURE, (16, 32, 3))


@pytest.mark.parametrize("why", Blackout)
def test_a_black_verdict_is_a_black_still_with_its_reason(why: Blackout) -> None:
    class Shut(Left):
        def judge(self, frame: Frame, scene: Scene, motion: Motion | None) -> Verdict:  # noqa: ARG002
            return Verdict.black(why)

    still, _ = Room(Shut).taken(0)
    assert still.state is StillState[why.name]
    assert not still.pixels.any()


def _raise() -> None:
    raise RuntimeError(WORDS)


def test_a_masker_that_fails_gives_black_and_is_replaced(caplog: pytest.LogCaptureFixture) -> None:
    room = Room()
    room.see(0)
    room.made[0].breaks = _raise
    with caplog.at_level(logging.ERROR):
        still, _ = room.taken(1)
        again, _ = room.taken(2)
    assert (still.state, still.pixels.any()) == (StillState.FAILED, False)
    # Whatever the broken one knew is gone with it.
    assert len(room.made) == 2
    assert room.made[1].seen == [2]
    assert again.state is StillState.SHOWN
    assert len(caplog.messages) == 1
    assert "RuntimeError at" in caplog.text
    assert WORDS not in caplog.text


def test_a_masker_that_cannot_even_be_made_holds_the_loop_up_for_nothing() -> None:
    def broken(size: tuple[int, int]) -> Left:
        raise RuntimeError(WORDS, size)

    room = Room(broken)
    room.see(0)
    still, _ = room.taken(1)
    assert (still.state, still.pixels.any()) == (StillState.FAILED, False)


def test_a_cover_of_another_size_shows_nothing() -> None:
    room = Room(lambda size: Left((size[0] + 2, size[1])))
    still, _ = room.taken(0)
    assert (still.state, still.pixels.any()) == (StillState.FAILED, False)


def test_pictures_of_another_size_have_a_masker_of_their_own() -> None:
    room = Room()
    room.see(0)
    still, _ = room.taken(1, size=(32, 16))
    assert still.pixels.shape == (16, 32, 3)
    assert [masker.size for masker in room.made] == [(64, 48), (32, 16)]
    assert room.made[1].seen == [1]
