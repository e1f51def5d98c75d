"""Recordings, read whole: order, time, size, rotation, and what a reader may hold on to."""

import os
import resource
import struct
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from edge.vision.camera.clip import ClipCamera
from edge.vision.camera.source import CameraError, FootageEndedError
from edge.vision.frame import Pixels

MakeFilm = Callable[..., Path]
NumberOf = Callable[[Pixels], int]
EditMp4 = Callable[[Path, Callable[[bytes, bytes], bytes]], None]
Outcome = Callable[[ClipCamera], tuple[list[int], CameraError]]
MS = 1_000_000
FORMATS = [("a.avi", "MJPG"), ("a.avi", "XVID"), ("a.mp4", "mp4v"), ("a.mkv", "mp4v"), ("a.mov", "mp4v")]


def read_all(camera: ClipCamera) -> list[tuple[int, int, Pixels]]:
    frames = []
    try:
        while True:
            frame = camera.read(10.0)
            assert frame is not None
            frames.append((frame.index, frame.taken_ns, frame.pixels.copy()))
    except FootageEndedError:
        return frames


@pytest.mark.parametrize(("name", "fourcc"), FORMATS)
def test_every_frame_comes_once_in_order_with_its_time(
    make_film: MakeFilm, number_of: NumberOf, name: str, fourcc: str
) -> None:
    with ClipCamera(make_film(name, fourcc=fourcc)) as camera:
        frames = read_all(camera)
        assert (camera.size, camera.fps, camera.length_s) == ((160, 120), 10.0, 3.0)
    assert [index for index, _, _ in frames] == list(range(30))
    assert [number_of(pixels) for _, _, pixels in frames] == list(range(30))
    assert [taken for _, taken, _ in frames] == [number * 100 * MS for number in range(30)]
    assert camera.broken is None
    assert camera.warnings == 0


def test_the_end_is_said_again_at_every_later_read(make_film: MakeFilm) -> None:
    with ClipCamera(make_film("a.avi", frames=3)) as camera:
        read_all(camera)
        with pytest.raises(FootageEndedError, match=r"is over after 0\.3 s"):
            camera.read(1.0)


def test_variable_frame_times_are_the_containers(make_film: MakeFilm, edit_mp4: EditMp4, number_of: NumberOf) -> None:
    path = make_film("vfr.mp4", fourcc="mp4v")
    # Ten frames of 100 ms, ten of 300 ms, ten of 50 ms, in the film's 10,240 ticks a second: 4.5 s.
    steps = [(10, 1024), (10, 3072), (10, 512)]

    def edit(kind: bytes, body: bytes) -> bytes:
        if kind == b"stts":
            return struct.pack(">II", 0, 3) + b"".join(struct.pack(">II", *step) for step in steps)
        if kind == b"mdhd":
            return body[:16] + struct.pack(">I", 46080) + body[20:]
        if kind == b"elst":
            return body[:8] + struct.pack(">I", 4500) + body[12:]
        return body

    edit_mp4(path, edit)
    with ClipCamera(path) as camera:
        frames = read_all(camera)
    expected = [100 * n for n in range(10)] + [1000 + 300 * n for n in range(10)] + [4000 + 50 * n for n in range(10)]
    assert [taken // MS for _, taken, _ in frames] == expected
    assert [number_of(pixels) for _, _, pixels in frames] == list(range(30))
    assert camera.length_s == pytest.approx(4.5)
    assert camera.broken is None


@pytest.mark.parametrize(
    ("turn", "matrix", "corner"),
    [
        (0, (1, 0, 0, 1), "top left"),
        (90, (0, 1, -1, 0), "top right"),
        (180, (-1, 0, 0, -1), "bottom right"),
        (270, (0, -1, 1, 0), "bottom left"),
    ],
)
def test_a_rotated_recording_comes_upright(
    make_film: MakeFilm, edit_mp4: EditMp4, turn: int, matrix: tuple[int, ...], corner: str
) -> None:
    path = make_film("turned.mp4", fourcc="mp4v")
    a, b, c, d = (part * 0x10000 for part in matrix)
    header = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 0x40000000)
    edit_mp4(path, lambda kind, body: body[:40] + header + body[76:] if kind == b"tkhd" else body)
    with ClipCamera(path) as camera:
        frame = camera.read(10.0)
        assert frame is not None
        assert camera.size == frame.size == ((160, 120) if turn in {0, 180} else (120, 160))
        height, width = frame.pixels.shape[:2]
        vertical, horizontal = corner.split()
        v = height // 10 if vertical == "top" else height - height // 10
        u = width // 10 if horizontal == "left" else width - width // 10
        blue, green, red = (int(part) for part in frame.pixels[v, u])
        assert red > 200
        assert max(blue, green) < 60


