"""`passant explain`: what it draws lies where it should, its words can be read, and only stills get in."""

import base64
import re
import stat
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import cv2
import numpy as np
import pytest

from edge.__main__ import main
from edge.cli.explain.desk import GREEN, ORANGE, RED, TEAL
from edge.cli.explain.legend import WIDTH, entries
from edge.cli.explain.plane import Drawn
from edge.cli.explain.png import plain
from edge.config import load
from edge.contract.report import Metres
from edge.ground.calibration import calibrate
from edge.vision.camera.world import View
from tests.cli.drawn_site import write_drawn

SVG = "{http://www.w3.org/2000/svg}"
SIZES = pytest.mark.parametrize("size", [(1280, 720), (352, 288)], ids=["large", "small"])


def drawn(site: Path, out: Path, *words: str) -> tuple[np.ndarray, ET.Element]:
    assert main(["explain", str(site), "--out", str(out), *words]) == 0
    picture = cv2.imread(str(out / "site.png"))
    assert picture is not None
    # What is read was written by the command above.
    return picture, ET.fromstring((out / "site.svg").read_text())  # noqa: S314


def still(path: Path, size: tuple[int, int]) -> Path:
    """Write what `passant still` might: one colour with a mask in it."""
    pixels = np.full((size[1], size[0], 3), (90, 120, 60), np.uint8)
    pixels[: size[1] // 4] = 0
    path.write_bytes(cv2.imencode(".jpg", pixels)[1].tobytes())
    return path


def strokes(root: ET.Element, colour: tuple[int, int, int]) -> list[list[tuple[float, float]]]:
    """Give all lines of a colour by their points."""
    wanted = "#{:02x}{:02x}{:02x}".format(*colour)
    paths = [each.get("d", "") for each in root.iter(f"{SVG}path") if each.get("stroke") == wanted]
    return [[(float(x), float(y)) for x, y in re.findall(r"(-?[\d.]+) (-?[\d.]+)", path)] for path in paths]


def words(root: ET.Element) -> list[str]:
    return [each.text or "" for each in root.iter(f"{SVG}text")]


@SIZES
def test_both_files_are_of_one_size_and_large_enough_to_read(tmp_path: Path, size: tuple[int, int]) -> None:
    picture, root = drawn(write_drawn(tmp_path, size), tmp_path / "out")
    assert (int(root.get("width", "")), int(root.get("height", ""))) == picture.shape[1::-1]
    assert picture.shape[1] - WIDTH >= 1152
    sizes = [float(each.get("font-size", "0")) for each in root.iter(f"{SVG}text")]
    assert min(sizes) >= 11


@SIZES
def test_the_grid_lies_on_the_ground(tmp_path: Path, size: tuple[int, int]) -> None:
    _, root = drawn(write_drawn(tmp_path, size), tmp_path / "out")
    scale = (int(root.get("width", "")) - WIDTH) / size[0]
    view = View(width=size[0], height=size[1])
    # The row 10 m ahead, of which every place has the same height in the picture, and the column straight ahead.
    row = view.project((0.0, 10.0, 0.0))[1] * scale
    found = strokes(root, TEAL)
    assert any(all(abs(y - row) < 1 for _, y in line) for line in found)
    assert any(all(abs(x - size[0] / 2 * scale) < 1 for x, _ in line) for line in found)


def test_forward_is_to_the_right_of_the_line(tmp_path: Path) -> None:
    picture, root = drawn(write_drawn(tmp_path), tmp_path / "out")
    view = View(width=1280, height=720)
    start, end = view.project((-2.0, 8.5, 0.0)), view.project((-2.5, 15.0, 0.0))
    lines = strokes(root, ORANGE)
    assert any(line[0] == pytest.approx(start, abs=0.2) and line[1] == pytest.approx(end, abs=0.2) for line in lines)
    middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    # It goes upwards: its right hand is to the right.
    across = [
        line
        for line in lines
        if len(line) == 2
        and line[0][0] < middle[0] - 20
        and line[1][0] > middle[0] + 20
        and abs(line[0][1] - line[1][1]) < 60
    ]
    assert len(across) == 1
    assert "line quai: forward is to the right" in words(root)
    pixel = picture[round(middle[1]) - 6 : round(middle[1]) + 6, round(middle[0]) - 6 : round(middle[0]) + 6]
    assert (np.abs(pixel.astype(int) - ORANGE[::-1]).sum(axis=2) < 40).any()


def test_all_that_has_a_name_is_named(tmp_path: Path) -> None:
    _, root = drawn(write_drawn(tmp_path), tmp_path / "out")
    told = " ".join(words(root))
    for name in ("line quai", "zone promenade: pedestrian", "zone road: carriageway", "bollard north: up in 3.5 s"):
        assert name in told
    assert "metres are verified" in told
    for number in range(1, 7):
        assert f"{number}: 0.00 m off" in told or f"{number}" in words(root)
    description = root.find(f"{SVG}desc")
    assert description is not None
    assert "metres are verified" in (description.text or "")


def test_words_do_not_cover_each_other(tmp_path: Path) -> None:
    _, root = drawn(write_drawn(tmp_path), tmp_path / "out")
    papers = [each for each in root.iter(f"{SVG}rect") if each.get("rx")]
    boxes = [[float(each.get(key, "0")) for key in ("x", "y", "width", "height")] for each in papers]
    assert len(boxes) > 15
    for i, (x, y, w, h) in enumerate(boxes):
        assert x >= 0
        assert x + w <= 1280 + 1
        for u, v, p, q in boxes[:i]:
            assert min(x + w, u + p) - max(x, u) < 1 or min(y + h, v + q) - max(y, v) < 1


def test_a_still_lies_beneath(tmp_path: Path) -> None:
    picture, root = drawn(
        write_drawn(tmp_path), tmp_path / "out", "--still", str(still(tmp_path / "a.jpg", (640, 360)))
    )
    (image,) = root.iter(f"{SVG}image")
    data = image.get("{http://www.w3.org/1999/xlink}href", "").partition("base64,")[2]
    assert base64.b64decode(data) == (tmp_path / "a.jpg").read_bytes()
    assert picture[4, 4].max() < 30
    assert stat.S_IMODE((tmp_path / "out" / "site.png").stat().st_mode) == 0o600


def test_a_site_without_metres_is_drawn_and_says_so(tmp_path: Path) -> None:
    _, root = drawn(write_drawn(tmp_path, without="ground"), tmp_path / "out")
    assert "there is no [ground]: nothing has metres" in " ".join(words(root))
    assert strokes(root, TEAL) == []
    assert strokes(root, ORANGE) != []


def test_a_refused_ground_is_drawn_and_the_wrong_point_shows(tmp_path: Path) -> None:
    site = write_drawn(tmp_path)
    site.write_text(site.read_text().replace("m = [0.5, 14]", "m = [3.5, 17]"))
    _, root = drawn(site, tmp_path / "out")
    told = " ".join(words(root))
    assert "metres are refused" in told
    assert "without point 5 the others agree best" in told
    assert strokes(root, TEAL) == []


@pytest.mark.parametrize(("state", "colours"), [(Metres.REFUSED, [RED, RED]), (Metres.VERIFIED, [TEAL, GREEN])])
def test_the_legend_has_the_colours_that_are_drawn(tmp_path: Path, state: Metres, colours: list[object]) -> None:
    site = load(write_drawn(tmp_path))
    assert site.ground is not None
    plane = replace(calibrate(site.ground, (1280, 720)), state=state)
    told = list(entries(site, plane, Drawn(step_m=2, magnified=1)))
    assert [colour for colour, text in told if text.startswith(("grid", "dashed"))] == colours
    assert (RED, "arrows: where the other points put them") in told
    told = list(entries(site, plane, Drawn(step_m=2, magnified=20)))
    assert (RED, "arrows: where the other points put them, drawn 20 times as long") in told


def test_words_that_opencv_cannot_letter_are_drawn_in_plain_ones() -> None:
    assert plain("Ça va — 2 m² à l'œil, “été”") == 'Ca va - 2 m2 a l\'?il, "ete"'


def test_one_file_is_written_where_one_is_named(tmp_path: Path) -> None:
    assert main(["explain", str(write_drawn(tmp_path)), "--out", str(tmp_path / "one.svg")]) == 0
    assert {path.name for path in tmp_path.iterdir()} == {"site.toml", "one.svg"}


@pytest.mark.parametrize(
    ("make", "cause"),
    [
        (lambda path: path.write_bytes(b"GIF89a"), "is no masked still"),
        (lambda path: path.write_bytes(still(path, (640, 360)).read_bytes() + b"more"), "is no masked still"),
        (lambda path: path.write_bytes(bytes(2_000_000)), "too large"),
        (lambda path: path.mkdir(), "cannot be read"),
        (lambda path: still(path, (640, 480)), "another shape"),
    ],
    ids=["no JPEG", "more than a JPEG", "large", "folder", "shape"],
)
def test_what_is_no_still_of_this_site_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], make: object, cause: str
) -> None:
    assert callable(make)
    make(tmp_path / "still.jpg")
    code = main(
        ["explain", str(write_drawn(tmp_path)), "--out", str(tmp_path / "o"), "--still", str(tmp_path / "still.jpg")]
    )
    assert code == 1
    err = capsys.readouterr().err
    assert cause in err
    assert " — " in err
    assert not (tmp_path / "o").exists()


def test_what_cannot_be_written_or_placed_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    site = write_drawn(tmp_path, without="size")
    site.write_text(site.read_text().partition("[ground]")[0])
    assert main(["explain", str(site), "--out", str(tmp_path / "o")]) == 1
    assert "camera.size" in capsys.readouterr().err
    assert main(["explain", str(write_drawn(tmp_path)), "--out", str(tmp_path / "picture.gif")]) == 1
    assert "neither in .png nor in .svg" in capsys.readouterr().err
    (tmp_path / "file").write_text("")
    assert main(["explain", str(site), "--out", str(tmp_path / "file" / "o")]) == 1
    assert "cannot be written" in capsys.readouterr().err
