"""`passant anonymise`: everything is written masked, or nothing is, and what was not is said."""

import hashlib
import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path, PurePath
from typing import Any

import numpy as np
import pytest

from edge.__main__ import main
from edge.cli.anonymise import workshop
from edge.cli.anonymise.bar import Bar
from edge.vision.anonymise.fill import SOLID
from edge.vision.detect import manifest
from edge.vision.files.orders import Progressed
from tests import drawn_files as files
from tests import drawn_films as films
from tests.drawn_files import SECRET, drawn, encoded
from tests.stumbling import STUMBLING_BLOCK

ROOT = Path(__file__).parents[2]
# At this level a single picture has nothing proven: all of it is filled.
ALL = ("--level", "all-but-background")
PATIENCE_S = 120.0
SITE = """\
version = 1
[device]
org = "nice"
id = "promenade-042"
[camera]
source = "pi"
size = [192, 128]
[[zones]]
id = "road"
polygon = [[0, 60], [90, 60], [90, 90]]
[privacy]
level = "faces-and-plates"
polygons = [[[0, 0], [96, 0], [96, 64], [0, 64]]]
"""


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.png"
    path.write_bytes(encoded(".png", drawn()))
    return path


def anonymised(*words: object) -> int:
    return main(["anonymise", *map(str, words)])


