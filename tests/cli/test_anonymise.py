"""`passant anonymise`: pictures, films and folders are written masked, and what was done is said."""

import json
import os
import socket
from pathlib import Path

import numpy as np
import pytest

from edge.vision.anonymise.fill import SOLID
from edge.vision.detect import manifest
from tests import drawn_files as files
from tests import drawn_films as films
from tests.anonymising import ALL, anonymised, digests, leftovers, reported, stumbling
from tests.drawn_files import SECRET, drawn, encoded
from tests.stumbling import STUMBLING_BLOCK

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


def test_a_picture_of_which_nothing_is_left_is_told_unless_that_was_asked_for(
    tmp_path: Path, photo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = tmp_path / "site.toml"
    site.write_text(SITE.replace("[96, 0], [96, 64], [0, 64]", "[192, 0], [192, 128], [0, 128]"))
    assert anonymised(photo, tmp_path / "site.png", "--site", site) == 0
    assert capsys.readouterr().out.startswith("photo.png: masked altogether\n")
    assert anonymised(photo, tmp_path / "all.png", *ALL) == 0
    assert "altogether" not in capsys.readouterr().out


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


def test_polygons_that_were_drawn_on_pictures_of_an_untold_size_must_fit(tmp_path: Path, photo: Path) -> None:
    (tmp_path / "site.toml").write_text(SITE.replace("size = [192, 128]\n", ""))
    reported(tmp_path, photo, tmp_path / "out.png", "--site", tmp_path / "site.toml")
    assert (files.read(tmp_path / "out.png") == SOLID).all()
    (tmp_path / "half.png").write_bytes(encoded(".png", drawn(48, 32)))
    document = reported(tmp_path, tmp_path / "half.png", tmp_path / "o.png", "--site", tmp_path / "site.toml", code=1)
    assert "a privacy polygon of the site lies outside" in document["failed"][0]["cause"]
    assert "camera.size" in document["failed"][0]["mend"]
    assert not (tmp_path / "o.png").exists()


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