@pytest.mark.parametrize("size", [(80, 60), (320, 240)])
def test_pictures_are_scaled_to_the_sites_size(make_film: MakeFilm, number_of: NumberOf, size: tuple[int, int]) -> None:
    with ClipCamera(make_film("a.avi"), size=size) as camera:
        frames = read_all(camera)
    assert all(pixels.shape == (size[1], size[0], 3) for _, _, pixels in frames)
    assert [number_of(pixels) for _, _, pixels in frames] == list(range(30))


def test_another_shape_is_refused_with_the_size_that_would_do(make_film: MakeFilm) -> None:
    with (
        pytest.raises(CameraError, match=r"160x120, another shape; set size = \[160, 120\]"),
        ClipCamera(make_film("a.avi"), size=(160, 90)),
    ):
        pass


def test_frames_above_the_rate_are_skipped_by_time(make_film: MakeFilm, number_of: NumberOf) -> None:
    with ClipCamera(make_film("a.avi", frames=100, fps=25.0), fps=10.0) as camera:
        frames = read_all(camera)
    # 4 s at 10 a second, each the first at or after its due time.
    assert len(frames) == 40
    assert [index for index, _, _ in frames] == list(range(40))
    assert [taken // MS for _, taken, _ in frames][:6] == [0, 120, 200, 320, 400, 520]
    assert [number_of(pixels) for _, _, pixels in frames][:6] == [0, 3, 5, 8, 10, 13]


def test_a_frame_cannot_be_written_and_outlives_its_camera(make_film: MakeFilm) -> None:
    with ClipCamera(make_film("a.avi")) as camera:
        frame = camera.read(10.0)
    assert frame is not None
    with pytest.raises(ValueError, match="read-only"):
        frame.pixels[0, 0] = 0
    assert int(frame.pixels[5, 5, 2]) > 200


def test_a_frame_on_loan_stays_as_it_is_however_long_it_is_kept(make_film: MakeFilm, number_of: NumberOf) -> None:
    def decoder_cpu() -> list[str]:
        return Path(f"/proc/{camera.decoder_pid}/schedstat").read_text().split()

    with ClipCamera(make_film("a.avi")) as camera:
        for expected in range(12):
            frame = camera.read(10.0)
            assert frame is not None
            before = frame.pixels.copy()
            # Until the decoder has filled every slot it may and waits.
            seen: list[str] = []
            while seen != (seen := decoder_cpu()):
                time.sleep(0.02)
            assert number_of(frame.pixels) == expected
            assert np.array_equal(before, frame.pixels)


def test_the_decoders_cpu_time_counts_as_the_readers_childs(make_film: MakeFilm) -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with ClipCamera(make_film("a.avi")) as camera:
        read_all(camera)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime > before.ru_utime + before.ru_stime


def test_fifty_openings_leave_no_descriptor_process_or_memory(make_film: MakeFilm) -> None:
    path = make_film("a.avi", frames=5)

    def open_once() -> None:
        with ClipCamera(path) as camera:
            camera.read(10.0)

    def resident_kb() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024

    def descriptors() -> set[str]:
        return {fd.name for fd in Path("/proc/self/fd").iterdir()}

    def children() -> set[str]:
        # Not waited for: another test may have left one in this process.
        return {pid for task in Path("/proc/self/task").iterdir() for pid in (task / "children").read_text().split()}

    open_once()
    before, others, memory_kb = descriptors(), children(), resident_kb()
    for _ in range(50):
        open_once()
    assert not descriptors() - before
    assert resident_kb() - memory_kb < 2_000  # one leaked ring of this film has 230 kB
    assert not children() - others


@pytest.mark.parametrize(
    ("name", "frames"),
    [
        ("vtest.avi", 795),
        ("intel_car-detection.mp4", 377),
        ("sobral_video1.avi", 500),
        ("otvision_Cars-Cyclist.mp4", 60),
    ],
)
def test_real_footage_is_read_whole(real_videos: Path, name: str, frames: int) -> None:
    with ClipCamera(real_videos / name) as camera:
        read = read_all(camera)
        assert camera.length_s is not None
        assert camera.fps is not None
    instants = [taken for _, taken, _ in read]
    assert len(read) == frames
    assert np.allclose(np.diff(instants), 1e9 / camera.fps, rtol=1e-3)
    assert camera.broken is None


def test_a_decoder_can_be_asked_for_by_its_id(make_film: MakeFilm, outcome: Outcome) -> None:
    camera = ClipCamera(make_film("a.avi"))
    assert camera.decoder_pid is None
    with camera:
        pid = camera.decoder_pid
        assert Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[3] == b"edge.vision.camera.decoder"
        outcome(camera)
    assert camera.decoder_pid is None
    assert not Path(f"/proc/{pid}").exists()
