import math
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from edge.__main__ import main
from edge.cli import check
from edge.cli.check import checked
from edge.cli.summary import summary
from edge.config import Files, load
from edge.ground.calibration import calibrate
from tests.config.conftest import FULL
from tests.films import write_film

SITE = """\
version = 1
[device]
org = "nice"
id = "promenade-042"
[camera]
source = "synthetic:promenade"
size = [1280, 720]
fps = 5
pace = 8
loop = true
[[lines]]
id = "quai"
from = {start}
to = {end}
[[zones]]
id = "bay"
polygon = [[0, 300], [640, 280], [640, 720]]
use = "closed"
[broker]
url = "mqtt://127.0.0.1"
"""


def _write(folder: Path, start: str = "[120, 400]", end: str = "[980, 420]") -> Path:
    path = folder / "site.toml"
    path.write_text(SITE.format(start=start, end=end))
    return path


def test_a_good_site_is_said_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(_write(tmp_path))]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert out.splitlines() == [
        "device   promenade-042 of nice",
        "camera   synthetic:promenade, 1280 x 720 px, at most 5 frames a second, a recording, 8 times as fast, looped",
        "line     quai: from (120, 400) to (980, 420), an arrow to the right; forward is across it to the bottom",
        "zone     bay: 3 corners, closed to all vehicles",
        "windows  900 s, aligned to UTC",
        "legal    statistics: counts and averages only, no alerts",
        "detector ssdlite-mobilenet-v2-coco, picture cut where it calls for it, threads: 1",
        "privacy  people-and-vehicles: stills mask people, vehicles and what moves, in one colour",
        "broker   127.0.0.1, port 1883, unencrypted, without credentials",
        (
            f"note     {tmp_path}/site.toml:18: zones[0].use: no alarm is raised here: legal.mode is statistics — write"
            ' [legal] with mode = "alert" or "drill", or nothing, if counts are all that is meant'
        ),
    ]


CORNERS = "[[0, 0], [9, 0], [9, 9]]"


@pytest.mark.parametrize(
    ("level", "fill", "polygons", "said"),
    [
        (
            "faces-and-plates",
            "pixelate",
            CORNERS,
            "faces, plates, heads and the lower parts of vehicles, in large cells; 1 polygon that nobody looks at",
        ),
        (
            "all-but-background",
            "blur",
            f"{CORNERS}, {CORNERS}",
            "all but what stays as it is, in large cells drawn smoothly; 2 polygons that nobody looks at",
        ),
    ],
)
def test_what_a_still_shows_is_said_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], level: str, fill: str, polygons: str, said: str
) -> None:
    path = _write(tmp_path)
    path.write_text(
        f'{path.read_text()}[privacy]\nlevel = "{level}"\nfill = "{fill}"\npolygons = [{polygons}]\n', encoding="utf-8"
    )
    assert main(["check", str(path)]) == 0
    assert f"privacy  {level}: stills mask {said}\n" in capsys.readouterr().out


def test_forward_is_to_the_right_hand_whatever_the_arrow(tmp_path: Path) -> None:
    sides = {}
    for turn in range(8):
        angle = turn * math.tau / 8
        end = f"[{640 + 300 * math.cos(angle)}, {360 + 300 * math.sin(angle)}]"
        line = load(_write(tmp_path, "[640, 360]", end)).lines[0]
        (words,) = [text for text in summary(load(_write(tmp_path, "[640, 360]", end))) if text.startswith("line")]
        sides[turn] = words.partition("an arrow to the ")[2]
        # The definition: towards forward, (end - start) x (p - start) grows; y points down.
        dx, dy = line.end[0] - line.start[0], line.end[1] - line.start[1]
        said = words.rpartition(" to the ")[2].split()
        towards_x = ("right" in said) - ("left" in said)
        towards_y = ("bottom" in said or "lower" in said) - ("top" in said or "upper" in said)
        assert dx * towards_y - dy * towards_x > 0
    assert sides[0] == "right; forward is across it to the bottom"
    assert sides[2] == "bottom; forward is across it to the left"
    assert sides[7] == "upper right; forward is across it to the lower right"


