import math
from pathlib import Path

import pytest

from edge.__main__ import main
from edge.cli.check import summary
from edge.config import Files, load

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
        "zone     bay: 3 corners, closed",
        "windows  900 s, aligned to UTC",
        "legal    statistics: counts and averages only, no alerts",
        "detector ssdlite-mobilenet-v2-coco, picture cut where it calls for it, threads: 1",
        "broker   127.0.0.1, port 1883, unencrypted, without credentials",
    ]


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


def test_a_missing_site_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(tmp_path / "away.toml")]) == 1
    assert "away.toml: does not exist — " in capsys.readouterr().err


def test_the_summary_names_no_credential(tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    path.write_text(
        SITE.format(start="[1, 2]", end="[3, 4]").replace(
            'url = "mqtt://127.0.0.1"',
            'url = "mqtts://127.0.0.1"\nusername = "hunter2"\npassword_file = "hunter3"',
        ),
    )
    text = "\n".join(summary(load(path, files=Files.NONE)))
    assert "by user name and password file" in text
    assert "hunter" not in text
