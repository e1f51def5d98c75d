"""`passant analyse`: one JSON document or none, and an exit code that says which."""

import json
import os
import pty
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from edge.__main__ import main
from edge.contract.report import RoadUser
from edge.vision.detect import manifest
from tests.films import write_film

KINDS = {kind.name.lower() for kind in RoadUser}
MEND = "name a recording: AVI, MP4, MKV or WebM"
SITE = """\
version = 1
[device]
org = "nice"
id = "promenade-042"
[camera]
source = "pi"
{camera}
[[lines]]
id = "quai"
from = {start}
to = {end}
[[lines]]
id = "reverse"
from = {end}
to = {start}
[[lines]]
id = "beside"
from = [5, 10]
to = [300, 10]
[[zones]]
id = "road"
polygon = [[0, 60], [319, 60], [319, {bottom}], [0, {bottom}]]
use = "carriageway"
"""


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_film(tmp_path_factory.mktemp("films") / "street.avi", seconds=8, starts_s=(0.5, 4.5))


def a_site(
    folder: Path, *, start: str = "[160, 175]", end: str = "[160, 60]", camera: str = "", bottom: int = 179
) -> Path:
    site = folder / "site.toml"
    site.write_text(SITE.format(start=start, end=end, camera=camera, bottom=bottom))
    return site


