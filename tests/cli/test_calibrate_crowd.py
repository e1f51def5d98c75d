"""`passant calibrate-crowd`: from counted moments to a fit in the site file, with the real worker."""

import fcntl
import io
import os
import sys
from pathlib import Path

import pytest

from edge.__main__ import main
from edge.cli.calibrate_crowd import CountsError, Tally, _typed, read_counts
from edge.cli.calibrate_crowd_file import CrowdFileError, crowd_table, inserted, written
from edge.cli.calibrate_crowd_worker import Census
from edge.config import Files, load
from edge.config.site import CrowdFit
from edge.vision.camera.synthetic import truth
from edge.vision.census.words import Moment
from edge.vision.measure.zones import contains
from tests.sites import write_site

FIT = CrowdFit(weights=(1.5, 0.25, -0.125, 1.0), error=0.125, moments=10)
SCENE = "market"
POLYGON = ((0, 45), (159, 45), (159, 89), (0, 89))


def site_of(folder: Path, source: str = f"synthetic:{SCENE}") -> Path:
    return write_site(folder, port=1883, source=source, camera="fps = 4")


def people(at_s: float) -> int:
    feet = [path.foot_at(at_s) for path in truth(SCENE, size=(160, 90))]
    return sum(foot is not None and contains(POLYGON, foot) for foot in feet)


def counts_file(folder: Path, seconds: tuple[float, ...]) -> Path:
    path = folder / "counts.csv"
    path.write_text("# seconds,people\n" + "".join(f"{at_s},{people(at_s)}\n" for at_s in seconds))
    return path


def test_counted_moments_become_a_fit_in_the_site_file_and_nothing_else_changes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = site_of(tmp_path)
    before = site.read_text()
    counts = counts_file(tmp_path, (4.0, 6.0, 8.0, 10.0, 12.0, 14.0))
    assert main(["calibrate-crowd", str(site), "--zone", "promenade", "--counts", str(counts), "--write"]) == 0
    told = capsys.readouterr()
    assert told.out.startswith("[zones.crowd]\nweights = [")
    assert "6 moments" in told.err
    assert "none is kept; isolation proven" in told.err
    (zone,) = load(site, files=Files.NONE).zones
    assert zone.crowd is not None
    assert zone.crowd.moments == 6
    assert site.read_text().replace(f"\n{told.out}", "") == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["counts.csv", "site.toml"]


def test_somebody_who_types_can_skip_and_undo_and_is_told_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    site = site_of(tmp_path)
    monkeypatch.setattr(sys, "stdin", io.StringIO("3\nskip\nmany\nundo\n-1\ndone\n"))
    assert main(["calibrate-crowd", str(site), "--zone", "promenade"]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert "not taken: " in told.err
    assert "a number from 0 to" in told.err
    assert "there is none to forget" in told.err
    assert "0 counted moments are too few for a fit — count at least 5" in told.err


def test_a_done_that_ends_in_no_fit_loses_nothing_that_was_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    tally = Tally()
    for number in range(4):
        tally.add(Moment(at_s=float(number), features=(1.0, float(number), 0.0, 0.0)), number)
    monkeypatch.setattr(sys, "stdin", io.StringIO("done\nskip\ndone\ndone\n7\n"))
    assert list(_typed(tally)) == ["skip"]
    tally.add(Moment(at_s=5.0, features=(1.0, 5.0, 1.0, 0.0)), 5)
    monkeypatch.setattr(sys, "stdin", io.StringIO("done\n7\n"))
    assert list(_typed(tally)) == []


def test_the_process_that_watches_has_no_network_and_writes_nothing(tmp_path: Path) -> None:
    with Census(site_of(tmp_path), "promenade", isolation=True) as census:
        assert census.isolated
        assert isinstance(census.moment(4.0), Moment)
        worker, folder = census._worker, Path(census._folder.name)
        assert worker is not None
        proc = Path(f"/proc/{worker.pid}")
        assert "Seccomp:\t2" in (proc / "status").read_text()
        assert not [one for one in proc.glob("fd/*") if str(one.readlink()).startswith("socket:")]
        written = [one for one in proc.glob("fd/*") if int(_flags(proc, one.name), 8) & (os.O_WRONLY | os.O_RDWR)]
        assert {str(one.readlink()).partition(":")[0] for one in written} <= {"pipe", "/dev/null", _log_of(proc)}
        assert not list(folder.iterdir())
    assert not folder.exists()
    assert [path.name for path in tmp_path.iterdir()] == ["site.toml"]


def _flags(proc: Path, number: str) -> str:
    return next(line.split()[1] for line in (proc / "fdinfo" / number).read_text().splitlines() if "flags" in line)


def _log_of(proc: Path) -> str:
    """Tell where the worker's log goes: where this process's does."""
    return str(Path("/proc/self/fd/2").readlink()).partition(":")[0] if proc.exists() else ""


def test_a_zone_that_is_not_there_is_told_with_those_that_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["calibrate-crowd", str(site_of(tmp_path)), "--zone", "quai"]) == 1
    assert "none is called quai — the zones are: promenade" in capsys.readouterr().err


