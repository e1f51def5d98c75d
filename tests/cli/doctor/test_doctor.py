"""`passant doctor` over a device in a folder: what it says, how it ends, and what it leaves alone."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from edge.cli.appliance import Appliance
from edge.cli.doctor.finding import Verdict, absent, failed, passed, warned, worst
from edge.cli.doctor.page import page
from edge.cli.doctor.patient import lock_holder
from edge.cli.doctor.rounds import Job, findings_of
from edge.cli.doctor.sheet import text
from tests.publisher.mosquitto import Mosquitto, installed
from tests.sites import write_site

ROOT = Path(__file__).parents[3]
PATIENCE_S = 60.0
# What the machine itself may lack is not what these tests are about.
OF_THE_MACHINE = {"clock", "temperature", "memory", "disk", "network"}


def asked(site: Path, *options: str) -> tuple[int, dict[str, Any]]:
    run = subprocess.run(
        [sys.executable, "-m", "edge", "doctor", str(site), "--json", *options],
        cwd=ROOT,
        capture_output=True,
        check=False,
        timeout=PATIENCE_S,
    )
    assert run.stderr == b""
    document = json.loads(run.stdout)
    assert document["v"] == 1
    return run.returncode, document


def by_name(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {finding["name"]: finding for finding in document["findings"]}


def verdicts(document: dict[str, Any]) -> dict[str, str]:
    return {name: finding["verdict"] for name, finding in by_name(document).items() if name not in OF_THE_MACHINE}


@pytest.fixture
def broker(tmp_path: Path) -> Any:  # noqa: ANN401  an iterator of brokers
    if not installed():
        pytest.skip("mosquitto is not installed: apt-get install mosquitto")
    with Mosquitto(tmp_path / "broker") as running:
        yield running


def test_a_device_that_is_well(tmp_path: Path, broker: Mosquitto) -> None:
    page_file = tmp_path / "page.html"
    site = write_site(tmp_path, port=broker.port)
    code, document = asked(site, "--state", str(tmp_path / "state"), "--html", str(page_file))
    assert verdicts(document) == {
        **dict.fromkeys(("site", "camera", "focus", "exposure", "light", "fps", "model", "broker"), "pass"),
        **dict.fromkeys(("vision isolated", "publisher isolated"), "pass"),
        **dict.fromkeys(("vision at work", "certificate"), "not here"),
    }
    assert code == {"pass": 0, "warn": 1, "fail": 2}[document["verdict"]]
    found = by_name(document)
    assert found["camera"]["figures"]["frames"] > 60
    assert found["model"]["figures"]["off"] < 0.5
    assert found["broker"]["figures"]["protocol"] == "5.0"
    # It connected, said nothing and left nothing; nor is there a state folder now.
    assert "promenade-042-doctor" in broker.log
    assert not (tmp_path / "state").exists()
    html = page_file.read_text()
    assert html.count("<tr>") == len(found)
    assert "<script" not in html
    assert "http" not in html.lower()


def test_a_broken_device_and_each_mend(tmp_path: Path) -> None:
    # The scene's camera fails after its first minute, so the picture is right and only the broker is not there.
    site = write_site(tmp_path, port=1, camera="fps = 2")
    code, document = asked(site, "--state", str(tmp_path / "state"))
    assert (code, document["verdict"]) == (2, "fail")
    found = by_name(document)
    assert {name for name, one in found.items() if one["verdict"] == "fail"} - OF_THE_MACHINE == {"fps", "broker"}
    assert found["broker"]["said"] == "nothing listens at 127.0.0.1:1"
    assert all(one["mend"] for one in document["findings"] if one["verdict"] in {"fail", "warn"})


def test_a_site_file_with_faults(tmp_path: Path) -> None:
    site = write_site(tmp_path, port=1883)
    site.write_text(site.read_text().replace("version = 1", "version = 9"))
    code, document = asked(site)
    found = by_name(document)
    assert code == 2
    assert found["site"]["verdict"] == "fail"
    assert f"{site}:1: version" in found["site"]["said"]
    assert found["camera"]["verdict"] == found["broker"]["verdict"] == "not here"


def test_beside_a_running_appliance_the_camera_is_left_alone(tmp_path: Path, broker: Mosquitto) -> None:
    site = write_site(tmp_path, port=broker.port, camera="loop = true")
    with Appliance(site, tmp_path, isolation=True) as appliance:
        end_s = time.monotonic() + PATIENCE_S
        while not appliance.looks() and time.monotonic() < end_s:
            time.sleep(0.1)
        before = lock_holder(tmp_path / "vision" / "lock")
        _, document = asked(site, "--state", str(tmp_path))
        assert appliance.ended() is None
        assert appliance.complaints() == appliance._lines()[-5:]
        assert lock_holder(tmp_path / "vision" / "lock") == before
    found = by_name(document)
    assert before is not None
    assert found["camera"]["verdict"] == found["fps"]["verdict"] == "not here"
    assert f"process {before}" in found["camera"]["said"]
    assert found["vision at work"]["figures"]["seccomp"] == "2"
    assert {found[name]["verdict"] for name in ("vision at work", "model", "broker")} == {"pass"}
    # Where a certificate's name is the client id, a second connection would throw out the first.
    assert "doctor" not in broker.log


def test_no_picture_code_gets_into_the_command(tmp_path: Path) -> None:
    site = write_site(tmp_path, port=1)
    program = (
        "import sys\nfrom edge.__main__ import main\n"
        f"main(['doctor', {str(site)!r}, '--json'])\n"
        "print('loaded', sorted({'numpy', 'cv2', 'ai_edge_litert', 'edge.vision.frame'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, check=True, text=True)
    assert run.stdout.splitlines()[-1] == "loaded []"


def test_a_check_that_hangs_or_breaks_takes_no_other_along() -> None:
    def hangs() -> Any:  # noqa: ANN401  it never comes back
        time.sleep(PATIENCE_S)

    def breaks() -> Any:  # noqa: ANN401  it never comes back
        raise RuntimeError("a secret")

    jobs = (
        Job(names=("network", "broker"), check=hangs, limit_s=0.2),
        Job(names=("disk",), check=breaks),
        Job(names=("clock",), check=lambda: [passed("clock", "right")]),
    )
    found = findings_of(jobs)
    assert [(one.name, one.verdict) for one in found] == [
        ("network", Verdict.FAIL),
        ("broker", Verdict.FAIL),
        ("disk", Verdict.FAIL),
        ("clock", Verdict.PASS),
    ]
    assert "within 0 s" in found[0].said
    assert "secret" not in found[2].said


def test_the_worst_comes_first_and_not_here_is_no_pass() -> None:
    found = [passed("a", "x"), absent("b", "x"), warned("c", "x", "mend c"), failed("d", "x", "mend d")]
    lines = list(text(found, colour=False))
    assert [line.split()[0] for line in lines if line[0] != " "] == ["fail", "warn", "not", "pass", "in"]
    assert lines[1].strip() == "→ mend d"
    assert lines[-1] == "in all    1 failed, 1 warned, 1 passed, 1 not here"
    assert worst(found[:2]) is Verdict.PASS
    assert worst(found[1:2]) is Verdict.ABSENT
    assert worst(found) is Verdict.FAIL


def test_what_is_written_into_the_page_is_text() -> None:
    html = page([failed("a", "<b>bold</b>", "use <i>")], None)
    assert "<b>" not in html
    assert "&lt;b&gt;bold" in html
