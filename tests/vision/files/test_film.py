"""Films: every frame comes out masked or black, in its place, and what is not whole is not called written."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Self

import cv2
import numpy as np
import pytest

from edge.config.site import PrivacyFill
from edge.vision.anonymise.fill import SOLID
from edge.vision.anonymise.verdict import Blackout, Verdict
from edge.vision.files.fault import FileError
from edge.vision.files.film import anonymise_film
from edge.vision.files.kind import AVI, MKV, MOV, MP4, THREEGP, WEBM, Format
from edge.vision.files.outcome import Outcome, Step, Unseen
from edge.vision.frame import MASKED, SHOWN, Frame
from tests import drawn_films as films

HIDDEN = np.s_[16:64, 32:96]


class Stencil:
    """Hides one rectangle of every frame; stumbles where it is told to."""

    def __init__(
        self, *, study: int | None = None, judge: int | None = None, between: Callable[[], object] = int
    ) -> None:
        self.studied: list[int] = []
        self._study = study
        self._judge = judge
        self._between = between

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        pass

    def study(self, frame: Frame) -> None:
        if frame.index == self._study:
            raise ValueError("a detector has crashed")
        self.studied.append(films.number_of(frame.pixels))

    def conclude(self) -> None:
        self._between()

    def judge(self, index: int) -> Verdict:
        if index == self._judge:
            raise ValueError("a mask has crashed")
        cover = np.full((120, 160), SHOWN, np.uint8)
        cover[HIDDEN] = MASKED
        return Verdict(cover=cover, why=None, regions=2)


def made(source: Path, target: Path, kind: Format = AVI, masker: Stencil | None = None) -> Outcome:
    masker = masker or Stencil()
    return anonymise_film(source, target, kind, lambda _: masker, PrivacyFill.SOLID, lambda *_: None)


def is_black(pixels: np.ndarray) -> bool:
    return int(pixels.max()) < 24


def check_masked(pixels: np.ndarray) -> None:
    """The rectangle holds nothing but the fill; an encoder blurs borders by a few pixels."""
    inside = pixels[22:58, 38:90].astype(int)
    assert np.abs(inside - SOLID).max() < 24
    assert np.abs(pixels[:100, 110:].astype(int) - films.STILL[:100, 110:]).mean() < 12


@pytest.mark.parametrize(
    ("ending", "kind"), [(".avi", AVI), (".mp4", MP4), (".mov", MOV), (".mkv", MKV), (".webm", WEBM), (".3gp", THREEGP)]
)
@pytest.mark.parametrize("fps", [10.0, 29.97])
def test_size_rate_and_number_of_frames_are_kept(tmp_path: Path, ending: str, kind: Format, fps: float) -> None:
    codec = {".webm": "VP80", ".3gp": "mp4v"}.get(ending, "MJPG")
    source = films.write_film(tmp_path / f"in{ending}", codec=codec, fps=fps)
    outcome = made(source, tmp_path / f"out{ending}", kind)
    found_fps, frames = films.read_film(tmp_path / f"out{ending}")
    assert found_fps == pytest.approx(fps, rel=1e-4)
    assert [films.number_of(pixels) for pixels in frames] == list(range(30))
    for pixels in frames:
        check_masked(pixels)
    assert outcome == Outcome(size=(160, 120), frames=30, regions=60, black={}, fps=fps)


def test_metadata_do_not_come_along(tmp_path: Path) -> None:
    source = films.write_film(tmp_path / "in.avi")
    films.with_words(source, b"filmed by Jeanne at home")
    made(source, tmp_path / "out.avi")
    assert b"Jeanne" in source.read_bytes()
    assert b"Jeanne" not in (tmp_path / "out.avi").read_bytes()
    assert len(films.read_film(tmp_path / "out.avi")[1]) == 30


def test_a_frame_that_cannot_be_decoded_is_black_in_its_place(tmp_path: Path) -> None:
    source = films.write_film(tmp_path / "in.avi")
    films.damage(source, (7, 8, 20))
    outcome = made(source, tmp_path / "out.avi")
    _, frames = films.read_film(tmp_path / "out.avi")
    assert len(frames) == outcome.frames == 30
    # What the decoder complains of before a frame may be about that frame.
    assert [number for number, pixels in enumerate(frames) if is_black(pixels)] == [7, 8, 9, 20, 21]
    assert outcome.black == {Unseen.UNREADABLE.value: 3, Unseen.DAMAGED.value: 2}
    assert films.number_of(frames[10]) == 10
    assert films.number_of(frames[29]) == 29


def test_a_frame_of_damaged_data_is_black_and_so_are_those_that_rest_on_it(tmp_path: Path) -> None:
    source = films.write_film(tmp_path / "in.avi", codec="XVID", frames=36)
    films.damage(source, (15,), share=0.3)
    outcome = made(source, tmp_path / "out.avi")
    _, frames = films.read_film(tmp_path / "out.avi")
    assert len(frames) == 36
    black = [number for number, pixels in enumerate(frames) if is_black(pixels)]
    # Key pictures stand twelve apart.
    assert black == list(range(15, 24))
    assert outcome.black == {Unseen.DAMAGED.value: 9}


def test_a_cut_film_is_written_as_far_as_it_goes_and_that_is_said(tmp_path: Path) -> None:
    source = films.write_film(tmp_path / "in.avi", frames=60)
    source.write_bytes(source.read_bytes()[: source.stat().st_size // 2])
    outcome = made(source, tmp_path / "out.avi")
    assert 20 < outcome.frames < 40
    assert len(films.read_film(tmp_path / "out.avi")[1]) == outcome.frames
    assert outcome.notes[0].startswith("it breaks off: it ends at")


def test_frames_masked_from_edge_to_edge_are_told(tmp_path: Path) -> None:
    class Curtain(Stencil):
        def judge(self, index: int) -> Verdict:
            return (
                Verdict(cover=np.full((120, 160), MASKED, np.uint8), why=None, regions=1)
                if index < 2
                else super().judge(index)
            )

    source = films.write_film(tmp_path / "in.avi", frames=5)
    assert made(source, tmp_path / "out.avi", masker=Curtain()).notes == ("2 frames masked altogether",)


def test_a_film_whose_size_changes_is_refused(tmp_path: Path) -> None:
    source = films.write_film(tmp_path / "in.avi")
    films.change_size(source, 12)
    with pytest.raises(FileError, match="change their size at frame 12"):
        made(source, tmp_path / "out.avi")


def test_a_film_without_a_frame_that_can_be_decoded_is_refused(tmp_path: Path) -> None:
    source = films.write_film(tmp_path / "in.avi", frames=6)
    films.damage(source, range(6))
    with pytest.raises(FileError, match="no picture in it"):
        made(source, tmp_path / "out.avi")
    (tmp_path / "text.avi").write_text("no film\n" * 99)
    with pytest.raises(FileError, match="not a video"):
        made(tmp_path / "text.avi", tmp_path / "out.avi")


def test_what_became_a_pipe_since_it_was_found_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "in.avi")
    with pytest.raises(FileError, match="is no file any more"):
        made(tmp_path / "in.avi", tmp_path / "out.avi")


def test_a_film_with_odd_sides_is_refused_before_it_is_studied(tmp_path: Path) -> None:
    odd = cv2.VideoWriter(str(tmp_path / "in.avi"), cv2.CAP_OPENCV_MJPEG, cv2.VideoWriter.fourcc(*"MJPG"), 10, (81, 61))
    for _ in range(3):
        odd.write(np.zeros((61, 81, 3), np.uint8))
    odd.release()
    masker = Stencil()
    with pytest.raises(FileError, match="81x61"):
        made(tmp_path / "in.avi", tmp_path / "out.avi", masker=masker)
    assert masker.studied == []


def test_a_mask_that_crashes_makes_a_black_frame(tmp_path: Path) -> None:
    source = films.write_film(tmp_path / "in.avi")
    outcome = made(source, tmp_path / "out.avi", masker=Stencil(judge=4))
    _, frames = films.read_film(tmp_path / "out.avi")
    assert [number for number, pixels in enumerate(frames) if is_black(pixels)] == [4]
    assert outcome.black == {Blackout.FAILED.value: 1}
    check_masked(frames[5])


def test_once_a_study_crashed_all_that_follows_is_black(tmp_path: Path) -> None:
    source = films.write_film(tmp_path / "in.avi")
    outcome = made(source, tmp_path / "out.avi", masker=Stencil(study=10))
    _, frames = films.read_film(tmp_path / "out.avi")
    assert [is_black(pixels) for pixels in frames] == [False] * 10 + [True] * 20
    assert outcome.black == {Blackout.FAILED.value: 20}
    with pytest.raises(FileError, match="failed at its first frame"):
        made(source, tmp_path / "other.avi", masker=Stencil(study=0))


def test_a_film_that_is_another_one_the_second_time_is_not_shown(tmp_path: Path) -> None:
    source = films.write_film(tmp_path / "in.avi")
    other = films.write_film(tmp_path / "other.avi", frames=30)
    content = bytearray(other.read_bytes())
    places = list(films.packets(content))
    # Of the same length in bytes and frames, and another picture all the same.
    start, length = places[3]
    content[start : start + length] = content[slice(places[4][0], sum(places[4]))][:length].ljust(length, b"\0")
    other.write_bytes(content)
    outcome = made(source, tmp_path / "out.avi", masker=Stencil(between=lambda: shutil.copy(other, source)))
    _, frames = films.read_film(tmp_path / "out.avi")
    assert is_black(frames[3])
    assert not is_black(frames[2])
    assert outcome.black == {Unseen.CHANGED.value: 1}


@pytest.mark.parametrize("frames", [20, 40])
def test_a_film_that_grows_or_shrinks_meanwhile_is_refused(tmp_path: Path, frames: int) -> None:
    source = films.write_film(tmp_path / "in.avi")
    other = films.write_film(tmp_path / "other.avi", frames=frames)
    with pytest.raises(FileError, match="another film when it is read a second time"):
        made(source, tmp_path / "out.avi", masker=Stencil(between=lambda: shutil.copy(other, source)))


def test_progress_is_told_of_both_passes(tmp_path: Path) -> None:
    source = films.write_film(tmp_path / "in.avi")
    told: list[tuple[Step, int, int | None]] = []
    masker = Stencil()
    anonymise_film(source, tmp_path / "o.avi", AVI, lambda _: masker, PrivacyFill.SOLID, lambda *one: told.append(one))
    assert told == [(step, done, 30) for step in Step for done in range(1, 31)]
    assert masker.studied == list(range(30))
