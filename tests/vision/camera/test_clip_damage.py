"""Recordings that are missing, cut, flipped or lethal: never a hang, never a crash of ours, always a clear word."""

import os
import signal
import struct
from collections.abc import Callable
from contextlib import AbstractContextManager
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from edge.vision.camera.clip import ClipCamera
from edge.vision.camera.source import CameraError, CameraGoneError, FootageEndedError

MakeFilm = Callable[..., Path]
Outcome = Callable[[ClipCamera], tuple[list[int], CameraError]]
OrdinaryUser = Callable[[], AbstractContextManager[None]]
MS = 1_000_000


def refusal(path: Path) -> str:
    with pytest.raises(CameraError) as refused, ClipCamera(path):
        pass
    return str(refused.value)


def opened_or_refused(path: Path, outcome: Outcome) -> tuple[list[int], CameraError]:
    try:
        with ClipCamera(path, patience_s=30.0) as camera:
            return outcome(camera)
    except CameraError as refused:
        return [], refused


def test_what_is_no_recording_is_refused_with_cause_and_mend(tmp_path: Path) -> None:
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "text.mp4").write_text("not a film\n" * 50)
    os.mkfifo(tmp_path / "pipe.mp4")
    assert "there is no such file; camera.source must name" in refusal(tmp_path / "none.mp4")
    assert "a folder; camera.source must name" in refusal(tmp_path)
    assert "not a file; camera.source must name" in refusal(tmp_path / "pipe.mp4")
    assert "the file is empty; copy it again" in refusal(tmp_path / "empty.mp4")
    assert "not a video, or a damaged one; AVI, MP4" in refusal(tmp_path / "text.mp4")
    assert "cannot be read (Not a directory)" in refusal(tmp_path / "text.mp4" / "below.mp4")


def test_every_refusal_names_the_file(tmp_path: Path) -> None:
    assert refusal(tmp_path / "street.mp4").startswith(f"{tmp_path}/street.mp4: ")


def test_a_file_that_may_not_be_read_is_refused(make_film: MakeFilm, as_ordinary_user: OrdinaryUser) -> None:
    path = make_film("a.avi", frames=2)
    path.chmod(0)
    # Root's own temporary folder is closed to others; on the way there each folder must be passable.
    for folder in path.parents[:3]:
        folder.chmod(folder.stat().st_mode | 0o011)
    with as_ordinary_user():
        assert "may not be read; let the user who runs this read it" in refusal(path)


def test_a_film_without_pictures_is_refused(make_film: MakeFilm) -> None:
    assert "a.avi: " in refusal(make_film("a.avi", frames=0))


@pytest.mark.parametrize(
    ("name", "fourcc", "shares"),
    [
        ("a.avi", "MJPG", (0.4, 0.6, 0.8)),
        ("a.avi", "XVID", (0.7, 0.8)),
        ("a.mkv", "MJPG", (0.3, 0.5, 0.8)),
    ],
)
def test_a_cut_file_gives_its_good_frames_and_says_where_it_ends(
    make_film: MakeFilm, outcome: Outcome, name: str, fourcc: str, shares: tuple[float, ...]
) -> None:
    path = make_film(name, fourcc=fourcc, frames=60)
    whole = path.read_bytes()
    for share in shares:
        path.write_bytes(whole[: int(share * len(whole))])
        with ClipCamera(path) as camera:
            instants, error = outcome(camera)
            assert camera.length_s == pytest.approx(6.0)
        assert isinstance(error, FootageEndedError)
        assert instants == [n * 100 * MS for n in range(len(instants))]
        assert 0 < len(instants) < 60
        end = f"it ends at {len(instants) / 10:.1f} s of 6.0 s"
        assert camera.broken == end
        assert str(error) == f"{path} breaks off: {end}; copy it again from where it was recorded"


@pytest.mark.parametrize("share", [0.02, 0.3, 0.9])
def test_an_mp4_cut_before_its_index_is_refused(make_film: MakeFilm, share: float) -> None:
    path = make_film("a.mp4", fourcc="mp4v")
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    assert "a.mp4: " in refusal(path)