def test_a_faulty_site_lists_every_fault_and_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = _write(tmp_path, end="[1, 9000]")
    path.write_text(path.read_text().replace("loop = true", "lop = true"))
    assert main(["check", str(path)]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    mend = "move it inside; y counts downwards"
    assert err.splitlines() == [
        f"{path}:10: camera.lop: is not a key of a site file — did you mean loop?",
        f"{path}:14: lines[0].to: [1, 9000] lies outside the picture of 1280 x 720 (camera.size) — {mend}",
        f"{path}: 2 faults",
    ]


def _edited(folder: Path, old: str, new: str, **where: str) -> Path:
    path = _write(folder, **where)
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    return path


def _faults(path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["check", str(path)]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.endswith(f"{path}: 1 fault\n")
    return err


def test_a_model_that_is_not_there_is_a_fault_with_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = _edited(tmp_path, "[broker]", '[detector]\nmodel = "yolo"\n[broker]')
    mend = "choose one of: ssdlite-mobilenet-v2-coco"
    assert f"{path}:20: detector.model: no model of road users is called yolo — {mend}" in _faults(path, capsys)
    path.write_text(path.read_text().replace("yolo", "ssdlite-mobilenet-v2-coco"))
    assert main(["check", str(path)]) == 0


def test_without_its_models_nothing_is_promised(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "models_folder", lambda: tmp_path)
    assert main(["check", str(_write(tmp_path))]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "there is no manifest" in err


def test_a_scene_that_is_not_drawn_is_a_fault(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = _edited(tmp_path, "synthetic:promenade", "synthetic:mars")
    assert f"{path}:6: camera.source: 'mars' is no scene that there is — write one of promenade" in _faults(
        path, capsys
    )


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "street.avi: the file is empty — copy it again from where it was recorded"),
        (b"no film\n" * 99, "street.avi: not a video, or a damaged one — AVI, MP4, MKV and WebM files can be read"),
    ],
)
def test_a_recording_that_does_not_play_is_a_fault(
    content: bytes, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "street.avi").write_bytes(content)
    path = _edited(tmp_path, "synthetic:promenade", "clip:street.avi")
    assert f"{path}: camera.source: {tmp_path}/{words}" in _faults(path, capsys)


def test_a_line_is_held_against_the_recording_itself(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_film(tmp_path / "street.avi", seconds=0.5)
    site = _edited(tmp_path, "size = [1280, 720]\n", "", start="[1, 2]", end="[300, 100]")
    corners = "[[0, 300], [640, 280], [640, 720]]"
    text = site.read_text().replace("synthetic:promenade", "clip:street.avi")
    site.write_text(text.replace(corners, "[[0, 0], [320, 0], [320, 180]]").replace('use = "closed"\n', ""))
    assert main(["check", str(site)]) == 0
    assert "note" not in capsys.readouterr().out
    site.write_text(site.read_text().replace("to = [300, 100]", "to = [930, 900]"))
    cause = "lines.quai.to: [930, 900] lies outside the pictures of 320 x 180 — move it inside, or set camera.size"
    assert f"{site}:13: {cause}" in _faults(site, capsys)


def test_what_could_not_be_compared_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = _edited(tmp_path, 'source = "synthetic:promenade"\nsize = [1280, 720]', 'source = "pi"')
    path.write_text(path.read_text().replace("pace = 8\nloop = true\n", ""))
    assert main(["check", str(path)]) == 0
    note = "note     lines, zones and privacy polygons not compared with the picture: camera.size is not given"
    assert capsys.readouterr().out.splitlines()[-1] == note


def test_it_needs_nothing_but_python_and_says_what_it_left_out(tmp_path: Path) -> None:
    path = _edited(tmp_path, "size = [1280, 720]\n", "")
    # -S: no site-packages, as before anything is installed.
    command = [sys.executable, "-S", "-P", "-m", "edge", "check", str(path)]
    root = Path(__file__).parents[2]
    result = subprocess.run(command, env={"PYTHONPATH": str(root)}, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.splitlines()[-2:] == [
        "note     the recording was not opened: numpy is not installed yet",
        "note     lines, zones and privacy polygons not compared with the picture: camera.size is not given",
    ]


def test_a_missing_site_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(tmp_path / "away.toml")]) == 1
    assert "away.toml: does not exist — " in capsys.readouterr().err


def test_the_summary_names_no_credential(tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    path.write_text(
        SITE.format(start="[1, 2]", end="[30, 40]").replace(
            'url = "mqtt://127.0.0.1"',
            'url = "mqtts://127.0.0.1"\nusername = "hunter2"\npassword_file = "hunter3"',
        ),
    )
    text = "\n".join(summary(load(path, files=Files.NONE)))
    assert "by user name and password file" in text
    assert "hunter" not in text


@pytest.fixture
def full(tmp_path: Path) -> Path:
    """A site file that says all there is to say, of July 2026."""
    path = tmp_path / "site.toml"
    path.write_text(FULL)
    return path


def test_all_that_a_site_can_ask_for_is_said_in_words(full: Path) -> None:
    during = datetime(2026, 7, 10, tzinfo=UTC).timestamp()
    said = list(checked(full, during))
    site = load(full)
    assert site.ground is not None
    fewest, most = calibrate(site.ground, (1280, 720)).px_per_m or (0, 0)
    assert 10 < fewest < most < 200
    assert said[1:-2] == [
        "place    time zone Europe/Paris",
        "camera   pi, 1280 x 720 px, the source's own rate",
        (
            "ground   4 points and 1 length: verified, 0.0% off where it was not fitted; "
            f"{fewest:.0f} to {most:.0f} px a metre"
        ),
        (
            "line     quai: from (120, 400) to (980, 420), an arrow to the right; forward is across it to the bottom;"
            " vehicles backward only; raises wrong-way, mon tue 22:00 to 06:00"
        ),
        (
            "zone     promenade: 4 corners, closed to heavy vehicles, 1 obstacle, people counted by 10 moments, 12%"
            " off; raises heavy-vehicle, density, crowd-movement, sun 00:00 to 24:00 and 09:30 to 17:00"
        ),
        "permit   promenade: 2 of kind lorry at once, 2026-07-14 22:00 CEST to 2026-07-15 07:00 CEST",
        "zone     road: 3 corners, carriageway, towards the lower right; raises nothing: it is not in legal.perimeter",
        "bollard  gate: up in 3.5 s; heavy vehicles seen 13 m upstream, in time up to 7 km/h",
        "windows  900 s, aligned to UTC",
        'legal    alert by "order 2026-117", 2026-07-01 00:00 CEST to 2026-08-01 00:00 CEST, in promenade, quai',
        (
            "alarms   heavy-vehicle after 0.6 s, wrong-way after 0.6 s, density from 2 people/m² after 30 s,"
            " crowd-movement after 3 s"
        ),
        "detector ssdlite-mobilenet-v2-coco, picture cut where it calls for it, threads: 1",
        (
            "privacy  people-and-vehicles: stills mask people, vehicles and what moves, in one colour; 1 polygon that"
            " nobody looks at; pictures scaled down to 120 px a metre"
        ),
    ]
    assert said[-1].startswith(f"note     {full}:52: bollards[0].line: seen 13 m upstream")
    assert not [line for line in said[:-1] if line.startswith("note")]


def test_what_is_over_is_noted_and_no_fault(full: Path, capsys: pytest.CaptureFixture[str]) -> None:
    full.write_text(full.read_text().replace("2026-0", "2021-0"))
    assert main(["check", str(full)]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    notes = [line for line in out.splitlines() if line.startswith("note")]
    assert f"note     {full}:39: zones[0].permits[0].to: is over: it permits nothing any more — take it out" in notes
    assert any(f"{full}:62: legal.to: is over: no alarm is raised any more — " in note for note in notes)


def test_ground_is_held_against_the_recording_itself(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_film(tmp_path / "street.avi", seconds=0.5)
    site = _edited(tmp_path, "size = [1280, 720]\n", "", start="[1, 2]", end="[300, 100]")
    text = site.read_text().replace("synthetic:promenade", "clip:street.avi")
    text = text.replace("[[0, 300], [640, 280], [640, 720]]", "[[0, 0], [320, 0], [320, 180]]")
    pairs = "{px = [50, 170], m = [0, 0]}, {px = [270, 170], m = [8, 0]}, {px = [200, 70], m = [8, 20]}"
    ground = f"[ground]\nsize = [640, 360]\npoints = [{pairs}, {{px = [120, 70], m = [0, 20]}}]\n"
    site.write_text(text.replace("[[lines]]", f"{ground}[[lines]]"))
    cause = "ground.size: was measured on pictures of 640 x 360, and these are 320 x 180"
    mend = "multiply each px, from and to by 0.5 and write size = [320, 180], or measure it again on a still of 320 x"
    assert f"{site}:11: {cause} — {mend}" in _faults(site, capsys)
    site.write_text(site.read_text().replace("[640, 360]", "[320, 180]"))
    assert main(["check", str(site)]) == 0
    assert "4 points and 0 lengths: unverified: no density alarms; " in capsys.readouterr().out


def test_a_ceiling_that_cannot_be_held_is_a_fault(full: Path, capsys: pytest.CaptureFixture[str]) -> None:
    full.write_text(full.read_text().replace("metres = 8}", "metres = 12}"))
    cause = "privacy.max_px_per_m: cannot be held, for [ground] gives no metres: 33.3% off where it was not fitted"
    assert f"{full}:65: {cause}" in _faults(full, capsys)
    full.write_text(full.read_text().replace("max_px_per_m = 120\n", ""))
    assert main(["check", str(full)]) == 0
    assert "ground.points: no metres: 33.3% off" in capsys.readouterr().out