def test_a_moment_at_which_nothing_can_be_seen_is_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    site = site_of(tmp_path, source="synthetic:faulty")
    counts = tmp_path / "counts.csv"
    counts.write_text("0,3\n30,5\n")
    assert main(["calibrate-crowd", str(site), "--zone", "promenade", "--counts", str(counts)]) == 1
    told = capsys.readouterr().err
    assert "second 0 is left out: the place is not known yet" in told
    assert "second 30 is left out: the camera's picture is black" in told
    assert "0 counted moments are too few" in told


def test_a_moment_after_the_recordings_end_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    site = write_site(tmp_path, port=1883, source="synthetic:still", camera="fps = 1")
    counts = tmp_path / "counts.csv"
    counts.write_text("400,5\n")
    assert main(["calibrate-crowd", str(site), "--zone", "promenade", "--counts", str(counts)]) == 1
    assert "synthetic:still is over after 300 s" in capsys.readouterr().err


def test_it_does_not_take_the_camera_from_a_running_appliance(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = site_of(tmp_path, source="v4l2:/dev/video99")
    (tmp_path / "state" / "vision").mkdir(parents=True)
    with (tmp_path / "state" / "vision" / "lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        words = ["calibrate-crowd", str(site), "--zone", "promenade", "--state", str(tmp_path / "state")]
        assert main(words) == 1
    assert "passant run works here and has the camera — stop it first" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("12\n", ":1: is not `seconds,people`"),
        ("1,2\n2,x\n", ":2: is not `seconds,people`"),
        ("1,2,3\n", ":1: is not `seconds,people`"),
        ("-1,2\n", ":1: is not `seconds,people`"),
        ("nan,2\n", ":1: is not `seconds,people`"),
        ("5,2\n5,3\n", ":2: its second is not after the line before"),
    ],
)
def test_a_line_of_counts_that_is_none_is_told(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "counts.csv"
    path.write_text(text)
    with pytest.raises(CountsError, match=says):
        read_counts(path)


def test_counts_are_read_past_comments_and_blanks(tmp_path: Path) -> None:
    path = tmp_path / "counts.csv"
    path.write_text("# where, how many\n\n1.5, 3\n 20,0\n")
    assert read_counts(path) == [(1.5, 3), (20.0, 0)]


ZONES = """# first
[[zones]]
id = "a"
[[zones.permits]]
kind = "lorry"

# second
[[zones]]
id = "b" # [[zones]]

# windows
[windows]
"""


def test_a_fit_goes_beneath_its_own_zone() -> None:
    table = crowd_table(FIT)
    first = inserted(ZONES.encode(), 0, table).decode()
    assert first == ZONES.replace('"lorry"\n', f'"lorry"\n\n{table}\n')
    second = inserted(ZONES.encode(), 1, table).decode()
    assert second == ZONES.replace("# [[zones]]\n", f"# [[zones]]\n\n{table}\n")


def test_a_new_fit_takes_the_old_ones_place() -> None:
    once = inserted(ZONES.encode(), 0, crowd_table(FIT))
    assert inserted(once, 0, crowd_table(FIT)) == once
    other = crowd_table(CrowdFit(weights=(1.0, 2.0, 3.0, 4.0), error=0.5, moments=5))
    assert inserted(inserted(once, 0, other), 0, crowd_table(FIT)) == once


def test_line_ends_stay_as_they_are() -> None:
    crlf = ZONES.replace("\n", "\r\n").encode()
    assert b"\n" not in inserted(crlf, 1, crowd_table(FIT)).replace(b"\r\n", b"")
    assert inserted(b'[[zones]]\nid = "a"', 0, crowd_table(FIT)).endswith(b"moments = 10\n")


def test_the_file_keeps_its_rights_and_a_link_stays_one(tmp_path: Path) -> None:
    site = site_of(tmp_path)
    site.chmod(0o640)
    link = tmp_path / "link.toml"
    link.symlink_to("site.toml")
    written(link, "promenade", FIT)
    assert link.is_symlink()
    assert site.stat().st_mode & 0o777 == 0o640
    assert load(site, files=Files.NONE).zones[0].crowd == FIT


def test_zones_written_otherwise_are_left_alone(tmp_path: Path) -> None:
    site = site_of(tmp_path)
    text = site.read_text()
    begin = text.index("[[zones]]")
    end = text.index("[windows]")
    inline = 'zones = [{id = "promenade", polygon = [[0, 45], [159, 45], [159, 89]], use = "pedestrian"}]\n'
    site.write_text(inline + text[:begin] + text[end:])
    with pytest.raises(CrowdFileError, match="paste the lines above beneath the zone yourself"):
        written(site, "promenade", FIT)
    old = "crowd = {weights = [1, 2, 3, 4], error = 0.5, moments = 5}"
    hidden = text.replace('use = "pedestrian"', f'use = "pedestrian"\n{old}')
    site.write_text(hidden)
    with pytest.raises(CrowdFileError, match="written in a way that this cannot add to"):
        written(site, "promenade", FIT)
    assert site.read_text() == hidden
    assert [path.name for path in tmp_path.iterdir()] == ["site.toml"]