def test_an_mp4_cut_behind_its_index_gives_its_good_frames(make_film: MakeFilm, outcome: Outcome) -> None:
    path = make_film("a.mp4", fourcc="mp4v", frames=60)
    data = path.read_bytes()
    start = data.index(b"moov") - 4
    index, pictures = bytearray(data[start:]), data[data.index(b"mdat") - 4 : start]
    head = data[: data.index(b"mdat") - 4]
    # The one chunk of pictures begins that much later now that the index stands before it.
    offset = index.index(b"stco") + 12
    struct.pack_into(">I", index, offset, struct.unpack_from(">I", index, offset)[0] + len(index))
    path.write_bytes(head + index + pictures)
    with ClipCamera(path) as camera:
        assert len(outcome(camera)[0]) == 60
        assert camera.broken is None
    path.write_bytes((head + index + pictures)[: -len(pictures) // 2])
    with ClipCamera(path) as camera:
        instants, error = outcome(camera)
        assert camera.broken == f"it ends at {len(instants) / 10:.1f} s of 6.0 s"
    assert isinstance(error, FootageEndedError)
    assert 5 < len(instants) < 55


@pytest.mark.parametrize(("name", "fourcc"), [("a.mp4", "mp4v"), ("a.mov", "MJPG"), ("a.mkv", "MJPG")])
def test_decoding_goes_on_after_a_damaged_stretch(
    make_film: MakeFilm, outcome: Outcome, capfd: pytest.CaptureFixture[str], name: str, fourcc: str
) -> None:
    path = make_film(name, fourcc=fourcc, frames=100)
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + len(data) // 20] = bytes(len(data) // 20)
    path.write_bytes(data)
    capfd.readouterr()  # the writer's own words
    with ClipCamera(path) as camera:
        instants, error = outcome(camera)
    assert isinstance(error, FootageEndedError)
    assert instants[-1] == 9_900 * MS
    assert 80 <= len(instants) <= 100
    assert camera.broken is None
    assert camera.warnings > 0
    # What the decoder library complains of is counted, and on nobody's terminal.
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize(
    ("name", "fourcc"), [("a.avi", "MJPG"), ("a.avi", "XVID"), ("a.mp4", "mp4v"), ("a.mkv", "mp4v")]
)
def test_flipped_bits_have_a_clear_outcome(
    make_film: MakeFilm, outcome: Outcome, name: str, fourcc: str, seed: int
) -> None:
    path = make_film(name, fourcc=fourcc, frames=40)
    data = bytearray(path.read_bytes())
    chance = np.random.default_rng(seed)
    for _ in range(4 ** (seed % 5)):
        data[chance.integers(len(data))] ^= 1 << int(chance.integers(8))
    path.write_bytes(data)
    instants, error = opened_or_refused(path, outcome)
    assert str(error).startswith(str(path))
    # Some versions of the decoder library die of such files; then the error says where.
    assert bool(instants) == isinstance(error, FootageEndedError | CameraGoneError)
    assert len(instants) <= 40
    assert all(earlier < later for earlier, later in pairwise(instants))


@pytest.mark.parametrize("killer", [signal.SIGKILL, signal.SIGABRT, signal.SIGSEGV])
def test_a_decoder_that_dies_is_said_with_its_place(
    make_film: MakeFilm, outcome: Outcome, killer: signal.Signals
) -> None:
    path = make_film("a.avi", frames=60)
    with ClipCamera(path) as camera:
        for _ in range(20):
            assert camera.read(10.0) is not None
        assert camera.decoder_pid is not None
        os.kill(camera.decoder_pid, killer)
        instants, error = outcome(camera)
        # What it had decoded ahead still came.
        assert len(instants) < 10
        last_s = (instants or [1900 * MS])[-1] / 1e9
        place = f"its decoder ended by {killer.name}, at {last_s:.1f} s"
        assert isinstance(error, CameraGoneError)
        assert str(error).startswith(f"{path} breaks off: {place}; ")
        assert camera.broken == place
        with pytest.raises(CameraGoneError, match=killer.name):
            camera.read(1.0)


def test_a_decoder_that_is_stuck_is_not_waited_for_for_ever(make_film: MakeFilm, outcome: Outcome) -> None:
    with ClipCamera(make_film("a.avi", frames=60), patience_s=3.0) as camera:
        assert camera.read(10.0) is not None
        pid = camera.decoder_pid
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        # What it had decoded ahead still comes.
        instants, error = outcome(camera)
        assert len(instants) < 10
        assert isinstance(error, CameraGoneError)
        assert "its decoder has been stuck for 3.0 s, at 0." in str(error)
        assert not Path(f"/proc/{pid}").exists()


def test_all_real_footage_survives_being_cut(real_videos: Path, tmp_path: Path, outcome: Outcome) -> None:
    for path in sorted((real_videos / "tfl").glob("*.mp4"))[:4]:
        cut = tmp_path / path.name
        cut.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        instants, error = opened_or_refused(cut, outcome)
        assert str(error).startswith(str(cut))
        assert bool(instants) == isinstance(error, FootageEndedError)
