"""Vision as a process: what it reports, how it ends, and what it does with everything that can be wrong."""

import os
import resource
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from edge.vision.durable import read_durable
from edge.vision.process import CameraNode
from tests.sites import write_site
from tests.vision.counterpart import Publisher

ROOT = Path(__file__).parents[2]
NO_PORT = 1
QUICK = "pace = 1000\nfps = 2"


class Vision:
    """A vision process on a test's folder."""

    def __init__(self, folder: Path, *, program: str = "", site: Path | None = None) -> None:
        self.folder = folder
        self.state = folder / "state"
        self.channel = self.state / "publisher" / "channel"
        self.channel.parent.mkdir(parents=True, exist_ok=True)
        self._site = site or write_site(folder, port=NO_PORT, camera=QUICK)
        start = ["-c", f"{program}\nimport sys\nfrom edge.__main__ import main\nsys.exit(main(sys.argv[1:]))"]
        self._command = [sys.executable, *(start if program else ["-m", "edge"])]

    def start(self, *options: str, **how: object) -> "subprocess.Popen[str]":
        command = [*self._command, "vision", str(self._site), "--state", str(self.state), *options]
        return subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True, **how)  # type: ignore[call-overload, no-any-return]

    def run(self, *options: str, **how: object) -> tuple[int, str]:
        """Run to the end; the exit code and the log."""
        with self.start(*options, **how) as process:
            _, log = process.communicate(timeout=60)
        return process.returncode, log

    def kept(self) -> list[int]:
        return sorted(int(path.stem) for path in (self.state / "vision" / "reports").glob("*.report"))


@pytest.fixture
def vision(tmp_path: Path) -> Vision:
    return Vision(tmp_path)


def test_a_recording_is_reported_window_by_window_and_the_process_ends(vision: Vision) -> None:
    with Publisher(vision.channel) as publisher, vision.start() as process:
        hello = publisher.welcome()
        assert (hello.replay, hello.isolated) == (True, True)
        reports = publisher.hear_all()
        _, log = process.communicate()
    assert process.returncode == 0, log
    assert [report.window_start_s - reports[0].window_start_s for report in reports] == [0, 60, 120, 180, 240]
    assert [report.sequence - reports[0].sequence for report in reports] == [0, 1, 2, 3, 4]
    assert all(report.observed_permille >= 980 for report in reports)
    assert all((report.site, report.model) == (hello.site, hello.model) for report in reports)
    assert all(report.replay and report.isolated for report in reports)
    assert vision.kept() == []


def test_asked_to_end_it_sends_the_window_in_progress_with_its_true_coverage(tmp_path: Path) -> None:
    vision = Vision(tmp_path, site=write_site(tmp_path, port=NO_PORT, camera="pace = 30\nfps = 5"))
    with Publisher(vision.channel) as publisher, vision.start() as process:
        publisher.welcome()
        first = publisher.hear_report()
        publisher.answer(first)
        process.send_signal(signal.SIGTERM)
        (last,) = publisher.hear_all()
        _, log = process.communicate()
    assert process.returncode == 0, log
    assert last.window_start_s == first.window_start_s + 60
    assert 0 < last.observed_permille < 990


def test_without_a_publisher_it_ends_and_the_next_start_delivers_first(vision: Vision) -> None:
    code, log = vision.run()
    assert code == 0
    assert "the publisher is away" in log
    assert "kept for the next start" in log
    kept = vision.kept()
    assert len(kept) == 5
    _holds_numbers_only(vision.state / "vision")
    with Publisher(vision.channel) as publisher, vision.start() as process:
        publisher.welcome()
        reports = publisher.hear_all()
        process.communicate()
    assert [report.sequence for report in reports] == list(range(kept[0], kept[0] + 10))
    starts = [report.window_start_s for report in reports]
    # The second replay's windows come after those of the first: no window is told twice.
    assert starts == [starts[0] + 60 * n for n in range(10)]


def _holds_numbers_only(folder: Path) -> None:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    assert {path.suffix or path.name for path in files} == {".report", "register", "lock"}
    assert all(path.stat().st_size < 4000 for path in files)
    assert all(read_durable(path) for path in files if path.name != "lock")
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.name: path.stat().st_mode & 0o077 for path in files} == {path.name: 0 for path in files}


def test_killed_it_loses_no_closed_window_and_gives_no_number_twice(tmp_path: Path) -> None:
    vision = Vision(tmp_path, site=write_site(tmp_path, port=NO_PORT, camera="pace = 60\nfps = 5"))
    with Publisher(vision.channel) as publisher, vision.start() as process:
        publisher.welcome()
        first, second = publisher.hear_report(), publisher.hear_report()
        process.kill()
        process.communicate()
        kept = vision.kept()
        publisher.leave()
        assert {first.sequence, second.sequence} <= set(kept)
        with vision.start() as second_run:
            publisher.welcome()
            again = [publisher.hear_report() for _ in kept]
            assert again[:2] == [first, second]
            assert [report.sequence for report in again] == kept
            for report in again:
                publisher.answer(report)
            assert publisher.hear_report().sequence == kept[-1] + 1
            second_run.kill()
            second_run.communicate()


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (None, "does not exist"),
        (b"", "empty"),
        (b"RIFF\x24\x00\x00\x00AVI LIST", "damaged"),
        (os.urandom(4096), "damaged"),
    ],
    ids=["missing", "empty", "cut off", "noise"],
)
def test_a_recording_that_cannot_be_read_is_told_with_its_mend(
    tmp_path: Path, content: bytes | None, complaint: str
) -> None:
    if content is not None:
        (tmp_path / "street.avi").write_bytes(content)
    vision = Vision(tmp_path, site=write_site(tmp_path, port=NO_PORT, source="clip:street.avi"))
    code, log = vision.run()
    assert code == 2
    assert "street.avi" in log
    assert complaint in log
    assert "Traceback" not in log
    assert vision.kept() == []