def refused(capsys: pytest.CaptureFixture[str], clip: Path, site: Path) -> str:
    """Run it, expect no result and no success, and give what it says of the reason."""
    assert main(["analyse", str(clip), "--site", str(site), "--json"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "Traceback" not in err
    return err


def analysed(capsys: pytest.CaptureFixture[str], clip: Path, site: Path) -> dict[str, Any]:
    assert main(["analyse", str(clip), "--site", str(site), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert isinstance(document, dict)
    return document


def command(clip: Path, site: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "edge", "analyse", str(clip), "--site", str(site), *options]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One run over the film as a process: its document, its stderr and the processor time the system saw."""

    document: dict[str, Any]
    complaints: str
    used_s: float


@pytest.fixture(scope="module")
def outcome(film: Path) -> Outcome:
    words = command(film, a_site(film.parent), "--json")
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        # Bytes: as text, a bar's carriage returns would turn into ends of lines.
        document, complaints = json.loads(process.stdout.read()), process.stderr.read().decode()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return Outcome(document=document, complaints=complaints, used_s=used.ru_utime + used.ru_stime)


# -- the document -----------------------------------------------------------------------------------------------------


def test_the_document_has_the_agreed_shape(film: Path, outcome: Outcome) -> None:
    document = outcome.document
    assert list(document) == [
        *("clip", "frames", "observed", "seconds", "metres", "lines", "zones", "turns", "alerts", "timing")
    ]
    assert document["clip"] == str(film)
    assert document["frames"] == 80
    assert document["observed"] == 1.0
    assert document["seconds"] == pytest.approx(8.0)
    assert document["alerts"] == []
    assert [line["id"] for line in document["lines"]] == ["quai", "reverse", "beside"]
    for line in document["lines"]:
        assert set(line) == {"id", "forward", "backward", "forwardFlow", "backwardFlow"}
        for counts in (line["forward"], line["backward"]):
            assert all(type(count) is int and count >= 0 for count in counts.values())
            assert counts.keys() <= KINDS | {"total"}
            assert counts["total"] == sum(count for name, count in counts.items() if name != "total")
    (zone,) = document["zones"]
    assert set(zone) == {"id", "peopleMean", "peopleMax", "vehiclesMean", "vehiclesMax", "vehiclesStoppedMax"}
    assert zone["id"] == "road"
    assert type(zone["peopleMax"]) is type(zone["vehiclesMax"]) is int
    assert zone["vehiclesMax"] == 1
    # Each of the two is in the picture for three of the eight seconds.
    assert 0.3 < zone["vehiclesMean"] + zone["peopleMean"] <= 0.8
    timing = document["timing"]
    assert set(timing) == {"framesProcessed", "invocations", "invokeCpuSeconds", "totalCpuSeconds", "wallSeconds"}
    assert timing["framesProcessed"] == 80
    assert type(timing["invocations"]) is int
    assert timing["invocations"] > 0
    assert 0 < timing["invokeCpuSeconds"] <= timing["totalCpuSeconds"]
    assert timing["wallSeconds"] > 0


def test_both_blocks_pass_forward_and_where_nobody_passes_both_ways_are_zero(outcome: Outcome) -> None:
    quai, reverse, beside = outcome.document["lines"]
    assert quai["forward"]["total"] == 2
    assert quai["backward"] == {"total": 0}
    # An arrow downwards: forward is to the picture's left, and they drive to the right.
    assert reverse["backward"] == quai["forward"]
    assert reverse["forward"] == {"total": 0}
    nobody = {"forward": {"total": 0}, "backward": {"total": 0}}
    assert beside == {"id": "beside", **nobody, "forwardFlow": {"occupancy": 0.0}, "backwardFlow": {"occupancy": 0.0}}


def test_coordinates_are_in_the_sites_picture(film: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    twice = a_site(tmp_path, start="[320, 350]", end="[320, 120]", camera="size = [640, 360]")
    quai, *_ = analysed(capsys, film, twice)["lines"]
    assert quai["forward"]["total"] == 2


def test_a_cut_film_is_counted_so_far_and_observed_less(
    film: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cut = tmp_path / "cut.avi"
    content = film.read_bytes()
    cut.write_bytes(content[: len(content) * 55 // 100])
    assert main(["analyse", str(cut), "--site", str(a_site(tmp_path)), "--json"]) == 0
    out, err = capsys.readouterr()
    document = json.loads(out)
    assert document["frames"] < 80
    assert document["observed"] == pytest.approx(document["frames"] / 80, abs=0.05)
    assert document["seconds"] == pytest.approx(8.0, abs=0.2)
    assert document["lines"][0]["forward"]["total"] == 1
    assert "cut.avi breaks off: it ends at 4." in err


def test_a_table_is_for_people(film: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["analyse", str(film), "--site", str(a_site(tmp_path))]) == 0
    first, *rows = capsys.readouterr().out.splitlines()
    assert first == "8.0 s, 80 frames, observed 100.0%"
    assert [row.split()[:4] for row in rows[:2]] == [
        ["line", "quai", "forward", "2"],
        ["line", "quai", "backward", "0"],
    ]
    assert rows[-2].split()[:2] == ["zone", "road"]
    assert rows[-1] == "turn quai.forward to reverse.backward: 2"


# -- what goes wrong --------------------------------------------------------------------------------------------------


def test_a_film_that_cannot_be_read_gives_no_document(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    site = a_site(tmp_path)
    (tmp_path / "empty.avi").touch()
    (tmp_path / "text.avi").write_text("this is no film\n" * 99)
    assert refused(capsys, tmp_path / "none.avi", site) == f"{tmp_path}/none.avi: does not exist — {MEND}\n"
    assert "the file is empty" in refused(capsys, tmp_path / "empty.avi", site)
    assert "not a video, or a damaged one" in refused(capsys, tmp_path / "text.avi", site)
    assert refused(capsys, tmp_path, site) == f"{tmp_path}: is a directory — {MEND}\n"


def test_a_film_cut_before_its_first_picture_gives_no_document(
    film: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cut = tmp_path / "cut.avi"
    cut.write_bytes(film.read_bytes()[:600])
    assert "cut.avi" in refused(capsys, cut, a_site(tmp_path))


def test_a_bad_site_file_gives_no_document(film: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "none.toml: does not exist" in refused(capsys, film, tmp_path / "none.toml")
    site = a_site(tmp_path)
    site.write_text(site.read_text().replace("[[lines]]", "[[line]]"))
    assert "did you mean lines?" in refused(capsys, film, site)
    site.write_text("version = ")
    assert "site.toml:1" in refused(capsys, film, site)
    site = a_site(tmp_path)
    site.write_text(site.read_text() + '[detector]\nmodel = "no-such-model"\n')
    assert "no model is called no-such-model" in refused(capsys, film, site)


def test_a_line_outside_the_pictures_gives_no_document(
    film: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = refused(capsys, film, a_site(tmp_path, start="[930, 900]"))
    assert "lines.quai.from: [930, 900] lies outside the pictures of 320 x 180 — move it inside, or set" in told
    assert "lines.reverse.to: [930, 900] lies outside" in told


def test_a_picture_of_another_shape_than_the_sites_gives_no_document(
    film: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "street.avi" in refused(capsys, film, a_site(tmp_path, camera="size = [360, 640]"))


def test_a_missing_or_damaged_model_gives_no_document(
    film: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    site = a_site(tmp_path)
    ours = manifest.models_folder()
    monkeypatch.setattr(manifest, "models_folder", lambda: tmp_path)
    assert "there is no manifest" in refused(capsys, film, site)
    (tmp_path / "manifest.toml").write_bytes((ours / "manifest.toml").read_bytes())
    assert "the file is missing" in refused(capsys, film, site)
    for entry in manifest.read_manifest(tmp_path):
        (tmp_path / entry.file).write_bytes((ours / entry.file).read_bytes()[:-1])
    assert "the file was changed or cut off" in refused(capsys, film, site)


# -- as a process -----------------------------------------------------------------------------------------------------


def test_a_pipe_gets_no_bar_and_nothing_of_the_interpreter(outcome: Outcome) -> None:
    assert outcome.document["timing"]["invocations"] > 0
    assert outcome.complaints == ""


def test_all_processor_time_is_counted(outcome: Outcome) -> None:
    # The command's own account against the system's: all but what it took to write it and to end.
    total_s = outcome.document["timing"]["totalCpuSeconds"]
    assert 0.9 * outcome.used_s <= total_s <= outcome.used_s + 0.02


def shown_on_a_terminal(words: list[str]) -> tuple[str, str]:
    """Run a command with a terminal for its stderr; give its stdout and what the terminal got."""
    near, far = pty.openpty()
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=far, text=True) as process:
        os.close(far)
        shown = b""
        try:
            while chunk := os.read(near, 4096):
                shown += chunk
        except OSError:
            pass  # how a terminal says that nobody writes to it any more
        out = process.stdout.read() if process.stdout else ""
    os.close(near)
    assert process.returncode == 0
    return out, shown.decode()


def test_on_a_terminal_there_is_a_bar_that_fills_and_goes_away(film: Path, tmp_path: Path) -> None:
    out, shown = shown_on_a_terminal(command(film, a_site(tmp_path), "--json"))
    assert json.loads(out)["frames"] == 80
    bars = [line for line in shown.split("\r") if line.startswith("[")]
    filled = [bar.count("#") for bar in bars]
    assert len(bars) >= 30
    assert filled == sorted(filled)
    assert filled[-1] > 30
    assert "of 8.0 s" in bars[-1]
    assert shown.rpartition("of 8.0 s")[2].strip() == "\x1b[K"


# -- real footage -----------------------------------------------------------------------------------------------------


def test_real_vehicles_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clip = Path(os.environ.get("PASSANT_DATA", "../shared/data")) / "videos" / "sobral_vehicle_counting.avi"
    if not clip.is_file():
        pytest.skip("no real footage: PASSANT_DATA names no folder with videos in it")
    quai, *_ = analysed(capsys, clip, a_site(tmp_path, start="[160, 175]", end="[160, 0]", bottom=175))["lines"]
    # Five, as a person counted them.
    assert abs(quai["forward"]["total"] - 5) <= 1
    assert quai["backward"]["total"] == 0


# A block is as large as a car where a metre has 12 pixels.
ALERT = """
[ground]
size = [320, 180]
points = [
  {px = [0, 0], m = [0, 0]}, {px = [300, 0], m = [25, 0]}, {px = [300, 168], m = [25, 14]},
  {px = [0, 168], m = [0, 14]}, {px = [120, 60], m = [10, 5]}, {px = [240, 120], m = [20, 10]},
]
[legal]
mode = "alert"
basis = "municipal order 2026-114"
from = 2026-06-01T00:00:00Z
to = 2026-06-02T00:00:00Z
perimeter = ["road"]
"""


def an_alerting_site(folder: Path) -> Path:
    site = a_site(folder)
    site.write_text(site.read_text().replace('use = "carriageway"', 'use = "closed"') + ALERT)
    return site


def test_vehicles_where_none_may_be_are_told_with_when(
    film: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # The second comes before the first is clear: one alarm, which still stands when the film ends.
    (alert,) = analysed(capsys, film, an_alerting_site(tmp_path))["alerts"]
    assert (alert["kind"], alert["object"]) == ("vehicle", "road")
    assert 0.5 <= alert["since_s"] <= alert["raised_s"] <= 3.0
    assert alert["cleared_s"] is None


def test_outside_the_legal_time_the_same_film_raises_nothing(
    film: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = an_alerting_site(tmp_path)
    assert main(["analyse", str(film), "--site", str(site), "--from", "2026-06-02T00:00:00Z", "--json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["alerts"] == []
    assert "alarms: none in force: [legal] does not cover 2026-06-02T00:00:00+00:00" in err


def test_a_time_that_is_none_is_refused(film: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["analyse", str(film), "--site", str(a_site(tmp_path)), "--from", "yesterday"])
    assert "is no time" in capsys.readouterr().err


PLACE = '[place]\ntime_zone = "Europe/Paris"\n'


@pytest.mark.parametrize(
    ("place", "time", "why"),
    [
        ("", "2026-06-01T22:00:00", "2026-06-01T22:00:00 has no offset from UTC, and the site no [place]"),
        (PLACE, "2026-10-25T02:30:00", "2026-10-25T02:30:00 comes twice or never in Europe/Paris"),
        (PLACE, "2026-03-29T02:30:00", "2026-03-29T02:30:00 comes twice or never in Europe/Paris"),
    ],
)
def test_a_time_of_no_known_place_is_refused(
    place: str, time: str, why: str, film: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = a_site(tmp_path)
    site.write_text(site.read_text() + place)
    assert main(["analyse", str(film), "--site", str(site), "--from", time]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert f"--from: {why}" in err


def test_without_an_offset_it_was_taken_in_the_sites_own_time_and_hours_say_what_was_idle(
    film: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = an_alerting_site(tmp_path)
    hours = 'when = [{from = "22:00", to = "23:00"}]\nuse = "closed"'
    site.write_text(site.read_text().replace('use = "closed"', hours) + PLACE)
    # The last second before the hours: the film reaches into them.
    assert main(["analyse", str(film), "--site", str(site), "--from", "2026-06-01T21:59:59"]) == 0
    out, err = capsys.readouterr()
    assert "ALARM vehicle road" in out
    assert "none in force" not in err
    assert main(["analyse", str(film), "--site", str(site), "--from", "2026-06-01T23:00:00"]) == 0
    out, err = capsys.readouterr()
    assert "ALARM" not in out
    assert "alarms: none in force at road: its `when` does not cover 2026-06-01T23:00:00+02:00" in err