def reported(folder: Path, *words: object, code: int = 0) -> dict[str, Any]:
    report = folder / "report.json"
    assert anonymised(*words, "--report", report) == code
    document = json.loads(report.read_text())
    assert isinstance(document, dict)
    return document


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def leftovers(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*") if "partial" in path.name]


# -- one file ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", [".jpg", ".png", ".webp", ".tif", ".bmp"])
def test_a_picture_is_written_masked_in_its_format_and_size(tmp_path: Path, ending: str) -> None:
    source, output = tmp_path / f"in{ending}", tmp_path / f"out{ending}"
    source.write_bytes(encoded(ending, drawn()))
    before = digests(tmp_path)
    assert anonymised(source, output, *ALL) == 0
    pixels = files.read(output)
    assert pixels.shape == (64, 96, 3)
    assert np.abs(pixels.astype(int) - SOLID).max() <= 3
    assert output.read_bytes()[:2] == source.read_bytes()[:2]
    assert digests(tmp_path).items() >= before.items()
    assert set(digests(tmp_path)) == {source.name, output.name}


def test_a_report_tells_what_was_done(tmp_path: Path, photo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = reported(tmp_path, photo, tmp_path / "out.png", *ALL)
    assert (document["level"], document["fill"], document["isolation"]) == ("all-but-background", "solid", "proven")
    assert {entry.name: entry.sha256 for entry in manifest.read_manifest(manifest.models_folder())} == document[
        "models"
    ]
    assert document["totals"]["pictures"] == document["totals"]["frames"] == 1
    (entry,) = document["files"]
    assert (entry["path"], entry["kind"], entry["format"]) == ("photo.png", "picture", "PNG")
    assert (entry["width"], entry["height"], entry["black"]) == (96, 64, {"frames": 0, "why": {}})
    assert document["skipped"] == document["failed"] == []
    out, err = capsys.readouterr()
    assert "1 picture and 0 films written, 0 failed" in out
    assert err == ""


def test_a_report_can_be_all_of_stdout(tmp_path: Path, photo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert anonymised(photo, tmp_path / "out.png", *ALL, "--report", "-") == 0
    assert json.loads(capsys.readouterr().out)["totals"]["pictures"] == 1


def test_nothing_of_the_metadata_comes_along_and_the_picture_is_upright(tmp_path: Path) -> None:
    pixels = drawn()
    sources = {
        "a.jpg": files.jpeg_with(pixels, files.exif_segment(6), files.segment(0xFE, SECRET)),
        "a.png": files.png_with(
            pixels, files.chunk(b"tEXt", b"Author\0" + SECRET), files.chunk(b"eXIf", files.exif(6))
        ),
        "a.webp": files.webp_with(pixels, 0x0C, files.riff(b"EXIF", files.exif(6)), files.riff(b"XMP ", SECRET)),
        "a.tif": files.tiff(np.ascontiguousarray(pixels[..., ::-1]), extra={274: 6}) + SECRET,
    }
    folder = tmp_path / "in"
    folder.mkdir()
    for name, content in sources.items():
        assert SECRET in content
        (folder / name).write_bytes(content)
    document = reported(tmp_path, folder, tmp_path / "out", "--level", "faces-and-plates")
    for name in sources:
        assert SECRET not in (tmp_path / "out" / name).read_bytes()
        assert files.read(tmp_path / "out" / name).shape == (96, 64, 3)
    assert all("turned" in entry["notes"][0] for entry in document["files"])


def test_a_sites_polygons_and_level_are_taken_and_scaled(tmp_path: Path, photo: Path) -> None:
    (tmp_path / "site.toml").write_text(SITE)
    document = reported(tmp_path, photo, tmp_path / "out.png", "--site", tmp_path / "site.toml")
    assert document["level"] == "faces-and-plates"
    pixels = files.read(tmp_path / "out.png")
    assert (pixels[:32, :48] == SOLID).all()
    assert not (pixels[32:] == SOLID).all()
    (tmp_path / "tall.png").write_bytes(encoded(".png", drawn(64, 96)))
    document = reported(tmp_path, tmp_path / "tall.png", tmp_path / "o.png", "--site", tmp_path / "site.toml", code=1)
    assert "another shape than the site's" in document["failed"][0]["cause"]


def test_an_ending_that_lies_keeps_its_name_and_its_content_s_format(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(encoded(".png", drawn()))
    assert anonymised(tmp_path / "photo.jpg", tmp_path / "out.jpg", *ALL) == 0
    assert (tmp_path / "out.jpg").read_bytes().startswith(b"\x89PNG")


def test_another_ending_asks_for_another_format(tmp_path: Path, photo: Path) -> None:
    assert anonymised(photo, tmp_path / "out.jpeg", *ALL) == 0
    assert (tmp_path / "out.jpeg").read_bytes().startswith(b"\xff\xd8")
    films.write_film(tmp_path / "in.ts", codec="mpg2", fps=25.0, frames=12)
    assert reported(tmp_path, tmp_path / "in.ts", tmp_path / "out.mp4", *ALL)["files"][0]["format"] == "MP4"
    assert len(films.read_film(tmp_path / "out.mp4")[1]) == 12


def test_a_film_is_written_with_all_its_frames(tmp_path: Path) -> None:
    source = films.write_film(tmp_path / "in.avi", frames=40)
    document = reported(tmp_path, source, tmp_path / "out.avi")
    (entry,) = document["files"]
    assert (entry["frames"], entry["fps"], entry["width"], entry["height"]) == (40, 10.0, 160, 120)
    fps, frames = films.read_film(tmp_path / "out.avi")
    assert (fps, len(frames)) == (10.0, 40)
    black = sum(int(pixels.max()) < 24 for pixels in frames)
    assert entry["black"]["frames"] == black


def test_a_detector_that_crashes_gives_black_and_never_raw_pixels(
    tmp_path: Path, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stumbling(monkeypatch, "crash")
    document = reported(tmp_path, photo, tmp_path / "out.png")
    assert document["files"][0]["black"] == {"frames": 1, "why": {"a detector failed": 1}}
    assert (files.read(tmp_path / "out.png") == 0).all()
    document = reported(tmp_path, films.write_film(tmp_path / "in.avi"), tmp_path / "out.avi")
    assert document["files"][0]["black"]["frames"] == 30
    assert all(int(pixels.max()) < 24 for pixels in films.read_film(tmp_path / "out.avi")[1])


def test_the_death_of_the_process_that_masks_costs_one_file_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for name, width in (("a.png", 96), ("b.png", STUMBLING_BLOCK), ("c.png", 96)):
        (folder / name).write_bytes(encoded(".png", drawn(width)))
    stumbling(monkeypatch, "die")
    document = reported(tmp_path, folder, tmp_path / "out", *ALL, code=1)
    assert [one["path"] for one in document["failed"]] == ["b.png"]
    assert "SIGABRT" in document["failed"][0]["cause"]
    assert set(digests(tmp_path / "out")) == {"a.png", "c.png"}
    assert leftovers(tmp_path) == []


def stumbling(monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    """Let the worker be one whose detectors fail."""

    def spawn(folder: Path) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "tests.stumbling", how, str(folder)]
        return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    monkeypatch.setattr(workshop, "_spawn", spawn)


# -- folders ----------------------------------------------------------------------------------------------------------


def test_a_folder_keeps_paths_names_and_formats_and_nothing_else_is_copied(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    (folder / "day one" / "west").mkdir(parents=True)
    (folder / "empty").mkdir()
    (folder / "a.PNG").write_bytes(encoded(".png", drawn()))
    (folder / "day one" / "b").write_bytes(encoded(".jpg", drawn()))
    films.write_film(folder / "day one" / "west" / "c.avi", frames=12)
    (folder / "notes.txt").write_text("Jeanne at nine")
    (tmp_path / "outside.png").write_bytes(encoded(".png", drawn()))
    (folder / "link.png").symlink_to(tmp_path / "outside.png")
    (folder / "linked").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe.png")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(folder / "sock.png"))
    before = digests(folder)
    document = reported(tmp_path, folder, tmp_path / "out", *ALL)
    assert digests(folder) == before
    assert set(digests(tmp_path / "out")) == {"a.PNG", "day one/b", "day one/west/c.avi"}
    assert not (tmp_path / "out" / "empty").exists()
    assert {one["path"]: one["why"] for one in document["skipped"]} == {
        "notes.txt": "neither a picture nor a film",
        "link.png": "a link",
        "linked": "a link",
        "pipe.png": "a pipe",
        "sock.png": "a socket",
    }
    assert [entry["path"] for entry in document["files"]] == ["a.PNG", "day one/b", "day one/west/c.avi"]
    assert leftovers(tmp_path) == []


def test_what_cannot_be_written_is_named_and_the_rest_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    bad = {
        "animated.webp": files.webp_with(drawn(), 2),
        "bomb.png": encoded(".png", drawn())[:16] + files.chunk(b"IHDR", b"\0\0\xea\x60\0\0\xea\x60\x08\2\0\0\0")[8:],
        "cut.jpg": encoded(".jpg", drawn())[:-200],
        "empty.avi": b"",
        "empty.jpg": b"",
        "moving.gif": b"GIF89a" + bytes(99),
        "pages.tif": files.tiff(drawn(), pages=2),
        "phone.heic": b"\0\0\0\x18ftypheic" + bytes(99),
        "text.mp4": b"no film at all",
    }
    for name, content in bad.items():
        (folder / name).write_bytes(content)
    (folder / "good.png").write_bytes(encoded(".png", drawn()))
    document = reported(tmp_path, folder, tmp_path / "out", *ALL, code=1)
    assert {one["path"] for one in document["failed"]} == set(bad)
    assert all(one["cause"] and one["mend"] for one in document["failed"])
    assert set(digests(tmp_path / "out")) == {"good.png"}
    out, err = capsys.readouterr()
    assert len(err.splitlines()) == len(bad)
    assert f"{folder}/empty.jpg: the file is empty — " in err
    assert "1 picture and 0 films written, 9 failed" in out


def test_a_folder_of_failures_makes_no_output_and_one_of_nothing_makes_an_empty_one(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    assert anonymised(folder, tmp_path / "nothing") == 0
    assert list((tmp_path / "nothing").iterdir()) == []
    (folder / "a.jpg").touch()
    assert anonymised(folder, tmp_path / "out") == 1
    assert not (tmp_path / "out").exists()


def test_an_empty_output_folder_is_filled_in_place(tmp_path: Path, photo: Path) -> None:
    folder, output = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    output.mkdir()
    photo.rename(folder / "photo.png")
    inode = output.stat().st_ino
    assert anonymised(folder, output, *ALL) == 0
    assert [path.name for path in output.iterdir()] == ["photo.png"]
    assert output.stat().st_ino == inode


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
