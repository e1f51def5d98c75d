"""`passant anonymise`: what would change the input or leave half a result is refused; a stop leaves nothing behind."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path, PurePath

import numpy as np
import pytest

from edge.cli.anonymise.bar import Bar
from edge.vision.files.orders import Progressed
from tests import drawn_films as films
from tests.anonymising import ALL, ROOT, anonymised, digests, leftovers, reported, stumbling
from tests.drawn_files import drawn, encoded

PATIENCE_S = 120.0


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.png"
    path.write_bytes(encoded(".png", drawn()))
    return path


# -- what is refused --------------------------------------------------------------------------------------------------


def test_places_that_would_change_the_input_or_write_over_something_are_refused(
    tmp_path: Path, photo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "in"
    (folder / "deep").mkdir(parents=True)
    (folder / "a.png").write_bytes(photo.read_bytes())
    (tmp_path / "hard.png").hardlink_to(photo)
    (tmp_path / "soft.png").symlink_to(photo)
    (tmp_path / "nowhere.png").symlink_to(tmp_path / "gone.png")
    (tmp_path / "other.png").write_bytes(b"mine")
    (tmp_path / "alias").symlink_to(folder)
    before = digests(tmp_path)
    for source, output, words in (
        (photo, photo, "is the input itself"),
        (photo, tmp_path / "hard.png", "is the input itself"),
        (photo, tmp_path / "soft.png", "is the input itself"),
        (photo, tmp_path / "nowhere.png", "exists, and is not written over"),
        (photo, tmp_path / "other.png", "exists, and is not written over"),
        (photo, folder, "is a folder"),
        (photo, tmp_path / "none" / "a.png", "there is no such folder"),
        (photo, tmp_path / "out.docx", "does not end as a picture"),
        (photo, tmp_path / "out.avi", "is a picture, AVI is none"),
        (folder, folder, "is the input itself"),
        (folder, folder / "out", "lies inside the input"),
        (folder, tmp_path / "alias" / "out", "lies inside the input"),
        (folder, tmp_path, "is not empty"),
        (tmp_path / "missing", tmp_path / "out", "does not exist"),
        (Path("/dev/null"), tmp_path / "out.png", "is neither a file nor a folder"),
    ):
        assert anonymised(source, output) == 1
        err = capsys.readouterr().err
        assert words in err, err
        assert " — " in err
        assert "Traceback" not in err
    assert digests(tmp_path) == before
    assert anonymised(folder, tmp_path / "out", "--report", folder / "report.json") == 1
    assert anonymised(photo, tmp_path / "out.png", "--report", photo) == 1
    assert digests(tmp_path) == before
    assert leftovers(tmp_path) == []


def test_a_report_changes_neither_the_input_nor_the_output_by_another_name(tmp_path: Path, photo: Path) -> None:
    folder, empty = tmp_path / "in", tmp_path / "empty"
    folder.mkdir()
    empty.mkdir()
    (folder / "a.png").write_bytes(photo.read_bytes())
    (tmp_path / "soft.json").symlink_to(folder / "a.png")
    (tmp_path / "hard.json").hardlink_to(folder / "a.png")
    (tmp_path / "alias").symlink_to(tmp_path)
    before = digests(tmp_path)
    for source, output, report in (
        (folder, tmp_path / "out", tmp_path / "soft.json"),
        (folder, tmp_path / "out", tmp_path / "hard.json"),
        (folder, empty, empty / "a.png"),
        (photo, tmp_path / "out.png", tmp_path / "alias" / "out.png"),
    ):
        assert anonymised(source, output, "--report", report) == 1
    assert digests(tmp_path) == before
    assert leftovers(tmp_path) == []


def test_a_missing_model_is_an_error_without_output(
    tmp_path: Path, photo: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    stumbling(monkeypatch, "no-models")
    document = reported(tmp_path, photo, tmp_path / "out.png", code=1)
    assert "there is no manifest" in capfd.readouterr().err
    assert document["failed"][0]["path"] == "photo.png"
    assert document["models"] == {}
    assert not (tmp_path / "out.png").exists()
    assert leftovers(tmp_path) == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=40k", "tmpfs", str(disk)]
    if os.geteuid() or subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("a small disk can be mounted by root only")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.parametrize("ending", [".avi", ".mp4"])
def test_a_film_for_which_the_disk_has_no_room_is_not_written(
    tmp_path: Path, small_disk: Path, ending: str, capsys: pytest.CaptureFixture[str]
) -> None:
    source = films.write_film(tmp_path / f"in{ending}", frames=60, fps=60, size=(640, 480))
    assert anonymised(source, small_disk / f"out{ending}", "--level", "faces-and-plates") == 1
    assert f"in{ending}: the disk is full — free some space (df -h {small_disk})" in capsys.readouterr().err
    assert list(small_disk.iterdir()) == []


def test_a_picture_for_which_the_disk_has_no_room_is_not_written(
    tmp_path: Path, small_disk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    noise = np.random.default_rng(1).integers(0, 256, (300, 300, 3), np.uint8)
    (folder / "large.png").write_bytes(encoded(".png", noise))
    (folder / "small.png").write_bytes(encoded(".png", noise[:30, :30]))
    assert anonymised(folder, small_disk, "--level", "faces-and-plates") == 1
    assert "large.png: the disk is full" in capsys.readouterr().err
    assert [path.name for path in small_disk.iterdir()] == ["small.png"]


# -- as a process -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)])
def test_a_run_that_is_stopped_leaves_nothing_that_looks_whole(
    tmp_path: Path, number: signal.Signals, code: int
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.png").write_bytes(encoded(".png", drawn()))
    # Many frames in little time: few looks, and long to write.
    films.write_film(folder / "b.avi", frames=500, fps=100, size=(320, 240))
    command = [sys.executable, "-m", "edge", "anonymise", str(folder), str(tmp_path / "out")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        # Once the film is being written, a picture is whole already.
        until = time.monotonic() + PATIENCE_S
        while not list(tmp_path.glob(".out.partial-*/work/1.avi")):
            assert process.poll() is None, process.stderr.read() if process.stderr else ""
            assert time.monotonic() < until
            time.sleep(0.02)
        workers = children(process.pid)
        process.send_signal(number)
        out, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == code
    assert not (tmp_path / "out").exists()
    assert out == ""
    if number != signal.SIGKILL:
        assert err == f"stopped by {number.name}; nothing was written\n"
        assert leftovers(tmp_path) == []
    for pid in workers:
        until = time.monotonic() + PATIENCE_S
        while Path(f"/proc/{pid}/exe").exists():
            assert time.monotonic() < until
            time.sleep(0.02)


def children(pid: int) -> list[int]:
    found = [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return [*found, *(grandchild for child in found for grandchild in children(child))]


def test_the_worker_can_write_nowhere_else_reach_no_network_and_leave_no_core(tmp_path: Path, photo: Path) -> None:
    outside = tmp_path / "outside"
    work = tmp_path / "work"
    outside.mkdir()
    work.mkdir()
    command = [sys.executable, "-m", "tests.stumbling", "escape", str(work), str(outside)]
    done = subprocess.run(command, cwd=ROOT, input=b"", capture_output=True, check=True)
    tried = json.loads(done.stdout)
    assert set(tried.values()) == {"denied"}, tried
    assert {"AF_UNIX seqpacket", "AF_INET", "write beside", "write over the input"} <= set(tried)
    assert list(outside.iterdir()) == []


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_on_a_terminal_there_is_a_bar_that_goes_away_and_elsewhere_none() -> None:
    for stream, drawn_there in ((Terminal(), True), (io.StringIO(), False)):
        bar = Bar(stream, files=3)
        bar.begin(PurePath("day/\x1b[2Jevil.avi"))
        bar.show(Progressed(step="looking", done=50, total=200))
        bar.show(Progressed(step="masking", done=7, total=None))
        bar.clear()
        shown = stream.getvalue()
        assert bool(shown) == drawn_there
        if drawn_there:
            assert "1 of 3 day/\\x1b[2Jevil.avi [######..................] looking 50 of 200" in shown
            assert shown.endswith("masking 7\r\x1b[K")


def test_without_isolation_it_says_so_loudly(tmp_path: Path, photo: Path, capfd: pytest.CaptureFixture[str]) -> None:
    document = reported(tmp_path, photo, tmp_path / "out.png", *ALL, "--no-isolation")
    assert document["isolation"] == "unproven"
    assert "NOT ISOLATED" in capfd.readouterr().err