def test_an_unknown_model_is_told(tmp_path: Path) -> None:
    site = write_site(tmp_path, port=NO_PORT)
    site.write_text(site.read_text() + '[detector]\nmodel = "no-such-model"\n')
    code, log = Vision(tmp_path, site=site).run()
    assert code == 2
    assert "no model is called no-such-model" in log


def test_a_line_outside_the_pictures_is_told_and_nothing_counted(tmp_path: Path) -> None:
    site = write_site(tmp_path, port=NO_PORT, camera=QUICK)
    text = site.read_text()
    assert "size = [160, 90]" in text
    site.write_text(text.replace("size = [160, 90]", "").replace("to = [80, 85]", "to = [930, 900]"))
    vision = Vision(tmp_path, site=site)
    code, log = vision.run()
    assert code == 2
    assert "lines.line-0.to: [930, 900] lies outside the pictures of 640 x 360 — move it inside, or set" in log
    assert "Traceback" not in log
    assert vision.kept() == []


def test_a_camera_that_is_not_there_is_waited_for(tmp_path: Path) -> None:
    source = "v4l2:/dev/video77"
    vision = Vision(tmp_path, site=write_site(tmp_path, port=NO_PORT, source=source))
    with Publisher(vision.channel) as publisher, vision.start() as process:
        publisher.welcome()
        log = "".join(iter(lambda: _line_without(process, "the camera is away"), ""))
        process.send_signal(signal.SIGTERM)
        publisher.leave()
        process.communicate()
    assert process.returncode == 0
    assert "isolation proven" in log


def _line_without(process: "subprocess.Popen[str]", text: str) -> str:
    """Read a line of the log; empty when it is the one that is waited for."""
    assert process.stderr is not None
    line = process.stderr.readline()
    assert line, "vision ended"
    return "" if text in line else line


@pytest.mark.parametrize("where", ["edge.vision.pipeline.Pipeline.see", "edge.vision.register.Register.whole"])
def test_a_crash_tells_the_kind_and_place_and_nothing_it_held(tmp_path: Path, where: str) -> None:
    module, kind, method = where.rsplit(".", 2)
    program = (
        "import sys, edge.vision.session as session\n"
        "from edge.vision import process\n"
        f"import {module} as module\n"
        "def broken(*given): raise ValueError('SECRET', given)\n"
        f"module.{kind}.{method} = broken\n"
    )
    # The patch imports numpy before the confinement, so this run goes without.
    code, log = Vision(tmp_path, program=program).run("--no-isolation")
    assert code == 1
    assert "vision broke off: ValueError at <string>:" in log
    assert "SECRET" not in log
    assert "Traceback" not in log


def test_two_visions_do_not_share_a_state_folder(tmp_path: Path) -> None:
    vision = Vision(tmp_path, site=write_site(tmp_path, port=NO_PORT, camera="pace = 1\nfps = 1"))
    with Publisher(vision.channel) as publisher, vision.start() as process:
        publisher.welcome()
        code, log = vision.run()
        process.kill()
        process.communicate()
    assert code == 2
    assert "another vision works here" in log


def test_a_state_folder_that_is_none_is_told(tmp_path: Path) -> None:
    vision = Vision(tmp_path)
    (vision.state / "vision").write_text("in the way")
    code, log = vision.run()
    assert code == 2
    assert "--state" in log


def test_without_isolation_every_message_says_so(vision: Vision) -> None:
    with Publisher(vision.channel) as publisher, vision.start("--no-isolation") as process:
        assert not publisher.welcome().isolated
        assert not any(report.isolated for report in publisher.hear_all())
        _, log = process.communicate()
    assert "NOT ISOLATED" in log


def test_it_refuses_to_run_where_isolation_cannot_be_proven(vision: Vision) -> None:
    with socket.socket() as handed:
        code, log = vision.run(pass_fds=[handed.fileno()])
    assert code == 2
    assert "refuses to run: vision was handed a network socket" in log


def test_on_a_full_disk_reports_get_over_from_memory(vision: Vision) -> None:
    def no_file_may_grow() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    with Publisher(vision.channel) as publisher, vision.start(preexec_fn=no_file_may_grow) as process:
        publisher.welcome()
        reports = publisher.hear_all()
        _, log = process.communicate()
    assert process.returncode == 0, log
    assert len(reports) == 5
    assert "free some disk space" in log
    assert vision.kept() == []


def test_a_camera_that_comes_back_is_another_node_and_one_that_is_gone_is_none(tmp_path: Path) -> None:
    path = tmp_path / "video0"
    path.write_bytes(b"")
    node = CameraNode(str(path))
    assert not node.is_new()
    path.rename(tmp_path / "away")
    assert not node.is_new()
    path.write_bytes(b"")
    assert node.is_new()
    assert not CameraNode("").is_new()
